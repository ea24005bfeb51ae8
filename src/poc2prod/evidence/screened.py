"""What the screening of the rows finds, and whether each finding has ended by an entry in [findings].

The screening is the library's, which the project's steps run too: shared code, not a second opinion.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from poc2prod_kit.run.results_versions import LIBRARY, all_steps
from poc2prod_kit.screening import decisions, screen
from poc2prod_kit.screening.sample import Reader, Sample
from poc2prod_kit.tables import cleaning
from poc2prod_kit.tables.roles import Roles

from ..project import Facts
from . import rows as table
from .finding import ATTESTED, CLAIMED, RECOMPUTED, Absent, Finding, Unproven, failed, many, passed
from .rows import schema_columns
from .step_reports import again
from .values import entries, fields, texts

RECORD = ".poc2prod/checks/screening.json"
CHOICES = (
    *("target", "id", "time", "group", "sensitive", "exclude", "files"),
    *("separator", "encoding", "decimal", "thousands", "quote"),
)


class Looked(NamedTuple):
    """What is found in the rows: sentence by id by step; of how many rows; on what that rests."""

    found: dict[str, dict[str, str]]
    rows: str
    basis: str


def of(slug: str) -> Callable[[Facts], Iterable[Finding]]:
    """The check of a step's screening."""

    def screened(facts: Facts) -> Iterable[Finding]:
        """Each finding of the screening has ended: excluded, cleaned or known, by whom and why.

        The rows are screened with this command's library; what an older or newer one did not find is shown,
        and fails nothing before the project updates.
        """
        return _screened(facts, slug)

    return screened


def _screened(facts: Facts, slug: str) -> Iterator[Finding]:
    report, ours = facts.report(slug), all_steps()[slug]
    if not isinstance(report, dict):
        return
    version = report["inputs"].get(f"{LIBRARY}#{slug}")
    same = version == str(ours)
    results = reported(facts, slug, required=same)
    try:
        screening = look(facts)
    except Absent:
        yield table.on_record(facts, slug, "screened")
        yield from list(still_open(facts, slug, results, CLAIMED))[:8]
        return
    mine, basis = screening.found.get(slug, {}), screening.basis if same else CLAIMED
    if same:
        yield from _differing(facts, slug, results, mine)
        results |= mine
    else:
        new = [f"{name}: {text}" for name, text in mine.items() if name not in results]
        yield from (
            passed(f"new since version {version} of the screening, so it fails nothing yet: {text}", CLAIMED)
            for text in new[:5]
        )
    bad = list(still_open(facts, slug, results, basis))
    yield from bad[:8]
    if not bad:
        ended = (
            f"{many(len(results), 'finding')}, each ended: {', '.join(results)}"
            if results
            else "nothing found"
        )
        yield passed(f"{screening.rows} screened, version {ours}: {ended}", basis)


def reported(facts: Facts, slug: str, *, required: bool = True) -> dict[str, str]:
    """The findings that a report names by id, those about excluded columns too. Unproven."""
    results = facts.results(slug)
    if not isinstance(fields(results, "screening").get("excluded"), list):
        if not required:
            return {}
        raise Unproven(f"reports/{slug}.json does not say what the screening found", again(facts, slug))
    items = [*entries(results["screening"], "excluded"), *entries(results, "findings")]
    return {str(item["id"]): str(item.get("text")) for item in items if item.get("id")}


def _differing(facts: Facts, slug: str, results: dict[str, str], mine: dict[str, str]) -> Iterator[Finding]:
    """Where the report and the rows, screened by the same version, do not say the same."""
    columns, todo = schema_columns(facts), again(facts, slug)
    for name in [name for name in mine if name not in results][:5]:
        yield failed(f"reports/{slug}.json does not say {name}: {mine[name]}", todo)
    for name in [name for name in results if name not in mine][:5]:
        of_table = name in decisions.OF_THE_TABLE or decisions.names(name, columns)
        if of_table and decisions.step_of(name) == slug:
            yield failed(f"reports/{slug}.json says {name}; the rows do not show it", todo)


def still_open(facts: Facts, slug: str, found: dict[str, str], basis: str) -> Iterator[Finding]:
    """The findings that have not ended, and the entries that end none."""
    decided, exclude = facts.param("findings", {}), facts.param("data.exclude", [])
    columns = list(schema_columns(facts))
    if not isinstance(decided, dict):
        yield failed("[findings] of params.toml is no table", 'write [findings."…"]')
        return
    for name, text in found.items():
        if name not in decided:
            yield failed(f"{name}: {text}", f"in params.toml: {decisions.entry(name)}", basis)
    for name, content in decided.items():
        if (decisions.step_of(name) or "features") == slug:
            known = columns if name not in found else [*columns, name.partition(":")[2]]
            why = decisions.wrong(name, content, found=found, columns=known, exclude=exclude)
            if why:
                yield failed(f'params.toml, [findings."{name}"]: {why}', decisions.entry(name), basis)


def look(facts: Facts) -> Looked:
    """What is found in the rows now, or was by the last check of the same. Absent."""
    return facts.shared("screened", lambda: _look(facts))


def _look(facts: Facts) -> Looked:
    names = [
        *texts(facts, "data.files"),
        "schema.toml",
        cleaning.FILE,
        *(f"params.toml#data.{key}" for key in CHOICES),
    ]
    names += ["params.toml#problem.outcome", "params.toml#problem.positive"]
    inputs = {name: facts.now(name).hash for name in names}
    versions = {slug: all_steps()[slug] for slug in ("data", "features")}
    kept = None if facts.full else facts.files.json(RECORD)
    if isinstance(kept, dict) and kept.get("inputs") == inputs and kept.get("versions") == versions:
        result = kept.get("found")
        if isinstance(result, dict) and all(isinstance(one, dict) for one in result.values()):
            return Looked(result, str(kept.get("rows")), ATTESTED)
    rows = table.read(facts)
    made: dict[str, dict[str, str]] = {slug: {} for slug in versions}
    for item in screen.problems(sample(facts, rows)).findings:
        made.setdefault(item.step, {})[item.id] = item.text
    facts.made[RECORD] = {
        "schema": 1, "inputs": inputs, "versions": versions, "found": made, "rows": rows.where(),
    }  # fmt: skip
    return Looked(made, rows.where(), RECOMPUTED)


def sample(facts: Facts, rows: table.Rows) -> Sample:
    """The rows that are looked at, as the screening takes them."""
    columns = list(rows.columns.values())
    reader = Reader(columns, rows.written)
    reader.add_drawn([rows.table.cells[one.name] for one in columns], rows.table.looked, rows.table.rows)
    one = {role: rows.role(role) for role in ("target", "id", "time", "group")}
    sensitive, exclude = (tuple(texts(facts, f"data.{role}")) for role in ("sensitive", "exclude"))
    outcome = str(facts.param("problem.outcome", ""))
    return reader.sample(
        Roles(**one, sensitive=sensitive, exclude=exclude), outcome, str(facts.param("problem.positive", ""))
    )
