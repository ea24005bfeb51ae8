"""The source hash: what a record is bound to, the same that a project's kit/service/source.py gives.

Code, tests, locks, choices, and the files of the container and of CI, each by what it says; nothing is
followed out of the project, and what is no regular file is not opened.
"""

import os
import stat
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from . import hashing
from .files import State, Unreadable, parse_json

TREES = ("src", "tests", "vendor")
FILES = ("pyproject.toml", "params.toml", "schema.toml", "Dockerfile", ".dockerignore", "compose.yaml")
# Each decides what a tool finds, or what enters an image, before or beside the files above.
SETTINGS = (
    *("ruff.toml", ".ruff.toml", "mypy.ini", ".mypy.ini", "setup.cfg", "tox.ini", "conftest.py"),
    *("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", ".coveragerc", ".coveragerc.toml"),
    "Dockerfile.dockerignore",
)
WORKFLOWS = ".github/workflows"
PLANS = ("roadmap", "rollout_plan")
LEFT_OUT = (".pyc", ".pyo", ".egg-info", ".tmp", "~")
LIMIT = 256 << 20
# As git decides whether a file is text: by a zero byte near its start.
PROBE = 8000
Keep = Callable[[str, State, Callable[[], str]], str]


class SourceError(ValueError):
    """A file that no hash can be bound to: names it, and says why."""


def source_hash(root: str, keep: Keep | None = None) -> str:
    """SHA-256 (hexadecimal) of the canonical JSON of `files(root)`. Raises SourceError."""
    return hashing.of_value(files(root, keep))


def files(root: str, keep: Keep | None = None) -> dict[str, str]:
    """Each file of the source by its path with slashes, with its hash. Raises SourceError.

    `keep(name, state, compute)` may answer with a hash that it kept while the file's state is the same.
    """
    base = os.path.realpath(root)
    return {
        unicodedata.normalize("NFC", name): _of_file(base, name, mode, keep)
        for name, mode in sorted(_found(base))
    }


def _found(base: str) -> Iterator[tuple[str, os.stat_result]]:
    for entry in _entries(base, ""):
        lock = entry.name.startswith("requirements") and entry.name.endswith(".lock")
        if entry.name in TREES or entry.name in FILES or entry.name in SETTINGS or lock:
            yield from _below(base, entry, entry.name)
    folder, _, inner = WORKFLOWS.partition("/")
    if not os.path.islink(os.path.join(base, folder)):
        for entry in _entries(base, folder):
            if entry.name == inner:
                yield from _below(base, entry, WORKFLOWS)


def _below(base: str, entry: os.DirEntry[str], name: str) -> Iterator[tuple[str, os.stat_result]]:
    """The entry itself where it is a file or a link; the files below it where it is a folder."""
    state = entry.stat(follow_symlinks=False)
    if stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode):
        yield name, state
    elif stat.S_ISDIR(state.st_mode):
        for inner in _entries(base, name):
            hidden = inner.name.startswith(".") and inner.name not in SETTINGS
            if inner.name != "__pycache__" and not hidden and not inner.name.endswith(LEFT_OUT):
                yield from _below(base, inner, f"{name}/{inner.name}")


def _entries(base: str, folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(os.path.join(base, folder)) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SourceError(f"{folder or base} cannot be read: {error.strerror or error}") from error


def _of_file(base: str, name: str, found: os.stat_result, keep: Keep | None) -> str:
    path = os.path.join(base, name)
    if stat.S_ISLNK(found.st_mode) and ("/" in name or not _inside(base, path)):
        return _of_link(path, name)
    if keep is None or stat.S_ISLNK(found.st_mode) or not found.st_ino:
        return _hash(path, name)
    state = State(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
    return keep(name, state, lambda: _hash(path, name))


def _of_link(path: str, name: str) -> str:
    try:
        target = os.readlink(path).replace(os.sep, "/")
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror or error}") from error
    return hashing.of_blocks([b"link ", target.encode(errors="surrogateescape")])


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
    parsed = _parsed(content, name) if name.endswith((".toml", ".json")) else None
    if parsed is not None:
        return hashing.of_value(parsed)
    return hashing.of_blocks([content]) if b"\0" in content[:PROBE] else hashing.of_lines(content)


def _read(path: str, name: str) -> bytes:
    flags = os.O_RDONLY
    for flag in ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY"):
        flags |= getattr(os, flag, 0)
    try:
        handle = os.open(path, flags)
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                raise SourceError(f"{name} is not a regular file")
            if state.st_size > LIMIT:
                raise SourceError(_large(name, f"{state.st_size:,} bytes"))
            return file.read(LIMIT + 1)
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror or error}") from error


def _large(name: str, what: str) -> str:
    return f"{name} has {what}; at most {LIMIT:,} belong to source: keep it in data/, which is hashed apart"


def _unpacked(content: bytes, name: str) -> bytes:
    """What a gzip file holds; the file itself where it is damaged."""
    import gzip
    import io

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
    if name.endswith(".json"):
        found = parse_json(name, content)
        return None if isinstance(found, Unreadable) else found
    import tomllib

    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return {key: value for key, value in tables.items() if name != "params.toml" or key not in PLANS}
