"""records/: what a command observed, one immutable file each, bound to the hash of the source.

Standard library alone, so that CI can write its record without installing the project:
`python -m poc2prod_kit.serving.records ci`, run in the project's folder, takes the jobs' results from the
environment variable NEEDS.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod_kit.run import atomic, hashing
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import source

if TYPE_CHECKING:
    from poc2prod_kit.run.console import Console

FOLDER = "records"
KINDS = ("lint", "test", "latency", "image", "ci")
MODEL = "models/model.skops"


def write(
    root: Path,
    kind: str,
    results: Mapping[str, Any],
    *,
    tools: Mapping[str, str] | None = None,
    of: str | None = None,
) -> Path:
    """Write one record and return its path; its name holds its hash, and no record is written over.

    `of` is the source hash from before a long observation began. Raises ProjectError where the source changed
    since or cannot be hashed, or nothing can be written.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    now = source_of(root)
    if of and now != of:
        raise ProjectError("The source changed while this was running, so nothing is recorded. Run it again.")
    content: dict[str, Any] = {"schema": 1, "kind": kind, "when": _now(), "source": now}
    content |= {"model": model_id(root), "data": data_hash(root), "tools": tools or {}, "results": results}
    # Names of parametrised tests can hold half a surrogate pair, which UTF-8 cannot encode.
    content = json.loads(json.dumps(content, ensure_ascii=False, allow_nan=False).encode(errors="replace"))
    content["seal"] = seal(content)
    path = root / FOLDER / name(content)
    if not path.exists():
        atomic.write_json(path, content)
    return path


def seal(content: Mapping[str, Any]) -> str:
    """The hash of the canonical JSON of all but the seal."""
    return hashing.of_value({key: value for key, value in content.items() if key != "seal"})


def name(content: Mapping[str, Any]) -> str:
    """What a sealed record's file is called: <kind>-<YYYYMMDD>-<first 12 of its seal>.json."""
    return f"{content['kind']}-{content['when'][:10].replace('-', '')}-{content['seal'][:12]}.json"


def conclude(console: Console, path: Path, faults: Sequence[str]) -> int:
    """Say what was recorded and what is wrong; a command's exit code, 0 where nothing is."""
    console.say(f"recorded     {FOLDER}/{path.name}")
    for fault in faults:
        console.paragraph(fault)
    return 1 if faults else 0


def source_of(root: Path) -> str:
    """The source hash. Raises ProjectError."""
    try:
        return source.source_hash(root)
    except source.SourceError as error:
        raise ProjectError(str(error)) from error


def model_id(root: Path) -> str | None:
    """The model's content id: of the file where it and its libraries are there, else what the reports say."""
    if (root / MODEL).is_file():
        with suppress(ImportError):
            from poc2prod_kit.models import model_file

            return model_file.content_id(root / MODEL)
    reported = (
        _lookup(root / "reports/api.json", "results", "model"),
        _lookup(root / "reports/baseline.json", "outputs", MODEL),
    )
    return next((text for text in reported if isinstance(text, str)), None)


def data_hash(root: Path) -> str | None:
    """The hash of {name: sha256} of data/manifest.json; None where there is none."""
    files = _lookup(root / "data/manifest.json", "files")
    if not isinstance(files, list):
        return None
    named = [item for item in files if isinstance(item, dict) and "name" in item]
    return hashing.of_value({str(item["name"]): item.get("sha256") for item in named})


def ci(root: Path, environment: Mapping[str, str]) -> Path:
    """Write the record of a CI run from GitHub's variables and the JSON of `needs`. Raises ProjectError.

    GATE says of the job after it, the gate, whether it starts ("started") or is skipped ("skipped").
    """
    needed = ("GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_SHA", "NEEDS")
    if lacking := [key for key in needed if not environment.get(key)]:
        raise ProjectError(
            f"{lacking[0]} is not set: only a CI run knows it, so only there its record can be written."
        )
    try:
        jobs = {str(job): str(what["result"]) for job, what in json.loads(environment["NEEDS"]).items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProjectError("NEEDS must hold toJSON(needs), each job with its result.") from error
    if environment.get("GATE"):
        jobs["gate"] = environment["GATE"]
    repository = environment["GITHUB_REPOSITORY"]
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    results = {
        "provider": "github",
        "repository": repository,
        "run": f"{server}/{repository}/actions/runs/{environment['GITHUB_RUN_ID']}",
        "commit": environment["GITHUB_SHA"],
        "ref": environment.get("GITHUB_REF", ""),
        "jobs": jobs,
    }
    return write(root, "ci", results, tools={"python": ".".join(map(str, sys.version_info[:3]))})


def main(arguments: list[str]) -> int:
    """`ci`: write the record of this CI run; 2 where that cannot be."""
    if arguments != ["ci"]:
        sys.stderr.write("usage: python -m poc2prod_kit.serving.records ci\n")
        return 2
    try:
        path = ci(Path.cwd(), os.environ)
    except ProjectError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{FOLDER}/{path.name}\n")
    return 0


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        when = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ProjectError(
            f"SOURCE_DATE_EPOCH is {epoch[:40]!r}; it must be a number of seconds since 1970."
        ) from error
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _lookup(path: Path, *keys: str) -> Any:
    """What a JSON file holds at these keys; None where there is nothing."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
