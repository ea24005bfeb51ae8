"""poc2prod record: add records that were made elsewhere, and list all records."""

import click

from .. import intake, records
from ..files import Unreadable
from ..records import FOLDER, KINDS, Record
from .common import as_json, on_project, out, out_json, require_project
from .console import clean


@click.group("record", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Add records of runs (lint, test, latency, image, CI), or list them."""
    if context.invoked_subcommand is None:
        context.invoke(list_)


@command.command("add")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@on_project
def add(files: tuple[str, ...], project: str | None) -> None:
    """Check records that were made elsewhere, such as by CI, and copy them into records/ (JSON or zip)."""
    facts = require_project(project).facts
    items = [item for path in files for item in intake.read(path)]
    source = facts.source()
    for item in items:
        new = intake.add(facts.files, item)
        out(f"{item.record.file} {'added' if new else 'already present'}: {_of(item.record, source)}.")


@command.command("list")
@as_json
@on_project
def list_(as_json: bool = False, project: str | None = None) -> None:
    """List the records: kind, day, and whether they match the current source."""
    facts = require_project(project).facts
    source = facts.source()
    items = [item for kind in KINDS for item in records.records(facts, kind)]
    if as_json:
        return out_json(
            {
                "source": None if isinstance(source, Unreadable) else source,
                "records": [_plain(item, source) for item in items],
            }
        )
    how = f"python -m {facts.package} observe; one from CI: poc2prod record add FILE"
    for line in _table(items, source) or [f"No records in {FOLDER}/ yet. To make them: {how}"]:
        out(clean(line))
    for name in facts.listing(FOLDER):
        if not name.startswith(tuple(f"{kind}-" for kind in KINDS)):
            out(clean(f"{FOLDER}/{name} does not have the name of a record, so it does not count."))


def _table(items: list[Record], source: str | Unreadable) -> list[str]:
    cells = [(item.kind, item.when[:10] or "-", item.name, _of(item, source)) for item in items]
    widths = [max((len(row[place]) for row in cells), default=0) for place in range(3)]
    padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=False)] for row in cells)
    return ["  ".join([*texts, row[3]]) for texts, row in zip(padded, cells, strict=True)]


def _of(record: Record, source: str | Unreadable) -> str:
    """Whether a record counts, and why not."""
    if record.broken:
        return f"{record.broken}, so it does not count"
    if isinstance(source, Unreadable):
        return f"the source {source.reason}"
    if record.source == source:
        return "of the current source"
    return f"of another source ({record.source[:8]}, now {source[:8]}), so it does not count now"


def _plain(record: Record, source: str | Unreadable) -> dict[str, object]:
    return {
        "name": record.name,
        "kind": record.kind,
        "when": record.when or None,
        "source": record.source or None,
        "current": not record.broken and record.source == source,
        "broken": record.broken or None,
    }
