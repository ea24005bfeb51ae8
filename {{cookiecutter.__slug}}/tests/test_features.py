"""A feature depends on its row alone and stays what it was."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from poc2prod_kit.run import steps
from poc2prod_kit.run.project import Project
from poc2prod_kit.splitting import split_file

from {{ cookiecutter.package }} import features


@pytest.fixture(scope="module")
def divided(small: Callable[[], Project]) -> Project:
    """A small project with its split."""
    copy = small()
    for step in ("data", "split"):
        steps.run_step(copy, step)
    return copy


def test_training_features_do_not_know_other_rows(divided: Project) -> None:
    """With the other parts' rows taken away, every training row's features are the same bit by bit."""
    table = divided.table()
    train = table[split_file.parts(divided).reindex(table.index) == "train"]
    whole = features.build(divided, table).loc[train.index]
    pd.testing.assert_frame_equal(features.build(divided, train), whole, check_exact=True)


def test_one_row_alone_has_the_features_it_has_among_others(divided: Project) -> None:
    """What an API sees of one row is what training saw of it."""
    table = divided.table()
    whole = features.build(divided, table)
    for place in (0, len(table) // 2, len(table) - 1):
        alone = features.build(divided, table.iloc[[place]])
        pd.testing.assert_frame_equal(alone, whole.iloc[[place]], check_exact=True)


def test_the_target_is_not_a_feature(divided: Project) -> None:
    """Taking the target away changes no feature."""
    table = divided.table()
    target = divided.param("data.target")
    blank = features.build(divided, table.assign(**{target: table[target].iloc[0]}))
    pd.testing.assert_frame_equal(blank, features.build(divided, table), check_exact=True)
