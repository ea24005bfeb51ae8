"""Which part a row belongs to by the rules of docs/evidence/split.md, from ids, labels, groups and times."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from poc2prod_kit.tables.moments import date as read_date
from poc2prod_kit.tables.typed import Value

from .raw import position

PARTS = ("train", "validation", "test")
ENOUGH, FEWEST_ROWS = 200, 10
Shares = tuple[float, float]


def by_chance(ids: Sequence[str], shares: Shares, seed: Any) -> list[str]:
    """Each row by the hash of its id; below 200 rows by the rank of that hash."""
    at = [position(row, f"split {seed}") for row in ids]
    return _cut(at, shares) if len(ids) >= ENOUGH else _ranked(at, shares)


def by_class(ids: Sequence[str], labels: Sequence[Hashable], shares: Shares, seed: Any) -> list[str]:
    """Each class by itself: by hash from 200 rows on, below by rank."""
    at = [position(row, f"split {seed}") for row in ids]
    part = _cut(at, shares)
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        rows[label].append(place)
    for places in rows.values():
        if len(places) < ENOUGH:
            for place, name in zip(places, _ranked([at[place] for place in places], shares), strict=True):
                part[place] = name
    return part


def by_group(groups: Sequence[str], shares: Shares, seed: Any) -> tuple[list[str], str]:
    """Each group whole, by its hash; `filled` where few groups make the hash too uneven."""
    sizes = Counter(groups)
    at = {group: position(group, f"split {seed}") for group in sizes}
    wanted = {"validation": shares[0] * len(groups), "test": shares[1] * len(groups)}
    large = min(wanted.values()) / 2
    part = {group: "train" if size > large else _cut([at[group]], shares)[0] for group, size in sizes.items()}
    got = Counter(part[group] for group in groups)
    how = "hash"
    if not all(got[name] >= max(0.7 * rows, FEWEST_ROWS) for name, rows in wanted.items()):
        part, how = _filled(at, sizes, wanted), "filled"
    return [part[group] for group in groups], how


def by_time(when: Sequence[Any], bounds: tuple[Any, Any]) -> list[str]:
    """Up to the first bound train, up to the second validation, the rest test; without a time: excluded."""
    return [
        (
            "excluded"
            if one is None
            else "train"
            if one <= bounds[0]
            else "validation"
            if one <= bounds[1]
            else "test"
        )
        for one in when
    ]


def _cut(at: Sequence[float], shares: Shares) -> list[str]:
    validation, test = shares
    return ["test" if one < test else "validation" if one < test + validation else "train" for one in at]


def _ranked(at: Sequence[float], shares: Shares) -> list[str]:
    count = len(at)
    validation, test = (max(1, round(count * share)) if count >= len(PARTS) else 0 for share in shares)
    part = ["train"] * count
    for rank, place in enumerate(sorted(range(count), key=at.__getitem__)):
        if rank < test + validation:
            part[place] = "test" if rank < test else "validation"
    return part


def _filled(at: dict[str, float], sizes: Counter[str], wanted: dict[str, float]) -> dict[str, str]:
    part = dict.fromkeys(sizes, "train")
    for name in ("test", "validation"):
        room = wanted[name]
        for group in sorted(sizes, key=at.__getitem__):
            if part[group] == "train" and sizes[group] <= room + wanted[name] / 2 and room > 0:
                part[group], room = name, room - sizes[group]
    return part


def moments(values: Sequence[Value]) -> list[Any]:
    """The time column as dates or numbers: text is read as numbers, quarters or ISO dates. ValueError."""
    texts = [value.strip() for value in values if isinstance(value, str)]
    if not texts:
        return list(values)
    known: dict[str, Any] = {}
    for convert in (float, _quarter, _iso):
        try:
            known = {text: convert(text) for text in set(texts)}
        except ValueError:
            continue
        return [known[value.strip()] if isinstance(value, str) else None for value in values]
    raise ValueError("the time column holds texts that are no dates")


def _quarter(text: str) -> datetime:
    match = re.fullmatch(r"(\d{4})[- ]?[Qq]([1-4])", text)
    if not match:
        raise ValueError(text)
    return datetime(int(match[1]), int(match[2]) * 3 - 2, 1)


def _iso(text: str) -> datetime:
    result = read_date(text, ())
    if result is None:
        raise ValueError(text)
    return result


def bound(value: Any, dated: bool) -> Any:
    """A bound of [split] in the time column's unit, or ValueError. A day, month or year counts to its end."""
    if not dated:
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    year = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", text)
    last = timedelta(microseconds=1)
    if year:
        month = int(year[2] or 12)
        return datetime(int(year[1]) + month // 12, month % 12 + 1, 1) - last
    result = datetime.fromisoformat(text)
    result = result.astimezone(UTC).replace(tzinfo=None) if result.tzinfo else result
    if len(text) == 10:
        return result + timedelta(days=1) - last
    step = (
        timedelta(seconds=1)
        if text.count(":") == 2
        else timedelta(minutes=1)
        if ":" in text
        else timedelta(hours=1)
    )
    return result if "." in text else result + step - last


def arm(unit: str, salt: str, share: float) -> str:
    """Online: `treatment` for about `share` of all units, `control` for the rest."""
    return "treatment" if position(unit, salt) < share else "control"
