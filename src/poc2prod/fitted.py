"""The content hash of a fitted model in a skops file, which is read as an archive and never loaded."""

import hashlib
import zipfile
from pathlib import Path

from . import hashing
from .files import ROWS_LIMIT, Root, Unreadable, parse_json

LARGEST = 4 << 30
BROKEN = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    RecursionError,
    NotImplementedError,
    EOFError,
    RuntimeError,
)


def content_hash(files: Root, name: str) -> str | Unreadable:
    """The hash of a skops file's members, as the project computes it. Raises OSError and Damaged."""
    with Path(files.place(name)).open("rb") as file:
        next(files.blocks(name, ROWS_LIMIT), b"")
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                if sum(member.file_size for member in members) > LARGEST:
                    return Unreadable(name, "unpacks to more than 4 GiB")
                content = {member.filename: archive.read(member) for member in members}
            tree = parse_json(name, content.pop("schema.json"))
            if not isinstance(tree, dict):
                return Unreadable(name, "is not a saved model")
            return hashing.of_model(tree, {k: hashlib.sha256(v).hexdigest() for k, v in content.items()})
        except BROKEN as error:
            return Unreadable(name, f"is damaged ({type(error).__name__})")
