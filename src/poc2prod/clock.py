"""The day it is: in UTC, or the one that SOURCE_DATE_EPOCH fixes."""

import os
from datetime import UTC, date, datetime

from .errors import CallError


def today() -> date:
    """Today. CallError where SOURCE_DATE_EPOCH is set and no number of seconds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date() if epoch else datetime.now(UTC).date()
    except (ValueError, OverflowError, OSError) as error:
        raise CallError(
            f"SOURCE_DATE_EPOCH is {epoch[:40]!r}; it must be a number of seconds since 1970."
        ) from error


def day(value: object) -> date | None:
    """A day written as 2026-05-31, else None."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
