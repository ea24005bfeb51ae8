"""docs/<step>.md: what people wrote under each question, told apart from what the template wrote.

A question is anchored by a comment, `<!-- q:decision -->`, before or after its heading. The answer is what
follows,
up to the next anchor or the next heading of the same or a higher level; comments and the template's words
are no answer.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

ANCHOR = r"<!--\s*q:([\w.-]+)\s*(optional\s*)?-->"
COMMENT = r"<!--.*?-->"
HEADING = r" {0,3}(#{1,6})(?:\s+(.*?))?\s*#*\s*$"
# Placeholders.
HOLLOW = frozenset(
    {
        *("todo", "to do", "tbd", "tba", "tbc", "fixme", "xxx", "wip", "n/a", "na", "n.a", "nil", "null"),
        *("placeholder", "example", "lorem", "lorem ipsum", "ditto", "pending", "see above", "as above"),
        *("to be done", "to be decided", "to be defined", "to be determined", "not applicable", "not yet"),
        *("fill in", "fill me in", "your answer", "answer", "answer here", "text", "not answered"),
        *("not answered yet", "open", "not known"),
    }
)
# Words that fill a cell, and that are no answer to a question unless something follows.
BARE = frozenset({"none", "nothing", "no", "yes", "later", "unknown", "same", "maybe", "ok"})
STARTS = ("todo", "tbd", "fixme", "lorem ipsum", "to be done", "to be decided", "to be defined", "to do:")


class Question(NamedTuple):
    """One question: its anchor, heading and line; the answer without the template's words; its table's
    rows; its words.
    """

    name: str
    title: str
    line: int
    answer: str
    rows: list[list[str]]
    optional: bool = False
    asked: str = ""

    @property
    def answered(self) -> bool:
        """Whether anything was said."""
        return not hollow(self.answer)


class Form(NamedTuple):
    """All questions by name, or why the page cannot be read."""

    questions: dict[str, Question]
    problem: str = ""

    def answer(self, name: str) -> str:
        """The normalised answer; empty where the question is missing or unanswered."""
        result = self.questions.get(name)
        return result.answer if result and result.answered else ""


def parse(text: str, template: str = "") -> Form:
    """Read a page. `template`: the same page as it was generated, whose words are nobody's answer."""
    known = {_key(line) for line in uncommented(template).split("\n")} - {""}
    lines = text.split("\n")
    anchors, problem = _anchors(lines)
    if problem:
        return Form({}, problem)
    headings = {
        number: (len(match[1]), uncommented(match[2] or "").strip())
        for number, line in _unfenced(lines)
        if (match := re.match(HEADING, line))
    }
    results = {}
    for place, (line, name, optional) in enumerate(anchors):
        end = anchors[place + 1][0] if place + 1 < len(anchors) else len(lines)
        title, body = _body(lines, headings, line, end)
        asked, content = _question(_without_headers(uncommented("\n".join(body)).split("\n")))
        kept = [item for item in content if _key(item) not in known or not item.strip()]
        rows = [row for row in map(_cells, kept) if row]
        results[name] = Question(name, title, line + 1, normal(kept), rows, optional, asked)
    return Form(results)


def hollow(answer: str) -> bool:
    """Whether a normalised answer says nothing: empty, a placeholder, a TODO, or a bare yes, no or n/a."""
    parts = [_plain(part) for line in answer.split("\n") for part in (_cells(line) or [line])]
    return all(_empty(part) or part.strip(".! ") in BARE for part in parts)


def empty_cell(cell: str) -> bool:
    """Whether a table's cell says nothing; a bare "none" says something there."""
    return _empty(_plain(cell))


def normal(lines: Iterable[str]) -> str:
    """The lines without Markdown's white space: paragraphs joined, bullets alike, tables unaligned."""
    paragraphs: list[str] = []
    fresh = True
    for line in lines:
        text = " ".join(line.split())
        cells = _cells(line)
        if cells or _is_rule(text):
            paragraphs += ["|".join(cells)] if cells else []
            fresh = True
        elif not text or re.match(r" {0,3}#{1,6}(\s|$)", line):
            fresh = True
        elif re.match(r"([-*+]|\d+[.)])(\s|$)", text) and (fresh or not _is_wrapped(text, paragraphs[-1])):
            paragraphs.append(re.sub(r"^[*+](?=\s|$)", "-", text))
            fresh = False
        elif fresh or not paragraphs:
            paragraphs.append(text)
            fresh = False
        else:
            paragraphs[-1] += " " + text
    return "\n".join(paragraphs)


def _is_wrapped(text: str, above: str) -> bool:
    """Whether a line that begins with a number goes on with a paragraph: only 1 begins a list inside one."""
    number = r"\d+[.)](\s|$)"
    return bool(re.match(number, text)) and not re.match(r"1[.)]", text) and not re.match(number, above)


def _anchors(lines: list[str]) -> tuple[list[tuple[int, str, bool]], str]:
    """(line, name, whether it is optional) of each question, and what is wrong with the page, if anything."""
    items: list[tuple[int, str, bool]] = []
    for number, line in _unfenced(lines):
        for match in re.finditer(ANCHOR, line):
            if any(name == match[1] for _, name, _ in items):
                return [], f"line {number + 1}: the question q:{match[1]} stands there twice; remove one"
            if any(line == number for line, _, _ in items):
                wrong = f"line {number + 1}: two questions stand on one line; put each on a line of its own"
                return [], wrong
            items.append((number, match[1], bool(match[2])))
    text = "\n".join(lines)
    rest = uncommented(text, lambda match: "\n" * match[0].count("\n"))
    if "<!--" in rest:
        start = rest[: rest.index("<!--")].count("\n") + 1
        return [], f"line {start}: a comment begins with <!-- and never ends; close it with -->"
    if "<<<<<<< " in text and ">>>>>>> " in text:
        start = text[: text.index("<<<<<<< ")].count("\n") + 1
        return [], f"line {start}: an unresolved merge; choose one side"
    return items, ""


def _unfenced(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines outside of fenced code, numbered from 0."""
    fence = ""
    for number, line in enumerate(lines):
        match = re.match(r" {0,3}(`{3,}|~{3,})(.*)$", line)
        if match and not fence:
            fence = match[1]
        elif match and match[1].startswith(fence) and not match[2].strip():
            fence = ""
        elif not fence:
            yield number, line


def _body(
    lines: list[str], headings: dict[int, tuple[int, str]], anchor: int, end: int
) -> tuple[str, list[str]]:
    """The question's heading, and the lines that answer it."""
    start = anchor + 1
    while start < end and not uncommented(lines[start]).strip():
        start += 1
    if start < end and start in headings:
        level, title = headings[start]
        start += 1
    else:
        above = [number for number in headings if number <= anchor]
        level, title = headings[above[-1]] if above else (6, "")
        start = anchor
    stop = next(
        (number for number in sorted(headings) if start < number < end and headings[number][0] <= level), end
    )
    body = lines[start:stop]
    return title, [line for number, line in enumerate(body, start) if number not in headings]


def uncommented(text: str, instead: str | Callable[[re.Match[str]], str] = "") -> str:
    """The text without its comments; one that never ends stays, and is not searched for an end again."""
    closed, end, rest = text.rpartition("-->")
    return re.sub(COMMENT, instead, closed + end, flags=re.S) + rest


def _question(lines: list[str]) -> tuple[str, list[str]]:
    """A bold first paragraph, which is the question, also where it was reworded or translated; and the
    other lines.
    """
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    end = next((number for number in range(start, len(lines)) if not lines[number].strip()), len(lines))
    words = " ".join(line.strip() for line in lines[start:end])
    asked = len(words) > 4 and words.startswith("**") and words.find("**", 2) == len(words) - 2
    return (words[2:-2], lines[end:]) if asked else ("", lines)


def _without_headers(lines: list[str]) -> list[str]:
    """The lines less the head rows of tables."""
    after = [*lines[1:], ""]
    return [
        line
        for line, below in zip(lines, after, strict=True)
        if not (_cells(line) and _is_rule(below.strip()))
    ]


def _cells(line: str) -> list[str]:
    """The cells of a table's row, without white space; none for its rule and for other lines."""
    text = line.strip()
    if not text.startswith("|") or _is_rule(text):
        return []
    inner = text[1:-1] if text.endswith("|") and not text.endswith("\\|") and len(text) > 1 else text[1:]
    return [" ".join(cell.replace("\\|", "|").split()) for cell in re.split(r"(?<!\\)\|", inner)]


def _is_rule(text: str) -> bool:
    return bool(text) and not set(text) - set("|:- ") and "-" in text and ("|" in text or len(text) > 2)


def _key(line: str) -> str:
    """What makes two lines the same words: letters and digits, without case."""
    return " ".join(re.findall(r"\w+", line.casefold()))


def _plain(text: str) -> str:
    """The words without list marks, check boxes, emphasis and code marks."""
    text = re.sub(r"^\s*(?:[-*+>]|\d+[.)])\s*(?:\[[ xX]?\]\s*)?", "", text)
    return text.strip(" \t*_`~\"'").casefold()


def _empty(text: str) -> bool:
    bare = text.strip(" .:;!-–—_()[]<>{}*")
    if not re.search(r"\w", bare) or bare in HOLLOW or text in HOLLOW:
        return True
    if re.fullmatch(r"(<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|…|\.{2,}|x{3,}|_+)", text):
        return not re.search(r"https?:|@", text)
    return bare.startswith(STARTS)
