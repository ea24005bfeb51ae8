"""A project's table as the screening sees it, and its findings as a step reports them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from poc2prod_kit.run.report import Finding
from poc2prod_kit.screening import decisions, finding, screen
from poc2prod_kit.screening.sample import Reader, Sample
from poc2prod_kit.tables import raw_files, table
from poc2prod_kit.tables.cleaning import Once
from poc2prod_kit.tables.roles import Roles

if TYPE_CHECKING:
    import pandas as pd

    from poc2prod_kit.run.project import Project

_known: WeakKeyDictionary[Project, tuple[Any, tuple[Sample, screen.Screened]]] = WeakKeyDictionary()


def look(project: Project) -> tuple[Sample, screen.Screened]:
    """The rows that are screened, and what was found: done once for all steps of a run."""
    one = {role: project.param(f"data.{role}", "") for role in ("target", "id", "time", "group")}
    sensitive, exclude = (tuple(project.param(f"data.{role}", [])) for role in ("sensitive", "exclude"))
    roles = Roles(**one, sensitive=sensitive, exclude=exclude)
    asked = (roles, project.param("problem.outcome", ""), str(project.param("problem.positive", None) or ""))
    files = raw_files.files(project)
    for name in files:
        project.path(name)
    kept = _known.get(project)
    if kept is None or kept[0] != asked:
        sample = _read(project).sample(*asked)
        kept = _known[project] = (asked, (sample, screen.problems(sample)))
    return kept[1]


def _read(project: Project) -> Reader:
    schema = project.schema
    reader: Reader | None = None
    once = Once(schema.cleaning, project.param("data.id", ""))
    for _, names, cells in table.aligned(project, schema, once):
        reader = reader or Reader([schema[name] for name in names], raw_files.dialect(project))
        reader.add(cells)
    assert reader
    return reader


def reported(
    project: Project, step: str, frame: pd.DataFrame, findings: Iterable[finding.Finding]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """(those about columns that [data] excludes, as notes; the other findings of this step)."""
    exclude = set(project.param("data.exclude", []))
    mine = [item for item in findings if item.step == step]
    out = [{"id": item.id, "text": item.text} for item in mine if exclude & set(item.columns)]
    ids = {item.id: tuple(str(frame.index[place]) for place in item.places) for item in mine}
    return out, [
        Finding(item.kind, item.text, item.columns, ids[item.id], item.id, item.share)
        for item in mine
        if not exclude & set(item.columns)
    ]


def still_open(project: Project, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a report's findings that no entry in [findings] of params.toml has ended."""
    named = [str(item["id"]) for item in found if "id" in item]
    columns, exclude = list(project.schema), project.params.get("data", {}).get("exclude", [])
    return [
        item
        for item in found
        if "id" not in item
        or not decisions.ended(
            str(item["id"]), project.params.get("findings"), found=named, columns=columns, exclude=exclude
        )
    ]
