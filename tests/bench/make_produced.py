"""Make the archive that production's bench runs on: Part I finished, and II.1, II.3 to II.7 on top of it.

Run by hand, with a container engine at hand (DOCKER_HOST): `make fixtures OPTIONS="options of docker build"`,
or PYTHONPATH=tests python -m bench.make_produced [FOLDER] [-- options of docker build]. Needs minutes, and
changes tests/data/produced.tar.gz. What the team wrote is in produced_answers/. The lint,
test, latency and image records are of real runs; that of CI is written by the command that CI runs, with jobs
that all succeeded.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.make_finished import DATA, HERE, archive, finished, importing, pipeline, poc2prod

DAYS = 20_625 * 86_400
CI = {
    "GITHUB_REPOSITORY": "county/letters",
    "GITHUB_RUN_ID": "4711",
    "GITHUB_SHA": "5f1c0d3a9be24c7783d1c6a0e4f2b8d97a61c3e5",
    "GITHUB_REF": "refs/heads/main",
}
JOBS = ("lint", "test", "pipeline", "image", "gate")


def produced(folder: Path, further: Sequence[str]) -> Path:
    """Part I and what follows, as a team does it."""
    finished(folder)
    shutil.copyfile(HERE / "produced_answers/contract.md", folder / "docs/contract.md")
    chosen(folder)
    pipeline(folder, "contract")
    pipeline(folder, "api")
    own(folder, "lint")
    own(folder, "test")
    own(folder, "load", "--seconds", "4")
    own(folder, "image", "--", *further)
    needs = json.dumps({job: {"result": "success"} for job in JOBS})
    own(folder, module="poc2prod_kit.serving.records", NEEDS=needs, **CI)
    for name in (".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"):
        shutil.rmtree(folder / name, ignore_errors=True)
    print(poc2prod(folder, "check", *("contract", "refactor", "api", "testing", "docker", "ci")))
    return folder


def chosen(folder: Path) -> None:
    """The team's limit for its own code."""
    params = folder / "params.toml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("complexity = 10 ", "complexity = 12 "), "utf-8", newline="\n")


def own(folder: Path, *arguments: str, module: str = "letters", **extra: str) -> None:
    """Run a command of the project, whose output is shown; it must end well."""
    words = arguments or ("ci",)
    environment = {**os.environ, **importing(folder / "src"), "SOURCE_DATE_EPOCH": str(DAYS), **extra}
    subprocess.run([sys.executable, "-m", module, *words], cwd=folder, env=environment, check=True)


def main(arguments: Sequence[str]) -> None:
    """Make the project, and archive it."""
    words = list(arguments)
    cut = words.index("--") if "--" in words else len(words)
    scratch = Path(words[0]) if words[:cut] else Path(tempfile.mkdtemp())
    archive(DATA / "produced.tar.gz", produced(scratch / "produced", words[cut + 1 :]), ["."])


if __name__ == "__main__":
    main(sys.argv[1:])
