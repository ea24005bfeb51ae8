"""One SHA-256 for each kind of content: the same that a project's kit/hashing.py gives, with the standard
library.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def of_value(value: Any) -> str:
    """Hash a parsed value by its canonical JSON: sorted keys, no spaces, UTF-8; dates as text."""
    return of_text(canonical(value))


def canonical(value: Any) -> str:
    """The value's canonical JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def of_text(text: str) -> str:
    """Hash a text's UTF-8 bytes; half surrogates, which JSON can smuggle in, do not stop it."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def of_lines(content: bytes) -> str:
    """Hash a text file's bytes with newlines as LF."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def of_blocks(blocks: Iterable[bytes]) -> str:
    """Hash bytes that come in blocks."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def of_model(tree: dict[str, Any], files: dict[str, str]) -> str:
    """Hash what a saved model says: arrays by their bytes, object ids by order, without the writer's version.

    `tree` is the parsed schema.json of a skops file, `files` the SHA-256 of each other member.
    RecursionError where
    the tree is too deep.
    """
    order: dict[Any, int] = {}

    def normal(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: order.setdefault(str(item), len(order)) if key == "__id__" else normal(item)
                for key, item in node.items()
            }
        if isinstance(node, list):
            return [normal(item) for item in node]
        return files.get(node, node) if isinstance(node, str) else node

    said = {key: value for key, value in tree.items() if key not in ("_skops_version", "protocol")}
    return of_text(json.dumps(normal(said), sort_keys=True))
