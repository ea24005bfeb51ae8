"""The table is what schema.toml says it is."""

from __future__ import annotations

from collections.abc import Callable

from {{ cookiecutter.package }}.kit import violations
from {{ cookiecutter.package }}.kit.project import Project


def test_every_raw_row_holds_the_schema(raw: Project) -> None:
    """No cell of the raw files breaks its column's type, range, allowed values or emptiness."""
    assert violations.find(raw.schema, raw.table()) == []


def test_every_sample_row_holds_the_schema(small: Callable[[], Project]) -> None:
    """The small table that the other tests run on is one that the schema allows."""
    copy = small()
    assert violations.find(copy.schema, copy.table()) == []


def test_ids_are_unique(small: Callable[[], Project]) -> None:
    """Every row has an id of its own."""
    ids = small().table().index
    assert list(ids[ids.duplicated()]) == []
