"""I.5: the split file is held against the rows, the rule that [split] names, and the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence import builder
from evidence.builder import Small, sales

from poc2prod.evidence import rows

PROVEN = (
    "ids",
    "assignment",
    "sizes",
    "shares",
    "twins",
    "online",
    "arm_is_tested",
    "reason",
    "relations",
    "looked_at",
)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A project whose rows stand by class."""
    return builder.build(tmp_path / "p")


def by(small: Small, strategy: str, **params: str) -> Small:
    """The same by another strategy, honestly made."""
    for key, value in params.items():
        small.param(key, value)
    small.param("strategy", f'"{strategy}"')
    small.assign()
    small.run()
    return small


def by_time(small: Small) -> Small:
    """By the day: until 24 May, until 14 July, after."""
    small.replace(
        "params.toml",
        "tolerance = 0.2",
        "tolerance = 0.2\ntrain_until = 2023-05-28\nvalidation_until = 2023-07-14",
    )
    return by(small, "time", time='"day"')


def moved(small: Small, change: Callable[[dict[str, str]], object]) -> None:
    """The split file edited by hand, its hash and sizes made to match in the report."""
    found = rows.parts(small.facts())
    assert found is not None
    part_of = dict(found)
    change(part_of)
    small.parts(part_of)
    small.run("split")


def test_an_honest_split_passes(small: Small) -> None:
    """By class, without group and time."""
    found = small.outcomes("split")
    assert {name: found[name] for name in (*PROVEN, "groups_whole", "time_order")} == {
        **dict.fromkeys(PROVEN, "pass"), "groups_whole": "skipped", "time_order": "skipped",
    }  # fmt: skip


@pytest.mark.parametrize("strategy", ["random", "group", "time"])
def test_every_strategy_is_assigned_again(small: Small, strategy: str) -> None:
    """Honest splits by chance, by group and by time pass as a whole."""
    if strategy == "time":
        by_time(small)
    else:
        by(small, strategy, **({"group": '"shop"'} if strategy == "group" else {}))
    assert {outcome for name, outcome in small.outcomes("split").items()} == {"pass", "skipped"}


def test_a_row_moved_by_hand_fails(small: Small) -> None:
    """One training row becomes a test row."""

    def change(part_of: dict[str, str]) -> None:
        part_of[next(row for row, part in part_of.items() if part == "train")] = "test"

    moved(small, change)
    outcome, text = small.said("split", "assignment")
    assert outcome == "fail"
    assert text.startswith("1 of 240 rows stand elsewhere than [split] by stratified puts them: ")
    assert text.endswith(" is in test, by the rule in train")


def test_a_class_that_training_lacks_must_end(small: Small) -> None:
    """The rows show it, whether or not the report says so; an entry in [findings] ends it."""
    labels = {line[0]: line[-1] for line in sales()}
    parts_of = rows.parts(small.facts())
    small.parts({row: "train" if labels[row] == "0" else parts_of[row] for row in parts_of} | {
        row: "test" for row, part in parts_of.items() if labels[row] == "1" and part == "train"
    })  # fmt: skip
    outcome, text = small.said("split", "relations")
    assert outcome == "fail"
    assert text.startswith("class_missing:sold: ")
    small.replace(
        "params.toml",
        "[features]",
        '[findings."class_missing:sold"]\nhow = "known"\nreason = "It began in June."\nwho = "Ann"\n\n[features]',
    )
    assert small.said("split", "relations")[0] == "pass"


def test_hard_rows_put_aside_fail(small: Small) -> None:
    """Test rows excluded by hand, without a rule that leaves them out."""

    def change(part_of: dict[str, str]) -> None:
        for row in [row for row, part in part_of.items() if part == "test"][:5]:
            part_of[row] = "excluded"

    moved(small, change)
    assert small.said("split", "assignment")[1].startswith("5 of 240 rows stand elsewhere")


def test_a_reason_for_exclusion_must_add_up(small: Small) -> None:
    """No row is excluded, the report says 3 were outside a population that nobody defines."""
    small.edit("split", lambda results: results.update(excluded={"outside_population": 3}))
    assert small.said("split", "sizes") == (
        "fail",
        "excluded: the report gives reasons for 3 rows, 0 are excluded",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda part_of: part_of.pop("k0000"), "1 not in split"),
        (lambda part_of: part_of.update(x="test"), "1 not in data"),
        (lambda part_of: part_of.update(k0000="hold-out"), "1 unknown part"),
    ],
)
def test_ids_that_are_not_the_data_s_fail(
    small: Small, change: Callable[[dict[str, str]], object], said: str
) -> None:
    """A row forgotten, a row from elsewhere, a part that is none."""
    moved(small, change)
    assert small.said("split", "ids") == ("fail", f"data/split.csv.gz against 240 rows of data: ids {said}")


def test_an_id_on_two_sides_fails(small: Small) -> None:
    """The validation part copied into the test part."""
    found = rows.split_rows(small.facts())
    assert found is not None
    again = [(row, "test") for row, part in found if part == "validation"]
    small.pack(
        "data/split.csv.gz", "id,part\n" + "".join(f"{row},{part}\n" for row, part in [*found, *again])
    )
    small.run("split")
    assert small.said("split", "ids") == (
        "fail",
        "data/split.csv.gz against 240 rows of data: ids 48 repeated",
    )


def test_a_split_of_other_data_fails(small: Small) -> None:
    """Swapped between two projects."""
    small.parts({f"other{number}": "train" for number in range(240)})
    assert (
        small.said("split", "ids")[1]
        == "data/split.csv.gz against 240 rows of data: ids 240 not in data, 240 not in split"
    )


def test_a_row_wise_split_of_groups_fails(small: Small) -> None:
    """[data] names a group; rows of it stand on both sides."""
    small.param("group", '"shop"')
    small.run()
    assert (small.said("split", "groups_whole")[0], small.said("split", "reason")) == (
        "fail",
        ("fail", "split row by row (stratified), though rows of one 'shop' belong together"),
    )


def test_a_row_wise_split_of_timed_rows_fails(small: Small) -> None:
    """[data] names a time; training rows come after test rows."""
    small.param("time", '"day"')
    small.run()
    outcome, text = small.said("split", "time_order")
    assert (outcome, text.endswith("allows (split by stratified)")) == ("fail", True)


def test_an_order_upside_down_fails(small: Small) -> None:
    """Training rows swapped with test rows, by hand."""
    by_time(small)

    def change(part_of: dict[str, str]) -> None:
        swap = {"train": "test", "test": "train"}
        part_of.update({row: swap.get(part, part) for row, part in part_of.items()})

    moved(small, change)
    assert small.outcomes("split")["time_order"] == "fail"


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("sizes", lambda results: results["sizes"].update(test=60)),
        ("shares", lambda results: results["parts"]["test"]["target"].update({"1": 0.5})),
        ("shares", lambda results: results["parts"]["test"]["less_training"]["1"].update(low=0.0)),
        ("twins", lambda results: results["twins"]["test_in_train"].update(near=5)),
        ("online", lambda results: results["online"].update(treatment=120)),
        ("online", lambda results: results["online"].update(salt="second")),
        ("ids", lambda results: results["ids"].update(repeated=1)),
        ("relations", lambda results: results["undeclared"]["groups"].update(shop={"z": 9.1})),
        (
            "looked_at",
            lambda results: results["findings"].append({"kind": "copies_across_split", "text": "9 rows"}),
        ),
    ],
)
def test_an_edited_report_fails(small: Small, check: str, change: Callable[[dict[str, Any]], object]) -> None:
    """One number of the report is not what the files give, or is one that must not be."""
    small.edit("split", change)
    assert small.outcomes("split")[check] == "fail"


def test_copies_across_the_sides_fail(small: Small) -> None:
    """Rows with fractions of their own, once in training and once in the test part."""
    lines = [
        [line[0], line[1], line[2], f"{number / 7:.4f}", *line[4:]] for number, line in enumerate(sales())
    ]
    long = [
        [*line[:2], f"an article described by itself, number {number}", *line[3:]]
        for number, line in enumerate(lines)
    ]
    again = [[f"c{number:04}", *line[1:]] for number, line in enumerate(long[:60])]
    small.table([*long, *again])
    by(small, "random")
    outcome, text = small.said("split", "twins")
    assert (outcome, text.endswith("alike in every feature and the target")) == ("fail", True)


def test_a_part_that_differs_beyond_chance_fails(small: Small) -> None:
    """All test rows sold, by a strategy that has no order."""
    lines = sales()
    part_of = rows.parts(small.facts())
    assert part_of is not None
    for line in lines:
        line[5] = (
            "1" if part_of[line[0]] == "test" else "0" if line[5] == "1" and int(line[0][1:]) % 2 else line[5]
        )
    small.table(lines)
    small.run()
    outcome, text = small.said("split", "shares")
    assert (outcome, "more apart than tolerance 0.2 and chance allow" in text) == ("fail", True)


@pytest.mark.parametrize("words", ['""', '"TODO"', '"n/a"'])
def test_a_strategy_without_reason_is_unknown(small: Small, words: str) -> None:
    """Why this one?"""
    small.param("reason", words)
    small.run("split")
    assert small.outcomes("split")["reason"] == "unknown"


def test_another_strategy_than_the_report_s_fails(small: Small) -> None:
    """[split] was changed after the run."""
    small.param("strategy", '"random"')
    assert small.said("split", "reason") == (
        "fail",
        "[split] strategy = 'random', the report says 'stratified'",
    )


def test_the_arm_must_be_a_tested_function(small: Small) -> None:
    """Without a test: fail; without the function: fail."""
    small.replace("tests/test_split.py", "assert", "print")
    assert small.said("split", "arm_is_tested") == ("fail", "no test in tests/ names `arm`")
    small.write("src/app/split.py", "arm = None\n")
    assert small.said("split", "arm_is_tested") == ("fail", "src/app/split.py has no function `arm`")


def test_an_absent_split_is_unknown_without_a_record(small: Small) -> None:
    """Never a failure."""
    (small.root / "data/split.csv.gz").unlink()
    assert {small.outcomes("split")[name] for name in ("ids", "assignment", "twins")} == {"unknown"}


def test_a_damaged_split_is_unknown(small: Small) -> None:
    """Cut in the middle."""
    path = small.root / "data/split.csv.gz"
    path.write_bytes(path.read_bytes()[:-20])
    assert small.outcomes("split")["ids"] == "unknown"


def test_other_bounds_than_those_of_split_fail(small: Small) -> None:
    """The report's first bound is a day later."""
    by_time(small)
    small.edit("split", lambda results: results["bounds"].update(train_until="2023-05-29T23:59:59.999999999"))
    outcome, text = small.said("split", "assignment")
    assert (outcome, text.startswith("bounds: the report says 2023-05-29 23:59:59.999999 and ")) == (
        "fail",
        True,
    )
