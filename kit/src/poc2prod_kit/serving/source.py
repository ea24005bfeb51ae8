"""The source hash: what a record is bound to. `python source.py [ROOT]` prints it, without other libraries.

Code, tests, the library in vendor/, locks, choices, and the files of the container and of CI, each by what
it says: TOML and JSON parsed, text with newlines as LF, gzip unpacked; no plans that no code reads
([roadmap], [rollout_plan]).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import stat
import sys
import tomllib
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


class SourceError(ValueError):
    """A file that no hash can be bound to: names it, why, and what to do."""


def source_hash(root: Path | str) -> str:
    """SHA-256 (hexadecimal) of the canonical JSON of `files(root)`. Raises SourceError."""
    return _of_value(files(root))


def files(root: Path | str) -> dict[str, str]:
    """Each file of the source by its path with slashes, with its hash. Raises SourceError."""
    base = Path(root).resolve()
    return {unicodedata.normalize("NFC", name): _of_file(base, name) for name in sorted(_names(base))}


def _names(base: Path) -> Iterator[str]:
    for name in _entries(base, ""):
        lock = name.startswith("requirements") and name.endswith(".lock")
        if name in TREES or name in FILES or name in SETTINGS or lock:
            yield from _found(base, name)
    folder, _, inner = WORKFLOWS.partition("/")
    if not (base / folder).is_symlink() and inner in _entries(base, folder):
        yield from _found(base, WORKFLOWS)


def _found(base: Path, name: str) -> Iterator[str]:
    """The name itself where it is a file or a link; the files below it where it is a folder."""
    mode = (base / name).lstat().st_mode
    if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
        yield name
    elif stat.S_ISDIR(mode):
        for inner in _entries(base, name):
            hidden = inner.startswith(".") and inner not in SETTINGS
            if inner != "__pycache__" and not hidden and not inner.endswith(LEFT_OUT):
                yield from _found(base, f"{name}/{inner}")


def _entries(base: Path, folder: str) -> list[str]:
    try:
        return [entry.name for entry in (base / folder).iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SourceError(f"{folder or base} cannot be read: {error.strerror or error}.") from error


def _of_file(base: Path, name: str) -> str:
    path = base / name
    try:
        if path.is_symlink() and ("/" in name or not _inside(base, path)):
            return _sha(b"link " + path.readlink().as_posix().encode(errors="surrogateescape"))
        content = _read(path, name)
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror or error}. Mend that first.") from error
    if name.endswith(".gz"):
        return _sha(_unpacked(content, name))
    parsed = _parsed(content, name) if name.endswith((".toml", ".json")) else None
    return _sha(_lines(content)) if parsed is None else _of_value(parsed)


def _inside(base: Path, path: Path) -> bool:
    """Whether a link in the project's folder leads to a file of it: then it counts as that file.

    Every other link counts as where it points, so that it says the same where that is not, as in an image.
    """
    try:
        real = path.resolve()
    except (OSError, RuntimeError):
        return False
    return real.is_relative_to(base) and real.is_file()


def _read(path: Path, name: str) -> bytes:
    size = path.stat().st_size
    if size > LIMIT:
        raise SourceError(_large(name, f"{size:,} bytes"))
    with path.open("rb") as file:
        return file.read(LIMIT + 1)


def _large(name: str, what: str) -> str:
    return f"{name} has {what}; at most {LIMIT:,} belong to source. Keep it in data/, which is hashed apart."


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
        found = tomllib.loads(text) if name.endswith(".toml") else json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    plans = PLANS if name == "params.toml" else ()
    return {key: value for key, value in found.items() if key not in plans} if plans else found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _lines(content: bytes) -> bytes:
    return content if b"\0" in content[:PROBE] else content.replace(b"\r\n", b"\n")


def _of_value(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return _sha(text.encode(errors="surrogatepass"))


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
