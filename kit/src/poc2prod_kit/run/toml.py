"""Values as TOML text. Standard library only, which reads TOML and does not write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any


def text(value: Any) -> str:
    """A value as TOML, tables inline."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            # A JSON string is a TOML string, but for the one control character that JSON leaves as it is.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(map(text, value))}]"
        case dict():
            return f"{{{', '.join(f'{text(key)} = {text(inner)}' for key, inner in value.items())}}}"
        case date() | time():
            return value.isoformat()
        case _:
            return repr(value)


def lines(values: Mapping[str, Any]) -> str:
    """A line for each bare key."""
    return "".join(f"{key} = {text(value)}\n" for key, value in values.items())
