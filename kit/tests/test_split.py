"""How rows are divided, and what is said of a split file."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.splitting import split_file, strategies
from project import split

SHARES = (0.2, 0.2)


def project(
    folder: Path, table: pd.DataFrame, data: str = "", settings: str = "", outcome: str = "binary"
) -> Project:
    """A project on disk with this table; columns named t are dates."""
    (folder / "data" / "raw").mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "data" / "raw" / "t.csv", index=False)
    types = {
        name: "date" if name == "t" else "category" if str(kind) in ("object", "str") else "number"
        for name, kind in table.dtypes.items()
    }
    columns = [
        f'[[column]]\nname = "{name}"\ntype = "{kind}"\nnullable = true\n' for name, kind in types.items()
    ]
    (folder / "schema.toml").write_text("\n".join(columns), encoding="utf-8")
    (folder / "params.toml").write_text(
        f'seed = 1\n[data]\nfiles = ["data/raw/t.csv"]\ntarget = "y"\n{data}\n'
        f'[problem]\noutcome = "{outcome}"\npositive = "1"\nmetric = "mae"\n[split]\n{settings}\n',
        encoding="utf-8",
    )
    return Project(folder)


def rows(count: int, **columns: object) -> pd.DataFrame:
    """A table with an id, a feature, a binary target and further columns."""
    rng = np.random.default_rng(4)
    base = {
        "id": [f"r{row}" for row in range(count)],
        "x": rng.normal(size=count),
        "y": rng.integers(0, 2, count),
    }
    return pd.DataFrame({**base, **columns})


def kinds(findings: list[Finding]) -> list[str]:
    """The kinds of the findings."""
    return [finding.kind for finding in findings]


def test_chance_is_stable() -> None:
    """Appending rows moves none of the earlier ones, in any order."""
    ids = pd.Index([f"r{row}" for row in range(1000)])
    before = pd.Series(strategies.by_chance(ids[:500], SHARES, 1), index=ids[:500])
    after = pd.Series(strategies.by_chance(ids[::-1], SHARES, 1), index=ids[::-1])
    assert after[before.index].tolist() == before.tolist()
    assert abs((after == "test").mean() - 0.2) < 0.04


def test_sixty_rows_have_exact_sizes() -> None:
    """Below 200 rows the rank of the hash decides."""
    part = strategies.by_chance(pd.Index(range(60)), SHARES, 1)
    assert pd.Series(part).value_counts().to_dict() == {"train": 36, "validation": 12, "test": 12}


def test_three_rows_of_a_class_reach_every_part() -> None:
    """A rare class is in each part if it can be; two rows both train."""
    labels = np.array(["a"] * 300 + ["b"] * 3 + ["c"] * 2)
    part = strategies.by_class(pd.Index(range(305)), labels, SHARES, 1)
    assert sorted(part[labels == "b"]) == ["test", "train", "validation"]
    assert part[labels == "c"].tolist() == ["train", "train"]


def test_a_group_of_half_the_rows_trains() -> None:
    """It could only unbalance a part that judges; every group stays whole."""
    groups = np.array(["big"] * 300 + [f"g{row // 3}" for row in range(300)])
    part, how = strategies.by_group(groups, SHARES, 1)
    assert how == "filled"
    assert set(part[:300]) == {"train"}
    assert pd.Series(part).groupby(groups).nunique().max() == 1
    assert abs((part == "test").mean() - 0.2) < 0.05


def test_groups_are_stable() -> None:
    """New groups move no earlier one."""
    groups = np.array([f"g{row // 4}" for row in range(2000)])
    assert (
        strategies.by_group(groups[:1000], SHARES, 1)[0].tolist()
        == strategies.by_group(groups, SHARES, 1)[0][:1000].tolist()
    )


def test_no_moment_stands_on_two_sides() -> None:
    """Bounds are moments; equal times share a part."""
    when = pd.Series(np.repeat([1.0, 2.0, 3.0, 4.0], [50, 10, 20, 20]))
    assert strategies.quantiles(when, SHARES) == (2.0, 3.0)


@pytest.mark.parametrize(
    ("value", "end"),
    [
        ("2020", "2020-12-31"),
        ("2020-02", "2020-02-29"),
        (date(2020, 2, 3), "2020-02-03"),
        ("2020-02-03", "2020-02-03"),
    ],
)
def test_a_bound_counts_to_its_end(value: object, end: str) -> None:
    """A year, month or day is inclusive."""
    when = pd.Series(pd.to_datetime(["2019-01-01", "2021-01-01"]))
    found = strategies.bound("train_until", value, when)
    assert pd.Timestamp(end) + pd.Timedelta(hours=23) < found < pd.Timestamp(end) + pd.Timedelta(days=1)


def test_time_as_text() -> None:
    """Years and quarters are read; what has no order is refused by name."""
    assert strategies.moments(pd.Series(["2015", "2016"], name="t", dtype=object)).tolist() == [
        2015.0,
        2016.0,
    ]
    assert strategies.moments(pd.Series(["2015Q2"], name="t", dtype=object)).tolist() == [
        pd.Timestamp("2015-04-01")
    ]
    with pytest.raises(ProjectError, match="'spring', which is no date"):
        strategies.moments(pd.Series(["spring"], name="t", dtype=object))


def test_auto_takes_time(tmp_path: Path) -> None:
    """Later rows judge; rows without a time are excluded and counted."""
    days = pd.date_range("2020-01-01", periods=100).strftime("%Y-%m-%d").tolist()
    found = split.run(project(tmp_path, rows(100, t=["", *days[1:]]), 'id = "id"\ntime = "t"')).results
    assert found["sizes"] == {"train": 59, "validation": 20, "test": 20, "excluded": 1}
    assert found["excluded"]["without_time"] == 1
    assert found["reason"] == (
        "by time, as a model is used on what comes after what it learnt from; "
        "59 rows train, 20 validate, 20 test."
    )


def test_auto_says_why_time_does_not_do(tmp_path: Path) -> None:
    """Two distinct times cannot make three parts in order."""
    made = split.run(
        project(tmp_path, rows(200, t=["2020-01-01", "2020-01-02"] * 100), 'id = "id"\ntime = "t"')
    )
    assert made.results["strategy"] == "stratified"
    assert (
        "not by time: the time column has 2 distinct values and three parts in order need three"
        in made.results["reason"]
    )
    assert made.findings == []


def test_groups_that_run_through_time(tmp_path: Path) -> None:
    """Where time would leave half of a part out, auto keeps groups whole instead."""
    days = pd.date_range("2020-01-01", periods=300).strftime("%Y-%m-%d")
    table = rows(300, t=days, g=[f"g{row % 40}" for row in range(300)])
    report = split.run(project(tmp_path, table, 'id = "id"\ntime = "t"\ngroup = "g"'))
    made = report.results
    assert (made["strategy"], made["groups"]["on_two_sides"]) == ("group", 0)
    assert (
        "not by time: 60 of the 60 rows that would be validation rows belong to groups that an earlier part "
        "holds" in made["reason"]
    )
    (finding,) = report.findings
    assert finding.kind == "later_rows_left_out"
    assert finding.text.startswith(
        "100% of the later rows (120 of 120) belong to groups that were seen earlier"
    )
    assert "split is by group" in finding.text


def test_later_rows_that_a_chosen_split_loses_are_a_finding(tmp_path: Path) -> None:
    """By time as chosen: of 80 later rows 60 are of groups seen before, of 80 in the other table none."""
    days = pd.date_range("2020-01-01", periods=200).strftime("%Y-%m-%d")
    params = 'id = "id"\ntime = "t"\ngroup = "g"'
    groups = [f"g{row % 60}" if row % 40 < 30 else f"n{row}" for row in range(200)]
    lost = split.run(project(tmp_path / "a", rows(200, t=days, g=groups), params, 'strategy = "time"'))
    kept = split.run(project(tmp_path / "b", rows(200, t=days, g=[f"n{row}" for row in range(200)]), params))
    assert [item.kind for item in lost.findings] == ["later_rows_left_out"]
    assert "few are left to judge by" in lost.findings[0].text
    assert kept.findings == []


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    """Thirty rows leave six to judge by."""
    said = r"30 rows with a label cannot be split: .* validation has 6 and test has 6"
    with pytest.raises(ProjectError, match=said):
        split.run(project(tmp_path, rows(30), 'id = "id"'))


def test_one_class_in_training_is_refused(tmp_path: Path) -> None:
    """Where the positives come late, the first one's day is named."""
    days = pd.date_range("2020-01-01", periods=100).strftime("%Y-%m-%d")
    late = rows(100, t=days).assign(y=[int(row >= 80) for row in range(100)])
    said = (
        r"none of the 60 training rows has y = 1, .* 20 of all 100 rows have it, the first of 2020-03-21, "
        r"and training ends with 2020-02-29"
    )
    with pytest.raises(ProjectError, match=said):
        split.run(project(tmp_path, late, 'id = "id"\ntime = "t"'))


def test_classes_that_a_part_lacks_are_a_finding(tmp_path: Path) -> None:
    """A class of the last days, which training lacks, and one that ended; another one that is rare is not."""
    days = pd.date_range("2020-01-01", periods=200).strftime("%Y-%m-%d")
    labels = ["old" if row < 60 and row % 2 else "rare" if row == 4 else "a" for row in range(200)]
    labels[185:] = ["new"] * 15
    table = rows(200, t=days).assign(y=labels)
    here = project(tmp_path, table, 'id = "id"\ntime = "t"', outcome="multiclass")
    (found,) = split.run(here).findings
    assert (found.id, found.share) == ("class_missing:y", 0.375)
    assert found.text.startswith(
        "No validation row is of a class that 25.0 % of the training rows have: y = old (30 rows, 2020-01-02 "
        "to 2020-02-29). The validation score says nothing about it. 37.5 % of the test rows (15 of 40) are of a "
        "class that no training row has: y = new (15 rows, 2020-07-04 to 2020-07-18)."
    )


def edited(folder: Path, change: dict[str, str], drop: str = "") -> None:
    """Change parts in the split file by hand."""
    path = folder / "data" / "split.csv.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    head, cells = lines[0], [line.split(",") for line in lines[1:]]
    kept = [f"{row},{change.get(row, part)}" for row, part in cells if row != drop]
    path.write_bytes(gzip.compress("\n".join([head, *kept, ""]).encode()))


def test_a_group_torn_by_hand_is_found(tmp_path: Path) -> None:
    """The file is judged, not the intention."""
    here = project(tmp_path, rows(200, g=[f"g{row // 2}" for row in range(200)]), 'id = "id"\ngroup = "g"')
    part = split.run(here) and split_file.parts(here)
    moved = part.index[part == "train"][0]
    edited(tmp_path, {moved: "test"})
    results, findings = split.judge(here, "group")
    assert (kinds(findings), results["groups"]["on_two_sides"]) == (["group_on_two_sides"], 1)


def test_time_turned_by_hand_is_found(tmp_path: Path) -> None:
    """The latest row in training comes after what it is judged by; a lost row is named."""
    days = pd.date_range("2020-01-01", periods=100).strftime("%Y-%m-%d")
    here = project(tmp_path, rows(100, t=days), 'id = "id"\ntime = "t"')
    split.run(here)
    edited(tmp_path, {"r99": "train"}, drop="r0")
    results, findings = split.judge(here, "time")
    assert kinds(findings) == ["split_ids", "time_order"]
    assert results["ids"] == {"repeated": 0, "not_in_data": 0, "not_in_split": 1, "unknown_part": 0}
    assert findings[1].rows == ("r99",)


def test_an_undeclared_entity_is_found(tmp_path: Path) -> None:
    """Rows of one customer share their label; rows of one postcode do not."""
    rng = np.random.default_rng(2)
    customer = rng.permutation(np.repeat(np.arange(200), 4))
    label = rng.integers(0, 2, 200)[customer]
    table = rows(
        800, c=[f"k{one}" for one in customer], z=[f"z{one}" for one in rng.integers(0, 150, 800)]
    ).assign(y=label)
    found = split.run(project(tmp_path, table, 'id = "id"')).findings
    assert [(one.kind, one.columns) for one in found] == [("group", ("c",))]


def test_undeclared_dates_matter_only_where_neighbours_are_alike(tmp_path: Path) -> None:
    """A slow change of the target is found, dates at random are not."""
    days = pd.date_range("2020-01-01", periods=400).strftime("%Y-%m-%d")
    drifting = rows(400, t=days).assign(y=[int(row % 80 < 40) for row in range(400)])
    assert kinds(split.run(project(tmp_path, drifting, 'id = "id"')).findings) == ["order"]
    assert kinds(split.run(project(tmp_path, rows(400, t=days), 'id = "id"')).findings) == []


def test_one_date_orders_nothing(tmp_path: Path) -> None:
    """A date that is filled in for one class only is a leak, not an order of the rows."""
    label = [row % 2 for row in range(400)]
    table = rows(400, t=["2024-01-15" if one else "" for one in label]).assign(y=label)
    assert kinds(split.run(project(tmp_path, table, 'id = "id"')).findings) == []


def test_arms_are_even_and_independent() -> None:
    """Shares as asked; another salt is another draw; offline parts and arms are independent."""
    units = [f"u{number}" for number in range(20_000)]
    one, two = (
        np.array([split.arm(unit, salt, 0.3) == "treatment" for unit in units]) for salt in ("a", "b")
    )
    test = strategies.by_chance(pd.Index(units), SHARES, 1) == "test"
    assert split.arm("u1", "a", 0.3) == split.arm("u1", "a", 0.3)
    assert [one.mean(), two.mean()] == pytest.approx([0.3, 0.3], abs=0.012)
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.025
    assert abs(np.corrcoef(one, test)[0, 1]) < 0.025


def test_hashes_are_uniform() -> None:
    """Deciles of 20,000 units hold 2,000 each: chi-square with 9 degrees of freedom below 27.9 (p = .001)."""
    counts = np.histogram(strategies.position(range(20_000), "salt"), bins=10, range=(0, 1))[0]
    assert ((counts - 2000) ** 2 / 2000).sum() < 27.9


def test_arms_are_reported_by_group(tmp_path: Path) -> None:
    """The unit online is the group where there is one."""
    here = project(tmp_path, rows(200, g=[f"g{row // 2}" for row in range(200)]), 'id = "id"\ngroup = "g"')
    found = split.online(here)
    assert (found["unit"], found["units"], found["share"]) == ("g", 100, 0.5)
    assert 30 <= found["treatment"] <= 70
