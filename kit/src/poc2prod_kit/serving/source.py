"""The source hash: what a record is bound to. `python -m poc2prod_kit.serving.source [ROOT]` prints it.

Code, tests, a library unpacked in vendor/, locks, choices, and the files of the container and of CI, each by what it
says: modules by their syntax tree, TOML and JSON parsed, text with newlines as LF, gzip unpacked; no plans that
no code reads ([roadmap], [rollout_plan]). Nothing is followed out of the project; only regular files are opened.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import sys
import tomllib
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from poc2prod_kit.run import hashing

TREES = ("src", "tests", "vendor")
FILES = (
    "pyproject.toml",
    "params.toml",
    "schema.toml",
    "cleaning.toml",
    "Dockerfile",
    ".dockerignore",
    "compose.yaml",
)
# Each decides what a tool finds, or what enters an image, before or beside the files above.
SETTINGS = (
    *("ruff.toml", ".ruff.toml", "mypy.ini", ".mypy.ini", "setup.cfg", "tox.ini", "conftest.py"),
    *("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", ".coveragerc", ".coveragerc.toml"),
    "Dockerfile.dockerignore",
)
WORKFLOWS = ".github/workflows"
PLANS = ("roadmap", "rollout_plan")
# A wheel counts by its hash, which stands in the locks.
LEFT_OUT = (".pyc", ".pyo", ".egg-info", ".tmp", "~", ".whl")
LIMIT = 256 << 20
# As git decides whether a file is text: by a zero byte near its start.
PROBE = 8000
# Time of change, time of change of its entry, size, inode: what tells a changed file without reading it.
State = tuple[int, int, int, int]
Keep = Callable[[str, State, Callable[[], str]], str]


class SourceError(ValueError):
    """A file that no hash can be bound to: names it, and says why."""


def source_hash(root: str | os.PathLike[str], keep: Keep | None = None) -> str:
    """SHA-256 (hexadecimal) of the canonical JSON of `files(root)`. Raises SourceError."""
    return hashing.of_value(files(root, keep))


def files(root: str | os.PathLike[str], keep: Keep | None = None) -> dict[str, str]:
    """Each file of the source by its path with slashes, with its hash. Raises SourceError.

    `keep(name, state, compute)` may answer with a hash that it kept while the file's state is the same.
    """
    base = os.path.realpath(root)
    return {
        unicodedata.normalize("NFC", name): _of_file(base, name, mode, keep)
        for name, mode in sorted(_found(base))
    }


def _found(base: str) -> Iterator[tuple[str, os.stat_result]]:
    for name in _listed(base, ""):
        lock = name.startswith("requirements") and name.endswith(".lock")
        if name in TREES or name in FILES or name in SETTINGS or lock:
            yield from _below(base, name)
    folder, _, inner = WORKFLOWS.partition("/")
    if not os.path.islink(os.path.join(base, folder)) and inner in _listed(base, folder):
        yield from _below(base, WORKFLOWS)


def _below(base: str, name: str) -> Iterator[tuple[str, os.stat_result]]:
    """The entry itself where it is a file or a link; the files below it where it is a folder."""
    state = os.lstat(os.path.join(base, name))
    if stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode):
        yield name, state
    elif stat.S_ISDIR(state.st_mode):
        for inner in _listed(base, name):
            hidden = inner.startswith(".") and inner not in SETTINGS
            if inner != "__pycache__" and not hidden and not inner.endswith(LEFT_OUT):
                yield from _below(base, f"{name}/{inner}")


def _listed(base: str, folder: str) -> list[str]:
    try:
        return os.listdir(os.path.join(base, folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SourceError(f"{folder or base} cannot be read: {error.strerror or error}") from error


def _of_file(base: str, name: str, state: os.stat_result, keep: Keep | None) -> str:
    path = os.path.join(base, name)
    if stat.S_ISLNK(state.st_mode):
        if "/" not in name and _inside(base, path):
            return _hash(path, name)
        target = os.readlink(path).replace(os.sep, "/")
        return hashing.of_blocks([b"link ", target.encode(errors="surrogateescape")])
    if keep is None or not state.st_ino:
        return _hash(path, name)
    key = (state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino)
    return keep(name, key, lambda: _hash(path, name))


def _inside(base: str, path: str) -> bool:
    """Whether a link in the project's folder leads to a file of it: then it counts as that file.

    Every other link counts as where it points, so that it says the same where that is not, as in an image.
    """
    real = os.path.realpath(path)
    return real.startswith(base.rstrip(os.sep) + os.sep) and os.path.isfile(real)


def _hash(path: str, name: str) -> str:
    content = _read(path, name)
    if name.endswith(".gz"):
        return hashing.of_blocks([_unpacked(content, name)])
    if name.endswith(".py"):
        return hashing.of_code(content)
    parsed = _parsed(content, name) if name.endswith((".toml", ".json")) else None
    if parsed is not None:
        return hashing.of_value(parsed)
    return hashing.of_blocks([content]) if b"\0" in content[:PROBE] else hashing.of_lines(content)


def _read(path: str, name: str) -> bytes:
    try:
        size = os.path.getsize(path)
        if size > LIMIT:
            raise SourceError(_large(name, f"{size:,} bytes"))
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror or error}") from error


def _large(name: str, what: str) -> str:
    return f"{name} has {what}; at most {LIMIT:,} belong to source: keep it in data/, which is hashed apart"


def _unpacked(content: bytes, name: str) -> bytes:
    """What a gzip file holds; the file itself where it is damaged."""
    try:
        with gzip.open(io.BytesIO(content)) as file:
            made = file.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error):
        return content
    if len(made) > LIMIT:
        raise SourceError(_large(name, "more bytes once unpacked"))
    return made


def _parsed(content: bytes, name: str) -> Any:
    """What a TOML or JSON file says; None where it cannot be parsed."""
    try:
        text = content.decode("utf-8-sig")
        if name.endswith(".json"):
            return json.loads(text, object_pairs_hook=_unique)
        tables = tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    return {key: value for key, value in tables.items() if name != "params.toml" or key not in PLANS}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tables = dict(pairs)
    if len(tables) < len(pairs):
        raise ValueError("a key stands there twice")
    return tables


def main(arguments: list[str]) -> int:
    """Print the source hash of a folder, else of the working folder; 2 where there can be none."""
    try:
        sys.stdout.write(source_hash(arguments[0] if arguments else ".") + "\n")
    except SourceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
