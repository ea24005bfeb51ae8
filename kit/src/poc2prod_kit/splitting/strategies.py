"""Ways to divide rows into parts: by time, by group, by class, by chance. Each gives the part of every row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from poc2prod_kit.run.errors import ProjectError

PARTS = ("train", "validation", "test")
FEWEST_ROWS = 10
ENOUGH = 200
QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])")
Names = npt.NDArray[np.object_]
Shares = tuple[float, float]


class UnfitError(ProjectError):
    """This way of splitting does not work on this table; another one may.

    `seen_earlier`: how many later rows there would be, and how many of them an earlier part knows.
    """

    def __init__(self, why: str, seen_earlier: dict[str, int] | None = None) -> None:
        super().__init__(why)
        self.seen_earlier = seen_earlier or {}


def position(units: Iterable[Any], salt: str) -> npt.NDArray[np.float64]:
    """A number in [0, 1) for each unit: the first 8 bytes of SHA-256(salt, U+001F, unit) over 2^64."""
    start = hashlib.sha256(f"{salt}\x1f".encode())
    numbers = []
    for unit in units:
        digest = start.copy()
        digest.update(str(unit).encode("utf-8", "surrogatepass"))
        numbers.append(int.from_bytes(digest.digest()[:8], "big") / 2**64)
    return np.minimum(np.array(numbers, dtype=float), 1 - 2**-53)


def _cut(at: npt.NDArray[np.float64], shares: Shares) -> Names:
    """Below the test's share: test; the validation's share above it: validation; the rest: train."""
    validation, test = shares
    return np.select([at < test, at < test + validation], ["test", "validation"], "train").astype(object)


def by_chance(ids: pd.Index, shares: Shares, seed: int) -> Names:
    """Each row by the hash of its id; below 200 rows by the rank of that hash, so that the sizes are exact."""
    at = position(ids, f"split {seed}")
    return _cut(at, shares) if len(ids) >= ENOUGH else _ranked(at, shares)


def _ranked(at: npt.NDArray[np.float64], shares: Shares) -> Names:
    """The lowest hashes test, the next validate: at least one each of three rows or more, none of fewer."""
    count = len(at)
    validation, test = (max(1, round(count * share)) if count >= len(PARTS) else 0 for share in shares)
    part = np.full(count, "train", dtype=object)
    order = np.argsort(at, kind="stable")
    part[order[:test]] = "test"
    part[order[test : test + validation]] = "validation"
    return part


def by_class(ids: pd.Index, labels: npt.NDArray[Any], shares: Shares, seed: int) -> Names:
    """Each class by itself: by hash from 200 rows on, below by rank, so that its three rows reach all parts."""
    at = position(ids, f"split {seed}")
    part = _cut(at, shares)
    for label, count in pd.Series(labels).value_counts().items():
        if count < ENOUGH:
            rows = labels == label
            part[rows] = _ranked(at[rows], shares)
    return part


def by_group(groups: npt.NDArray[Any], shares: Shares, seed: int) -> tuple[Names, str]:
    """Each group by its hash, whole; and how: `hash`, or `filled` where few groups make the hash too uneven.

    A group with more rows than half of the smaller part's share trains. Filled: in the order of their
    hashes, groups fill first the test, then the validation part, passing over those that would overfill it
    by half.
    """
    codes, names = pd.factorize(groups)
    sizes = np.bincount(codes)
    at = position(names, f"split {seed}")
    wanted = dict(zip(("validation", "test"), (share * len(codes) for share in shares), strict=True))
    part = np.where(sizes > min(wanted.values()) / 2, "train", _cut(at, shares)).astype(object)
    if all(sizes[part == name].sum() >= max(0.7 * rows, FEWEST_ROWS) for name, rows in wanted.items()):
        return part[codes], "hash"
    return _filled(at, sizes, wanted)[codes], "filled"


def _filled(at: npt.NDArray[np.float64], sizes: npt.NDArray[np.int_], wanted: dict[str, float]) -> Names:
    part = np.full(len(sizes), "train", dtype=object)
    for name in ("test", "validation"):
        room = wanted[name]
        for group in np.argsort(at, kind="stable"):
            if part[group] == "train" and sizes[group] <= room + wanted[name] / 2 and room > 0:
                part[group], room = name, room - sizes[group]
    if not (part == "train").any():
        raise UnfitError(f"{len(sizes)} groups are too few for three parts")
    return part


def by_time(when: pd.Series, bounds: tuple[Any, Any]) -> Names:
    """Up to the first bound train, up to the second validation, the rest test; without a time: excluded."""
    part = np.select([when <= bounds[0], when <= bounds[1]], PARTS[:2], PARTS[2]).astype(object)
    part[when.isna().to_numpy()] = "excluded"
    return part


def quantiles(when: pd.Series, shares: Shares) -> tuple[Any, Any]:
    """The bounds between moments that come nearest to the shares: no moment stands on two sides."""
    counts = when.value_counts().sort_index()
    if len(counts) < len(PARTS):
        few = f"the time column has {len(counts)} distinct values"
        raise UnfitError(f"{few} and three parts in order need three")
    below = counts.cumsum().to_numpy() / counts.sum()
    first = int(np.abs(below[:-2] - (1 - sum(shares))).argmin())
    second = first + 1 + int(np.abs(below[first + 1 : -1] - (1 - shares[1])).argmin())
    return counts.index[first], counts.index[second]


def moments(column: pd.Series) -> pd.Series:
    """The time column as dates or numbers. Text is read as numbers, ISO dates or quarters, else refused."""
    if column.dtype.kind in "Mfiu":
        return column
    text = column.astype(str).str.strip().where(column.notna())
    known = text.dropna()
    numbers = pd.to_numeric(known, errors="coerce")
    if numbers.notna().all():
        return numbers.astype(float).reindex(column.index)
    if known.str.fullmatch(QUARTER).all():
        parts = known.str.extract(QUARTER)
        known = parts[0] + "-" + (parts[1].astype(int) * 3 - 2).map("{:02}-01".format)
    dates = pd.to_datetime(known, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
    if dates.isna().any():
        raise ProjectError(
            f"[data] time = {column.name!r} holds {known[dates.isna()].iloc[0]!r}, which is no date that can "
            'be put in order. Give the column type = "date" and its formats in schema.toml, or set time = "" '
            "in [data] of params.toml."
        )
    return dates.reindex(column.index)


def bound(key: str, value: Any, when: pd.Series) -> Any:
    """A bound of [split] in the unit of the time column, inclusive: a day, month or year counts to its end."""
    try:
        if when.dtype.kind != "M":
            return float(value)
        if isinstance(value, datetime):
            moment = pd.Timestamp(value)
            return moment.tz_convert("UTC").tz_localize(None) if moment.tzinfo else moment
        return pd.Period(value.isoformat() if isinstance(value, date) else str(value)).end_time
    except (ValueError, TypeError):
        kind = "dates" if when.dtype.kind == "M" else "numbers"
        raise ProjectError(
            f"[split] {key} = {value!r} cannot be compared with {when.name!r}, which holds {kind} from "
            f"{when.min()} to {when.max()}."
        ) from None


def earliest_only(part: Names, groups: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Whether a row is in the earliest part that its group is in; of the excluded rows: yes."""
    rank = pd.Series(part).map({name: place for place, name in enumerate(PARTS)}).astype(float)
    first = rank.groupby(groups).transform("min")
    return np.asarray(rank.isna() | (rank == first))
