"""The steps of the proof of concept, in order, and what they hand to the library."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

from poc2prod_kit.run import code

from . import features, models, rules

STEPS = ("data", "split", "features", "baseline", "interpret", "evaluate", "improve")


def module(step: str) -> ModuleType:
    """The module of a step, imported when it is asked for: the API's needs more than `poc` does."""
    return import_module(f".{step}", __package__)


CODE = code.hand_in(
    code.Code(
        folder=Path(__file__).parent,
        steps=STEPS,
        module=module,
        features=features,
        rules=rules,
        estimators=models.ESTIMATORS,
        trusted_types=models.TRUSTED_TYPES,
        metrics=models.METRICS,
    )
)
