"""Near duplicates across sides, honest and copied."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from poc2prod_kit.scoring.metrics import Predicted
from poc2prod_kit.screening import near_duplicates
from poc2prod_kit.splitting import copies, split_checks
from poc2prod_kit.tables.cells import values
from poc2prod_kit.tables.schema import Column


def project(outcome: str) -> Any:
    """A project that is only asked for its choices; the target is y."""
    given = {"data.target": "y", "problem.outcome": outcome, "problem.positive": "1"}
    return SimpleNamespace(
        param=lambda key, default=None, **_: given.get(key, default),
        root=Path(),
        schema={"y": Column("y", "number")},
    )


def test_near_forgives_rounding_case_and_punctuation() -> None:
    """Two significant digits; text without case, spaces at the ends and punctuation."""
    given = (1234.0, -0.01267, 0.0, " Main  St. ", datetime(2024, 5, 3, 9), None)
    assert [near_duplicates.near(value) for value in given] == [
        1200.0, -0.013, 0.0, "main st", datetime(2024, 5, 3), None,
    ]  # fmt: skip


def sides(count: int) -> pd.Series:
    """Three of five rows train, one validates, one tests."""
    names = np.resize(["train", "train", "validation", "train", "test"], count)
    return pd.Series(names, index=[f"r{row}" for row in range(count)])


def test_plain_copies_are_found_where_chance_is_excluded() -> None:
    """Two numbers with fractions, alike in both and in the target: no chance."""
    rng = np.random.default_rng(0)
    part = sides(500)
    table = pd.DataFrame(
        {"a": rng.normal(size=500), "b": rng.normal(size=500), "y": rng.normal(size=500)}, index=part.index
    )
    assert split_checks.copies(project("regression"), table, part, table["y"])[1] == []
    table.iloc[[2, 4, 7]] = table.iloc[[0, 1, 3]].to_numpy()
    counts, findings = split_checks.copies(project("regression"), table, part, table["y"])
    assert (counts["copies"], counts["validation_in_train"]["exact"], counts["test_in_train"]["exact"]) == (
        3,
        2,
        1,
    )
    assert [(one.kind, one.rows) for one in findings] == [("copies_across_split", ("r2", "r4", "r7"))]


def test_coarse_tables_have_honest_twins() -> None:
    """Rows of few categories are alike by chance: counted, not found."""
    rng = np.random.default_rng(0)
    part = sides(300)
    table = pd.DataFrame(
        {"a": rng.integers(0, 3, 300), "y": rng.integers(0, 2, 300)}, index=part.index
    ).astype(float)
    counts, findings = split_checks.copies(project("binary"), table, part, table["y"])
    assert (counts["validation_in_train"], counts["copies"], findings) == (
        {"exact": 60, "near": 60},
        None,
        [],
    )


def coarse(
    outcome: str, copied: float, seed: int = 0
) -> tuple[pd.DataFrame, pd.Series, Predicted, np.ndarray]:
    """4,000 rows of six columns with four values; a quarter validates, a share of it copied from training."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.integers(0, 4, (4000, 6)).astype(float), columns=list("abcdef"))
    table.index = table.index.map("r{}".format)
    part = pd.Series(np.resize(["train", "train", "train", "validation"], 4000), index=table.index)

    def score() -> pd.Series:
        return (table["a"] - 1.5) / 2 + (table["b"] - 1.5) / 3

    if outcome == "binary":
        table["y"] = (rng.random(4000) < 1 / (1 + np.exp(-score()))).astype(float)
    else:
        table["y"] = rng.poisson(np.exp(score())).astype(float)
    later, earlier = np.flatnonzero(part == "validation"), np.flatnonzero(part == "train")
    chosen = rng.choice(later, round(copied * len(later)), replace=False)
    table.iloc[chosen] = table.iloc[rng.choice(earlier, len(chosen))].to_numpy()
    expected = (1 / (1 + np.exp(-score())) if outcome == "binary" else np.exp(score()))[part == "validation"]
    return table, part, Predicted(expected.to_numpy()), table["y"][part == "validation"].to_numpy()


@pytest.mark.parametrize("outcome", ["binary", "regression"])
@pytest.mark.parametrize("copied", [0.0, 0.3])
def test_copies_agree_more_than_expected(outcome: str, copied: float) -> None:
    """A fifth of honest twins raises nothing; copies among them do."""
    table, part, predicted, y = coarse(outcome, copied)
    results, findings = copies.check(project(outcome), table, part, predicted, y)
    assert results["rows"] > 400
    assert [one.kind for one in findings] == (["copies_across_split"] if copied else [])


def test_an_underfit_model_alone_raises_nothing() -> None:
    """A model that says the same of every row: rows that differ in one column tell what it misses."""
    table, part, _, y = coarse("binary", 0.0)
    dull = Predicted(np.full(len(y), y.mean()))
    assert copies.check(project("binary"), table, part, dull, y)[1] == []


def test_twins_that_agree_as_a_sure_model_expects_are_no_copies() -> None:
    """All agree where 99 in 100 were expected: too little to accuse anyone, however regular."""
    table, part, _, _ = coarse("binary", 0.0)
    table["y"] = (table["a"] > 1).astype(float)
    y = table["y"][part == "validation"].to_numpy()
    results, findings = copies.check(
        project("binary"), table, part, Predicted(np.where(y == 1, 0.985, 0.015)), y
    )
    assert (results["observed"], findings) == (1.0, [])


def test_no_features_no_twins() -> None:
    """A table of nothing but the target."""
    part = sides(10)
    table = pd.DataFrame({"y": np.arange(10.0)}, index=part.index)
    assert split_checks.copies(project("regression"), table, part, table["y"]) == ({"columns": 0}, [])


def test_huge_numbers_are_compared_without_a_word() -> None:
    """1e300 equals itself and nothing usual."""
    keys = near_duplicates.near_codes("x", values(pd.Series([1e300, 1e300, -1e300, 5.0])))
    assert (keys[0] == keys[1], keys[0] == keys[3], keys[2] == keys[3]) == (True, False, False)


def test_too_few_near_duplicates_say_nothing() -> None:
    """Fewer than five."""
    given = [[1, 2, 3, 4]], [0, 1, 0, 1], [False, False, True, True], [0.5, 0.5], None
    assert near_duplicates.agreement(*given) == (None, [])


def test_neighbours_by_prediction_that_have_the_same_number() -> None:
    """Of three rows, each row's share among the other two."""
    assert near_duplicates.same_nearby([1.0, 2.0, 3.0], [5.0, 5.0, 6.0]) == [0.5, 0.5, 0.0]
