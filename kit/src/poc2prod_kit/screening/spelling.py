"""Labels and category values that are one word spelled two ways."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from poc2prod_kit.screening.finding import SHOWN, Finding, count
from poc2prod_kit.screening.sample import Column, Sample

STEP = "data"
MOST_VALUES = 5_000
MOST_NEAR = 300
LONG = 6
RARE = 5
FEWEST_EACH, CHANCE = 5, 0.001
PLAINLY, NEARLY = "case, spaces or punctuation", "one letter"


@dataclass(frozen=True, eq=False)
class Spelling:
    """Values that look like one, most frequent first, with their counts; `how` they differ."""

    how: str
    counts: dict[str, int]


def find(sample: Sample) -> Iterator[Finding]:
    """Values of the target and of categories that look like one."""
    roles = sample.roles
    for column in sample.columns.values():
        named = column.name in roles.special and column.name != roles.target
        if named or column.type not in ("category", "boolean") or column.name in sample.numberings:
            continue
        result = spellings({column.texts[code]: n for code, n in column.counts.items()})
        if not result:
            continue
        target = column.name == roles.target
        doubts = {item: _apart(sample, column, item) for item in result if item.how == NEARLY}
        doubts = {item: other for item, other in doubts.items() if other}
        sure = [item for item in result if item not in doubts]
        many = ("label", "labels") if target else (f"value of {column.name}", f"values of {column.name}")
        sentences = []
        if sure:
            sentences.append(
                f"{count(len(sure), *many)} spelled more than one way: {'; '.join(map(_shown, sure[:3]))}. If they "
                "mean one thing, spell it one way: the command `clean` maps it in cleaning.toml."
            )
        for item, other in list(doubts.items())[:3]:
            sentences.append(
                f"Are {' and '.join(map(repr, item.counts))} two names? One letter differs in {_shown(item)}, "
                f"values of {column.name}, and they have no {other} in common. If they are two, the finding is "
                "known; if they are one, map it in cleaning.toml."
            )
        rare = {value for item in result for value in list(item.counts)[1:]}
        rows = (row for row, code in enumerate(column.codes) if code and column.texts[code] in rare)
        share = sum(sum(list(item.counts.values())[1:]) for item in result) / max(column.counts.total(), 1)
        weight = 0.9 if target else 0.45
        respelled = {value: next(iter(item.counts)) for item in sure for value in list(item.counts)[1:]}
        yield Finding(
            "spelling", " ".join(sentences), (column.name,), STEP, share, *sample.shown(rows, SHOWN), weight,
            {"column": column.name, "map": respelled} if respelled else None,
        )  # fmt: skip


def _shown(item: Spelling) -> str:
    return " / ".join(f"{value!r} ({n:,})" for value, n in item.counts.items())


def _apart(sample: Sample, column: Column, item: Spelling) -> str:
    """A column (a place, a year, a group) of which two spellings have no value in common, beyond chance.

    Were the two one name, a row of the rare one would have a value that the frequent one never has about as
    often as the frequent one's values are single (Good and Turing).
    """
    frequent, rare = (column.texts.index(value) for value in list(item.counts)[:2])
    rows: dict[int, list[int]] = {frequent: [], rare: []}
    for row, code in enumerate(column.codes):
        if code in rows:
            rows[code].append(row)
    for other in sample.columns.values():
        if (
            other is column
            or other.name == sample.roles.target
            or len(other.counts) > sample.rows / FEWEST_EACH
        ):
            continue
        usual = Counter(code for row in rows[frequent] if (code := other.codes[row]))
        own = [code for row in rows[rare] if (code := other.codes[row])]
        if len(own) < len(rows[rare]) or not usual or any(code in usual for code in own):
            continue
        single = max(sum(n == 1 for n in usual.values()), 1) / usual.total()
        if single ** len(own) < CHANCE:
            return other.name
    return ""


def spellings(counts: Mapping[str, int]) -> list[Spelling]:
    """Values that differ in case, spaces or punctuation, then words one letter apart; none in codes."""
    if not 1 < len(counts) <= MOST_VALUES or len(counts) * 2 > sum(counts.values()):
        return []
    order = sorted(counts, key=lambda value: (-counts[value], value))
    groups: dict[str, list[str]] = defaultdict(list)
    for value in order:
        groups[plain(value)].append(value)
    same = [group for group in groups.values() if len(group) > 1]
    gone = {value for group in same for value in group[1:]}
    rest = [value for value in order if value not in gone]
    items = [(PLAINLY, group) for group in same]
    items += [(NEARLY, pair) for pair in _near(rest, counts)] if len(rest) <= MOST_NEAR else []
    return [Spelling(how, {value: counts[value] for value in group}) for how, group in items]


def plain(value: str) -> str:
    """What stays the same however a word is written: no case, no spaces; of words, no punctuation."""
    text = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if sum(map(str.isalpha, text)) < 4 or any(map(str.isdigit, text)):
        return text
    return re.sub(r"[\W_]+", "", text)


def _near(values: list[str], counts: Mapping[str, int]) -> list[list[str]]:
    """(frequent, rare): the second at most a fifth as frequent, and one letter of one long word apart."""
    words = {value: re.findall(r"[^\W_]+", value.casefold()) for value in values}
    items = []
    for place, rare in enumerate(values):
        for frequent in values[:place]:
            if counts[rare] * RARE <= counts[frequent] and _one_word_apart(words[frequent], words[rare]):
                items.append([frequent, rare])
                break
    return items


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
