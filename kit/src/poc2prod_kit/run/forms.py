"""The pages in docs/: which of their questions nobody has answered yet.

A question is anchored by a comment, `<!-- q:decision -->`; its answer goes up to the next anchor. Headings,
comments, a table's head and rows of which only the first cell is filled are the page's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

ANCHOR = re.compile(r"<!--\s*q:[\w.-]+\s*(optional\s*)?-->")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
HEADING = re.compile(r" {0,3}#{1,6}(\s|$)")
RULE = re.compile(r"[|:\s-]*-[|:\s-]*$")
# What fills a place and says nothing.
HOLLOW = {
    *("open", "todo", "tbd", "tba", "fixme", "pending", "placeholder", "answer", "n/a", "na"),
    *("none", "nothing", "no", "yes", "ok", "later", "unknown", "maybe"),
}


def unanswered(page: str) -> int:
    """How many questions of a page are open; optional ones do not count."""
    anchors = list(ANCHOR.finditer(page))
    ends = [*(anchor.start() for anchor in anchors[1:]), len(page)]
    return sum(
        not anchor[1] and not any(map(_says, _lines(page[anchor.end() : end])))
        for anchor, end in zip(anchors, ends, strict=False)
    )


def hollow(text: str) -> bool:
    """Whether a text says nothing: empty, a placeholder, a bare yes, no or n/a."""
    return not any(map(_says, _lines(text)))


def _lines(text: str) -> Iterator[str]:
    """What stands under a question, without comments, headings, and the head and rule of tables."""
    lines = COMMENT.sub("", text).split("\n")
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        head = line.lstrip().startswith("|") and "|" in below and RULE.match(below)
        if not head and not HEADING.match(line) and not RULE.match(line):
            yield line.strip()


def _says(line: str) -> bool:
    """Whether a line is an answer, or a row of a table has more than its name."""
    cells = line.strip("|").split("|")[1:] if line.startswith("|") else [line]
    words = [cell.strip(" \t*_`~\"'.:!-–—[]()<>").casefold() for cell in cells]
    return any(
        re.search(r"\w", word) and word not in HOLLOW and not word.startswith("todo") for word in words
    )
