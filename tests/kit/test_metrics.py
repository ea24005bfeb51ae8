"""The metrics and their influence functions."""

from __future__ import annotations

import numpy as np
from project.kit import metrics


def test_auc_counts_pairs_in_order() -> None:
    """Three of the four pairs of a positive and a negative row stand in the right order."""
    y = np.array([0.0, 0.0, 1.0, 1.0])
    value, influence = metrics.roc_auc(y, metrics.Predicted(np.array([0.1, 0.4, 0.35, 0.8])))
    assert value == 0.75
    assert influence.tolist() == [0.5, -0.5, -0.5, 0.5]
