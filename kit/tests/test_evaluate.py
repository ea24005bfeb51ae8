"""Gaps, calibration and folds: what evaluate and improve rest on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from poc2prod_kit.inspection import learning_curve
from poc2prod_kit.models import selected_model
from poc2prod_kit.scoring import calibration, comparisons, gaps, intervals, metrics, shift
from poc2prod_kit.splitting import folds

BASE = {"standard_error": 0.01, "clusters": 1000, "n": 1000}


def _score(value: float) -> dict[str, float]:
    return {**BASE, "value": value, "low": value - 0.02, "high": value + 0.02}


def test_a_gap_is_worse_only_beyond_its_interval() -> None:
    """AUC .90 to .80 is worse, .90 to .89 cannot be told, and an error that falls is not worse."""
    auc, mae = metrics.METRICS["roc_auc"], metrics.METRICS["mae"]
    pairs = [(auc, 0.9, 0.8), (auc, 0.9, 0.89), (mae, 0.9, 0.8)]
    verdicts = [gaps.between(metric, "gap", _score(a), _score(b))["verdict"] for metric, a, b in pairs]
    assert verdicts == ["worse", "cannot tell", "not worse"]


def test_a_target_is_missed_only_by_the_whole_interval() -> None:
    """Against .80: .75 ± .02 misses, .79 ± .02 cannot be told, .85 ± .02 reaches."""
    auc = metrics.METRICS["roc_auc"]
    verdicts = [gaps.to_level(auc, "target", 0.8, _score(value))["verdict"] for value in (0.75, 0.79, 0.85)]
    assert verdicts == ["worse", "cannot tell", "not worse"]


def test_the_bottleneck_is_the_largest_gap_beyond_doubt() -> None:
    """Of two gaps that are worse the larger is named; with none, it cannot be told."""
    small, large = ({"gap": name, "value": v, "verdict": "worse"} for name, v in (("a", 0.1), ("b", 0.2)))
    unsure = {"gap": "c", "value": 0.9, "verdict": "cannot tell"}
    found = [
        gaps.bottleneck(g)["cause"] for g in ({"overfit": small, "shift": large}, {"overfit": unsure}, {})
    ]
    assert found == ["shift", "cannot_tell", "cannot_tell"]


def test_calibration_error_is_held_against_its_noise() -> None:
    """Outcomes drawn with the stated probabilities show no miscalibration; with other ones they do."""
    generator = np.random.default_rng(3)
    said = generator.random(3000)
    true, other = generator.random(3000) < said, generator.random(3000) < said**2
    verdicts = [
        calibration.of_probabilities(said, hit.astype(float), None)["verdict"] for hit in (true, other)
    ]
    assert verdicts == ["no miscalibration beyond noise", "miscalibrated"]


def test_probabilities_far_off_are_a_finding_and_a_sentence() -> None:
    """Said .6 where .4 come true: found, with the threshold that rests on it; honest ones say nothing."""
    generator = np.random.default_rng(3)
    told = generator.random(3000)
    true, other = generator.random(3000) < told, generator.random(3000) < told**2
    honest, far = (calibration.of_probabilities(told, hit.astype(float), None) for hit in (true, other))
    assert (calibration.findings(honest, 0.25), calibration.miscalibration(honest)) == ([], "")
    (finding,) = calibration.findings(far, 0.25)
    assert finding.kind == "miscalibrated"
    assert "from 0.25 on" in finding.text
    assert calibration.findings({**far, "expected_calibration_error": far["noise_high"] * 1.01}, 0.5) == []
    assert calibration.findings({"bias": {}}, 0.5) == []


def test_folds_keep_clusters_whole() -> None:
    """No cluster stands in two folds, every fold has rows, and the same ids give the same folds."""
    ids = pd.Index([f"r{number}" for number in range(300)])
    groups = np.array([f"g{number // 5}" for number in range(300)], dtype=object)
    fold = folds.assign(ids, groups, 3, "x")
    assert pd.Series(fold).groupby(groups).nunique().eq(1).all()
    assert sorted(set(fold.tolist())) == [0, 1, 2]
    assert fold.tolist() == folds.assign(ids, groups, 3, "x").tolist()


def test_a_sample_does_not_depend_on_the_order_of_rows() -> None:
    """The 50 rows with the smallest hashes are the same 50 after reversing the table."""
    ids = pd.Index([f"r{number}" for number in range(200)])
    assert set(ids[folds.sample(ids, 50)]) == set(ids[::-1][folds.sample(ids[::-1], 50)])
    assert int(folds.sample(ids, 50).sum()) == 50


def test_gaps_that_may_be_chance_are_said_with_their_numbers() -> None:
    """What cannot be told names each gap with its interval; a gap without one is said as such."""
    gap = {
        "gap": "training to validation",
        "value": 0.02,
        "low": -0.01,
        "high": 0.05,
        "verdict": "cannot tell",
    }
    bare = {"gap": "b", "value": float("nan"), "low": None, "high": None, "verdict": "cannot tell"}
    said = (
        "Cannot tell: each gap may be chance: "
        "training to validation, a gap of 0.020 (-0.010 to 0.050); b (no interval). "
        "Whether it underfits is open until [problem] target or [evaluate] human is set."
    )
    assert gaps.bottleneck({"overfit": gap, "shift": bare})["text"] == said


def test_a_perfect_score_read_from_an_opening_has_no_gap_to_judge() -> None:
    """A file holds null where there is no interval: neither a gap nor a target can be told from it."""
    auc = metrics.METRICS["roc_auc"]
    perfect = {"value": 1.0, "low": None, "high": None, "standard_error": None, "clusters": 30}
    found = [gaps.between(auc, "gap", _score(1.0), perfect), gaps.to_level(auc, "target", 0.9, perfect)]
    assert [gap["verdict"] for gap in found] == ["cannot tell", "cannot tell"]


def test_one_cluster_cannot_tell_what_more_data_brings() -> None:
    """Points that one group of rows judged have no error to tell a slope from chance."""
    scores = [intervals.estimate(0.1 * k, np.zeros(4), np.zeros(4)) for k in (1, 2, 3)]
    points = [{"rows": 2**k, "score": score} for k, score in enumerate(scores)]
    told = learning_curve.doubling(metrics.METRICS["accuracy"], points, [np.zeros(4)] * 3, np.zeros(4))
    assert told["verdict"] == "cannot tell"


def test_a_large_shift_is_a_finding_and_a_moderate_one_is_not() -> None:
    """With the columns that tell, and what they are on either side."""
    telling = [
        {"feature": "fuel", "level": "gas", "training_share": 0.1, "validation_share": 0.9},
        {"feature": "year", "training_mean": 2001.0, "validation_mean": 2009.5},
    ]
    found = {"auc": {"value": 0.97, "low": 0.95, "high": 0.99}, "verdict": "large", "columns": telling}
    assert [item.text for item in shift.findings(found)] == [
        "Training and validation rows are of different kinds: a classifier tells which with an AUC of 0.97 "
        "(0.95 to 0.99; 0.5 would be alike). What tells them apart: fuel = gas (10% in training, 90% in "
        "validation) and year (mean 2001 in training, 2010 in validation). Ask why, and whether the rows to "
        "come are like the one or the other."
    ]
    assert shift.findings({**found, "verdict": "moderate"}) == []


def test_a_column_without_values_in_a_fold_is_left_out_of_the_shift() -> None:
    """The classifier's trees cannot bin it; the other columns still count."""
    parts: list[selected_model.Rows] = []
    for name, mean in (("t", 0.0), ("v", 1.0)):
        ids = pd.Index([f"{name}{row}" for row in range(200)])
        X = pd.DataFrame(
            {"x": np.random.default_rng(len(parts)).normal(mean, 1, 200), "rare": np.nan}, index=ids
        )
        X.iloc[0:2, 1] = [1.0, 2.0]
        clusters = np.array(["c" if row < 2 else f"{name}{row}" for row in range(200)])
        parts.append(selected_model.Rows(X, X, np.zeros(200), clusters, 200))
    result = shift.look(parts[0], parts[1], 1)
    assert [item["feature"] for item in result["columns"]] == ["x"]


def test_leads_are_paired() -> None:
    """Half the error on each row is better beyond doubt."""
    y = np.arange(40.0)
    mae = metrics.METRICS["mae"]
    model = selected_model.SelectedModel("candidate", "gradient_boosting", None, "id", "regression", mae)
    seen = selected_model.Rows(pd.DataFrame(index=range(40)), pd.DataFrame(), y, None, 40)
    noise = np.random.default_rng(1).normal(size=40)
    told = {"kept": metrics.Predicted(y + noise), "simple": metrics.Predicted(y + 2 * noise)}
    lead = comparisons.differences(model, seen, told)
    assert list(lead) == ["simple"]
    assert lead["simple"]["high"] < 0
