"""What interpret rests on: suspects, slices, importance and the team's file of errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from project.kit import importance, metrics, slices, suspects, wrong

CASES = [{"id": "a", "truth": 1.0, "prediction": 0.25}, {"id": "b", "truth": 0.0, "prediction": 0.75}]


def _told(flips: float) -> tuple[suspects.Suspicion, set[int]]:
    generator = np.random.default_rng(1)
    chance = 1 / (1 + np.exp(-6 * generator.normal(size=4000)))
    codes = (generator.random(4000) < chance).astype(int)
    planted = generator.choice(4000, int(flips * 4000), replace=False)
    codes[planted] = 1 - codes[planted]
    return suspects.of_classes(np.column_stack([1 - chance, chance]), codes), set(planted.tolist())


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
    assert [suspects.of_numbers(y, guess).alarm for y in (plain, heavy, spoilt)] == [False, False, True]


def test_holm_steps_down() -> None:
    """The smallest p is multiplied by 3, the next by 2, and none falls below an earlier one."""
    assert slices.holm([0.04, 0.01, 0.03]) == [0.06, 0.03, 0.06]


def test_small_and_one_class_slices_get_no_verdict() -> None:
    """A slice of 3 rows is too few; one without a positive row has no AUC; the others are judged."""
    table = pd.DataFrame({"kind": ["few"] * 3 + ["one"] * 40 + ["x"] * 60 + ["y"] * 60})
    y = np.array([0.0, 1.0, 1.0] + [0.0] * 40 + [0.0, 1.0] * 60)
    said = metrics.Predicted(np.linspace(0, 1, 163))
    found = slices.look(metrics.METRICS["roc_auc"], table, ["kind"], y, said, None, 30)
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

    found = importance.ranked(say, metrics.METRICS["mae"], matrix, np.arange(100.0), None, 3, 7)
    assert [(item["feature"], item["value"] > 20, item["value"] == 0) for item in found] == [
        ("used", True, False),
        ("idle", False, True),
    ]
    assert importance.alike(matrix, ["used", "idle"]) == [["used", "idle"]]


def test_lines_with_a_cause_stay_as_they_are(tmp_path: Path) -> None:
    """New cases are added, a line nobody wrote on goes when it is right, one with a cause stays as it is."""
    wrong.seed(tmp_path, CASES)
    file = tmp_path / wrong.FILE
    assert file.read_text() == "id,truth,prediction,cause,note\na,1,0.25,,\nb,0,0.75,,\n"
    file.write_text('id,truth,prediction,cause,note\n"a",1,0.25,"bad, label",\nb,0,0.75,,\n')
    wrong.seed(tmp_path, [{"id": "c", "truth": 1.0, "prediction": 0.1}])
    assert file.read_text() == 'id,truth,prediction,cause,note\n"a",1,0.25,"bad, label",\nc,1,0.1,,\n'
    assert wrong.causes(tmp_path) == {"bad, label": 1}


def test_an_exact_model_that_rounds_its_extremes_raises_no_alarm() -> None:
    """A tenth of the spread off an otherwise exact model is no wrong label; twice the spread is."""
    generator = np.random.default_rng(4)
    truth = generator.gamma(4, 25, 3000)
    guess = truth + generator.normal(size=3000) / 5
    guess[:60] += 8
    spoilt = guess.copy()
    spoilt[:60] = np.where(truth[:60] > np.median(truth), 5, 300)
    assert [suspects.of_numbers(truth, said).alarm for said in (guess, spoilt)] == [False, True]


def test_guesses_beyond_all_that_was_seen_accuse_no_label() -> None:
    """A line that leaves the range of the target is the model's fault."""
    generator = np.random.default_rng(5)
    truth = generator.uniform(0, 1, 2000)
    guess = truth + generator.normal(size=2000) / 20
    top = np.argsort(-truth)[:40]
    guess[top] += 30
    assert suspects.of_numbers(truth, guess).alarm is False


def test_columns_of_any_name_are_shuffled() -> None:
    """A feature called `self` is shuffled and set like any other; levels beyond the common ones are one."""
    matrix = pd.DataFrame({"self": np.arange(40.0), "value": [f"v{i}" for i in range(40)]})
    y = np.arange(40.0)

    def say(seen: pd.DataFrame, truth: Any) -> metrics.Predicted:
        return metrics.Predicted(seen["self"].to_numpy(dtype=float))

    found = importance.ranked(say, metrics.METRICS["mae"], matrix, y, None, 2, 0)
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

    found = importance.ranked(say, metrics.METRICS["mae"], matrix, y, None, 2, 0)
    assert (len(found), found[0]["feature"], found[0]["value"] > 0.5, found[1]["value"]) == (
        30,
        "x37",
        True,
        0.0,
    )
