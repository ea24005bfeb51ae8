"""The test evaluations: immutable files in reports/openings, named by a hash of their subject."""

import re
from contextlib import suppress
from typing import Any, NamedTuple

from poc2prod_kit.run.hashing import of_value
from poc2prod_kit.run.libraries import changes

from ..files import Unreadable
from ..project import Facts
from . import rows
from .finding import UNKNOWN, Absent, Finding, unknown
from .step_reports import again
from .values import texts

FOLDER = "reports/openings"
SUBJECT = ("model", "split", "data", "metric", "target")
SAME = ("model", "split", "data")


class TestEvaluations(NamedTuple):
    """The valid ones by name, and for the others why they do not count."""

    whole: dict[str, dict[str, Any]]
    broken: dict[str, str]

    @property
    def looks(self) -> int:
        """How many different models were evaluated on the test rows."""
        return len({str(item["model"]) for item in self.whole.values()})


def read(facts: Facts) -> TestEvaluations:
    """All test evaluations on disk."""
    return facts.shared("openings", lambda: _read(facts))


def _read(facts: Facts) -> TestEvaluations:
    whole, broken = {}, {}
    for file in facts.listing(FOLDER):
        name = f"{FOLDER}/{file}"
        content = facts.json(name)
        problem = _wrong(file, content)
        if problem:
            broken[name] = problem
        else:
            whole[name] = content
    return TestEvaluations(whole, broken)


def _wrong(file: str, content: Any) -> str:
    if isinstance(content, Unreadable):
        return content.reason
    if not isinstance(content, dict) or not {*SUBJECT, "results", "outputs"} <= set(content):
        return "is not a test evaluation"
    if not isinstance(content["results"], dict) or not isinstance(content["outputs"], dict):
        return "is not a test evaluation"
    expected = of_value({key: content[key] for key in SUBJECT})
    if not re.fullmatch(r"[0-9a-f]{64}\.json", file) or file[:-5] != expected:
        return f"was edited: its subject has the hash {expected[:8]}, its name says {file[:8]}"
    return ""


def current(facts: Facts, evaluations: TestEvaluations, model: str) -> dict[str, dict[str, Any]]:
    """The test evaluations of this model on the current split and data, with any metric and target."""
    now = {
        "model": model,
        "split": facts.now("data/split.csv.gz").hash,
        "data": {name: facts.now(name).hash for name in texts(facts, "data.files")},
    }
    return {
        name: item for name, item in evaluations.whole.items() if all(item[key] == now[key] for key in SAME)
    }


def cause(facts: Facts) -> str:
    """Where every model that was judged had other libraries than this one: which, in brackets."""
    report = facts.report("baseline")
    now = report.get("libraries") if isinstance(report, dict) else None
    items = [changes(item.get("libraries"), now) for item in read(facts).whole.values()]
    return f" ({min(items, key=len)})" if items and all(items) else ""


def predictions_absent(facts: Facts, name: str) -> Finding:
    """The last check's finding on the test predictions; without one, how to write them again."""
    finding = rows.on_record(facts, "evaluate", "test_part")
    if finding.outcome == UNKNOWN:
        with suppress(Absent):
            rows.read(facts)
            return unknown(
                f"{name} is not in git, and not here beside the rows",
                f"{again(facts, 'evaluate')} --open-test writes it again (it counts as the same test evaluation)",
            )
    return finding


def mend(facts: Facts, name: str) -> str:
    """What to do if a test evaluation or the report differs from its predictions."""
    return again(facts, "evaluate") if name == "reports/evaluate.json" else f"git checkout -- {name}"
