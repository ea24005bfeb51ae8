"""I.6: every feature is defined once and known in time; of the proof, what can be is repeated."""

import ast
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from typing import Any

from poc2prod_kit.tables.schema import Column

from ..project import Facts
from ..recount.raw import MOST, position
from . import rows as table
from . import screened, step_reports
from .code import functions, naming
from .finding import CLAIMED, Finding, Unproven, failed, many, passed, skipped, stale, unknown
from .golden import again, definitions, schema_columns

KINDS = ("number", "category")
PROOF_ROWS = 20_000
READS = (
    "open",
    "read_csv",
    "read_parquet",
    "read_json",
    "read_excel",
    "read_text",
    "read_bytes",
    "loadtxt",
    "load",
)


def defined(facts: Facts) -> Iterable[Finding]:
    """Every feature is defined once, with kind and meaning.

    None is the target, an id, a group or an excluded column.
    """
    listed = definitions(facts)
    names = [str(one["name"]) for one in listed]
    twice = sorted({name for name in names if names.count(name) > 1})
    columns = schema_columns(facts)
    out = {str(facts.param(f"data.{role}", "")): role for role in ("target", "id", "group")}
    out |= {str(name): "exclude" for name in facts.param("data.exclude", [])}
    for name in twice:
        yield failed(f"the feature {name!r} is defined twice", again(facts))
    silent = [
        str(one["name"])
        for one in listed
        if one.get("kind") not in KINDS or not str(one.get("meaning") or "").strip()
    ]
    if silent:
        yield unknown(
            f"without kind or meaning: {len(silent)} of {many(len(listed), 'feature')},"
            f" {', '.join(silent[:5])}",
            "give the column its meaning in schema.toml, or the rule its docstring",
        )
    bad = [message for one in listed if (message := _misfit(one, columns, out))]
    for message in bad[:5]:
        yield failed(message, again(facts))
    reworded = [message for one in listed if (message := _reworded(one, columns))]
    for message in reworded[:5]:
        since = step_reports.changed(facts, "features")
        yield (stale if since else failed)(message, again(facts))
    if not twice and not silent and not bad and not reworded:
        yield passed(f"{many(len(listed), 'feature')}, each once, with kind and meaning", CLAIMED)


def _misfit(one: dict[str, Any], columns: dict[str, Column], out: dict[str, str]) -> str:
    column = one.get("column")
    if column is None:
        return ""
    if column not in columns:
        return f"the feature {one['name']!r} is made of {column!r}, which schema.toml does not have"
    if column in out:
        return f"the feature {one['name']!r} is made of {column!r}, which [data] {out[column]} names"
    return ""


def _reworded(one: dict[str, Any], columns: dict[str, Column]) -> str:
    """How a feature's meaning differs from its column's; empty where it does not."""
    about = columns.get(str(one.get("column")))
    if about is None or one.get("how") not in KINDS or str(one.get("meaning")) == about.meaning:
        return ""
    return (
        f"{one['name']}: the report says it means {str(one.get('meaning'))[:60]!r}, schema.toml"
        f" {about.meaning[:60]!r}"
    )


def rules(facts: Facts) -> Iterable[Finding]:
    """Every rule that params.toml names is a function in rules.py with a docstring, and a test names it."""
    named = {key: facts.param(key, []) for key in ("features.rules", "data.population", "baseline.rules")}
    wanted = [(key, str(name)) for key, names in named.items() if isinstance(names, list) for name in names]
    if not wanted:
        yield skipped("params.toml names no rule")
        return
    file = f"src/{facts.package}/rules.py"
    text = facts.text(file)
    if not isinstance(text, str):
        yield unknown(f"{file} is not there, and params.toml names rules", f"bring {file} back from git")
        return
    known, reported, wrong = functions(text), {str(one.get("rule")): one for one in definitions(facts)}, 0
    for finding in (item for key, name in wanted for item in _rule(facts, file, known, key, name, reported)):
        wrong += 1
        yield finding
    made = [name for name in reported if name != "None" and ("features.rules", name) not in wanted]
    if made:
        wrong += 1
        yield failed(
            f"the report has the rule {made[0]!r}, which [features] rules does not name", again(facts)
        )
    if not wrong:
        yield passed(
            f"{many(len(wanted), 'rule')} of {file}, each a function that a test names:"
            f" {', '.join(n for _, n in wanted[:4])}"
        )


def _rule(
    facts: Facts,
    file: str,
    known: dict[str, ast.FunctionDef],
    key: str,
    name: str,
    told: dict[str, dict[str, Any]],
) -> Iterator[Finding]:
    section, _, field = key.partition(".")
    if name not in known:
        yield failed(
            f"[{section}] {field} names {name!r}; {file} has no such function", f"write {name} in {file}"
        )
        return
    about = ast.get_docstring(known[name]) or ""
    if not about.strip():
        yield unknown(f"{file}, {name}: no docstring says what it means", "write its docstring")
    if not naming(facts, name):
        yield failed(
            f"no test in tests/ names the rule {name!r}", "add its worked example to tests/test_rules.py"
        )
    if key != "features.rules":
        return
    if name not in told:
        yield failed(f"[features] rules names {name!r}; the report has no such feature", again(facts))
    elif str(told[name].get("meaning")) != about.partition("\n")[0]:
        yield failed(f"{name}: the report's meaning is not the first line of its docstring", again(facts))
    constants = {node.value for node in ast.walk(known[name]) if isinstance(node, ast.Constant)}
    if facts.param("data.target") in constants:
        yield failed(
            f"{file}, {name}: it names the target {facts.param('data.target')!r}",
            "a feature must not know the answer",
        )
    called = {_called(node) for node in ast.walk(known[name]) if isinstance(node, ast.Call)}
    if called & set(READS):
        yield failed(
            f"{file}, {name}: it reads a file, so that no proof holds", "compute it from the row alone"
        )


def _called(node: ast.Call) -> str:
    return (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )


def proof(facts: Facts) -> Finding:
    """Features were fitted on training rows only.

    Nothing changed in them when other rows and the target were changed.
    """
    reported = facts.results("features").get("proof")
    if not isinstance(reported, dict) or not all(
        isinstance(reported.get(key), list) for key in ("others", "target", "alone")
    ):
        return unknown(
            "reports/features.json holds no proof that features depend on their row alone", again(facts)
        )
    changed = {key: reported[key] for key in ("others", "target", "alone") if reported[key]}
    if changed:
        key, names = next(iter(changed.items()))
        words = {"others": "rows outside training", "target": "the target", "alone": "the rows beside it"}
        return failed(
            f"{', '.join(map(str, names[:5]))}: changes with {words[key]}",
            "compute it from the row alone",
            CLAIMED,
        )
    wrong = _looked(facts, reported)
    if wrong is None and not (reported.get("training_rows") and reported.get("perturbed_rows")):
        return unknown(
            "the proof looked at no training row, or changed none of the others",
            f"raise [features] proof_rows in params.toml, then {again(facts)}",
        )
    return wrong or passed(
        f"no feature of {reported['training_rows']:,} training rows changed when {reported['perturbed_rows']:,}"
        " others and the target were changed",
        CLAIMED,
    )


def probes(facts: Facts) -> Finding:
    """Every column was tried alone, and the report says how well each does."""
    reported = facts.results("features").get("probes")
    if not isinstance(reported, dict):
        return unknown("reports/features.json says nothing of leakage probes", again(facts))
    alone = reported.get("alone")
    if not isinstance(alone, list) or not all(isinstance(one, dict) for one in alone):
        return unknown("the probes do not say which columns were tried alone", again(facts))
    first = alone[0] if alone else {}
    score = f"{first['score']:.3g}" if isinstance(first.get("score"), float) else first.get("score")
    best = f"; best alone: {first.get('column')} ({reported.get('score')} {score})" if alone else ""
    return passed(f"{many(len(alone), 'column')} tried alone{best}", CLAIMED)


def _looked(facts: Facts, told: dict[str, Any]) -> Finding | None:
    """Whether the rows of the proof are those that the rule of sampling gives.

    None where they are, or are not here.
    """
    try:
        split = table.parts(facts)
    except Unproven:
        return None
    if split is None:
        return None
    rows, most = list(split), facts.param("features.proof_rows", PROOF_ROWS)
    if len(rows) > MOST:
        wrong = told.get("rows") != most
        return (
            failed(f"proof: the report looked at {told.get('rows')} rows, not {most:,}", again(facts))
            if wrong
            else None
        )
    looked = rows if len(rows) <= most else nsmallest(int(most), rows, key=position)
    train = sum(split[row] == "train" for row in looked)
    if told.get("rows") != len(looked) or told.get("training_rows") != train:
        return failed(
            f"proof: the report looked at {told.get('rows')} rows, {told.get('training_rows')} of "
            "training; by"
            f" data/split.csv.gz they are {len(looked):,} and {train:,}",
            again(facts),
        )
    if told.get("perturbed_rows") != len(looked) - train:
        return failed(
            f"proof: {told.get('perturbed_rows')} rows were changed; {len(looked) - train:,} are no training"
            " rows"
        )
    return None


def looked_at(facts: Facts) -> Iterable[Finding]:
    """Whatever the step found fails here.

    Features that depend on other rows; `screened` is about what has an id.
    """
    from .data import found_by_step

    if not facts.results("features"):
        return
    items = [item for item in found_by_step(facts, "features") if not item.get("id")]
    for item in items[:8]:
        yield failed(
            f"the step found {item.get('kind')}: {str(item.get('text'))[:160]}",
            "poc2prod show features",
            CLAIMED,
        )
    if not items:
        yield passed("the step found nothing that a person must look at", CLAIMED)


CHECKS = (
    defined,
    rules,
    *step_reports.fresh("features", proof, probes, screened.of("features"), looked_at),
)
