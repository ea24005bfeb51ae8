"""The openings of the test part: immutable files, named by what they are of."""

import re
from typing import Any, NamedTuple

from poc2prod_kit.run.hashing import of_value
from poc2prod_kit.run.libraries import changes

from ..files import Unreadable
from ..project import Facts
from . import rows
from .finding import UNKNOWN, Finding, unknown

FOLDER = "reports/openings"
SUBJECT = ("model", "split", "data", "metric", "target")
SAME = ("model", "split", "data")


class Openings(NamedTuple):
    """Those that can be read, by name, and for each of the others why it does not count."""

    whole: dict[str, dict[str, Any]]
    broken: dict[str, str]

    @property
    def looks(self) -> int:
        """How many distinct models were looked at with the test part."""
        return len({str(item["model"]) for item in self.whole.values()})


def read(facts: Facts) -> Openings:
    """All openings on disk."""
    return facts.shared("openings", lambda: _read(facts))


def _read(facts: Facts) -> Openings:
    whole, broken = {}, {}
    for file in facts.listing(FOLDER):
        name = f"{FOLDER}/{file}"
        content = facts.json(name)
        wrong = _wrong(file, content)
        if wrong:
            broken[name] = wrong
        else:
            whole[name] = content
    return Openings(whole, broken)


def _wrong(file: str, content: Any) -> str:
    if isinstance(content, Unreadable):
        return content.reason
    if not isinstance(content, dict) or not {*SUBJECT, "results", "outputs"} <= set(content):
        return "is not an opening"
    if not isinstance(content["results"], dict) or not isinstance(content["outputs"], dict):
        return "is not an opening"
    due = of_value({key: content[key] for key in SUBJECT})
    if not re.fullmatch(r"[0-9a-f]{64}\.json", file) or file[:-5] != due:
        return f"was edited: what it is of hashes to {due[:8]}, its name says {file[:8]}"
    return ""


def current(facts: Facts, found: Openings, model: str) -> dict[str, dict[str, Any]]:
    """The openings of this model on today's split and data, whatever the metric and target were."""
    files = facts.param("data.files", [])
    names = [str(name) for name in files] if isinstance(files, list) else []
    now = {
        "model": model,
        "split": facts.now("data/split.csv.gz").hash,
        "data": {name: facts.now(name).hash for name in names},
    }
    return {name: item for name, item in found.whole.items() if all(item[key] == now[key] for key in SAME)}


def cause(facts: Facts) -> str:
    """Where every model that was judged had other libraries than this one: which, in brackets."""
    report = facts.report("baseline")
    now = report.get("libraries") if isinstance(report, dict) else None
    found = [changes(item.get("libraries"), now) for item in read(facts).whole.values()]
    return f" ({min(found, key=len)})" if found and all(found) else ""


def predictions_absent(facts: Facts, name: str) -> Finding:
    """What the record says of the test part; without one, how its predictions come back beside the rows."""
    found = rows.on_record(facts, "evaluate", "test_part")
    if found.outcome != UNKNOWN or rows.read(facts) is None:
        return found
    again = f"python -m {facts.package} evaluate --open-test"
    return unknown(
        f"{name} stays out of git and is not here, where the rows are",
        f"{again} makes it again (the same opening, no new look)",
    )


def mend(facts: Facts, name: str) -> str:
    """What to do where an opening, or the report, says what its predictions do not give."""
    again = f"python -m {facts.package} evaluate"
    return again if name == "reports/evaluate.json" else f"git checkout -- {name}"
