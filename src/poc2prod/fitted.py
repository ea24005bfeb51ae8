"""The content hash of a fitted model in a skops file, which is read as an archive and never loaded."""

import hashlib
import lzma
import zipfile
import zlib
from pathlib import Path

from poc2prod_kit.run import hashing

from .files import BLOCK, ROWS_LIMIT, Root, Unreadable, parse_json

SCHEMA = "schema.json"
LARGEST, LARGEST_SCHEMA = 4 << 30, 64 << 20
BROKEN = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    RecursionError,
    NotImplementedError,
    EOFError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
)


def content_hash(files: Root, name: str) -> str | Unreadable:
    """The hash of a skops file's members, as the project computes it. Raises OSError and Damaged."""
    next(files.blocks(name, ROWS_LIMIT), b"")
    with Path(files.place(name)).open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                if sum(member.file_size for member in members) > LARGEST:
                    return Unreadable(name, "unpacks to more than 4 GiB")
                if archive.getinfo(SCHEMA).file_size > LARGEST_SCHEMA:
                    return Unreadable(name, f"has a {SCHEMA} of more than {LARGEST_SCHEMA >> 20} MiB")
                tree = parse_json(name, archive.read(SCHEMA))
                if not isinstance(tree, dict):
                    return Unreadable(name, "is not a saved model")
                hashes = {one.filename: _hash(archive, one) for one in members if one.filename != SCHEMA}
            return hashing.of_model(tree, hashes)
        except BROKEN as error:
            return Unreadable(name, f"is damaged ({type(error).__name__})")


def _hash(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    """The hash of a member, never whole in memory."""
    result = hashlib.sha256()
    with archive.open(member) as file:
        while block := file.read(BLOCK):
            result.update(block)
    return result.hexdigest()
