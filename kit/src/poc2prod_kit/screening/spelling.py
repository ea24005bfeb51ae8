"""Labels and category values that are one word spelled two ways."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

MOST_VALUES = 5_000
MOST_NEAR = 300
LONG = 6
RARE = 5


@dataclass(frozen=True)
class Spelling:
    """Values of one column that look like one, most frequent first, with their counts; `how` they differ."""

    column: str
    how: str
    counts: dict[str, int]


def find(column: pd.Series) -> list[Spelling]:
    """Values that differ in case, spaces or punctuation, then words one letter apart; none in codes."""
    counts = {str(value): int(n) for value, n in column.value_counts().items()}
    if not 1 < len(counts) <= MOST_VALUES or len(counts) * 2 > column.notna().sum():
        return []
    order = sorted(counts, key=lambda value: (-counts[value], value))
    same = _same(order)
    rest = [value for value in order if not any(value in group[1:] for group in same)]
    found = [("case, spaces or punctuation", group) for group in same]
    found += [("one letter", pair) for pair in _near(rest, counts)] if len(rest) <= MOST_NEAR else []
    name = str(column.name)
    return [Spelling(name, how, {value: counts[value] for value in group}) for how, group in found]


def plain(value: str) -> str:
    """What stays the same however a word is written: no case, no spaces; of words, no punctuation."""
    text = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    letters = sum(map(str.isalpha, text))
    if letters < 4 or any(map(str.isdigit, text)):
        return text
    return re.sub(r"[\W_]+", "", text)


def _same(values: list[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for value in values:
        groups[plain(value)].append(value)
    return [group for group in groups.values() if len(group) > 1]


def _near(values: list[str], counts: dict[str, int]) -> list[list[str]]:
    """(frequent, rare): the second at most a fifth as frequent, and one letter of one long word apart."""
    words = {value: re.findall(r"[^\W_]+", value.casefold()) for value in values}
    found = []
    for place, rare in enumerate(values):
        for frequent in values[:place]:
            if counts[rare] * RARE <= counts[frequent] and _one_word_apart(words[frequent], words[rare]):
                found.append([frequent, rare])
                break
    return found


def _one_word_apart(first: list[str], second: list[str]) -> bool:
    if len(first) != len(second):
        return False
    differ = [(one, other) for one, other in zip(first, second, strict=True) if one != other]
    return len(differ) == 1 and _one_letter(*differ[0])


def _one_letter(one: str, other: str) -> bool:
    """Whether two long words, alike at the start, have one letter changed, added, left out or swapped."""
    short, long = sorted((one, other), key=len)
    if len(short) < LONG or len(long) > len(short) + 1 or short[0] != long[0] or not (one + other).isalpha():
        return False
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) > len(short):
        return short[start:] == long[start + 1 :]
    swapped = (
        short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    )
    return swapped or short[start + 1 :] == long[start + 1 :]
