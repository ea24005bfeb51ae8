"""The small project of `builder` with predictions and the reports of I.7 to I.10, all of whose checks pass.

Scores, slices, gaps and the learning curve are made by what the checks count: that this is what the project's
own code counts is held by tests/recompute and by the demos.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

from evidence import builder
from poc2prod_kit.run.hashing import of_value

from poc2prod.evidence import baseline, causes, evaluate, improve, interpret, predictions, rows
from poc2prod.project import Facts
from poc2prod.recount import scores, slices
from poc2prod.recount.intervals import Estimate
from poc2prod.recount.student import half_width

VALIDATION, TEST, MODEL = (
    "data/predictions/validation.csv.gz",
    "data/predictions/test.csv.gz",
    "models/model.skops",
)
MORE = """
[baseline]
rules = ["by_price"]
simple = "linear"
candidate = "gradient_boosting"

[interpret]
slices = ["colour", "price"]
smallest_slice = 12
top = 2

[evaluate]
block = "auto"
"""
ANSWER = "\n<!-- q:{0} -->\n## Asked\n\nWe decided {0} together.\n"
PROBLEM = 'metric = "roc_auc"\ntarget = 0.7\nlatency_ms = 100\n'
SCHEMA = {"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode"}


class Modelled(builder.Small):
    """`Small` with models: predictions are written here, reports made by `run_models`."""

    def predict(self, part: str, *, better: float = 1.0, best: str = "candidate") -> None:
        """Write a part's predictions: a dummy, a simple model, a rule and a candidate, the best."""
        facts = self.facts()
        table, parts = rows.read(facts), rows.parts(facts)
        truth = dict(zip(table.table.ids, rows.target(facts, table), strict=True))
        taught = [truth[row] for row in truth if parts[row] == "train"]
        prior = sum(float(label or 0) for label in taught) / len(taught)
        draw, lines = random.Random(part), []
        for row in table.table.ids:
            if parts[row] == part:
                y, noise, other = float(truth[row] or 0), draw.gauss(0, 0.5), draw.gauss(0, 0.9)
                said = [_chance((y - 0.5) * better + noise), _chance((y - 0.5) * 0.6 + other), _chance(other)]
                lines.append(f"{row},{y:g},{prior:.6g},{said[1]},{said[0]},{said[2]}")
        role = "kept" if part == "test" else best
        self.pack(
            f"data/predictions/{part}.csv.gz", "\n".join([f"id,y,dummy,simple,{role},by_price", *lines, ""])
        )

    def model(self, tree: dict[str, Any] | None = None, **files: bytes) -> None:
        """Write models/model.skops."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("schema.json", json.dumps(tree or SCHEMA))
            for name, content in files.items():
                archive.writestr(name, content)
        path = self.root / MODEL
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(out.getvalue())

    def run_models(self, *slugs: str) -> None:
        """Make the reports of these steps (all of I.7 to I.10) honestly from what is on disk."""
        for slug in slugs or ("baseline", "interpret", "evaluate", "improve"):
            {
                "baseline": self._baseline,
                "interpret": self._interpret,
                "evaluate": self._evaluate,
                "improve": self._improve,
            }[slug]()

    def _baseline(self) -> None:
        self.report("baseline", {"kept": "candidate"}, [VALIDATION, MODEL])
        facts, metric = self.facts(), "roc_auc"
        said = predictions.part(facts, "validation").by_model
        pairs = {
            role: told(predictions.difference(facts, "validation", "candidate", role, metric))
            for role in said
            if role != "candidate"
        }
        table = {
            name: {role: told(predictions.score(facts, "validation", role, name)) for role in said}
            for name in scores.FITTING["binary"]
        }
        n = len(predictions.part(facts, "validation").ids)
        results = {
            "metric": metric,
            "higher_is_better": True,
            "scores": table.pop(metric),
            "other_metrics": table,
            "candidate_minus": pairs,
            "kept": "candidate",
            "findings": [],
            "simple_minus_dummy": told(
                predictions.difference(facts, "validation", "simple", "dummy", metric)
            ),
            "kept_minus_rules": {"by_price": pairs["by_price"]},
            "models": {"dummy": "dummy", "simple": "linear", "candidate": "gradient_boosting"},
            "predictions": {"rows": n, "sampled_from": n},
            "twins": self._twins(facts),
        }
        self.report("baseline", results, [VALIDATION, MODEL])

    def _twins(self, facts: Facts) -> dict[str, Any]:
        made = baseline.near_duplicate_labels(facts)
        return {"rows": 0, "z": None} if made is None else made._asdict()

    def _interpret(self) -> None:
        facts = self.facts()
        made = interpret._slices(facts, ["colour", "price"], "roc_auc")
        wrong = interpret.wrong_rows(facts)
        item = {
            "value": 0.1,
            "low": 0.0,
            "high": 0.2,
            "standard_error": 0.1 / 2.011740514,
            "n": 48,
            "clusters": 48,
        }
        results = {
            "model": self._model(),
            "metric": "roc_auc",
            "findings": [],
            "importance": {
                "count": 2,
                "alike": [],
                "features": [{"feature": "price", **item}, {"feature": "shop", **item}],
            },
            "dependence": [
                {"feature": name, "at": [1, 2], "prediction": [0.1, 0.2]} for name in ("price", "shop")
            ],
            "slices": {"columns": ["colour", "price"], "rows": [_slice(one) for one in made], "judged": 1},
            "worst_errors": {
                "count": len(wrong),
                "rows": [{"id": row, "loss": loss} for row, loss in wrong[:20]],
            },
            "suspects": {"alarm": False, "beyond_belief": 1, "rows_judged": 144, "rows": [{"id": "k0001"}]},
        }
        self.report("interpret", results)

    def causes(self, count: int = 20, cause: str = "missing feature") -> None:
        """Give the first wrong cases a cause."""
        wrong = interpret.wrong_rows(self.facts())[:count]
        lines = "".join(f"{row},1,0,{cause},\n" for row, _ in wrong)
        self.write(causes.FILE, f"id,truth,prediction,cause,note\n{lines}")

    def open_test(self, target: float | None = 0.7) -> str:
        """Write an opening of the test part with its predictions; its name."""
        self.predict("test")
        facts = self.facts()
        subject = {
            "model": facts.now(MODEL).hash,
            "split": facts.now("data/split.csv.gz").hash,
            "data": {builder.RAW: facts.now(builder.RAW).hash},
            "metric": "roc_auc",
            "target": target,
        }
        n = len(predictions.part(facts, "test").ids)
        others = [role for role in predictions.part(facts, "test").by_model if role != "kept"]
        results = {
            "rows": n,
            "n": n,
            "metric": "roc_auc",
            "scores": self._column(facts, "test"),
            "kept_minus": {
                role: told(predictions.difference(facts, "test", "kept", role, "roc_auc")) for role in others
            },
        }
        name = f"reports/openings/{of_value(subject)}.json"
        self.write(
            name,
            json.dumps({"schema": 1, **subject, "results": results, "outputs": {TEST: facts.now(TEST).hash}}),
        )
        return name

    def _column(self, facts: Facts, part: str) -> dict[str, Any]:
        names = {"candidate": "kept"}
        return {
            names.get(role, role): {
                metric: told(predictions.score(facts, part, role, metric))
                for metric in scores.FITTING["binary"]
            }
            for role in predictions.part(facts, part).by_model
        }

    def _evaluate(self) -> None:
        facts = self.facts()
        sizes = list(rows.parts(facts).values())
        files = sorted(f"reports/openings/{path.name}" for path in (self.root / "reports/openings").glob("*"))
        column = self._column(facts, "validation")
        parts = {
            "training": {"rows": sizes.count("train"), "n": sizes.count("train"), "scores": column},
            "validation": {
                "rows": sizes.count("validation"),
                "n": sizes.count("validation"),
                "scores": column,
            },
        }
        if files:
            parts["test"] = json.loads((self.root / files[0]).read_text(encoding="utf-8"))["results"]
        models = {json.loads((self.root / name).read_text(encoding="utf-8"))["model"] for name in files}
        results = {
            "model": self._model(),
            "metric": "roc_auc",
            "parts": parts,
            "human": {"known": False},
            "findings": [],
            "incumbent": {"known": False},
            "looks": {"looks": len(models), "files": files},
            "shift": {"verdict": "cannot tell", "why": "too few features", "columns": []},
            "target": {"verdict": "reached" if files else "unknown"},
        }
        due = evaluate._gaps(facts, results, "roc_auc")
        results["gaps"] = {
            cause: {
                "gap": f"gap of {cause}",
                "value": value,
                "low": low,
                "high": high,
                "verdict": scores.verdict(low, high),
            }
            for cause, (value, low, high) in due.items()
        }
        results["bottleneck"] = {"cause": evaluate._bottleneck(due)}
        self.report("evaluate", results)

    def _improve(self) -> None:
        facts = self.facts()
        score = predictions.score(facts, "validation", "candidate", "roc_auc")
        last = told(score)
        first = told(score._replace(value=score.value - 0.2, low=score.low - 0.2, high=score.high - 0.2))
        points = [
            {"rows": 36, "fraction": 0.25, "score": first},
            {"rows": 144, "fraction": 1.0, "score": last},
        ]
        results: dict[str, Any] = {
            "model": self._model(),
            "metric": "roc_auc",
            "learning_curve": points,
            "findings": [],
            "causes": causes.counts(causes.read(facts) or []),
        }
        gain, _, clusters = improve._doubling(results, "roc_auc") or (0.0, 0.0, 2)
        half = half_width(0.01, clusters)
        low, high = gain - half, gain + half
        results["doubling"] = {
            "gain": gain,
            "low": low,
            "high": high,
            "standard_error": 0.01,
            "verdict": "more data helps",
        }
        step = {"cost": "weeks", "constraint": "a permission"}
        evidence = f"Twice the training rows: roc_auc better by {gain:.3g} ({low:.3g} to {high:.3g})."
        results["doubling"]["text"] = evidence
        results["next"] = [
            {"rank": 1, "step": "data", "action": "Get more rows.", "evidence": evidence, **step}
        ]
        if results["causes"]:
            cause, count = next(iter(results["causes"].items()))
            evidence = f"{count} of the {count} wrong cases with a cause in docs/errors.csv: {cause!r}."
            results["next"].append(
                {"rank": 2, "step": "features", "action": "Mend it.", "evidence": evidence, **step}
            )
        self.report("improve", results, inputs=[causes.FILE])

    def _model(self) -> dict[str, Any]:
        return {"id": self.facts().now(MODEL).hash, "role": "candidate", "name": "gradient_boosting"}


def told(item: Estimate) -> dict[str, Any]:
    """An estimate as a report writes it."""
    made: dict[str, Any] = {}
    for key, value in item._asdict().items():
        made[key] = value if isinstance(value, int) else float(f"{value:.6g}") if value == value else None
    return made


def _slice(item: slices.Slice) -> dict[str, Any]:
    made = {
        "column": item.column,
        "value": item.value,
        "n": item.n,
        "small": item.small,
        "verdict": item.verdict,
    }
    gap = {} if item.difference is None else {"difference": told(item.difference)}
    return {**made, "score": told(item.score), **gap}


def _chance(value: float) -> str:
    return f"{min(0.99, max(0.01, value / 2 + 0.5)):.6g}"


def build(root: Path) -> Modelled:
    """The whole project, all of whose checks of I.7 to I.10 pass; the test part is not open."""
    made = Modelled(builder.build(root).root)
    text = (root / "params.toml").read_text(encoding="utf-8").replace('metric = "roc_auc"\n', PROBLEM)
    made.write("params.toml", text + MORE)
    for slug in ("baseline", "interpret", "evaluate", "improve"):
        made.write(f"src/app/{slug}.py", f'"""{slug}."""\n')
    for slug in ("interpret", "improve"):
        names = Facts(".").asked(slug)
        made.write(f"docs/{slug}.md", "".join(map(ANSWER.format, names)))
    made.predict("validation")
    made.model()
    made.run()
    made.run_models("baseline")
    made.causes()
    made.run_models("interpret", "evaluate", "improve")
    return made
