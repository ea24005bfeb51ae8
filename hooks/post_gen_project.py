"""Delete what this project does not use, and record what was generated in .poc2prod/template.json."""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

COOKIECUTTER = json.loads(r"""{{ cookiecutter | tojson }}""")
UNUSED = tuple(v for k, v in COOKIECUTTER.items() if k.startswith("__") and str(v).startswith("unused_"))
CACHES = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
RECORD = Path(".poc2prod") / "template.json"
DERIVED = ("contract/", "data/predictions/", "records/", "reports/", "tests/golden/")


def clean(root: Path) -> None:
    """Delete unused variants, caches that a checkout carried along, and the folders left empty by that."""
    for folder, names, files in os.walk(root, topdown=False):
        here = Path(folder)
        if ".git" in here.parts:
            continue
        for name in files:
            if name.startswith(UNUSED):
                (here / name).unlink()
        for name in names:
            if name in CACHES or name.startswith(UNUSED):
                shutil.rmtree(here / name, ignore_errors=True)
        if here != root and not any(here.iterdir()):
            here.rmdir()


def owner(path: str) -> str:
    """Who may change this file: the template's updates, a run of the pipeline, or the team."""
    kit = f"src/{COOKIECUTTER['package']}/kit/"
    if path in ("Makefile", ".gitattributes") or path.endswith(".lock") or path.startswith(kit):
        return "template"
    if path.startswith(DERIVED) or path == "data/split.csv.gz":
        return "derived"
    return "team"


def sha256(path: Path) -> str:
    """Hash of a file; text is hashed with newlines as LF, as git may store it."""
    content = path.read_bytes()
    if b"\0" not in content:
        content = content.replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def record(root: Path) -> None:
    """Write template.json: version, answers, and each file's hash and owner; no clock, sorted keys."""
    paths = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    files = {p: {"owner": owner(p), "sha256": sha256(root / p)} for p in paths if not p.startswith(".git/")}
    files.pop(RECORD.as_posix(), None)
    answers = {k: v for k, v in COOKIECUTTER.items() if not k.startswith("_")}
    answers["kind"] = COOKIECUTTER["_kind"]
    text = json.dumps(
        {"schema": 1, "version": COOKIECUTTER["_version"], "answers": answers, "files": files},
        indent=2,
        sort_keys=True,
        ensure_ascii=False,
    )
    (root / RECORD).parent.mkdir(exist_ok=True)
    (root / RECORD).write_text(text + "\n", encoding="utf-8", newline="\n")


try:
    clean(Path())
    record(Path())
except OSError as error:
    sys.exit(f"error: the project could not be finished: {error}")
