"""I.4: the rows are the manifest's, keep to the schema, and are what the report counts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import sqrt
from typing import Any

from poc2prod_kit.screening import duplicates

from ..files import Unreadable
from ..project import Facts
from ..recount import agreement, cells, describe
from ..recount.intervals import Estimate, estimate
from . import rows as table
from . import screened, step_reports
from .finding import CLAIMED, Finding, Refuted, failed, many, passed, skipped, unknown
from .rows import Rows, agree, difference
from .values import some, texts

MANIFEST = "data/manifest.json"
# Standard errors of a sample beyond which its mean contradicts the reported one: many columns are compared.
CERTAIN = 6.0


def manifest(facts: Facts) -> Iterable[Finding]:
    """data/manifest.json lists each raw file with its size, hash, rows and origin, as they are on disk."""
    result, named = facts.json(MANIFEST), facts.param("data.files", [])
    if result is None or isinstance(result, Unreadable):
        yield unknown(str(result or f"{MANIFEST} is not there"))
        return
    entries = result.get("files") if isinstance(result, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        yield unknown(f"{MANIFEST} lists no files")
        return
    listed = [entry.get("name") for entry in entries]
    if listed != named:
        yield failed(f"{MANIFEST} lists {_few(listed)}; [data] files names {_few(named)}")
        return
    yield from _entries(facts, entries)
    if facts.results("data").get("files") != entries:
        yield failed(f"results.files of reports/data.json are not those of {MANIFEST}")
    rows = table.raw_table(facts)
    counted = {"rows": rows.rows, "files": [{"rows": number} for number in rows.files.values()]}
    if wrong := difference(result, counted):
        yield failed(f"{MANIFEST}, {wrong}")
    else:
        yield passed(
            f"{many(len(entries), 'file')}, {many(rows.rows, 'row')}: hashes, sizes and counts as in {MANIFEST}"
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
                f"{name} has the hash {now.hash[:8]}; {MANIFEST} says {str(entry.get('sha256'))[:8]}"
            )
        elif state.size != entry.get("bytes") and not name.endswith((".txt", ".gz")):
            yield failed(f"{name} has {state.size:,} bytes; {MANIFEST} says {entry.get('bytes')}")


def schema_holds(facts: Facts) -> Finding:
    """Every row keeps what schema.toml says: types, ranges, empty cells, allowed values.

    What breaks it is counted.
    """
    rows, reported = table.read(facts), facts.results("data").get("violations")
    result = violations(rows)
    total = sum(item.number for item in result)
    wrong = "" if rows.table.sampled else difference(reported, {"total": total}, "violations")
    if result:
        worst = "; ".join(_broken(rows, item) for item in result[:3])
        silent = f" (the report says {reported.get('total')})" if wrong and isinstance(reported, dict) else ""
        return failed(
            f"cells that break schema.toml: {total:,} in {rows.where()}{silent}: {worst}",
            "correct the cells, or schema.toml, and run the step data",
        )
    return (
        failed(wrong)
        if wrong
        else passed(f"{len(rows.columns)} columns of {rows.where()} keep to schema.toml")
    )


def violations(rows: Rows) -> list[cells.Broken]:
    """The rules of schema.toml that are broken, counted in the rows that are looked at."""
    return [
        item
        for name, column in rows.columns.items()
        for item in cells.broken(column, Counter(rows.table.cells[name]), rows.read(name))
    ]


def counts(facts: Facts) -> Finding:
    """Rows, missing cells, ranges, means and the spread of the target are what the report says."""
    rows = table.read(facts)
    if rows.table.sampled:
        agree(facts, "data", {"rows": rows.table.rows})
        if wrong := _far(facts.results("data").get("columns"), rows):
            raise Refuted(f"reports/data.json, {wrong}")
    else:
        agree(facts, "data", counted(facts, rows))
    return passed(f"{len(rows.columns)} columns of {rows.where()} counted again, as reported")


def counted(facts: Facts, rows: Rows) -> dict[str, Any]:
    """What the report says of rows, columns and the target, counted again."""
    target, outcome = rows.target(), str(facts.param("problem.outcome", ""))
    return {
        "rows": rows.table.rows,
        "columns": {one: describe.column(about, rows.values(one)) for one, about in rows.columns.items()},
        "target": describe.target(target, rows.values(target.name), outcome),
    }


def _far(reported: Any, rows: Rows) -> str:
    """A column whose mean in the sample is farther from the reported one than chance allows."""
    for name, column in rows.columns.items():
        text = reported.get(name) if isinstance(reported, dict) else None
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


def repeats(facts: Facts) -> Finding:
    """Repeated rows and rows with equal inputs are counted."""
    rows = table.read(facts)
    if rows.table.sampled:
        return passed(f"repeated rows are not counted again above {len(rows.table.looked):,} rows", CLAIMED)
    result = repeated(facts, rows)
    agree(facts, "data", result)
    text = f"{result['duplicates']['rows']:,} of {rows.table.rows:,} rows repeat an earlier one"
    if (twins := result["twins"]) and twins["rows"]:
        text += (
            f"; of {twins['rows']:,} rows with equal inputs {twins['contradicting']['rows']:,} are in groups"
            " whose labels differ"
        )
        text += "" if twins["copied"] else "; no more than chance gives"
    return passed(text)


def repeated(facts: Facts, rows: Rows) -> dict[str, Any]:
    """Duplicates and rows with equal inputs, as the report gives them."""
    key = rows.role("id")
    codes = {name: duplicates.codes(name, rows.values(name)) for name in rows.columns if name != key}
    groups, again = duplicates.repeated(duplicates.together(codes.values()))
    results: dict[str, Any] = {"duplicates": {"groups": groups, "rows": len(again)}, "twins": None}
    inputs = {name: codes[name] for name in rows.inputs("raters") if name in codes}
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


def raters(facts: Facts) -> Finding:
    """Where several people labelled the same rows, their agreement (kappa) is what the report says."""
    named = texts(facts, "data.raters")
    if len(named) < 2:
        return skipped("[data] raters names fewer than two columns")
    rows = table.read(facts)
    if absent := [name for name in named if name not in rows.columns]:
        return failed(f"[data] raters names {absent[0]!r}, which is no column", "correct [data] raters")
    if rows.table.sampled:
        return passed("agreement is not counted again in a sample", CLAIMED)
    result = rated(facts, rows, named)
    agree(facts, "data", {"raters": result})
    kappa = result["kappa"]
    return passed(
        f"kappa {kappa.value:.3f} ({kappa.low:.3f} to {kappa.high:.3f}) over {result['rows']:,} rows"
        f" labelled twice or more; two labels of a row agree in {result['share']:.1%}"
    )


def rated(facts: Facts, rows: Rows, named: list[str]) -> dict[str, Any]:
    """Agreement of the annotators in these columns, as in the report."""
    columns = {name: rows.values(name) for name in named}
    votes = list(zip(*columns.values(), strict=True))
    clusters = table.clusters_among(facts, rows, range(rows.table.rows))

    def kappa(measured: agreement.Measured, places: list[int]) -> Estimate:
        return estimate(*measured, None if clusters is None else [clusters[at] for at in places])

    def two(one: str, other: str) -> Estimate:
        both = [at for at in range(len(votes)) if None not in (columns[one][at], columns[other][at])]
        labels = ([columns[name][at] for at in both] for name in (one, other))
        return kappa(agreement.cohen(*labels), both)

    several = [at for at, row in enumerate(votes) if sum(label is not None for label in row) >= 2]
    fleiss = len(named) > 2
    return {
        "raters": named,
        "rows": len(several),
        "method": "fleiss" if fleiss else "cohen",
        "share": agreement.share(list(columns.values())),
        "kappa": kappa(agreement.fleiss([votes[at] for at in several]), several) if fleiss else two(*named),
        "pairs": {f"{one} / {other}": two(one, other) for one, other in combinations(named, 2)},
    }


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
    items = step_reports.listed(facts, "data")
    broken = [str(item.get("text"))[:160] for item in items if item.get("kind") == "schema"]
    for text in broken:
        yield failed(f"the step found schema: {text}", "poc2prod show data", CLAIMED)
    if not broken:
        rare = [str(item.get("text"))[:120] for item in items if item.get("kind") == "rare_class"]
        yield passed("; ".join(rare) or "the step found nothing else that a person must look at", CLAIMED)


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
    return some([str(name) for name in names] if isinstance(names, list) else [str(names)], 3)
