"""I.6: every feature is defined once and known in time; of the proof, what can be is repeated."""

import ast
from collections.abc import Iterable, Iterator
from contextlib import suppress
from heapq import nsmallest
from typing import Any

from poc2prod_kit.tables.schema import Column

from ..project import Facts
from ..recount.raw import MOST, position
from . import rows as table
from . import screened, step_reports
from .code import functions, naming
from .finding import (
    CLAIMED,
    Absent,
    Finding,
    Refuted,
    Unproven,
    failed,
    many,
    passed,
    skipped,
    stale,
    unknown,
)
from .golden import again, definitions
from .rows import schema_columns
from .values import fields, texts

KINDS = ("number", "category")
PROOF_ROWS = 20_000
# A rule that calls one of these takes values from elsewhere than its row.
READS = frozenset(
    [
        "open",
        "load",
        "loadtxt",
        "read_bytes",
        "read_csv",
        "read_excel",
        "read_json",
        "read_parquet",
        "read_text",
    ]
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
    out |= dict.fromkeys(texts(facts, "data.exclude"), "exclude")
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
    yield from (failed(message, again(facts)) for message in bad[:5])
    reworded = [message for one in listed if (message := _reworded(one, columns))]
    outcome = stale if step_reports.changed(facts, "features") else failed
    yield from (outcome(message, again(facts)) for message in reworded[:5])
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
    keys = ("features.rules", "data.population", "baseline.rules")
    wanted = [(key, name) for key in keys for name in texts(facts, key)]
    if not wanted:
        yield skipped("params.toml names no rule")
        return
    file = f"src/{facts.package}/rules.py"
    text = facts.text(file)
    if not isinstance(text, str):
        yield unknown(f"{file} is not there, and params.toml names rules", f"bring {file} back from git")
        return
    known, reported = (
        functions(text),
        {str(one["rule"]): one for one in definitions(facts) if one.get("rule")},
    )
    problems = [
        item for key, name in wanted for item in _rule(facts, file, known.get(name), key, name, reported)
    ]
    made = [name for name in reported if ("features.rules", name) not in wanted]
    if made:
        text = f"the report has the rule {made[0]!r}, which [features] rules does not name"
        problems.append(failed(text, again(facts)))
    names = ", ".join(name for _, name in wanted[:4])
    yield from problems or [
        passed(f"{many(len(wanted), 'rule')} of {file}, each a function that a test names: {names}")
    ]


def _rule(
    facts: Facts,
    file: str,
    function: ast.FunctionDef | None,
    key: str,
    name: str,
    reported: dict[str, dict[str, Any]],
) -> Iterator[Finding]:
    """What is wrong with one rule that a key of params.toml names."""
    section, _, field = key.partition(".")
    if function is None:
        yield failed(
            f"[{section}] {field} names {name!r}; {file} has no such function", f"write {name} in {file}"
        )
        return
    about = ast.get_docstring(function) or ""
    if not about.strip():
        yield unknown(f"{file}, {name}: no docstring says what it means", "write its docstring")
    if not naming(facts, name):
        yield failed(
            f"no test in tests/ names the rule {name!r}", "add its worked example to tests/test_rules.py"
        )
    if key != "features.rules":
        return
    if name not in reported:
        yield failed(f"[features] rules names {name!r}; the report has no such feature", again(facts))
    elif str(reported[name].get("meaning")) != about.partition("\n")[0]:
        yield failed(f"{name}: the report's meaning is not the first line of its docstring", again(facts))
    nodes = list(ast.walk(function))
    if (target := facts.param("data.target")) in {n.value for n in nodes if isinstance(n, ast.Constant)}:
        yield failed(f"{file}, {name}: it names the target {target!r}", "a feature must not know the answer")
    if {_called(node) for node in nodes if isinstance(node, ast.Call)} & READS:
        yield failed(
            f"{file}, {name}: it reads a file, so that no proof holds", "compute it from the row alone"
        )


def _called(node: ast.Call) -> str:
    called = node.func
    return (
        called.id
        if isinstance(called, ast.Name)
        else called.attr
        if isinstance(called, ast.Attribute)
        else ""
    )


def proof(facts: Facts) -> Finding:
    """Features were fitted on training rows only.

    Nothing changed in them when other rows and the target were changed.
    """
    reported = fields(facts.results("features"), "proof")
    words = {"others": "rows outside training", "target": "the target", "alone": "the rows beside it"}
    if not all(isinstance(reported.get(key), list) for key in words):
        return unknown("reports/features.json holds no proof that features depend on their row alone")
    if changed := [key for key in words if reported[key]]:
        names = ", ".join(map(str, reported[changed[0]][:5]))
        return failed(f"{names}: changes with {words[changed[0]]}", "compute it from the row alone", CLAIMED)
    with suppress(Absent, Unproven):  # without a readable split the report's own numbers count
        _agrees_with_split(facts, reported)
    if not (reported.get("training_rows") and reported.get("perturbed_rows")):
        return unknown(
            "the proof looked at no training row, or changed none of the others",
            f"raise [features] proof_rows in params.toml, then {again(facts)}",
        )
    return passed(
        f"no feature of {reported['training_rows']:,} training rows changed when {reported['perturbed_rows']:,}"
        " others and the target were changed",
        CLAIMED,
    )


def probes(facts: Facts) -> Finding:
    """Every column was tried alone, and the report says how well each does."""
    reported = facts.results("features").get("probes")
    if not isinstance(reported, dict):
        return unknown("reports/features.json says nothing of leakage probes")
    alone = reported.get("alone")
    if not isinstance(alone, list) or not all(isinstance(one, dict) for one in alone):
        return unknown("the probes do not say which columns were tried alone")
    first = alone[0] if alone else {}
    score = f"{first['score']:.3g}" if isinstance(first.get("score"), float) else first.get("score")
    best = f"; best alone: {first.get('column')} ({reported.get('score')} {score})" if alone else ""
    return passed(f"{many(len(alone), 'column')} tried alone{best}", CLAIMED)


def _agrees_with_split(facts: Facts, reported: dict[str, Any]) -> None:
    """Refuted unless the rows of the proof are those that the rule of sampling gives. Absent; Unproven."""
    split = table.parts(facts)
    rows, most = list(split), facts.param("features.proof_rows", PROOF_ROWS)
    said, training, perturbed = (reported.get(key) for key in ("rows", "training_rows", "perturbed_rows"))
    if len(rows) > MOST:
        if said != most:
            raise Refuted(f"proof: the report looked at {said} rows, not {most:,}")
        return
    looked = rows if len(rows) <= most else nsmallest(int(most), rows, key=position)
    train = sum(split[row] == "train" for row in looked)
    if (said, training) != (len(looked), train):
        raise Refuted(
            f"proof: the report looked at {said} rows, {training} of training; by"
            f" data/split.csv.gz they are {len(looked):,} and {train:,}"
        )
    if perturbed != len(looked) - train:
        raise Refuted(f"proof: {perturbed} rows were changed; {len(looked) - train:,} are no training rows")


def looked_at(facts: Facts) -> Iterable[Finding]:
    """Whatever the step found fails here.

    Features that depend on other rows; `screened` is about what has an id.
    """
    return step_reports.remarked(facts, "features", lambda _: failed)


CHECKS = (
    defined,
    rules,
    *step_reports.fresh("features", proof, probes, screened.of("features"), looked_at),
)
