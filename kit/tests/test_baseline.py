"""Baseline: what is kept, and what a person is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from poc2prod_kit.models import baselines
from poc2prod_kit.models.selected_model import Rows
from poc2prod_kit.run import csv_files
from poc2prod_kit.scoring import metrics
from project import baseline, pipeline


class Choices:
    """A project of a regression, with a root to write into."""

    def __init__(self, root: Path) -> None:
        self.root, self.code = root, pipeline.CODE

    def param(self, key: str, default: Any = None, among: Any = ()) -> Any:
        """The outcome; all else is at its default."""
        return "regression" if key == "problem.outcome" else default


TRUTH = np.random.default_rng(0).normal(size=400)
TABLE = pd.DataFrame(index=[f"r{place}" for place in range(400)])
ROWS = Rows(TABLE, TABLE, TRUTH, None, 400)


def said(**noise: float) -> dict[str, metrics.Predicted]:
    """Predictions that miss the truth by so much noise."""
    generator = np.random.default_rng(1)
    return {
        name: metrics.Predicted(TRUTH + size * generator.normal(size=400)) for name, size in noise.items()
    }


def judged(tmp_path: Path, **noise: float) -> tuple[str, list[str]]:
    """What is kept, and the kinds of findings."""
    project: Any = Choices(tmp_path)
    results, findings = baseline.judge(project, metrics.METRICS["mae"], ROWS, said(**noise))
    return results["kept"], [item.kind for item in findings]


def test_the_simple_model_is_kept_when_it_is_as_good(tmp_path: Path) -> None:
    """A candidate inside the interval of the difference does not replace the simple model."""
    assert judged(tmp_path, dummy=1.0, simple=0.5, candidate=0.5) == ("simple", [])


def test_a_better_candidate_is_kept(tmp_path: Path) -> None:
    """A candidate better beyond the interval is kept."""
    assert judged(tmp_path, dummy=1.0, simple=0.5, candidate=0.2) == ("candidate", [])


def test_nothing_learned_is_said(tmp_path: Path) -> None:
    """Where neither model beats the dummy beyond its interval, that is a finding."""
    assert judged(tmp_path, dummy=1.0, simple=1.0, candidate=1.0) == ("simple", ["nothing_learned"])


def test_a_rule_of_thumb_as_good_is_said(tmp_path: Path) -> None:
    """A rule of thumb that the selected model does not beat is a finding."""
    assert judged(tmp_path, dummy=1.0, simple=0.5, candidate=0.2, thumb=0.2) == (
        "candidate",
        ["rule_as_good"],
    )


def test_predictions_are_written_whole_or_as_a_labelled_sample(tmp_path: Path, monkeypatch: Any) -> None:
    """All rows up to the limit; above it a sample by hash, with the scores that the file gives."""
    project: Any = Choices(tmp_path)
    told = said(dummy=1.0)
    whole = baselines.write_predictions(project, metrics.METRICS["mae"], ROWS, told)
    assert whole == {"predictions": {"rows": 400, "sampled_from": 400}}
    monkeypatch.setattr(baselines, "MOST_WRITTEN", 100)
    part = baselines.write_predictions(project, metrics.METRICS["mae"], ROWS, told)
    written = csv_files.read_csv(tmp_path / baselines.PREDICTIONS)
    assert part["predictions"] == {"rows": 100, "sampled_from": 400}
    mae = float((written["y"] - written["dummy"]).abs().mean())
    assert [len(written), round(part["scores_of_sample"]["dummy"]["value"], 4)] == [100, round(mae, 4)]
