"""The table is what schema.toml says it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from poc2prod_kit.run.project import Project
from poc2prod_kit.tables import violations


def hold(project: Project) -> None:
    """No rule is broken. Infinite cells, read as missing and reported by the step data, skip the test."""
    found = violations.find(project.schema, project.table())
    assert [item for item in found if item.rule != "infinite"] == []
    if found:
        cells = ", ".join(f"{item.count} in {item.column}" for item in found)
        pytest.skip(f"infinite cells ({cells}) are read as missing: correct them, or name them in nulls")


def test_every_raw_row_holds_the_schema(raw: Project) -> None:
    """No cell of the raw files breaks its column's type, range, allowed values or emptiness."""
    hold(raw)


def test_every_sample_row_holds_the_schema(small: Callable[[], Project]) -> None:
    """The small table that the other tests run on is one that the schema allows."""
    hold(small())


def test_ids_are_unique(small: Callable[[], Project]) -> None:
    """Every row has an id of its own."""
    ids = small().table().index
    assert list(ids[ids.duplicated()]) == []
