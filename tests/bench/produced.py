"""Production's bench: a project with Part I, II.1 and II.3 to II.7 proven; faults of those six steps."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.finished import DATA
from bench.hands import revise
from bench.registry import Change, Fault, Harmless
from poc2prod_kit.run.hashing import of_value

from poc2prod import kept, records
from poc2prod.checklist import step, until
from poc2prod.project import Facts
from poc2prod.review import Review
from poc2prod.survey import Survey

ORDER = ("contract", "refactor", "api", "testing", "docker", "ci")
STEPS = tuple(map(step, ORDER))
FAULTS: list[Fault] = []
HARMLESS: list[Harmless] = []
# The later steps that rest on a step's own evidence, and may say so too.
RESTS = {"contract": ("api", "refactor"), "api": ("refactor", "docker"), "refactor": ("api",)}
KINDS = ("lint", "test", "latency", "image", "ci")


def fault(
    step: str, verdict: str, says: str, *also: str, claimed: bool = False
) -> Callable[[Change], Change]:
    """Register a fault: the step that must catch it, the verdict (several: `fail|stale`), what it says.

    `claimed`: the step passes, and a finding that is claimed says what is not known.
    """

    def add(plant: Change) -> Change:
        verdicts = tuple(verdict.split("|"))
        FAULTS.append(Fault(plant.__name__, step, verdicts, says, plant, also, claimed=claimed))
        return plant

    return add


def harmless(*, kept: bool = True) -> Callable[[Change], Change]:
    """Register a change that must change no verdict; `kept`: the last check's records must hold too."""

    def add(change: Change) -> Change:
        HARMLESS.append(Harmless(change.__name__, change, kept))
        return change

    return add


def unpacked(folder: Path) -> Path:
    """The project, with records of this version's checks."""
    with tarfile.open(DATA / "produced.tar.gz") as tar:
        tar.extractall(folder / "produced", filter="data")
    survey = Survey(str(folder / "produced"))
    survey.judge(until("pre-production"))
    for slug, judged in survey.judged.items():
        kept.save(slug, judged, survey.facts.files)
    return folder / "produced"


def checked(project: Path) -> dict[str, Review]:
    """Judge the six steps anew; nothing is written."""
    survey = Survey(str(project))
    survey.judge(STEPS)
    return {item.slug: survey.review(item) for item in STEPS}


def status(project: Path) -> dict[str, Review]:
    """The six steps from the records of the last check."""
    survey = Survey(str(project), remember=True)
    return {item.slug: survey.review(item) for item in STEPS}


# What somebody does who hides a change


def record(project: Path, kind: str) -> Path:
    """The file of the one record of a kind."""
    return next((project / "records").glob(f"{kind}-*.json"))


def tell(project: Path, kind: str, change: Callable[[Any], Any]) -> None:
    """Change the results of a record, and seal it anew under the name that this gives it."""
    _resealed(project, kind, lambda content: change(content["results"]))


def put(project: Path, kind: str, key: str, value: Any) -> None:
    """Set one value of a record's results, by its dotted key."""
    *path, last = key.split(".")

    def change(results: Any) -> None:
        for part in path:
            results = results[int(part) if isinstance(results, list) else part]
        results[int(last) if isinstance(results, list) else last] = value

    tell(project, kind, change)


def rebind(project: Path, *kinds: str) -> None:
    """Bind records (all, if none is named) to the source as it is now, as running the commands again does."""
    now = Facts(str(project)).source()
    for kind in kinds or KINDS:
        _resealed(project, kind, lambda content: content.update(source=now))


def _resealed(project: Path, kind: str, change: Callable[[Any], Any]) -> None:
    path = record(project, kind)
    content = json.loads(path.read_text("utf-8"))
    change(content)
    content.pop("seal")
    content["seal"] = of_value(content)
    path.unlink()
    name = f"{kind}-{content['when'][:10].replace('-', '')}-{content['seal'][:12]}.json"
    (project / records.FOLDER / name).write_text(json.dumps(content, indent=1, sort_keys=True), "utf-8")


def retold(project: Path, *steps: str) -> None:
    """Bring the hashes of these steps' reports up to date, and seal them."""
    for slug in steps:
        revise(project, f"reports/{slug}.json", partial(_hashed, Facts(str(project))))


def _hashed(facts: Facts, value: dict[str, Any]) -> None:
    for part in ("inputs", "outputs"):
        for name in value[part]:
            now = facts.now(name)
            if now.hash and now.basis == "recomputed":
                value[part][name] = now.hash
    value["seal"] = of_value({key: item for key, item in value.items() if key != "seal"})
