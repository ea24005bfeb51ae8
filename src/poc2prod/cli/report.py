"""poc2prod report: the whole standing as a document. Looks afresh; keeps nothing but what it is asked for."""

import os
from importlib import import_module
from pathlib import Path

import click

from ..checklist import steps
from ..errors import CallError
from ..reports.dossier import Dossier, dossier
from .common import HELP, code, on_project, out, strange, survey
from .console import note, slow

FORMATS = ("text", "markdown", "json", "junit", "html")
FOR_STAKEHOLDERS = ("text", "markdown", "html")


@click.command("report", context_settings=HELP)
@on_project
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write it there instead of printing it.")
@click.option(
    "--audience",
    type=click.Choice(("team", "stakeholder")),
    default="team",
    help="stakeholder: one page without jargon (text, markdown, html).",
)
@click.option(
    "--exit-code", is_flag=True, help="End with 1 where a step fails, 3 where evidence is stale or missing."
)
@click.pass_context
def command(
    ctx: click.Context, project: str | None, format_: str, output: str | None, audience: str, exit_code: bool
) -> None:
    """Write the standing: for people as text, Markdown or one HTML file; for machines as JSON or JUnit."""
    if audience == "stakeholder" and format_ not in FOR_STAKEHOLDERS:
        raise CallError(
            f"--audience stakeholder is written as {', '.join(FOR_STAKEHOLDERS)}; "
            f"--format {format_} is for machines."
        )
    found = survey(project)
    note(strange(found)) if strange(found) else None
    with slow("checking"):
        found.judge(steps())
    gathered = dossier(found, pictures=format_ == "html" and audience == "team")
    _put(_written(gathered, format_, audience), format_, output)
    if exit_code:
        ctx.exit(code(list(gathered.overview.reviews)))


def _written(found: Dossier, format_: str, audience: str) -> str:
    """The document in that format."""
    if audience == "stakeholder":
        from ..reports import stakeholder

        page = stakeholder.page(found)
        if format_ == "html":
            from ..reports.html import stakeholder as html

            return html(page, found)
        return stakeholder.markdown(page) if format_ == "markdown" else stakeholder.text(page)
    if format_ == "junit":
        from ..reports import junit

        return junit.text(found.name, found.overview.reviews, junit.held_until(found.held), found.day)
    written: str = import_module(f"..reports.{format_}", __package__).text(found)
    return written


def _put(text: str, format_: str, output: str | None) -> None:
    """Print, or replace the file as a whole. Machines get UTF-8 and LF, whatever the terminal speaks."""
    text = text.rstrip("\n")
    if output is None:
        return out(text) if format_ in ("text", "markdown") else click.echo(text.encode())
    target = Path(output)
    if target.is_dir():
        raise CallError(f"--output {output} is a folder; name a file in it.")
    scratch = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        scratch.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    note(f"Wrote {output}.")
