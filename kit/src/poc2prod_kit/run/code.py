"""The project's own code, as its pipeline.py hands it in: this library imports and looks up none of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from poc2prod_kit.run import paths

if TYPE_CHECKING:
    import pandas as pd

    from poc2prod_kit.run.project import Project


class Features(Protocol):
    """What the library asks of the module that defines the features."""

    def build(self, project: Project, table: pd.DataFrame) -> pd.DataFrame:
        """X: the features of each row, from that row alone. Shape (rows, features)."""

    def definitions(self, project: Project) -> list[dict[str, Any]]:
        """Each feature: name, column or rule, how it is made, kind, meaning."""

    def used_columns(self, project: Project) -> list[str]:
        """The columns of the table that become features."""

    def preprocessor(self, X: pd.DataFrame, estimator: Any) -> Any:
        """The unfitted transformer that makes the numbers which the estimator takes."""


@dataclass(frozen=True)
class Code:
    """The package's folder, the names of the steps of `poc` in order, and what the steps hand in.

    `module` imports the module of a step by its name; `features` and `rules` are the project's modules;
    `estimators` maps the names of models to functions that make one, given the project; `trusted_types` are
    types (`module.Class`) that a saved model may hold besides those of scikit-learn and LightGBM; `metrics`
    are the team's own (scoring.metrics.own).
    """

    folder: Path
    steps: Sequence[str]
    module: Callable[[str], ModuleType]
    features: Features
    rules: ModuleType
    estimators: Mapping[str, Callable[[Project], Any]] = field(default_factory=dict)
    trusted_types: Sequence[str] = ()
    metrics: Sequence[Any] = ()


_code: list[Code] = []


def hand_in(code: Code) -> Code:
    """Keep the code for the projects of this process that are given no other."""
    paths.use_package(code.folder)
    _code[:] = [code]
    return code


def handed_in() -> Code:
    """The code that was handed in."""
    if not _code:
        raise RuntimeError("No project handed its code in: import its pipeline module first.")
    return _code[0]


def trusted_types() -> Sequence[str]:
    """What the code that was handed in trusts in a model's file; nothing where none was, as in a lean API."""
    return _code[0].trusted_types if _code else ()
