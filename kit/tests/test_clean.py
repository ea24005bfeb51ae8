"""The command `clean`: what it writes into params.toml, all else being as it was."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from poc2prod_kit.run.clean import set_key
from poc2prod_kit.run.errors import ProjectError

TEXT = """\
seed = 1
[data]   # the table
files = ["a.csv"]   # read in this order
exclude = [
    "one",  # why
    "two",
]
group = ""

[split]
group = "other"
"""


@pytest.mark.parametrize(
    ("key", "value"),
    [("exclude", ["one", "two", "three"]), ("group", "house"), ("files", []), ("time", 'd"ay')],
)
def test_one_key_is_set_and_all_else_stays(key: str, value: Any) -> None:
    wanted = tomllib.loads(TEXT)
    wanted["data"][key] = value
    made = set_key(TEXT, "data", key, value)
    assert tomllib.loads(made) == wanted
    assert '[split]\ngroup = "other"\n' in made
    assert "[data]   # the table\n" in made


def test_a_key_that_cannot_be_set_safely_is_left_to_a_person() -> None:
    with pytest.raises(ProjectError, match="write group = "):
        set_key('data = { group = "" }\n', "data", "group", "house")
