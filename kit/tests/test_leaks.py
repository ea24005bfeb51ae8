"""Leakage probes: silent on clean tables, and each planted leak is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from poc2prod_kit.screening import alone, leaks
from poc2prod_kit.screening.sample import Column, Sample
from poc2prod_kit.tables.roles import Roles
from sklearn import datasets

Drawn = tuple[pd.DataFrame, pd.Series, str, Any]


def _bundled(load: Any, outcome: str) -> Drawn:
    bundle = load(as_frame=True)
    y = bundle.target.map("k{}".format) if outcome == "multiclass" else bundle.target
    return bundle.data.astype(float), y.astype(object if outcome == "multiclass" else float), outcome, None


def _dominated(noise: float) -> Drawn:
    generator = np.random.default_rng(1)
    x = generator.normal(size=1000)
    table = pd.DataFrame({"x": x, "z": generator.normal(size=1000)})
    return table, pd.Series(3 * x + noise * generator.normal(size=1000)), "regression", None


def _exponential() -> Drawn:
    generator = np.random.default_rng(2)
    x = 4 * generator.random(1000)
    return (
        pd.DataFrame({"x": x}),
        pd.Series(np.exp(x) * (1 + 0.1 * generator.normal(size=1000))),
        "regression",
        None,
    )


def _lagged(walk: bool) -> Drawn:
    steps = np.random.default_rng(3).normal(size=1000)
    y = np.cumsum(steps) if walk else (np.sin(np.arange(1000) / 50) > 0).astype(float)
    return (
        pd.DataFrame({"lag": np.r_[0, y[:-1]]}),
        pd.Series(y),
        "regression" if walk else "binary",
        np.arange(1000),
    )


def _noise(outcome: str) -> Drawn:
    generator = np.random.default_rng(4)
    table = pd.DataFrame(generator.normal(size=(60, 20)), columns=[f"c{place}" for place in range(20)])
    y = generator.normal(size=60)
    return table, pd.Series(y if outcome == "regression" else (y > 0).astype(float)), outcome, None


def _rare() -> Drawn:
    generator = np.random.default_rng(5)
    share = generator.random(1000)
    table = pd.DataFrame({"share": share, "gaps": np.where(generator.random(1000) < 0.3, np.nan, 1.0)})
    return table, pd.Series((generator.random(1000) < share**8 * 0.3).astype(float)), "binary", None


def _telling_flag() -> Drawn:
    generator = np.random.default_rng(10)
    y = (generator.random(900) < 0.4).astype(float)
    flag = np.where(generator.random(900) < np.where(y == 1, 0.3, 0.15), 1 - y, y)
    return pd.DataFrame({"flag": flag}), pd.Series(y), "binary", None


def _last_year() -> Drawn:
    generator = np.random.default_rng(11)
    y = generator.lognormal(size=1000)
    return (
        pd.DataFrame({"last year": 0.8 * y + 0.1 * y.std() * generator.normal(size=1000)}),
        pd.Series(y),
        "regression",
        None,
    )


CLEAN: dict[str, Callable[[], Drawn]] = {
    "iris": lambda: _bundled(datasets.load_iris, "multiclass"),
    "wine": lambda: _bundled(datasets.load_wine, "multiclass"),
    "breast_cancer": lambda: _bundled(datasets.load_breast_cancer, "binary"),
    "diabetes": lambda: _bundled(datasets.load_diabetes, "regression"),
    "3x + noise 1": lambda: _dominated(1.0),
    "exponential": _exponential,
    "random walk with its lag": lambda: _lagged(True),
    "slow label with its lag": lambda: _lagged(False),
    "sixty rows, label": lambda: _noise("binary"),
    "sixty rows, number": lambda: _noise("regression"),
    "rare class": _rare,
    "a flag that is right for 7 of 10": _telling_flag,
}
# Honest, and so close to the target that a person must say so once
ASKED: dict[str, Callable[[], Drawn]] = {
    "3x + noise .5": lambda: _dominated(0.5),
    "3x + noise .3": lambda: _dominated(0.3),
    "last year's price": _last_year,
}


def sample(table: pd.DataFrame, y: pd.Series, outcome: str, order: Any) -> Sample:
    """A table as the screening takes it; the rows stand in the order of time where there is one."""
    columns = {"y": column("y", y)} | {str(name): column(str(name), table[name]) for name in table}
    if order is not None:
        columns["time"] = column("time", pd.Series(np.arange(len(y), dtype=float)))
    roles = Roles("y", time="time" if order is not None else "")
    return Sample(columns, range(len(y)), len(y), roles, outcome)


def column(name: str, values: pd.Series) -> Column:
    """One column, numbers or words."""
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    words = values.dtype == object
    numbers = [None, *([None] * len(distinct) if words else map(float, distinct))]
    texts = ["", *map(str, distinct)]
    return Column(name, "category" if words else "number", (codes + 1).tolist(), texts, numbers)


def alarms(table: pd.DataFrame, y: pd.Series, outcome: str, order: Any) -> list[str]:
    """The columns that raise an alarm, those of a sum as one text."""
    made = sample(table, y, outcome, order)
    found = [item for item in leaks.find(made, leaks.scored(made)) if item.step]
    return ["+".join(item.columns) for item in found]


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_table_raises_nothing(name: str) -> None:
    """Honest features, however strong, are no leak; nor are lags of the target."""
    assert alarms(*CLEAN[name]()) == []


@pytest.mark.parametrize("name", ASKED)
def test_what_goes_closely_with_the_target_is_asked_about(name: str) -> None:
    """A correlation of .97 in step with the target: an entry says that it is known in time."""
    assert len(alarms(*ASKED[name]())) == 1


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "rare class", "slow label with its lag"])
def test_the_label_with_flips_is_found(name: str, share: float) -> None:
    """A copy of the label is named although some of its values were replaced by other classes."""
    table, y, outcome, order = CLEAN[name]()
    generator = np.random.default_rng(6)
    classes = sorted(set(y))
    other = np.array([classes[(classes.index(value) + 1) % len(classes)] for value in y], dtype=object)
    planted = pd.Series(np.where(generator.random(len(y)) < share, other, y.to_numpy()), index=y.index)
    assert alarms(table.assign(planted=planted.astype(y.dtype)), y, outcome, order) == ["planted"]


@pytest.mark.parametrize("noise", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("name", ["diabetes", "3x + noise 1", "exponential", "sixty rows, number"])
def test_the_number_with_noise_is_found(name: str, noise: float) -> None:
    """A copy of the target is named although noise of up to a fifth of its spread was added."""
    table, y, outcome, order = CLEAN[name]()
    planted = y + noise * y.std() * np.random.default_rng(7).normal(size=len(y))
    assert alarms(table.assign(planted=planted), y, outcome, order) == ["planted"]


@pytest.mark.parametrize("change", [lambda y: 3 * y - 7, lambda y: y.rank(), lambda y: -y])
def test_the_number_scaled_or_ranked_is_found(change: Callable[[pd.Series], pd.Series]) -> None:
    """A function of the target is the target."""
    table, y, outcome, order = CLEAN["diabetes"]()
    assert alarms(table.assign(planted=change(y)), y, outcome, order) == ["planted"]


@pytest.mark.parametrize("name", ["random walk with its lag", "slow label with its lag"])
def test_the_next_row_in_time_is_found(name: str) -> None:
    """A column that holds the target of the next moment is named, the lag beside it is not."""
    _, y, outcome, order = CLEAN[name]()
    y = y if outcome == "regression" else pd.Series((np.sin(np.arange(1000) / 5) > 0).astype(float))
    planted = pd.Series(np.r_[y.to_numpy()[1:], np.nan])
    assert alarms(pd.DataFrame({"planted": planted}), y, outcome, order) == ["planted"]


def test_a_column_filled_in_for_one_class_only_is_found() -> None:
    """A column that is there just for the positives gives them away, also where half of these lack it too."""
    table, y, outcome, order = CLEAN["breast_cancer"]()
    for share in (1.0, 0.5):
        there = (y == 1) & (np.random.default_rng(8).random(len(y)) < share)
        assert alarms(table.assign(planted=there.where(there).astype(float)), y, outcome, order) == [
            "planted"
        ]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (lambda a, y: {"a": a, "b": y - a}, "a + b"),
        (lambda a, y: {"a": a, "b": y + a}, "b - a"),
        (lambda a, y: {"a": a, "b": (y - 2 * a) / 10}, "2 × a + 10 × b"),
        (lambda a, y: {"a": a, "b": y / a}, "a * b"),
    ],
)
def test_columns_that_make_the_target_are_named(parts: Any, expected: str) -> None:
    """Sums, differences, scaled sums and products are found among other columns and written out."""
    table, y, outcome, order = CLEAN["diabetes"]()
    a = pd.Series(100 * np.random.default_rng(9).random(len(y)) + 1)
    made = sample(table.assign(**parts(a, y)), y, outcome, order)
    (found,) = leaks.find(made, leaks.scored(made))
    assert (found.id, expected in found.text) == ("parts:a+b", True), found.text


@pytest.mark.parametrize(
    ("scores", "outcome", "out"),
    [
        ((0.95, 0.65), "binary", True),
        ((0.97, 0.96), "binary", False),
        ((0.96, 0.86), "multiclass", True),
        ((0.967, 0.925), "multiclass", False),
        ((0.89, 0.5), "binary", False),
        ((0.99, 0.1), "regression", False),
        ((0.95,), "binary", False),
    ],
)
def test_a_column_stands_out_where_no_other_comes_near(
    scores: tuple[float, ...], outcome: str, out: bool
) -> None:
    """Far alone, and at most a third of what the next lacks; several good ones are no sign."""
    best = [(f"c{place}", score) for place, score in enumerate(scores)]
    assert alone.stands_out(best, outcome) is out


def test_a_lag_of_the_label_is_told_and_no_problem() -> None:
    """The label of the row before tells much and is known in time."""
    table, y, outcome, order = CLEAN["slow label with its lag"]()
    made = sample(table, y, outcome, order)
    assert [(item.id, item.step) for item in leaks.find(made, leaks.scored(made))] == [("lag:lag", "")]
