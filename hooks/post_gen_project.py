"""Bring the library, delete what this project does not use, and record what was generated in .poc2prod/."""

import base64
import hashlib
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

COOKIECUTTER = json.loads(r"""{{ cookiecutter | tojson }}""")
UNUSED = tuple(v for k, v in COOKIECUTTER.items() if k.startswith("__") and str(v).startswith("unused_"))
CACHES = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
RECORD, BASE = Path(".poc2prod") / "template.json", Path(".poc2prod") / "base.zip"
DERIVED = ("contract/", "data/predictions/", "records/", "reports/", "tests/golden/")
# Answers that nobody is asked for: what `poc2prod new --data` read off the table
PRIVATE = ("_commit_data", "_data", "_findings", "_packages", "_parquet", "_problem", "_schema")


def vendor(root: Path) -> None:
    """Write the library's wheel, which poc2prod_vendor.py has packed."""
    (root / "vendor").mkdir(exist_ok=True)
    (root / "vendor" / "{{ kit_filename() }}").write_bytes(base64.b64decode("{{ kit_wheel() }}"))


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
    """Who may change this file: the template's updates, a command that makes it, or the team."""
    if path.startswith("vendor/") or path == BASE.as_posix():
        return "template"
    if path.startswith(DERIVED) or path == "data/split.csv.gz" or path.endswith(".lock"):
        return "derived"
    return "team"


def sha256(path: Path) -> str:
    """Hash of a file; text is hashed with newlines as LF, as git may store it."""
    content = path.read_bytes()
    if b"\0" not in content:
        content = content.replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def paths(root: Path) -> list[str]:
    """All files, as sorted paths."""
    files = (p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    return sorted(path for path in files if not path.startswith(".git/"))


def keep_base(root: Path) -> None:
    """Write base.zip: the team's files as generated, so that an update can tell what the team changed.

    Tables are left out, since no update merges them. Stored, with a fixed date: the same on every machine.
    """
    with zipfile.ZipFile(root / BASE, "w") as archive:
        for path in paths(root):
            if owner(path) == "team" and not path.startswith("data/") and path != BASE.as_posix():
                entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                archive.writestr(entry, (root / path).read_bytes().replace(b"\r\n", b"\n"))


def record(root: Path) -> None:
    """Write template.json: version, answers, and each file's hash and owner; no clock, sorted keys."""
    files = {p: {"owner": owner(p), "sha256": sha256(root / p)} for p in paths(root)}
    files.pop(RECORD.as_posix(), None)
    answers = {k: v for k, v in COOKIECUTTER.items() if not k.startswith("_") or k in PRIVATE}
    answers["kind"] = COOKIECUTTER["_kind"]
    text = json.dumps(
        {"schema": 1, "version": COOKIECUTTER["_version"], "answers": answers, "files": files},
        indent=2,
        sort_keys=True,
        ensure_ascii=False,
    )
    (root / RECORD).write_text(text + "\n", encoding="utf-8", newline="\n")


try:
    vendor(Path())
    clean(Path())
    (Path() / RECORD).parent.mkdir(exist_ok=True)
    keep_base(Path())
    record(Path())
except OSError as error:
    sys.exit(f"error: the project could not be finished: {error}")
