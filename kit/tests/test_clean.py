"""The command `clean`: what it writes into params.toml, all else being as it was."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from poc2prod_kit.run.clean import REASONS
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.params import with_key
from poc2prod_kit.screening import decisions
from poc2prod_kit.summary import page

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
    made = with_key(TEXT, "data", key, value)
    assert tomllib.loads(made) == wanted
    assert '[split]\ngroup = "other"\n' in made
    assert "[data]   # the table\n" in made


def test_a_key_that_cannot_be_set_safely_is_left_to_a_person() -> None:
    with pytest.raises(ProjectError, match="write group = "):
        with_key('data = { group = "" }\n', "data", "group", "house")


def baseline(file: str | None, value: float) -> dict[str, Any]:
    """A report of the step `baseline`, of these rules for cells."""
    scores = {"simple": {"value": value, "n": 165}}
    results = {"kept": "simple", "metric": "roc_auc", "higher_is_better": True, "scores": scores}
    return {"inputs": {"cleaning.toml": file} if file else {}, "results": results}


def test_the_next_run_says_what_cleaning_did_to_the_score() -> None:
    (said,) = page.cleaned(baseline("a", 0.7614), baseline("b", 0.7502))
    assert said.startswith(
        "cleaning.toml has changed since the last run: roc_auc of the selected model was 0.761 on 165 validation "
        "rows, now it is 0.750 on 165 validation rows."
    )
    assert page.cleaned(baseline(None, 0.7), baseline("b", 0.8))
    assert page.cleaned(baseline("a", 0.7), baseline("a", 0.8)) == []
    assert page.cleaned(None, baseline("a", 0.8)) == []


def test_every_remedy_has_a_usual_reason() -> None:
    """Without one, the entry would say nothing, and the finding would stay."""
    by_hand = {"contradictions", "class_missing", "group", "order"}
    assert REASONS.keys() == decisions.STEPS.keys() - by_hand
