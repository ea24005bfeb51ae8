"""Today in UTC, or the day that SOURCE_DATE_EPOCH fixes."""

import os
from datetime import UTC, date, datetime

from .errors import CallError


def today() -> date:
    """Today. CallError if SOURCE_DATE_EPOCH is set and not a number of seconds."""
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
