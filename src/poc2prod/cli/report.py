"""poc2prod report: the state of the project as a document. Checks everything; saves only the document."""

import os
from importlib import import_module
from pathlib import Path

import click

from ..checklist import steps
from ..errors import CallError
from ..reports.report_data import ReportData, collect
from .common import code, exit_code, not_a_project, on_project, open_project, out
from .console import note, slow

FORMATS = ("text", "markdown", "json", "junit", "html")
FOR_STAKEHOLDERS = ("text", "markdown", "html")


@click.command("report")
@on_project
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write to a file instead of printing.")
@click.option(
    "--audience",
    type=click.Choice(("team", "stakeholder")),
    default="team",
    help="stakeholder: one page without technical terms (text, markdown, html).",
)
@exit_code
def command(
    project: str | None, format_: str, output: str | None, audience: str, exit_code: bool
) -> int | None:
    """Write a report of the current state: text, Markdown or HTML for people, JSON or JUnit for programs."""
    if audience == "stakeholder" and format_ not in FOR_STAKEHOLDERS:
        raise CallError(
            f"--audience stakeholder supports {', '.join(FOR_STAKEHOLDERS)}, not --format {format_}."
        )
    survey = open_project(project)
    note(not_a_project(survey)) if not_a_project(survey) else None
    with slow("checking"):
        survey.judge(steps())
    report = collect(survey, pictures=format_ == "html" and audience == "team")
    _put(_written(report, format_, audience), format_, output)
    return code(report.overview.reviews) if exit_code else None


def _written(report: ReportData, format_: str, audience: str) -> str:
    """The document in that format, whose module is imported now."""
    if format_ == "junit":
        from ..reports import junit

        return junit.text(report.name, report.overview.reviews, junit.held_until(report.held), report.day)
    if audience == "team":
        written: str = import_module(f"..reports.{format_}", __package__).text(report)
        return written
    from ..reports import stakeholder

    page = stakeholder.page(report)
    if format_ == "html":
        from ..reports.html import stakeholder as html

        return html(page, report)
    return stakeholder.markdown(page) if format_ == "markdown" else stakeholder.text(page)


def _put(text: str, format_: str, output: str | None) -> None:
    """Print, or write the file in one piece. JSON, JUnit and HTML are UTF-8 with LF on any terminal."""
    text = text.rstrip("\n")
    if output is None:
        return out(text) if format_ in ("text", "markdown") else click.echo(text.encode())
    target = Path(output)
    if target.is_dir():
        raise CallError(f"--output {output} is a folder; name a file in it.")
    # Written beside the target and renamed, so a reader never sees half a file.
    scratch = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        scratch.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    note(f"Wrote {output}.")
