"""The models that [baseline] of params.toml can name, and metrics of your own.

To try another estimator of scikit-learn, or one that follows it such as LightGBM, add a line to ESTIMATORS

    "random_forest": lambda _: ensemble.RandomForestClassifier(n_estimators=200, min_samples_leaf=5),

and name it: candidate = "random_forest". It is made anew for every fit, behind features.preprocessor; a
random_state that is left open is [seed]. To report another metric, add to METRICS, for instance

    metrics.own(sklearn.metrics.matthews_corrcoef),

which is then scored with intervals beside the others, in every report.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import metrics
from sklearn import ensemble, linear_model

LOSSES = ("auto", "squared_error", "absolute_error", "poisson", "gamma")


def linear(project: Project) -> Any:
    """Logistic regression for classes, ridge regression for numbers; a larger alpha shrinks more."""
    alpha = project.param("baseline.linear.alpha", 1.0)
    if alpha <= 0:
        raise ProjectError(f"params.toml, [baseline.linear] alpha = {alpha} must be above 0.")
    if project.param("problem.outcome") == "regression":
        return linear_model.Ridge(alpha=alpha)
    return linear_model.LogisticRegression(C=1 / alpha, max_iter=2000)


def gradient_boosting(project: Project) -> Any:
    """Histogram gradient boosting, as [baseline.gradient_boosting] sets it."""
    settings = {
        "learning_rate": project.param("baseline.gradient_boosting.learning_rate", 0.06),
        "max_iter": project.param("baseline.gradient_boosting.max_iter", 150),
        "max_leaf_nodes": project.param("baseline.gradient_boosting.max_leaf_nodes", 15),
        "min_samples_leaf": project.param("baseline.gradient_boosting.min_samples_leaf", 20),
        "l2_regularization": project.param("baseline.gradient_boosting.l2_regularization", 0.0),
        "early_stopping": False,  # it would hold back a random tenth of the rows, across groups and time
    }
    if project.param("problem.outcome") != "regression":
        return ensemble.HistGradientBoostingClassifier(**settings)
    loss = project.param("baseline.gradient_boosting.loss", "auto", among=LOSSES)
    if loss == "auto":  # what the metric asks for: the median of a row's target, or its mean
        absolute = project.param("problem.metric") in ("mae", "mape")
        loss = "absolute_error" if absolute else "squared_error"
    return ensemble.HistGradientBoostingRegressor(loss=loss, **settings)


ESTIMATORS: dict[str, Callable[[Project], Any]] = {
    "linear": linear,
    "gradient_boosting": gradient_boosting,
}
METRICS: tuple[metrics.Metric, ...] = ()
# Types that a saved model may hold besides those of scikit-learn and LightGBM: "xgboost.core.Booster", …
TRUSTED_TYPES: tuple[str, ...] = ()
