"""The files of a project, which may be a stranger's: nothing outside the root, regular files only, sizes
capped, damage as a value; written whole or not at all.
"""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Literal, NamedTuple

from .errors import Poc2prodError

TEXT_LIMIT = 4 << 20
JSON_LIMIT = 64 << 20
RECORD_LIMIT = 4 << 20
ROWS_LIMIT = 64 << 30
BLOCK = 1 << 20
# A gzip file above this size that unpacks to this many times its size is a bomb, not a table.
BOMB_SIZE, BOMB_RATIO = 256 << 20, 200
# Not every system has all of these: a FIFO must not block, a child must not inherit, a link must not lead out.
READ = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_NOFOLLOW")
)


class Unreadable(NamedTuple):
    """A file that is there and cannot be used, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"


class State(NamedTuple):
    """What tells a changed file without reading it."""

    modified: int
    changed: int
    size: int
    inode: int


class Damaged(Exception):  # noqa: N818
    """Raised inside this module and caught by `Root`: the content is not what it claims to be."""


class Root:
    """A folder from which files are read by name, with slashes; `moved` says where a name really lies."""

    def __init__(self, path: str) -> None:
        self.path = os.path.realpath(path)
        self.moved: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def place(self, name: str) -> str:
        """The path of a name; Damaged where it would lead out of the root."""
        where = self._mapped(name)
        parts = where.replace("\\", "/").split("/")
        if os.path.isabs(where) or ".." in parts or "\0" in where or ":" in parts[0]:
            raise Damaged("lies outside the project, so it is not read")
        path = os.path.join(self._folder("/".join(parts[:-1])), parts[-1])
        path = os.path.realpath(path) if os.path.islink(path) or not parts[-1].strip(".") else path
        if path != self.path and not path.startswith(self.path.rstrip(os.sep) + os.sep):
            raise Damaged("leads out of the project through a link, so it is not read")
        return path

    def _folder(self, name: str) -> str:
        """The real path of a folder; looked up once, since many files lie in few folders."""
        if name not in self._folders:
            self._folders[name] = os.path.realpath(os.path.join(self.path, name)) if name else self.path
        return self._folders[name]

    def _mapped(self, name: str) -> str:
        for prefix in sorted(self.moved, key=len, reverse=True):
            if name == prefix or name.startswith(prefix + "/"):
                return self.moved[prefix] + name[len(prefix) :]
        return name

    def open(self, name: str, limit: int = ROWS_LIMIT) -> BinaryIO:
        """A regular file of at most `limit` bytes. FileNotFoundError, OSError, Damaged."""
        try:
            handle = os.open(self.place(name), READ)
        except ValueError as error:  # a name that this system cannot have
            raise Damaged(_brief(error)) from error
        state = os.fstat(handle)
        if stat.S_ISREG(state.st_mode) and state.st_size <= limit:
            return os.fdopen(handle, "rb")
        os.close(handle)
        if not stat.S_ISREG(state.st_mode):
            raise Damaged("is not a regular file")
        raise Damaged(f"has {state.st_size:,} bytes; at most {limit:,} are read")

    def unpacked(self, name: str) -> Iterator[bytes]:
        """The bytes of a file in blocks, after decompression where its name ends in .gz. OSError, Damaged."""
        with self.open(name) as file:
            if name.endswith(".gz"):
                yield from _gunzip(file)
            else:
                yield from iter(lambda: file.read(BLOCK), b"")

    def content(self, name: str, limit: int = TEXT_LIMIT) -> bytes | Unreadable | None:
        """The whole of a small file; None where there is none."""
        try:
            with self.open(name, limit) as file:
                return file.read()
        except (OSError, Damaged) as error:
            return failure(name, error)

    def text(self, name: str) -> str | Unreadable | None:
        """A text file's content, UTF-8 with or without a byte order mark, newlines as LF."""
        result = self.content(name)
        if not isinstance(result, bytes):
            return result
        try:
            return result.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = result.count(b"\n", 0, error.start) + 1
            return Unreadable(name, f"is not UTF-8 text (line {line}): save it as UTF-8")

    def json(self, name: str) -> Any:
        """A JSON file's value; None where there is no file (or it says null)."""
        result = self.content(name, RECORD_LIMIT if name.startswith("records/") else JSON_LIMIT)
        return parse_json(name, result) if isinstance(result, bytes) else result

    def toml(self, name: str) -> dict[str, Any] | Unreadable | None:
        """A TOML file's tables."""
        import tomllib

        result = self.text(name)
        if not isinstance(result, str):
            return result
        try:
            return tomllib.loads(result)
        except (ValueError, RecursionError) as error:
            return Unreadable(name, f"is not TOML: {_placed(_brief(error))}")

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted; none where there is no such folder."""
        try:
            return sorted(os.listdir(self.place(folder)))
        except (OSError, Damaged):
            return []

    def state(self, name: str) -> State | None:
        """Times, size and inode of a regular file, else None."""
        try:
            result = os.stat(self.place(name))
        except (OSError, ValueError, Damaged):
            return None
        if not stat.S_ISREG(result.st_mode):
            return None
        return State(result.st_mtime_ns, result.st_ctime_ns, result.st_size, result.st_ino)

    def replace(self, name: str, text: str) -> bool:
        """Write a file whole or not at all; whether its bytes changed. Poc2prodError where it cannot be."""
        content = text.encode(errors="backslashreplace")
        if self.content(name) == content:
            return False
        with self._complete(name, content) as (scratch, path):
            os.replace(scratch, path)
        return True

    def add(self, name: str, text: str) -> None:
        """Write a new file whole or not at all; one that is there stays. Poc2prodError where it cannot be."""
        content = text.encode()
        with self._complete(name, content) as (scratch, path):
            try:
                # A link to a complete file appears at once, and fails where the name exists.
                os.link(scratch, path)
            except (OSError, AttributeError, NotImplementedError):
                with suppress(FileExistsError):
                    _write(path, content, "xb")
            if hasattr(os, "O_DIRECTORY"):
                handle = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
                os.fsync(handle)
                os.close(handle)

    @contextmanager
    def _complete(self, name: str, content: bytes) -> Iterator[tuple[str, str]]:
        """(a complete temporary file, the path beside it that it is for). Errors inside are Poc2prodErrors."""
        scratch = ""
        try:
            path = self.place(name)
            folder, last = os.path.split(path)
            os.makedirs(folder, exist_ok=True)
            scratch = os.path.join(folder, f".{last}.{os.getpid()}.tmp")
            _write(scratch, content, "wb")
            yield scratch, path
        except Damaged as error:
            raise Poc2prodError(f"{name} {error}.") from error
        except OSError as error:
            reason = error.strerror or error
            raise Poc2prodError(f"{name} cannot be written ({reason}). Is the checkout read-only?") from error
        finally:
            with suppress(OSError):
                os.unlink(scratch)


def _write(path: str, content: bytes, mode: Literal["wb", "xb"]) -> None:
    with open(path, mode) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def as_json(value: Any) -> str:
    """A value as we write it: sorted keys, a line for each entry, so that git can merge and show it."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def parse_json(name: str, content: bytes) -> Any:
    """The value of JSON bytes; a key given twice is damage (a merge leaves such files), and so is no
    content.
    """
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = "is empty" if not content.strip() else f"is not JSON: {_brief(error)}"
        return Unreadable(name, reason)


def failure(name: str, error: Exception) -> Unreadable | None:
    """What an error on reading means: None where the file is not there."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return None
    if isinstance(error, OSError):
        return Unreadable(name, f"cannot be read: {error.strerror or _brief(error)}")
    return Unreadable(name, _brief(error))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise ValueError(f"the key {twice[:40]!r} stands there twice")
    return result


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    """Unpack gzip members block by block; Damaged where the file is cut, broken or a bomb."""
    import gzip
    import zlib

    unpacked = 0
    try:
        with gzip.GzipFile(fileobj=file) as members:
            while block := members.read(BLOCK):
                unpacked += len(block)
                if unpacked > BOMB_SIZE and unpacked > BOMB_RATIO * file.tell():
                    raise Damaged("unpacks to far more than a table would, so it is not read")
                yield block
    except EOFError as error:
        raise Damaged("is damaged: it ends in the middle") from error
    except (zlib.error, gzip.BadGzipFile) as error:
        raise Damaged(f"is damaged: {error}") from error


def _placed(text: str) -> str:
    """What is wrong after where it is: "Invalid value (at line 3, …)" as "line 3, …: invalid value"."""
    what, _, where = text.removesuffix(")").partition(" (at ")
    return f"{where}: {what[:1].lower()}{what[1:]}" if where else text


def _brief(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error).split("\n")[0][:200]
