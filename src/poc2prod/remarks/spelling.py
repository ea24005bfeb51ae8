"""Labels and categories that are one word spelled two ways."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from .frame import Frame, Remark, Series, count

MOST = 1000


def _bare(text: str) -> str:
    """Without case, and without spaces and joining punctuation."""
    return re.sub(r"[\s_.,'\u2019\-]+", "", text.casefold())


def _wordy(text: str) -> bool:
    """Made of letters: codes and versions differ by a digit on purpose."""
    return sum(c.isalpha() for c in text) >= 2 and not any(c.isdigit() for c in text)


def _variants(series: Series) -> list[tuple[int, ...]]:
    """Codes of values that differ only in case, spaces and punctuation."""
    same: dict[str, list[int]] = defaultdict(list)
    for code in series.counts:
        text = series.texts[code]
        if _wordy(text) or text.strip() != text:
            same[_bare(text)].append(code)
    return [
        tuple(sorted(codes, key=lambda c: -series.counts[c])) for codes in same.values() if len(codes) > 1
    ]


def _shorter(text: str) -> set[str]:
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}


def _one_letter(first: str, second: str) -> bool:
    """Whether one letter was changed, added or left out, or two neighbours swapped."""
    if len(first) == len(second):
        differ = [at for at in range(len(first)) if first[at] != second[at]]
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1
        return len(differ) == 1 or (
            swapped and first[differ[0]] == second[differ[1]] and first[differ[1]] == second[differ[0]]
        )
    long, short = (first, second) if len(first) > len(second) else (second, first)
    return len(long) == len(short) + 1 and short in _shorter(long)


def _typos(series: Series) -> list[tuple[int, ...]]:
    """(frequent, rare) codes of long words one letter apart, the second at most a tenth as frequent."""
    near: dict[str, list[int]] = defaultdict(list)
    for code in series.counts:
        text = _bare(series.texts[code])
        if _wordy(text) and len(text) >= 5:
            for short in _shorter(text):
                near[short].append(code)
    found = set()
    for codes in near.values():
        for code in codes:
            for other in codes:
                rare = series.counts[other] * 10 <= series.counts[code]
                if rare and _one_letter(_bare(series.texts[code]), _bare(series.texts[other])):
                    found.add((code, other))
    return sorted(found)


def spellings(frame: Frame) -> Iterator[Remark]:
    """Values of the target and of categories that look like one."""
    for series in frame.columns.values():
        if (
            series.type not in ("category", "boolean")
            or series.name == frame.roles.id
            or len(series.counts) > MOST
        ):
            continue
        if frame.numbering(series):
            continue
        pairs = _variants(series) + _typos(series)
        if not pairs:
            continue
        target = series.name == frame.roles.target
        shown = "; ".join(
            " / ".join(f"{series.texts[c]!r} ({series.counts[c]:,})" for c in codes) for codes in pairs[:3]
        )
        rare = {code for codes in pairs for code in codes[1:]}
        rows = (row for row, code in enumerate(series.codes) if code in rare)
        what = "label" if target else f"value of {series.name}"
        text = (
            f"{count(len(pairs), what, what + 's' if target else f'values of {series.name}')} spelled more "
            f"than one way: {shown}."
        )
        yield Remark(
            "label-spelling" if target else "spelling", text, frame.name(rows), 0.9 if target else 0.45
        )


RULES = (spellings,)
