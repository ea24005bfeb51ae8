"""The summary at the end of a run, from the reports on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from poc2prod_kit.run import forms, params, report
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import commands
from poc2prod_kit.summary import verdict
from poc2prod_kit.summary.wording import count, listed, number
from poc2prod_kit.tables import cleaning, screened

Reports = dict[str, dict[str, Any]]
SHOWN = 7
# Findings that make all numbers doubtful come first; other kinds follow in the order of the steps.
DOUBTFUL = (
    "leak", "exceeds", "parts", "late", "fitted_on_all_rows", "group_on_two_sides", "group", "time_order",
    "order", "copies_across_split",
)  # fmt: skip
# The pages of Part I in the order in which their answers are needed.
DUE = ("problem", "data", "approaches", "roadmap", "interpret", "improve")
GRAVEST = (
    *DOUBTFUL, "nothing_learned", "target_missed", "shift", "miscalibrated", "contradictions",
    "flipped_labels", "spelling",
)  # fmt: skip


def opening(project: Project) -> str:
    """The data that the run reads."""
    files = [str(name) for name in project.param("data.files")]
    if not files:
        return ""
    names = listed([PurePosixPath(name).name for name in files], 2)
    return f"Reading {names} to predict {project.param('data.target') or 'a target that is not named yet'}."


def show(
    project: Project,
    console: Console,
    steps: Sequence[str],
    misspelt: Sequence[str] = (),
    seconds: float | None = None,
    before: dict[str, Any] | None = None,
) -> None:
    """Print the summary; a step without a report is named as missing. `before`: the report of `baseline`
    ahead of the run.
    """
    reports = {step: result for step in steps if (result := _results(project, step)) is not None}
    console.say()
    for title, texts in sections(project, reports):
        console.heading(title)
        for text in texts:
            _indented(console, text)
    notes = [*misspelt, *(f"The step {step} has no report yet." for step in steps if step not in reports)]
    notes += cleaned(before, reported(project, "baseline"))
    for note in notes:
        console.paragraph(note, "Note: ", "  ")
    figures = any((project.root / "reports" / "figures").glob("*.*"))
    where = f"All numbers are in reports/{', figures in reports/figures/' if figures else ''}."
    console.paragraph(where + (f" This run took {seconds:.0f} s." if seconds is not None else ""))


def reported(project: Project, step: str) -> dict[str, Any] | None:
    """A step's report as it is on disk, None where there is none."""
    try:
        return report.load(project, step)
    except report.StaleError:
        return None


def cleaned(before: dict[str, Any] | None, now: dict[str, Any] | None) -> list[str]:
    """What became of the score, where cleaning.toml has changed between two runs of the step `baseline`."""
    if not before or not now or before["inputs"].get(cleaning.FILE) == now["inputs"].get(cleaning.FILE):
        return []
    then, result = (one["results"]["scores"][one["results"]["kept"]] for one in (before, now))
    metric = now["results"]["metric"]
    if before["results"]["metric"] != metric:
        return []
    shown = [
        f"{number(one['value'])} on {one['n']:,} validation rows" if one["n"] else "no score"
        for one in (then, result)
    ]
    return [
        f"{cleaning.FILE} has changed since the last run: {metric} of the selected model was {shown[0]}, "
        f"now it is {shown[1]}. "
        "A difference within the intervals may be chance."
    ]


def show_steps(project: Project, console: Console, steps: Sequence[str]) -> None:
    """Print the findings of single steps, their report files, and keys in params.toml that no step reads."""
    for step in steps:
        results = _results(project, step) or {}
        result = results.get("findings", [])
        console.say(f"{step}: done, {count(len(result), 'finding')}. Report: reports/{step}.json")
        for finding in result[:SHOWN]:
            console.paragraph(worded(finding), "  - ", "    ")
        for text in verdict.tested(results) if step == "evaluate" else verdict.served(results):
            console.paragraph(text, "  ")
    if steps and (following := commands.NEXT.get(steps[-1])):
        console.paragraph(f"Next: python -m {package().name} {following}", "  ")
    own = {step: project.params[step] for step in steps if step in project.params}
    for note in params.unused(own, project.asked, package()):
        console.paragraph(note, "Note: ", "  ")


def sections(project: Project, reports: Reports) -> list[tuple[str, list[str]]]:
    """Titles with their paragraphs; what starts with two spaces is a line of a table, kept as it is."""
    limit = reports.get("evaluate", {}).get("bottleneck", {}).get("text")
    made = [
        ("The question", verdict.question(project, reports)),
        ("How good, and how certain", verdict.quality(project, reports)),
        ("What limits it", [limit] if limit else []),
        ("Check these first", findings(reports)),
        ("What to do next", next_steps(project, reports)),
    ]
    return [(title, texts) for title, texts in made if texts]


def findings(reports: Reports) -> list[str]:
    """The most serious findings with row ids; the rest is counted."""

    def gravity(found: tuple[str, dict[str, Any]]) -> int:
        kind = found[1]["kind"]
        # Findings on the API come after those on the model.
        return GRAVEST.index(kind) if kind in GRAVEST else len(GRAVEST) + (kind == "golden_rows")

    every = [(step, item) for step, results in reports.items() for item in results.get("findings", [])]
    items = sorted(every, key=gravity)
    texts = [f"{place}. {worded(item)}" for place, (_, item) in enumerate(items[:SHOWN], 1)]
    left = sorted({step for step, _ in items[SHOWN:]}, key=list(reports).index)
    if left:
        texts.append(f"{len(items) - SHOWN} more in {listed([f'reports/{step}.json' for step in left])}.")
    return texts


def worded(finding: dict[str, Any]) -> str:
    """A finding's sentence, with the first row ids if it does not name them."""
    rows = [str(row) for row in finding.get("rows", [])]
    text: str = finding["text"]
    return text if not rows or rows[0] in text else f"{text} Rows: {listed(rows)}."


def next_steps(project: Project, reports: Reports) -> list[str]:
    """At most four things to do."""
    ranked = reports.get("improve", {}).get("next", [])
    texts = [str(item["text"]) for item in ranked[:1]]
    if any(item["kind"] in DOUBTFUL for results in reports.values() for item in results.get("findings", [])):
        texts = [
            "Resolve the first finding above, then run `poc` again: until then every number here is doubtful."
        ]
    if project.param("problem.target", None) is None:
        texts.append(
            "Agree on what is good enough before the next result: docs/problem.md and [problem] target."
        )
    if open_forms := unanswered(project):
        texts.append(f"Answer the questions that are due: {listed(open_forms)}.")
    if "evaluate" in reports and not reports["evaluate"].get("opening"):
        # The last commands of Part I in order; the causes only while some are missing.
        due = len(reports.get("interpret", {}).get("worst_errors", {}).get("rows", []))
        given = sum(reports.get("improve", {}).get("causes", {}).values())
        causes = f"write the cause of each error into docs/errors.csv ({given} of {due} so far), `poc`; "
        texts.append(
            f"Then, in this order: {causes if given < due else ''}when all choices are made, evaluate on the "
            f"test rows: python -m {package().name} evaluate --open-test; `poc`; docs/improve.md; signatures."
        )
    return [f"- {text}" for text in texts]


def unanswered(project: Project) -> list[str]:
    """The pages in docs/ with open questions, in the order in which they are due.

    A page of Part II is due once its step has run.
    """
    items = []
    pages = {path.stem: path for path in sorted((project.root / "docs").glob("*.md"))}
    for name in sorted(pages, key=lambda name: (DUE.index(name) if name in DUE else len(DUE), name)):
        later = name not in DUE and _results(project, name) is None
        left = 0 if later else forms.unanswered(pages[name].read_text(encoding="utf-8", errors="replace"))
        if left:
            items.append(f"docs/{name}.md ({count(left, 'question')})")
    return items


def _results(project: Project, step: str) -> dict[str, Any] | None:
    content = reported(project, step)
    if content is None:
        return None
    results = content["results"]
    return {**results, "findings": screened.still_open(project, results.get("findings", []))}


def _indented(console: Console, text: str) -> None:
    if text.startswith("  "):
        console.say(text[: console.width])
    else:
        mark = text.partition(" ")[0]
        listed_item = mark == "-" or mark.rstrip(".").isdigit()
        console.paragraph(text, "  ", "  " + " " * (len(mark) + 1) * listed_item)
