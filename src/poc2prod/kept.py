"""What the last `check` found: .poc2prod/checks/<slug>.json, without a clock, so that two runs give the
same bytes.
"""

import json
import os
import time
from contextlib import suppress
from typing import Any

from poc2prod_kit.run.results_versions import LIBRARY

from . import __version__
from .checklist import STAGES, step
from .errors import Poc2prodError
from .evidence import Judged
from .evidence.finding import ATTESTED, PASS, RECOMPUTED, SKIPPED, STALE, UNKNOWN, Finding
from .files import Root, Unreadable, as_json
from .project import CACHE, Facts

CHECKS = 1
UNASKED = "not checked yet"
# A file changed within this time (nanoseconds) might change again without a new time: its hash is not kept.
RECENT = 100_000_000
OUTCOMES = ("pass", "fail", "stale", "unknown", "skipped")
BASES = ("recomputed", "attested", "claimed")


def load(slug: str, facts: Facts) -> tuple[Finding, ...]:
    """The recorded findings of a step, if all that they rest on is unchanged; else one finding that says
    why not.
    """
    name = f".poc2prod/checks/{slug}.json"
    content = facts.files.json(name)
    wrong = content.reason if isinstance(content, Unreadable) else _wrong(content, slug)
    held = False
    if content is None:
        text = UNASKED
    elif wrong:
        text = f"{name} {wrong}"
    else:
        findings = [
            Finding(*(str(item.get(key, "")) for key in Finding._fields)) for item in content["findings"]
        ]
        held = all(item.outcome in (PASS, SKIPPED) for item in findings)
        text = _outdated(content, facts)
        if not text:
            attested = {RECOMPUTED: ATTESTED}
            return tuple(item._replace(basis=attested.get(item.basis, item.basis)) for item in findings)
    todo = "poc2prod check" if step(slug).stage == STAGES[0] else f"poc2prod check {slug}"
    return (Finding("kept", STALE if held else UNKNOWN, RECOMPUTED, text, todo),)


def _outdated(content: dict[str, Any], facts: Facts) -> str:
    """Why a whole record does not hold any more; empty where it does."""
    if content["checks"] != CHECKS:
        return f"checked by version {content['checks']} of the checks, now {CHECKS}"
    now = {key: facts.now(key).hash for key in content["inputs"]}
    changed = [key for key, was in content["inputs"].items() if now[key] != was]
    if not changed:
        return ""
    first = changed[0]
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    library = first.startswith(f"{LIBRARY}#")
    numbers = f": {content['inputs'][first]} → {now[first]}," if library else ""
    return f"{first}{numbers}{more} changed since it was checked"


def save(slug: str, judged: Judged, files: Root) -> bool:
    """Write the record of a step; whether its bytes changed. Poc2prodError where it cannot be written."""
    findings = [dict(item._asdict()) for item in judged.findings]
    content = {"schema": 1, "checks": CHECKS, "step": slug, "inputs": judged.inputs, "findings": findings}
    return files.replace(f".poc2prod/checks/{slug}.json", as_json(content))


def remember(facts: Facts) -> None:
    """Keep what spares the next check the work, and all hashes with the files' times, so that `status` need
    not read them again; the hashes never in git, never needed.
    """
    for name, content in facts.made.items():
        facts.files.replace(name, as_json(content))
    recent = time.time_ns() - RECENT
    hashes = {name: entry for name, entry in facts.hashed.items() if entry[0] < recent}
    with suppress(Poc2prodError):
        facts.files.replace(f"{os.path.dirname(CACHE)}/.gitignore", "*\n")
        facts.files.replace(
            CACHE, json.dumps({"version": __version__, "hashes": hashes}, sort_keys=True) + "\n"
        )


def _wrong(content: Any, slug: str) -> str:
    if not isinstance(content, dict) or content.get("schema") != 1 or content.get("step") != slug:
        return "is not this step's record"
    inputs, findings = content.get("inputs"), content.get("findings")
    if not isinstance(inputs, dict) or not all(isinstance(item, str | None) for item in inputs.values()):
        return "has no table of inputs"
    if not inputs and (step(slug).form or step(slug).report):
        return "names no inputs, so nothing would make it stale"
    whole = isinstance(findings, list) and all(
        isinstance(item, dict) and item.get("outcome") in OUTCOMES and item.get("basis") in BASES
        for item in findings
    )
    return "" if whole and findings else "has no findings"
