"""The report as a pull-request comment: what to do first, then a table. Text from files is escaped."""

import re
from collections.abc import Iterator, Sequence

from ..review import DONE, WORST, Review
from .report_data import ReportData
from .words import STAGES, counted, plain, verdict

FIRST = 5
SIGNS = {"pass": "✅", "fail": "❌", "stale": "🕓", "unknown": "❔", "waived": "✋", "not_applicable": "➖"}
# Markup becomes entities (\0 marks an underscore that may be markup); a gap breaks links and mentions.
ENTITIES = {char: f"&#{ord(char)};" for char in "|`*\\[]~$"}
ENTITIES |= {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "&#95;"}
GAP = "\u200b"


def escaped(text: str) -> str:
    """The text as one line that Markdown shows as it is: no markup, HTML, link, mention or reference."""
    text = re.sub(r"(?<!\w)([@!%^#])(?=\w)|(?<=\w)(#)(?=\d)", lambda m: f"{m[1] or m[2]}{GAP}", plain(text))
    text = re.sub(r"\b(GH)-(?=\d)", rf"\1-{GAP}", text, flags=re.I)
    text = re.sub(r"(?i)\b(https?|ftp|mailto|xmpp)(:)", rf"\1\2{GAP}", text)
    text = re.sub(r"(?i)\b(www)\.", rf"\1{GAP}.", text)
    text = re.sub(r"\b(?=\d*[a-f])[0-9a-f]{7,64}\b", lambda m: m[0][:4] + GAP + m[0][4:], text)
    text = re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", "\0", text)
    first = re.match(r"(#+|[-+=/]|\d+[.)])(?=\s|$|\w)", text)
    start = "".join(f"&#{ord(char)};" for char in first[0]) if first else ""
    return start + "".join(ENTITIES.get(char, char) for char in text[first.end() if first else 0 :])


def command(text: str) -> str:
    """What to type, as code where it is a command that code can hold, else escaped."""
    text = plain(text)
    is_code = text.startswith(("poc2prod ", "git ", "python ", "make ")) and not re.search(r"[`|]", text)
    return f"`{text}`" if is_code else escaped(text)


def text(report: ReportData) -> str:
    """The whole report."""
    overview = report.overview
    stage = STAGES[overview.stage] if overview.stage else "all done"
    notes = "\n".join(f"> {escaped(note)}" for note in overview.notes)
    head = [f"## {escaped(report.name)}: {stage}", f"{counted(overview.counts)}. As of {report.day}.", notes]
    return "\n\n".join(filter(None, [*head, *_steps(overview.reviews, overview.stage)]))


def gate(stage: str, reviews: Sequence[Review], *, opened: bool, merging: bool = False) -> str:
    """The result of a gate: open or closed, what to do first, the table."""
    missing = sum(item.verdict not in DONE for item in reviews)
    state = "open" if opened else f"closed, {missing} of {len(reviews)} steps are not done"
    merge = "> A merge is not resolved: resolve it, then run the pipeline, `poc2prod check`, `git add`."
    head = [f"## Gate {stage}: {state}", *([merge] if merging else [])]
    return "\n\n".join([*head, *_steps(reviews, None)])


def _steps(reviews: Sequence[Review], stage: str | None) -> Iterator[str]:
    """What to do first, the open steps of a stage (None: of all), and the other steps, collapsed."""
    due = [item for item in reviews if item.verdict not in DONE and stage in (None, item.step.stage)]
    rest = [item for item in reviews if item not in due]
    if due:
        first: list[str] = []
        for item in sorted(due, key=lambda item: WORST.index(item.verdict))[:FIRST]:
            todo = command(item.todo) if item.todo else f"`poc2prod show {item.step.slug}`"
            first.append(f"{len(first) + 1}. **{item.step.number} {item.step.title}**: {todo}")
        yield from ("### What to do first", "\n".join(first), _table(due))
    if rest:
        yield from (f"<details><summary>The other {len(rest)} steps</summary>", _table(rest), "</details>")


def _table(reviews: Sequence[Review]) -> str:
    lines = ["| Step | | Why |", "|---|---|---|"]
    for item in reviews:
        mark = f"{SIGNS[item.verdict]} {verdict(item.verdict)}"
        new = [change for change in item.changed if change not in item.reason][:3]
        changed = f" (changed since a signature: {escaped('; '.join(new))})" if new else ""
        lines.append(f"| {item.step.number} {item.step.title} | {mark} | {escaped(item.reason)}{changed} |")
    return "\n".join(lines)
