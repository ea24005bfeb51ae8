"""Add records that were made elsewhere: check them, then save them under a name from their content."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from . import records
from .errors import CallError, Poc2prodError
from .files import RECORD_LIMIT, Root, Unreadable, as_json, parse_json
from .records import FOLDER, Record

ARCHIVE_LIMIT, MEMBERS, UNPACKED = 64 << 20, 5_000, 256 << 20


class Read(NamedTuple):
    """A record and the content of its file."""

    record: Record
    content: dict[str, Any]


def read(path: str) -> list[Read]:
    """The records of a JSON file or of a zip archive from CI. Poc2prodError if a file is not a record."""
    if not os.path.lexists(path):
        raise CallError(f"{path}: there is no such file.")
    if Path(path).is_dir():
        raise CallError(f"{path} is a folder: give the files in it.")
    folder, name = os.path.split(os.path.realpath(path))
    content = Root(folder).content(name, ARCHIVE_LIMIT)
    if not isinstance(content, bytes):
        raise Poc2prodError(f"{path} {content.reason if content else 'is not there'}.")
    if content[:4] == b"PK\x03\x04":
        return [_parsed(f"{path}, {member}", inner) for member, inner in _members(path, content)]
    if len(content) > RECORD_LIMIT:
        raise Poc2prodError(f"{path} has {len(content):,} bytes; a record has at most {RECORD_LIMIT:,}.")
    return [_parsed(path, content)]


def add(files: Root, read: Read) -> bool:
    """Copy a record into records/; returns whether it is new. Poc2prodError if that fails."""
    name = f"{FOLDER}/{read.record.name}"
    there = files.json(name)
    if there == read.content:
        return False
    if isinstance(there, Unreadable) and not files.state(name):
        raise Poc2prodError(f"{there}.")
    if there is not None:
        raise Poc2prodError(f"{name} exists with other content: delete it, then add the record again.")
    files.add(name, as_json(read.content))
    return True


def _parsed(where: str, content: bytes) -> Read:
    value = parse_json(where, content)
    record = records.parse(value)
    if record.broken:
        raise Poc2prodError(f"{where} {record.broken}. Nothing was added.")
    return Read(record, value)


def _members(path: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The archive's members with the name of a record, each of limited size."""
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            named = [item for item in archive.infolist() if _like_a_record(item.filename)]
            if not named:
                raise Poc2prodError(f"{path} is an archive without records.")
            size = sum(item.file_size for item in named)
            if len(named) > MEMBERS or size > UNPACKED:
                raise Poc2prodError(
                    f"{path} holds {len(named):,} records of {size:,} bytes; at most {MEMBERS:,} of"
                    f" {UNPACKED:,} bytes are read at once. Unpack it and give the files you need."
                )
            for item in named:
                with archive.open(item) as file:
                    inner = file.read(RECORD_LIMIT + 1)
                if len(inner) > RECORD_LIMIT:
                    most = f"{RECORD_LIMIT:,}"
                    raise Poc2prodError(f"{path}, {item.filename} has over {most} bytes; no record has.")
                yield item.filename, inner
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Poc2prodError(f"{path} cannot be unpacked ({error}). Download it again.") from error


# Archives of CI hold other files too: coverage, logs.
def _like_a_record(name: str) -> bool:
    """Whether a member has the name of a record; inside a folder the name must match exactly."""
    folder, _, last = name.rpartition("/")
    if folder and not re.fullmatch(r"[a-z]+-\d{8}-[0-9a-f]{12}\.json", last):
        return False
    return last.endswith(".json") and last.partition("-")[0] in records.KINDS
