"""Harmless changes of the demos' rows raise no finding that stops a step: a screening must not cry wolf."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from poc2prod_kit.tables.roles import Roles

from poc2prod import user_data
from poc2prod.collect import collect

RAW = Path(__file__).parents[1] / "{{cookiecutter.__slug}}" / "data" / "raw"
ROWS = 3000
NUMBERS = {"employment": "age", "bikeshare": "temp"}
WORDS = {"employment": "race", "bikeshare": "weathersit"}


def rows(demo: str) -> tuple[pd.DataFrame, Roles]:
    """Some rows of a demo in their order, and its roles."""
    files = sorted(RAW.glob(f"*}}{demo}*.csv.gz"))
    table = pd.concat([pd.read_csv(file, dtype=str, keep_default_na=False) for file in files])
    if demo == "employment":
        homes = table["household_id"].drop_duplicates().sample(1500, random_state=1)
        table = table[table["household_id"].isin(homes)][:ROWS]
        return table, Roles("employed", id="person_id", time="year", group="household_id")
    exclude = ("casual", "registered")
    return table[:ROWS], Roles("bikers", id="timestamp", time="timestamp", exclude=exclude)


def recoded(table: pd.DataFrame, demo: str) -> pd.DataFrame:
    """One category's words replaced by codes, in all rows."""
    column = table[WORDS[demo]]
    codes = {value: f"code {place}" for place, value in enumerate(sorted(column.unique()))}
    return table.assign(**{WORDS[demo]: column.map(codes)})


def scaled(table: pd.DataFrame, demo: str) -> pd.DataFrame:
    """One number in another unit, in all rows."""
    return table.assign(**{NUMBERS[demo]: (table[NUMBERS[demo]].astype(float) * 12).round(4)})


def noisy(table: pd.DataFrame, demo: str) -> pd.DataFrame:
    """A column of noise more."""
    del demo
    return table.assign(noise=pd.Series(range(len(table)), index=table.index) * 7919 % 997 / 100)


VARIANTS: dict[str, Callable[[pd.DataFrame, str], pd.DataFrame]] = {
    "as they are": lambda table, _: table,
    "shuffled": lambda table, _: table.sample(frac=1, random_state=2),
    "sampled": lambda table, _: table.sample(frac=0.6, random_state=3).sort_index(),
    "columns turned round": lambda table, _: table[table.columns[::-1]],
    "re-coded": recoded,
    "another unit everywhere": scaled,
    "a column of noise": noisy,
}


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("demo", NUMBERS)
def test_harmless_changes_raise_nothing(tmp_path: Path, demo: str, variant: str) -> None:
    """No leak, no spelling, no placeholder, no bookkeeping."""
    table, roles = rows(demo)
    path = tmp_path / "t.csv"
    VARIANTS[variant](table, demo).to_csv(path, index=False)
    read = user_data.read(collect([str(path)], "", None, tmp_path), roles, "", committed=False)
    assert [one.text for one in read.findings if one.step] == []
