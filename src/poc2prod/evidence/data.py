"""I.4: the rows are the manifest's, keep to the schema, and are what the report counts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from math import sqrt
from typing import Any

from poc2prod_kit.screening import duplicates

from ..files import Unreadable
from ..project import Facts
from ..recount import cells, describe
from . import rows as table
from . import screened, step_reports
from .annotator_agreement import rated
from .finding import CLAIMED, Finding, Unproven, failed, many, passed, skipped, unknown
from .rows import Rows, difference, on_record

MANIFEST = "data/manifest.json"
CERTAIN = 6.0


def manifest(facts: Facts) -> Iterable[Finding]:
    """data/manifest.json lists each raw file with its size, hash, rows and origin, as they are on disk."""
    result, named = facts.json(MANIFEST), facts.param("data.files", [])
    if result is None or isinstance(result, Unreadable):
        yield unknown(str(result or f"{MANIFEST} is not there"), _run(facts))
        return
    entries = result.get("files") if isinstance(result, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        yield unknown(f"{MANIFEST} lists no files", _run(facts))
        return
    listed = [entry.get("name") for entry in entries]
    if listed != named:
        yield failed(f"{MANIFEST} lists {_few(listed)}; [data] files names {_few(named)}", _run(facts))
        return
    yield from _entries(facts, entries)
    if facts.results("data").get("files") != entries:
        yield failed(f"results.files of reports/data.json are not those of {MANIFEST}", _run(facts))
    present = table.read(facts)
    if present is None:
        yield on_record(facts, "data", "manifest")
        return
    counted = {
        "rows": present.table.rows,
        "files": [{"rows": number} for number in present.table.files.values()],
    }
    wrong = difference(result, counted)
    yield (
        failed(f"{MANIFEST}, {wrong}", _run(facts))
        if wrong
        else passed(
            f"{many(len(entries), 'file')}, {many(present.table.rows, 'row')}: hashes, sizes and counts as in"
            f" {MANIFEST}"
        )
    )


def _entries(facts: Facts, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    for entry in entries:
        name = str(entry["name"])
        now, state = facts.now(name), facts.files.state(name)
        if not str(entry.get("origin") or "").strip():
            yield unknown(
                f"{MANIFEST} gives no origin for {name}", "set [data] origin in params.toml, and run the step"
            )
        if state is None or now.hash is None:
            continue
        if now.hash != entry.get("sha256"):
            yield failed(
                f"{name} has the hash {now.hash[:8]}; {MANIFEST} says {str(entry.get('sha256'))[:8]}",
                _run(facts),
            )
        elif state.size != entry.get("bytes") and not name.endswith((".txt", ".gz")):
            yield failed(
                f"{name} has {state.size:,} bytes; {MANIFEST} says {entry.get('bytes')}", _run(facts)
            )


def schema_holds(facts: Facts) -> Finding:
    """Every row keeps what schema.toml says: types, ranges, empty cells, allowed values.

    What breaks it is counted.
    """
    rows = table.read(facts)
    if rows is None:
        return on_record(facts, "data", "schema_holds")
    result = violations(rows)
    reported = facts.results("data").get("violations")
    wrong = (
        ""
        if rows.table.sampled
        else difference(reported, {"total": sum(item.number for item in result)}, "violations")
    )
    if result:
        worst = "; ".join(_broken(rows, item) for item in result[:3])
        silent = f" (the report says {reported.get('total')})" if wrong and isinstance(reported, dict) else ""
        return failed(
            f"cells that break schema.toml: {sum(item.number for item in result):,} in {rows.where()}{silent}:"
            f" {worst}",
            "correct the cells, or schema.toml, and run the step data",
        )
    if wrong:
        return failed(wrong, _run(facts))
    return passed(f"{len(rows.columns)} columns of {rows.where()} keep to schema.toml")


def violations(rows: Rows) -> list[cells.Broken]:
    """The rules of schema.toml that are broken, counted in the rows that are looked at."""
    counts = {name: Counter(rows.table.cells[name]) for name in rows.columns}
    return [
        item
        for name, column in rows.columns.items()
        for item in cells.broken(column, counts[name], rows.read(name))
    ]


def counts(facts: Facts) -> Finding:
    """Rows, missing cells, ranges, means and the spread of the target are what the report says."""
    rows = table.read(facts)
    if rows is None:
        return on_record(facts, "data", "counts")
    reported = facts.results("data")
    if rows.table.sampled:
        wrong = difference(reported, {"rows": rows.table.rows}) or _far(reported.get("columns"), rows)
    else:
        wrong = difference(reported, counted(facts, rows))
    if wrong:
        return failed(f"reports/data.json, {wrong}", _run(facts))
    return passed(f"{len(rows.columns)} columns of {rows.where()} counted again, as reported")


def counted(facts: Facts, rows: Rows) -> dict[str, Any]:
    """What the report says of rows, columns and the target, counted again."""
    name, outcome = rows.role("target"), str(facts.param("problem.outcome", ""))
    if name not in rows.columns:
        raise Unproven("params.toml has no [data] target", "set [data] target in params.toml")
    return {
        "rows": rows.table.rows,
        "columns": {one: describe.column(about, rows.values(one)) for one, about in rows.columns.items()},
        "target": describe.target(rows.columns[name], rows.values(name), outcome),
    }


def _far(told: Any, rows: Rows) -> str:
    """A column whose mean in the sample is farther from the reported one than chance allows."""
    for name, column in rows.columns.items():
        text = told.get(name) if isinstance(told, dict) else None
        known = Counter(value for value in rows.values(name) if value is not None)
        if not isinstance(text, dict):
            return f"columns.{name}: the report has no such table"
        if column.type in ("integer", "number") and known.total() > 1:
            result = describe.numbers(known)
            room = CERTAIN * result["sd"] / sqrt(known.total()) + 1e-6 * abs(result["mean"])
            if not isinstance(text.get("mean"), (int, float)) or abs(text["mean"] - result["mean"]) > room:
                return (
                    f"columns.{name}.mean: the report says {text.get('mean')}, a sample gives"
                    f" {result['mean']:.6g}"
                )
    return ""


def repeats(facts: Facts) -> Iterable[Finding]:
    """Repeated rows and rows with equal inputs are counted."""
    rows = table.read(facts)
    if rows is None:
        yield on_record(facts, "data", "repeats")
        return
    reported = facts.results("data")
    if rows.table.sampled:
        yield passed(f"repeated rows are not counted again above {len(rows.table.looked):,} rows", CLAIMED)
        return
    result = repeated(facts, rows)
    wrong = difference(reported, result)
    yield (
        failed(f"reports/data.json, {wrong}", _run(facts))
        if wrong
        else passed(_repeats_in_words(rows, result))
    )


def repeated(facts: Facts, rows: Rows) -> dict[str, Any]:
    """Duplicates and rows with equal inputs, as the report gives them."""
    key = rows.role("id")
    codes = {name: duplicates.codes(name, rows.values(name)) for name in rows.columns if name != key}
    groups, again = duplicates.repeated(duplicates.together(codes.values()))
    results: dict[str, Any] = {"duplicates": {"groups": groups, "rows": len(again)}, "twins": None}
    inputs = {name: codes[name] for name in rows.inputs() if name in codes}
    if not inputs:
        return results
    chance = duplicates.chance(inputs)
    regression = facts.param("problem.outcome") == "regression"
    alike = duplicates.agreement(duplicates.together(inputs.values()), table.target(facts, rows), regression)
    results["twins"] = {
        "groups": alike.groups,
        "rows": alike.rows,
        "contradicting": {"groups": alike.contradicting_groups, "rows": alike.contradicting_rows},
        "pairs": float(chance.found),
        "pairs_by_chance": chance.expected,
        "copied": chance.copied,
        **({"sd_within": alike.sd_within} if regression else {"ceiling": alike.ceiling}),
    }
    return results


def _repeats_in_words(rows: Rows, found: dict[str, Any]) -> str:
    twins = found["twins"]
    text = f"{found['duplicates']['rows']:,} of {rows.table.rows:,} rows repeat an earlier one"
    if not twins or not twins["rows"]:
        return text
    mixed = twins["contradicting"]
    text += (
        f"; of {twins['rows']:,} rows with equal inputs {mixed['rows']:,} are in groups whose labels differ"
    )
    return f"{text}; no more than chance gives" if not twins["copied"] else text


def raters(facts: Facts) -> Finding:
    """Where several people labelled the same rows, their agreement (kappa) is what the report says."""
    named = facts.param("data.raters", [])
    if not isinstance(named, list) or len(named) < 2:
        return skipped("[data] raters names fewer than two columns")
    rows = table.read(facts)
    if rows is None:
        return on_record(facts, "data", "raters")
    absent = [name for name in named if name not in rows.columns]
    if absent:
        return failed(f"[data] raters names {absent[0]!r}, which is no column", "correct [data] raters")
    reported = facts.results("data").get("raters")
    if rows.table.sampled:
        return passed("agreement is not counted again in a sample", CLAIMED)
    result = rated(facts, rows, [str(name) for name in named])
    wrong = difference(reported, result, "raters")
    if wrong:
        return failed(f"reports/data.json, {wrong}", _run(facts))
    kappa = result["kappa"]
    return passed(
        f"kappa {kappa['value']:.3f} ({kappa['low']:.3f} to {kappa['high']:.3f}) over {result['rows']:,} rows"
        f" labelled twice or more; two labels of a row agree in {result['share']:.1%}"
    )


def licence(facts: Facts) -> Finding:
    """docs/data.md says under which licence or permission the data may be used."""
    text = facts.answer("data", "rights")
    if not text:
        return unknown(
            "docs/data.md does not say under which licence or permission the data may be used",
            "answer `rights` in docs/data.md",
        )
    return passed(f"licence: {text[:80]}{'…' if len(text) > 80 else ''}", CLAIMED)


def looked_at(facts: Facts) -> Iterable[Finding]:
    """What the step found that a person must look at.

    Broken rules fail, small classes are told.
    """
    if not facts.results("data"):
        return
    blocking = list(_blocking(facts, ("schema",)))
    yield from blocking
    if not blocking:
        items = [
            str(item.get("text"))[:120]
            for item in found_by_step(facts, "data")
            if item.get("kind") == "rare_class"
        ]
        yield passed(
            "; ".join(items) if items else "the step found nothing else that a person must look at", CLAIMED
        )


def _blocking(facts: Facts, kinds: Iterable[str]) -> Iterator[Finding]:
    for item in found_by_step(facts, "data"):
        if str(item.get("kind")) in kinds:
            yield failed(
                f"the step found {item['kind']}: {str(item.get('text'))[:160]}", "poc2prod show data", CLAIMED
            )


def found_by_step(facts: Facts, slug: str) -> list[dict[str, Any]]:
    """The findings in a step's report.

    Unproven where it has no list of them: an honest report always has one.
    """
    result = facts.results(slug).get("findings")
    if not isinstance(result, list) or not all(isinstance(item, dict) for item in result):
        raise Unproven(f"reports/{slug}.json has no list of findings", f"python -m {facts.package} {slug}")
    return result


CHECKS = step_reports.fresh(
    "data", manifest, schema_holds, counts, repeats, screened.of("data"), raters, licence, looked_at
)


def _broken(rows: Rows, item: cells.Broken) -> str:
    first = next(
        (place for place, cell in enumerate(rows.table.cells[item.column]) if cell == item.cells[0]), 0
    )
    rule = {"null": "empty", "type": f"not a {rows.columns[item.column].type}", "whole": "not whole"}.get(
        item.rule, item.rule
    )
    shown = ", ".join(repr(cell[:30]) for cell in item.cells[:3])
    return f"{item.column} {rule}: {item.number:,} (row {rows.table.seen[first]}; {shown})"


def _few(names: Any) -> str:
    listed = [str(name) for name in names] if isinstance(names, list) else [str(names)]
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")


def _run(facts: Facts) -> str:
    return f"python -m {facts.package} data"
