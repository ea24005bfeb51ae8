"""tests/golden/predictions.json: what the API answers to good examples, the guard while code is changed."""

from collections.abc import Iterator
from itertools import islice
from math import isclose
from typing import Any

from ..files import Unreadable
from ..project import Facts
from . import observed
from .finding import Finding, outcome_of, stale, unknown
from .observed import PREDICTIONS
from .values import is_number
from .yamlfile import table

EXAMPLES = "contract/examples.json"


def guard(facts: Facts) -> Iterator[Finding]:
    """Whether golden predictions are there, of the project's model, of the good examples, and make sense."""
    todo = f"python -m {facts.package} api --golden"
    content = facts.json(PREDICTIONS)
    rows = table(content).get("rows") if table(content).get("schema") == 1 else None
    keys = ("request", "answer")
    if (
        not rows
        or not isinstance(rows, list)
        or not all(isinstance(table(row).get(key), dict) for row in rows for key in keys)
    ):
        why = (
            str(content) if isinstance(content, Unreadable) else f"{PREDICTIONS} holds no golden predictions"
        )
        yield unknown(why, todo if observed.current(facts, "api") else observed.todo(facts, "lint"))
        return
    now, model = observed.model(facts), table(content).get("model")
    if now is None:
        yield observed.no_model(facts)
    elif model != now:
        yield stale(f"{PREDICTIONS} is of the model {str(model)[:8]}, the project's is {now[:8]}", todo)
    else:
        wrong = [*_requests(facts, rows), *_answers(facts, rows)]
        holds = f"{len(rows)} golden predictions of the model {now[:8]}, one for each good example"
        yield from outcome_of(wrong, holds, todo, where=PREDICTIONS)


def _requests(facts: Facts, rows: list[dict[str, Any]]) -> Iterator[str]:
    good = table(facts.json(EXAMPLES)).get("good")
    due = [one.get("request") for one in good if isinstance(one, dict)] if isinstance(good, list) else []
    if len(due) != len(rows):
        yield f"{len(rows)} predictions, {EXAMPLES} has {len(due)} good requests"
        return
    other = [place for place, row in enumerate(rows, 1) if row["request"] != due[place - 1]]
    if other:
        yield f"row {other[0]} is of another request than {EXAMPLES} has there"


def _answers(facts: Facts, rows: list[dict[str, Any]]) -> list[str]:
    kind, limit = facts.param("problem.outcome", ""), threshold(facts)
    wrong = (
        f"row {place}: {text}"
        for place, row in enumerate(rows, 1)
        if (text := fault(kind, row["answer"], limit))
    )
    return list(islice(wrong, 1))


def fault(kind: str, answer: dict[str, Any], limit: float) -> str:
    """What is wrong with an answer for an outcome; empty if nothing is."""
    prediction = answer.get("prediction")
    if kind == "binary":
        chance = answer.get("probability")
        if not is_number(chance) or not 0 <= chance <= 1:
            return f"the probability {str(chance)[:20]} is none"
        right = abs(chance - limit) <= 1e-9 or prediction is (chance >= limit)
        return "" if right else f"{chance:g} is answered with {prediction}"
    if kind == "multiclass":
        chances = answer.get("probabilities")
        if not isinstance(chances, dict) or not chances or not all(map(is_number, chances.values())):
            return "it has no probabilities by class"
        if not isclose(sum(chances.values()), 1, abs_tol=1e-4):
            return f"its probabilities sum to {sum(chances.values()):g}"
        likeliest = chances.get(str(prediction), -1) >= max(chances.values()) - 1e-9
        return "" if likeliest else f"{prediction!r} is not the likeliest class"
    return "" if is_number(prediction) else f"the prediction {str(prediction)[:20]} is no number"


def threshold(facts: Facts) -> float:
    """The probability from which yes is the cheaper answer, by the costs of [problem]; .5 without."""
    yes, no = (facts.param(f"problem.cost_false_{name}") for name in ("positive", "negative"))
    if not all(is_number(value) and value >= 0 for value in (yes, no)) or yes + no == 0:
        return 0.5
    return float(yes / (yes + no))
