"""What interpret rests on: suspects, slices, importance and the team's file of errors."""

from __future__ import annotations

import csv
import hashlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from poc2prod_kit.inspection import causes, importance, label_errors, proposals, slices, worst_errors
from poc2prod_kit.models.selected_model import Rows
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import metrics
from poc2prod_kit.summary import plots

CASES = [
    {"id": "a", "truth": "yes", "prediction": "0.25 for yes", "row": "age = 30; job = cook"},
    {"id": "b", "truth": "no", "prediction": "0.75 for yes", "row": "age = 31; job = (empty)"},
]
OWN = "seed = 1\n[data]\ncommitted = false\n"


def _told(flips: float) -> tuple[label_errors.Suspicion, set[int]]:
    generator = np.random.default_rng(1)
    chance = 1 / (1 + np.exp(-6 * generator.normal(size=4000)))
    codes = (generator.random(4000) < chance).astype(int)
    planted = generator.choice(4000, int(flips * 4000), replace=False)
    codes[planted] = 1 - codes[planted]
    return label_errors.of_classes(np.column_stack([1 - chance, chance]), codes), set(planted.tolist())


def test_flipped_labels_are_found_and_natural_noise_is_not() -> None:
    """3 % flips among well-told classes alarm, most suspects are planted; without flips all is quiet."""
    quiet, _ = _told(0.0)
    loud, planted = _told(0.03)
    named = set(np.flatnonzero(loud.wrong > 0.5).tolist())
    assert (quiet.alarm, loud.alarm, 0.02 < loud.share < 0.04) == (False, True, True)
    assert len(named & planted) > 0.75 * len(named)


def test_gross_outliers_alarm_and_heavy_tails_do_not() -> None:
    """Labels of the wrong sign and ten times too large alarm; Cauchy noise, rich in outliers, does not."""
    generator = np.random.default_rng(2)
    guess = generator.gamma(1, 100, 4000)
    plain, heavy = guess + 10 * generator.normal(size=4000), guess + generator.standard_cauchy(4000)
    spoilt = plain.copy()
    spoilt[:100] *= -10
    assert [label_errors.of_numbers(y, guess).alarm for y in (plain, heavy, spoilt)] == [False, False, True]


def test_holm_steps_down() -> None:
    """The smallest p is multiplied by 3, the next by 2, and none falls below an earlier one."""
    assert slices.holm([0.04, 0.01, 0.03]) == [0.06, 0.03, 0.06]


def test_small_and_one_class_slices_get_no_verdict() -> None:
    """A slice of 3 rows is too few; one without a positive row has no AUC; the others are judged."""
    table = pd.DataFrame({"kind": ["few"] * 3 + ["one"] * 40 + ["x"] * 60 + ["y"] * 60})
    y = np.array([0.0, 1.0, 1.0] + [0.0] * 40 + [0.0, 1.0] * 60)
    said = metrics.Predicted(np.linspace(0, 1, 163))
    rows = Rows(table, table, y, None, len(y))
    found = slices.look(metrics.METRICS["roc_auc"], rows, ["kind"], said, 30)
    seen = [
        (item["value"], item["n"], item["small"], item["verdict"] if "p" not in item else "judged")
        for item in found
    ]
    assert seen == [
        ("few", 3, True, "too few rows"),
        ("one", 40, False, "one class only"),
        ("x", 60, False, "judged"),
        ("y", 60, False, "judged"),
    ]


def test_importance_of_a_column_that_is_not_used_is_zero() -> None:
    """Shuffling the column that decides costs error; shuffling the other costs exactly nothing."""
    matrix = pd.DataFrame({"used": np.arange(100.0), "idle": np.arange(100.0)[::-1]})

    def say(rows: pd.DataFrame, _: np.ndarray) -> metrics.Predicted:
        return metrics.Predicted(rows["used"].to_numpy())

    found = importance.ranked(
        say, metrics.METRICS["mae"], Rows(matrix, matrix, np.arange(100.0), None, 100), 3, 7
    )
    assert [(item["feature"], item["value"] > 20, item["value"] == 0) for item in found] == [
        ("used", True, False),
        ("idle", False, True),
    ]
    assert importance.alike(matrix, ["used", "idle"]) == [["used", "idle"]]


def test_lines_with_a_cause_stay_as_they_are(tmp_path: Path) -> None:
    """New cases are added, a line nobody wrote on goes when it is right, one with a cause stays as it is."""
    worst_errors.seed(tmp_path, CASES)
    file = tmp_path / worst_errors.FILE
    assert file.read_text() == (
        "id,truth,prediction,row,cause,note\n"
        "a,yes,0.25 for yes,age = 30; job = cook,,\n"
        "b,no,0.75 for yes,age = 31; job = (empty),,\n"
    )
    file.write_text('id,truth,prediction,cause,note\n"a",1,0.25,"bad, label",\nb,0,0.75,,\n')
    worst_errors.seed(tmp_path, [{"id": "c", "truth": "yes", "prediction": "0.1 for yes", "row": "age = 9"}])
    assert file.read_text() == (
        'id,truth,prediction,cause,note,row\n"a",1,0.25,"bad, label",\nc,yes,0.1 for yes,,,age = 9\n'
    )
    assert worst_errors.causes(tmp_path) == {"bad, label": 1}


def _answered(root: Path, cause: str) -> None:
    """Write a cause beside the row a."""
    file = root / worst_errors.FILE
    lines = list(csv.DictReader(file.read_text().splitlines()))
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(lines[0]))
        writer.writeheader()
        writer.writerows({**line, "cause": cause} if line["id"] == "a" else line for line in lines)


def _causes_by_row(root: Path) -> dict[str, str]:
    return {record["id"]: record["cause"] for record, _ in worst_errors.read(root).lines}


@pytest.fixture
def own(tmp_path: Path) -> Project:
    """A project whose rows stay out of git, with two cases."""
    (tmp_path / "params.toml").write_text(OWN)
    found = Project(tmp_path)
    causes.seed(found, CASES)
    return found


def test_causes_reach_a_clone_and_rows_do_not(own: Project) -> None:
    """The committed file has hashed ids and causes alone, and fills a clone's new file."""
    _answered(own.root, "missing  feature")
    assert causes.counted(own) == {"missing feature": 1}
    shared = (own.root / causes.FILE).read_text()
    assert shared == f"row,cause\nr{hashlib.sha256(b'a').hexdigest()[:16]},missing feature\n"
    (own.root / worst_errors.FILE).unlink()
    causes.seed(own, CASES)
    assert (_causes_by_row(own.root), causes.counted(own)) == (
        {"a": "missing feature", "b": ""},
        {"missing feature": 1},
    )


def test_a_cause_that_changed_on_one_side_counts_on_both(own: Project) -> None:
    """A colleague's change comes in, one's own goes out, an emptied one goes, and other rows' causes stay."""
    _answered(own.root, "one")
    causes.counted(own)
    file = own.root / causes.FILE
    file.write_text(file.read_text().replace("one", "theirs") + "r0123456789abcdef,elsewhere\n")
    assert (causes.counted(own), _causes_by_row(own.root)["a"]) == ({"elsewhere": 1, "theirs": 1}, "theirs")
    _answered(own.root, "mine")
    assert causes.counted(own) == {"elsewhere": 1, "mine": 1}
    _answered(own.root, "")
    assert causes.counted(own) == {"elsewhere": 1}
    _answered(own.root, "again")
    causes.counted(own)
    file.unlink()
    assert causes.counted(own) == {"again": 1}


def test_a_merge_that_nobody_finished_is_named(own: Project) -> None:
    """Marks of git in the file are no causes."""
    (own.root / causes.FILE).write_text("row,cause\n<<<<<<< HEAD\nr1,a\n=======\nr1,b\n>>>>>>> b\n")
    with pytest.raises(ProjectError, match=r"docs/causes\.csv holds the marks of a merge"):
        causes.counted(own)


@pytest.mark.parametrize(
    ("cause", "lead"),
    [
        *(("chance", False), ("pure chance", False), ("?", False), ("no idea", False), ("noise", False)),
        *(("label noise", True), ("unknown employer", True), ("rare case", True)),
    ],
)
def test_chance_proposes_nothing(cause: str, lead: bool) -> None:
    """It is counted, and the next cause that says something is proposed."""
    found = proposals.counted({cause: 9, "missing feature": 2})
    assert found is not None
    assert (proposals.is_lead(cause), cause in found["action"]) == (lead, lead)
    assert proposals.counted({"chance": 9}) is None


def test_an_exact_model_that_rounds_its_extremes_raises_no_alarm() -> None:
    """A tenth of the spread off an otherwise exact model is no wrong label; twice the spread is."""
    generator = np.random.default_rng(4)
    truth = generator.gamma(4, 25, 3000)
    guess = truth + generator.normal(size=3000) / 5
    guess[:60] += 8
    spoilt = guess.copy()
    spoilt[:60] = np.where(truth[:60] > np.median(truth), 5, 300)
    assert [label_errors.of_numbers(truth, said).alarm for said in (guess, spoilt)] == [False, True]


def test_guesses_beyond_all_that_was_seen_accuse_no_label() -> None:
    """A line that leaves the range of the target is the model's fault."""
    generator = np.random.default_rng(5)
    truth = generator.uniform(0, 1, 2000)
    guess = truth + generator.normal(size=2000) / 20
    top = np.argsort(-truth)[:40]
    guess[top] += 30
    assert label_errors.of_numbers(truth, guess).alarm is False


def test_columns_of_any_name_are_shuffled() -> None:
    """A feature called `self` is shuffled and set like any other; levels beyond the common ones are one."""
    matrix = pd.DataFrame({"self": np.arange(40.0), "value": [f"v{i}" for i in range(40)]})
    y = np.arange(40.0)

    def say(seen: pd.DataFrame, truth: Any) -> metrics.Predicted:
        return metrics.Predicted(seen["self"].to_numpy(dtype=float))

    found = importance.ranked(say, metrics.METRICS["mae"], Rows(matrix, matrix, y, None, len(y)), 2, 0)
    curve = importance.curve(lambda seen: seen["self"].to_numpy(dtype=float), matrix, "self", [3.0, 4.0])
    assert [item["feature"] for item in found] == ["self", "value"]
    assert curve == {"feature": "self", "at": [3.0, 4.0], "prediction": [3.0, 4.0]}


def test_features_with_more_levels_than_are_compared_raise_no_warning() -> None:
    """The rare levels share one code."""
    column = pd.Series([f"v{i:03d}" for i in range(300)], dtype=object)
    matrix = pd.DataFrame({"one": column, "other": column})
    assert importance.alike(matrix, ["one", "other"]) == [["one", "other"]]


def test_of_many_features_the_one_that_is_used_is_not_lost() -> None:
    """Forty columns are screened some at a time; the one that the model uses comes first, 30 are kept."""
    generator = np.random.default_rng(6)
    matrix = pd.DataFrame(generator.normal(size=(80, 40)), columns=[f"x{i}" for i in range(40)])
    y = matrix["x37"].to_numpy()

    def say(seen: pd.DataFrame, truth: Any) -> metrics.Predicted:
        return metrics.Predicted(seen["x37"].to_numpy())

    found = importance.ranked(say, metrics.METRICS["mae"], Rows(matrix, matrix, y, None, len(y)), 2, 0)
    assert (len(found), found[0]["feature"], found[0]["value"] > 0.5, found[1]["value"]) == (
        30,
        "x37",
        True,
        0.0,
    )


def test_a_slice_of_few_rows_lies_on_the_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its grey point is within the axis, though its wide interval may leave it."""
    drawn = Figure().add_subplot()
    monkeypatch.setattr(plots, "figure", lambda *_: nullcontext(drawn))
    rows = [
        {"column": "c", "value": name, "n": n, "small": n < 30, "verdict": "",
         "score": {"value": value, "low": value - 0.1, "high": value + 0.1}}
        for name, n, value in (("a", 300, 0.5), ("b", 200, 0.6), ("few", 3, 0.95))
    ]  # fmt: skip
    plots._slices(tmp_path, "roc_auc", rows, [])
    low, high = drawn.get_xlim()
    assert low < 0.5
    assert high > 0.95
