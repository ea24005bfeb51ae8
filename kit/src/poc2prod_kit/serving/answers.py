"""What the service answers, as JSON Schema, with an example: predictions, problems, and how it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
MODEL: Schema = {"type": "string", "description": "Content id of the model that answered"}
MODEL_ID = "0" * 64
COSTS = "cost_false_positive / (cost_false_positive + cost_false_negative)"
TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}


def described(column: Mapping[str, Any], note: str = "") -> str:
    """What a column means, in which unit, and what else there is to say: `age (years)`."""
    unit = f"({column['unit']})" if column["unit"] else ""
    said = " ".join(part for part in (column["meaning"], unit) if part)
    return "; ".join(part for part in (said, note) if part)


def schema(target: Mapping[str, Any], threshold: float | None = None) -> Schema:
    """A prediction without the model's id: by outcome binary, multiclass or regression.

    `threshold`: the probability from which a binary prediction is true, where it is known.
    """
    said = ": ".join(part for part in (target["name"], described(target)) if part)
    if target["outcome"] == "binary":
        positive = f" (positive: {target['positive']})" if target["positive"] else ""
        from_ = "" if threshold is None else f"; true from a probability of {threshold:.6g} on ({COSTS})"
        return _object(
            prediction={"type": "boolean", "description": said + positive + from_},
            probability={**SHARE, "description": "Probability that the prediction is true"},
        )
    if target["outcome"] == "multiclass":
        classes = {"enum": list(target["values"])} if target["values"] else {}
        names = {"propertyNames": classes} if classes else {}
        return _object(
            prediction={"type": "string", **classes, "description": said},
            probabilities={
                "type": "object",
                **names,
                "additionalProperties": SHARE,
                "description": "Probability of each class that the model knows",
            },
        )
    unit = {"x-unit": target["unit"]} if target["unit"] else {}
    return _object(prediction={"type": "number", "description": said, **unit})


def example(target: Mapping[str, Any]) -> Schema:
    """An answer to one row."""
    if target["outcome"] == "binary":
        return {"prediction": True, "probability": 0.75, "model": MODEL_ID}
    if target["outcome"] == "multiclass":
        names = (*target["values"], "one", "another")[:2]
        shares = dict(zip(names, (0.75, 0.25), strict=True))
        return {"prediction": names[0], "probabilities": shares, "model": MODEL_ID}
    return {"prediction": 12.5, "model": MODEL_ID}


def batched(one: Schema) -> Schema:
    """The answer to a batch of one row."""
    prediction = {key: value for key, value in one.items() if key != "model"}
    return {"predictions": [prediction], "model": one["model"]}


def schemas(prediction: Schema) -> Schema:
    """All schemas of answers by name."""
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}}
    wrong = _object(
        field={**TEXT, "description": 'The field, in a batch as rows.3.age; "" is the body itself'},
        message=TEXT,
    )
    return {
        "Prediction": prediction,
        "Answer": _object(**prediction["properties"], model=MODEL),
        "BatchAnswer": _object(predictions=listed, model=MODEL),
        "Problem": {
            "type": "object",
            "description": "RFC 9457",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": TEXT,
                "title": TEXT,
                "status": {"type": "integer"},
                "detail": TEXT,
                "errors": {"type": "array", "items": wrong},
                "request_id": TEXT,
            },
        },
        "Health": _object(status=TEXT),
        "Ready": _object(status=TEXT),
        "Version": _object(
            model=MODEL,
            data={**MAYBE, "description": "Hash of the data that the model learned from"},
            source={**MAYBE, "description": "Hash of the source that answers"},
            version={**MAYBE, "description": "Version of the package"},
        ),
    }


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}
