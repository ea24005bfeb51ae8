"""The twins of a project's validation rows among its training rows, for the baseline's check."""

from typing import Any

from poc2prod_kit.screening import near_duplicates

from ..project import Facts
from . import rows, seen
from .finding import Unproven

ROLES = ("target", "id", "time", "group")


def twins(facts: Facts, table: rows.Rows, role: str) -> near_duplicates.Agreement | None:
    """How far near twins agree; None where fewer than 5 validation rows have one. Absent; Unproven."""
    found, parts = seen.part(facts, "validation"), seen.split(facts)
    if role not in found.said:
        raise Unproven(f"the predictions have no column {role}", seen.again(facts, "baseline"))
    ids, labels = table.table.ids, rows.target(facts, table)
    places = [at for at, row in enumerate(ids) if parts.get(row) in ("train", "validation")]
    out = {*(table.role(name) for name in ROLES), *table.several("exclude")}
    names = [name for name in table.table.names if name not in out]
    if not names:
        return None
    columns = []
    for name in names:
        values = table.values(name)
        columns.append(near_duplicates.near_codes(name, [values[at] for at in places]))
    late = [parts[ids[at]] == "validation" for at in places]
    where = {row: at for at, row in enumerate(found.ids)}
    order = [where[ids[at]] for at, side in zip(places, late, strict=True) if side]
    given = _given(seen.outcome(facts), found, role)
    clusters = None if found.clusters is None else [found.clusters[at] for at in order]
    return near_duplicates.agreement(
        columns, [labels[at] for at in places], late, [given[at] for at in order], clusters
    )[0]


def _given(kind: str, found: seen.Seen, role: str) -> list[float]:
    """The chance of each row's own label by the model."""
    said: Any = found.said[role]
    if kind == "regression":
        return near_duplicates.same_nearby(said.value, found.y)
    if said.true is not None:
        return list(said.true)
    return [chance if truth == 1 else 1 - chance for chance, truth in zip(said.value, found.y, strict=True)]
