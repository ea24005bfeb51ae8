"""What somebody does to a project's files, by mistake or to look better: the tools to make faults with."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from poc2prod_kit.run.hashing import of_value

from poc2prod import state
from poc2prod.files import Root
from poc2prod.project import Facts

Rows = list[list[str]]
STEPS = ("data", "split", "features", "baseline", "interpret", "evaluate", "improve")
SPLIT, VALIDATION, TEST = (
    "data/split.csv.gz",
    "data/predictions/validation.csv.gz",
    "data/predictions/test.csv.gz",
)
RAW = tuple(f"data/raw/employment_{year}.csv.gz" for year in (2015, 2016, 2017, 2018))
STAKEHOLDER, OWNER = "Ines Koch <ines.koch@county.example>", "Omar Ruiz <omar.ruiz@county.example>"


def edit(project: Path, name: str, old: str, new: str, count: int = 1) -> None:
    """Replace words in a text file; they must be there."""
    path = project / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name} does not say {old!r}"
    path.write_text(text.replace(old, new, count), encoding="utf-8", newline="\n")


def write(project: Path, name: str, content: str | bytes) -> None:
    """Write a file, its folder too."""
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def choose(project: Path, section: str, key: str, value: str) -> None:
    """Set a key in a section of params.toml to a TOML value; `""` takes it away."""
    path = project / "params.toml"
    text = path.read_text(encoding="utf-8")
    head = f"\n[{section}]\n" if section else "\n\n"
    start = text.index(head) + len(head)
    end = start + (re.search(r"^\[", text[start:] + "\n[", flags=re.M) or re.match("", "")).start()  # type: ignore[union-attr]
    body = re.sub(rf"^{re.escape(key)} *=.*\n", "", text[start:end], flags=re.M)
    line = f"{key} = {value}\n" if value else ""
    path.write_text(text[:start] + line + body + text[end:], encoding="utf-8", newline="\n")


def answer(project: Path, step: str, question: str, words: str) -> None:
    """Put other words below a question of docs/<step>.md."""
    path = project / f"docs/{step}.md"
    text = path.read_text(encoding="utf-8")
    pattern = rf"(<!-- q:{question}(?: optional)? -->\n\n#[^\n]*\n\n).*?(?=\n<!-- q:|\Z)"
    made, count = re.subn(pattern, lambda match: f"{match[1]}{words}\n", text, flags=re.S)
    assert count == 1, question
    path.write_text(made, encoding="utf-8", newline="\n")


def revise(project: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Change a JSON file's value in place."""
    path = project / name
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def forget(project: Path, step: str, part: str, name: str) -> None:
    """Leave a name out of a report's inputs or outputs, under a seal that fits."""
    revise(project, f"reports/{step}.json", lambda value: value[part].pop(name))
    revise(project, f"reports/{step}.json", seal)


def report(project: Path, step: str, change: Callable[[Any], Any]) -> None:
    """Change the results of a step's report."""
    revise(project, f"reports/{step}.json", lambda value: change(value["results"]))


def put(project: Path, step: str, key: str, value: Any) -> None:
    """Set one value of a report's results, by its dotted key."""
    *path, last = key.split(".")

    def change(results: Any) -> None:
        for part in path:
            results = results[int(part) if isinstance(results, list) else part]
        assert last.isdigit() or last in results, key
        results[int(last) if isinstance(results, list) else last] = value

    report(project, step, change)


def rows(project: Path, name: str) -> Rows:
    """The lines of a packed table, header first."""
    text = gzip.decompress((project / name).read_bytes()).decode()
    return list(csv.reader(io.StringIO(text)))


def put_rows(project: Path, name: str, lines: Rows) -> None:
    """Write a packed table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    (project / name).write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def retell(project: Path, *, manifest: bool = True) -> None:
    """Bring all hashes in reports and manifest up to date, as somebody would who hides a change of a file."""
    if manifest and (project / "data/manifest.json").exists():
        facts = Facts(str(project))
        revise(project, "data/manifest.json", lambda value: _recounted(project, facts, value))
    for step in STEPS:
        if (project / f"reports/{step}.json").exists():
            facts = Facts(str(project))
            revise(project, f"reports/{step}.json", partial(_retold, facts))


def _recounted(project: Path, facts: Facts, manifest: dict[str, Any]) -> None:
    """Hashes, sizes and rows of the raw files as they are now, in the manifest and in the step's report."""
    for item in manifest["files"]:
        content, lines = (project / item["name"]).read_bytes(), len(rows(project, item["name"])) - 1
        item.update(sha256=facts.now(item["name"]).hash, bytes=len(content), rows=lines)
    total = sum(item["rows"] for item in manifest["files"])
    manifest.update(rows=total)
    report(project, "data", lambda results: results.update(files=manifest["files"], rows=total))


def _retold(facts: Facts, value: dict[str, Any]) -> None:
    for part in ("inputs", "outputs"):
        for name in value[part]:
            now = facts.now(name)
            if now.hash and now.basis == "recomputed" and not name.startswith("models/"):
                value[part][name] = now.hash
    seal(value)


def seal(report: dict[str, Any]) -> None:
    """Seal a report anew, as the step does."""
    report["seal"] = of_value({key: value for key, value in report.items() if key != "seal"})


def swap(project: Path, stranger: str, *names: str) -> None:
    """Take files from another project that lies beside the finished one's copy."""
    for name in names:
        source = project.parent / stranger / name
        if source.is_dir():
            shutil.rmtree(project / name)
            shutil.copytree(source, project / name)
        else:
            shutil.copyfile(source, project / name)


def events(project: Path) -> list[Path]:
    """The event files, oldest first."""
    return sorted((project / state.FOLDER).glob("*.json"))


def act(project: Path, kind: str, step: str, who: str, **fields: Any) -> state.Event:
    """Record an event, as the command does."""
    files = Root(str(project))
    return state.write(files, state.read(files), kind, step, who, "", **fields)


def content(project: Path, step: str) -> dict[str, Any]:
    """What a signature of the step covers now."""
    from poc2prod.checklist import step as named
    from poc2prod.evidence import signed

    return signed(named(step), Facts(str(project)))


def forge(project: Path, place: int, change: Callable[[dict[str, Any]], Any], *, rename: bool) -> None:
    """Edit an event file; with `rename`, under the name that its new content asks for."""
    path = events(project)[place]
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    name = f"{value['lamport']:08d}-{of_value(value)[:16]}.json" if rename else path.name
    path.unlink()
    (path.parent / name).write_text(
        json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )


def opening(project: Path) -> Path:
    """The one opening of the test part."""
    return next((project / "reports/openings").glob("*.json"))


def reopen(project: Path, change: Callable[[dict[str, Any]], Any], *, keep: bool = False) -> str:
    """Rewrite the opening under the name that its content asks for, everywhere it is named."""
    path = opening(project)
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    subject = {key: value[key] for key in ("model", "split", "data", "metric", "target")}
    made = path.with_name(f"{of_value(subject)}.json")
    if not keep:
        path.unlink()
    made.write_text(json.dumps(value, sort_keys=True, indent=1), "utf-8")
    if not keep:
        text = (project / "reports/evaluate.json").read_text("utf-8").replace(path.name, made.name)
        (project / "reports/evaluate.json").write_text(text, "utf-8")
    return made.name


def retrain(project: Path) -> None:
    """Put another saved model of known types where the kept one was."""
    path = project / "models/model.skops"
    path.parent.mkdir(exist_ok=True)
    tree = {
        "__class__": "Pipeline",
        "__module__": "sklearn.pipeline",
        "__loader__": "ObjectNode",
        "content": 7,
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps(tree))
