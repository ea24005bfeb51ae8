"""What changes nothing of what II.1 and II.3 to II.7 rest on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from bench import hands, produced
from bench.produced import harmless

from poc2prod.hashing import of_value

TEXTS = ("Dockerfile", ".dockerignore", "requirements.lock", "compose.yaml", ".github/workflows/ci.yml")


@harmless()
def json_reformatted(project: Path) -> None:
    """Records, reports and the contract, indented otherwise."""
    for pattern in ("records/*.json", "contract/*.json", "reports/*.json"):
        for path in project.glob(pattern):
            path.write_text(json.dumps(json.loads(path.read_text("utf-8")), indent=4), "utf-8")


@harmless()
def windows_line_ends(project: Path) -> None:
    """All text files of the source."""
    code = [*project.glob("src/**/*.py"), *project.glob("tests/*.py")]
    for path in [*(project / name for name in TEXTS), *code]:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


@harmless()
def toml_reordered(project: Path) -> None:
    """A comment and white space in params.toml."""
    path = project / "params.toml"
    path.write_text("# Choices.\n\n" + path.read_text("utf-8"), "utf-8")


@harmless()
def plan_moved(project: Path) -> None:
    """[roadmap] is no part of the source."""
    hands.edit(project, "params.toml", "days = 5", "days = 6")


@harmless(kept=False)
def older_record_beside(project: Path) -> None:
    """A failed run of another source, from before."""
    path = produced.record(project, "test")
    content = json.loads(path.read_text("utf-8"))
    content.pop("seal")
    content["results"].update(failed=9)
    content.update(source="0" * 64, when="2026-05-01T10:00:00Z")
    content["seal"] = of_value(content)
    hands.write(project, f"records/test-20260501-{content['seal'][:12]}.json", json.dumps(content))


@harmless(kept=False)
def same_run_twice(project: Path) -> None:
    """A second record of this source, a day later."""
    content = json.loads(produced.record(project, "lint").read_text("utf-8"))
    content.pop("seal")
    content.update(when="2026-06-22T10:00:00Z")
    content["seal"] = of_value(content)
    hands.write(project, f"records/lint-20260622-{content['seal'][:12]}.json", json.dumps(content))


@harmless(kept=False)
def page_reworded(project: Path) -> None:
    """The introduction of docs/contract.md."""
    hands.edit(project, "docs/contract.md", "What callers may rely on.", "What our callers can rely on.")


@harmless()
def caches(project: Path) -> None:
    """What Python and its tools leave behind."""
    hands.write(project, "src/letters/__pycache__/api.cpython-311.pyc", b"\0")
    hands.write(project, ".mypy_cache/x.json", "{")
    hands.write(project, "tests/.DS_Store", b"\0")


@harmless()
def elsewhere(project: Path) -> None:
    """A notebook and a page beside the code."""
    hands.write(project, "notebooks/look.ipynb", "{}")
    hands.write(project, "docs/runbook.md", "# Runbook\n")


@harmless()
def model_here(project: Path) -> None:
    """An empty folder where the model is when it is here."""
    shutil.rmtree(project / "models", ignore_errors=True)
    (project / "models").mkdir()
