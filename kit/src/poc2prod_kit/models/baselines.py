"""The models that are compared: which plays which role, and what a rule of thumb predicts."""

from __future__ import annotations

import pandas as pd

from poc2prod_kit.models import fitting
from poc2prod_kit.rules import rulebook
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring.metrics import Predicted
from poc2prod_kit.tables import targets

PREDICTIONS = "data/predictions/validation.csv.gz"


def roles(project: Project) -> dict[str, str]:
    """The name of the model in each role: dummy, simple, candidate."""
    chosen = {
        role: project.param(f"baseline.{role}", among=fitting.names(project))
        for role in ("simple", "candidate")
    }
    return {"dummy": fitting.DUMMY, **chosen}


def rule_of_thumb(
    project: Project, name: str, known: pd.DataFrame, part: pd.Series, rows: pd.DataFrame
) -> Predicted:
    """What a rule of rules.py predicts for `rows`.

    A probability (binary), a number (regression) or a label (multiclass). The rule is given the `known`
    rows, their target, which of them are training rows, and the rows to predict.
    """
    y = targets.target(project, known)
    try:
        made = rulebook.rule(project.code.rules, name)(known, y, part.loc[known.index] == "train", rows)
        values = pd.Series(made).to_numpy()
    except ProjectError:
        raise
    except Exception as error:
        raise ProjectError(f"rules.py, {name}: it ended with {type(error).__name__}: {error}.") from error
    if len(values) != len(rows) or pd.isna(values).any():
        raise ProjectError(
            f"rules.py, {name}: it must predict each of the {len(rows)} rows; "
            f"{int(pd.isna(values).sum())} are missing."
        )
    if project.param("problem.outcome") == "multiclass":
        return Predicted(values, (values == y.loc[rows.index].to_numpy()).astype(float))
    return Predicted(fitting.rounded(values.astype(float)))
