"""Agreement of annotators, as in the data report."""

from itertools import combinations
from typing import Any

from ..project import Facts
from ..recount import agreement
from ..recount.intervals import estimate
from . import rows as table
from .rows import Rows


def rated(facts: Facts, rows: Rows, named: list[str]) -> dict[str, Any]:
    """Agreement of the annotators in these columns, as in the report."""
    columns = {name: rows.values(name) for name in named}
    votes = list(zip(*columns.values(), strict=True))
    several = [place for place, row in enumerate(votes) if sum(label is not None for label in row) >= 2]
    clusters = table.clusters_among(facts, rows, range(rows.table.rows))

    def two(one: str, other: str) -> dict[str, Any]:
        both = [p for p in range(len(votes)) if columns[one][p] is not None and columns[other][p] is not None]
        measured = agreement.cohen([columns[one][p] for p in both], [columns[other][p] for p in both])
        return _told(measured, None if clusters is None else [clusters[p] for p in both])

    many = agreement.fleiss([votes[place] for place in several]) if len(named) > 2 else None
    return {
        "raters": named,
        "rows": len(several),
        "method": "fleiss" if many else "cohen",
        "share": agreement.share(list(columns.values())),
        "kappa": (
            _told(many, None if clusters is None else [clusters[p] for p in several]) if many else two(*named)
        ),
        "pairs": {f"{one} / {other}": two(one, other) for one, other in combinations(named, 2)},
    }


def _told(measured: agreement.Measured, clusters: list[Any] | None) -> dict[str, Any]:
    return dict(estimate(*measured, clusters)._asdict())
