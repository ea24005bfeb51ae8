"""The content hash of a fitted model in a skops file, which is read as an archive and never loaded."""

import lzma
import zlib
from zipfile import BadZipFile, ZipFile

from poc2prod_kit.run import hashing

from .files import BLOCK, Root, Unreadable, parse_json

SCHEMA = "schema.json"
LARGEST, LARGEST_SCHEMA = 4 << 30, 64 << 20
# What zipfile raises of an archive that is cut, edited, encrypted, or none.
BROKEN = (
    *(BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError),
    *(EOFError, zlib.error, lzma.LZMAError),
)


def content_hash(files: Root, name: str) -> str | Unreadable:
    """The hash of a skops file's members, as the project computes it. Raises OSError and Damaged."""
    with files.open(name) as file:
        try:
            with ZipFile(file) as archive:
                members = {item.filename: item.file_size for item in archive.infolist()}
                if sum(members.values()) > LARGEST:
                    return Unreadable(name, "unpacks to more than 4 GiB")
                if archive.getinfo(SCHEMA).file_size > LARGEST_SCHEMA:
                    return Unreadable(name, f"has a {SCHEMA} of more than {LARGEST_SCHEMA >> 20} MiB")
                tree = parse_json(name, archive.read(SCHEMA))
                if not isinstance(tree, dict):
                    return Unreadable(name, "is not a saved model")
                hashes = {member: _hash(archive, member) for member in members if member != SCHEMA}
            return hashing.of_model(tree, hashes)
        except BROKEN as error:
            return Unreadable(name, f"is damaged ({type(error).__name__})")


def _hash(archive: ZipFile, member: str) -> str:
    """The hash of a member, never whole in memory."""
    with archive.open(member) as file:
        return hashing.of_blocks(iter(lambda: file.read(BLOCK), b""))
