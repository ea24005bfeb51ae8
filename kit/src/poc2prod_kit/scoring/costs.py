"""From which probability on yes is the cheaper answer, by what [problem] says that errors cost."""

from __future__ import annotations

import math
from typing import Any

from poc2prod_kit.run.project import Project

EVEN = 0.5


def threshold(project: Project) -> float:
    """The probability from which yes is the cheaper answer.

    cost of a false yes / (cost of a false yes + cost of a false no); .5 where [problem] gives no costs.
    """
    given: list[Any] = [
        project.param("problem.cost_false_positive", None),
        project.param("problem.cost_false_negative", None),
    ]
    costs = [float(one) for one in given if isinstance(one, (int, float)) and math.isfinite(one) and one >= 0]
    return costs[0] / sum(costs) if len(costs) == 2 and sum(costs) > 0 else EVEN
