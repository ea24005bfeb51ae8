"""Faults of I.5: rows on the wrong side, on two sides or on none, and a split file of other data."""

from __future__ import annotations

from pathlib import Path

from bench import hands
from bench.hands import RAW, SPLIT
from bench.registry import fault

HOUSEHOLD = 1


@fault("split", "fail", "split.csv.gz has the hash")
def edited_by_hand(project: Path) -> None:
    """Ten training rows moved to the test part; the report knows the file before."""
    _move(project, "train", "test", 10)


@fault("split", "fail", "parts.train.rows")
def edited_by_hand_and_rehashed(project: Path) -> None:
    """The same, with every hash brought up to date."""
    _move(project, "train", "excluded", 10)
    _resize(project)


@fault("split", "fail", "on two sides")
def group_torn_and_rehashed(project: Path) -> None:
    """One of a household's persons moved to another part."""
    of = {line[0]: line[HOUSEHOLD] for name in RAW for line in hands.rows(project, name)[1:]}
    lines = hands.rows(project, SPLIT)
    homes: dict[str, list[list[str]]] = {}
    for line in lines[1:]:
        if line[1] == "train":
            homes.setdefault(of[line[0]], []).append(line)
    next(home for home in homes.values() if len(home) > 2)[0][1] = "validation"
    hands.put_rows(project, SPLIT, lines)
    _resize(project)


@fault("split", "fail", "earlier part than")
def future_in_training_rehashed(project: Path) -> None:
    """Whole households of the last year moved to training."""
    of = {line[0]: line[HOUSEHOLD] for line in hands.rows(project, RAW[3])[1:]}
    homes = set(sorted(set(of.values()))[:20])
    lines = hands.rows(project, SPLIT)
    for line in lines[1:]:
        if of.get(line[0]) in homes and line[1] == "test":
            line[1] = "train"
    hands.put_rows(project, SPLIT, lines)
    _resize(project)


@fault("split", "fail", "repeated")
def ids_twice_and_rehashed(project: Path) -> None:
    """Twenty rows assigned twice, to both sides."""
    lines = hands.rows(project, SPLIT)
    twice = [[row, "test"] for row, part in lines[1:] if part == "train"][:20]
    hands.put_rows(project, SPLIT, [*lines, *twice])
    _resize(project)


@fault("split", "fail", "not in split")
def ids_left_out_and_rehashed(project: Path) -> None:
    """Twenty rows without a part."""
    hands.put_rows(project, SPLIT, hands.rows(project, SPLIT)[:-20])
    _resize(project)


@fault("split", "fail", "not in data")
def strange_ids_and_rehashed(project: Path) -> None:
    """Rows that no raw file has."""
    hands.put_rows(project, SPLIT, [*hands.rows(project, SPLIT), ["999991", "train"], ["999992", "test"]])
    _resize(project)


@fault("split", "fail", "unknown part")
def part_misspelled_and_rehashed(project: Path) -> None:
    """A part that no step reads."""
    _move(project, "train", "training", 5)
    hands.retell(project)


@fault("split", "fail", "ids")
def split_of_another_project(project: Path) -> None:
    """A split file from other data, hashes brought up to date."""
    hands.swap(project, "households", SPLIT)
    hands.retell(project)


@fault("split", "fail|stale", "not in data")
def split_and_report_of_another_project(project: Path) -> None:
    """Another project's split and report, as they are."""
    hands.swap(project, "households", SPLIT, "reports/split.json")


@fault("split", "fail", "no row in test")
def test_part_emptied_and_rehashed(project: Path) -> None:
    """All test rows are excluded."""
    _move(project, "test", "excluded", 10_000)
    _resize(project)


@fault("split", "fail", "parts.validation.rows")
def all_labelled_rows_excluded_that_are_hard(project: Path) -> None:
    """A hundred validation rows left out to look better, under a reason that is not theirs."""
    _move(project, "validation", "excluded", 100)
    _resize(project)
    hands.report(
        project,
        "split",
        lambda found: found["excluded"].update(outside_population=found["sizes"]["excluded"]),
    )
    hands.retell(project)


@fault("split", "fail", "sizes")
def sizes_rounded(project: Path) -> None:
    """2,000 training rows, says the report."""
    hands.put(project, "split", "sizes.train", 2000)
    hands.retell(project)


@fault("split", "fail", "groups")
def groups_made_up(project: Path) -> None:
    """More households than there are."""
    hands.report(project, "split", lambda found: found["groups"].update(groups=9999))
    hands.retell(project)


@fault("split", "fail", "parts")
def class_share_made_up(project: Path) -> None:
    """The test part's share of the positive class made equal to training's."""

    def level(found: dict[str, dict[str, dict[str, dict[str, float]]]]) -> None:
        found["parts"]["test"]["target"]["1"] = found["parts"]["train"]["target"]["1"]

    hands.report(project, "split", level)
    hands.retell(project)


@fault("split", "fail", "twins")
def twins_counted_away(project: Path) -> None:
    """No twins across the parts, says the report."""
    hands.report(project, "split", lambda found: found["twins"]["test_in_train"].update(exact=0, near=0))
    hands.retell(project)


@fault("split", "fail", "online")
def online_count_made_up(project: Path) -> None:
    """Exactly half of the units get the treatment, says the report."""
    hands.report(
        project,
        "split",
        lambda found: found["online"].update(treatment=found["online"]["looked_at"] // 2 + 7),
    )
    hands.retell(project)


@fault("split", "stale", "online_salt")
def salt_changed(project: Path) -> None:
    """Another salt since the split was made."""
    hands.choose(project, "split", "online_salt", '"employment-2"')


@fault("split", "stale", "split.train_until")
def bound_moved(project: Path) -> None:
    """Another last year to learn from."""
    hands.choose(project, "split", "train_until", "2015")


@fault("split", "fail", "bounds")
def bound_moved_and_rehashed(project: Path) -> None:
    """Another last year, hashes brought up to date."""
    hands.choose(project, "split", "train_until", "2015")
    hands.retell(project)


@fault("split", "fail|stale", "row by row", "features", "baseline", "interpret", "evaluate", "improve")
def grouped_rows_split_one_by_one(project: Path) -> None:
    """A random split of grouped and timed rows, in params and report."""
    hands.choose(project, "split", "strategy", '"random"')
    hands.put(project, "split", "strategy", "random")
    hands.retell(project)


@fault("split", "fail", "strategy")
def another_strategy_than_reported(project: Path) -> None:
    """[split] says group, the report time, hashes brought up to date."""
    hands.choose(project, "split", "strategy", '"group"')
    hands.retell(project)


@fault("split", "unknown|fail", "reason")
def no_reason_in_words(project: Path) -> None:
    """A strategy and no reason."""
    hands.choose(project, "split", "reason", '""')
    hands.put(project, "split", "reason", "")
    hands.retell(project)


@fault("split", "stale|fail", "seed")
def another_seed(project: Path) -> None:
    """Reports of a run with another seed."""
    hands.swap(project, "seed", "reports/split.json")


@fault("split", "stale", "params.toml#seed", "features", "baseline", "interpret", "evaluate", "improve")
def seed_changed(project: Path) -> None:
    """Another seed in params.toml than the one that was run."""
    hands.edit(project, "params.toml", "seed = 20240501", "seed = 7")


@fault("split", "unknown", "split.csv.gz")
def split_file_deleted(project: Path) -> None:
    """The split file of committed rows is gone."""
    (project / SPLIT).unlink()


@fault("split", "fail|unknown", "split.csv.gz")
def split_file_emptied(project: Path) -> None:
    """0 bytes."""
    hands.write(project, SPLIT, b"")


@fault("split", "fail", "no function `arm`")
def assignment_function_deleted(project: Path) -> None:
    """No function says which unit sees which model; hashes brought up to date."""
    hands.edit(project, "src/letters/split.py", "def arm(", "def side(")
    hands.retell(project)


@fault("split", "fail", "no test")
def assignment_not_tested(project: Path) -> None:
    """The test of the online assignment is gone."""
    (project / "tests/test_split.py").unlink()


@fault("split", "fail", "group_on_two_sides")
def finding_of_the_step_ignored(project: Path) -> None:
    """The step found a torn group, and nobody did anything."""
    hands.put(
        project, "split", "findings", [{"kind": "group_on_two_sides", "text": "7 households on two sides"}]
    )
    hands.retell(project)


@fault("split", "fail", "resemble each other")
def undeclared_group_ignored(project: Path) -> None:
    """A column ties rows of both sides together, by the report's own number."""
    hands.report(project, "split", lambda found: found["undeclared"].update(groups={"building": {"z": 9.0}}))
    hands.retell(project)


@fault("split", "unknown|fail", "relations")
def relations_not_looked_for(project: Path) -> None:
    """The report does not say which relations it looked for."""
    hands.report(project, "split", lambda found: found.__delitem__("undeclared"))
    hands.retell(project)


@fault("split", "fail", "twins", "data")
def validation_copied_into_test(project: Path) -> None:
    """Training rows copied into the last year's raw file under new numbers and households; all rehashed."""
    taught = {row for row, part in hands.rows(project, SPLIT)[1:] if part == "train"}
    rows = [line for line in hands.rows(project, RAW[0])[1:] if line[0] in taught][:300]
    copies = [[f"77{line[0]}", f"2018-9{line[0]}", "2018", *line[3:]] for line in rows]
    hands.put_rows(project, RAW[3], [*hands.rows(project, RAW[3]), *copies])
    hands.put_rows(project, SPLIT, [*hands.rows(project, SPLIT), *[[line[0], "test"] for line in copies]])
    _resize(project)


def _move(project: Path, old: str, new: str, most: int) -> None:
    lines = hands.rows(project, SPLIT)
    for line in [line for line in lines[1:] if line[1] == old][:most]:
        line[1] = new
    hands.put_rows(project, SPLIT, lines)


def _resize(project: Path) -> None:
    """Tell the sizes that the file now has, and all hashes."""
    parts = [line[1] for line in hands.rows(project, SPLIT)[1:]]
    sizes = {name: parts.count(name) for name in ("train", "validation", "test", "excluded")}
    hands.report(project, "split", lambda found: found["sizes"].update(sizes))
    hands.retell(project)
