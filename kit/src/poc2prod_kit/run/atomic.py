"""Write a file whole or not at all, so that a killed run and two runs at once leave no half file."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from poc2prod_kit.run.errors import ProjectError

TRIES = 20


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` to write to, which takes its place when the block ends without an error.

    Raises ProjectError, naming the file, when the disk refuses (full, read-only, open in another program).
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        _replace(beside, path)
    except OSError as error:
        reason = error.strerror or error
        raise ProjectError(
            f"{path.parent.name}/{path.name} cannot be written: {reason}. Mend that and run again."
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends, whole or not at all."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, content: Any, *, sort_keys: bool = True) -> None:
    """Write JSON as it is committed: UTF-8, indented by 1, without NaN, which is no JSON."""
    text = json.dumps(content, sort_keys=sort_keys, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def _replace(source: Path, target: Path) -> None:
    """os.replace, patient with Windows, where a file that somebody reads cannot be replaced."""
    for left in reversed(range(TRIES)):
        try:
            os.replace(source, target)  # noqa: PTH105
        except PermissionError:
            if not left:
                raise
            time.sleep(0.05)
        else:
            return
