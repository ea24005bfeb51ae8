"""I.4: the manifest, the schema and the counts of the report are held against the rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from evidence import builder
from evidence.builder import RAW, Small, sales
from poc2prod_kit.run import results_versions
from poc2prod_kit.screening import screen
from poc2prod_kit.screening.sample import Sample

from poc2prod import kept
from poc2prod.checklist import step
from poc2prod.evidence import judge
from poc2prod.project import Facts

PROVEN = ("manifest", "schema_holds", "counts", "repeats", "screened", "licence", "looked_at")


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A project all of whose checks of I.4 pass."""
    return builder.build(tmp_path / "p")


def copies(lines: list[list[str]], count: int) -> list[list[str]]:
    """The rows, and the first ones once more under a new key."""
    return [*lines, *([f"c{number:04}", *line[1:]] for number, line in enumerate(lines[:count]))]


def test_an_honest_project_passes(small: Small) -> None:
    """Everything recomputed agrees; there are no raters."""
    found = small.outcomes("data")
    assert {name: found[name] for name in (*PROVEN, "raters")} == {
        **dict.fromkeys(PROVEN, "pass"),
        "raters": "skipped",
    }


@pytest.mark.parametrize(
    ("key", "value"), [("sha256", "0" * 64), ("rows", 241), ("name", "data/raw/other.csv")]
)
def test_a_manifest_of_other_files_fails(small: Small, key: str, value: object) -> None:
    """Another hash, number of rows or name, though report and hashes were made to match."""
    content = json.loads((small.root / "data/manifest.json").read_text(encoding="utf-8"))
    content["files"][0][key] = value
    small.write("data/manifest.json", json.dumps(content))
    results = small.facts().results("data") | {"files": content["files"]}
    small.report("data", results, ["data/manifest.json"])
    assert small.outcomes("data")["manifest"] == "fail"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"files": 3}', '{"files": [1]}'])
def test_a_hollow_manifest_is_unknown(small: Small, content: str) -> None:
    """It lists no files."""
    small.write("data/manifest.json", content)
    assert small.outcomes("data")["manifest"] == "unknown"


def test_a_manifest_without_origin_is_unknown(small: Small) -> None:
    """Nobody says where the rows come from."""
    content = json.loads((small.root / "data/manifest.json").read_text(encoding="utf-8"))
    content["files"][0]["origin"] = " "
    small.write("data/manifest.json", json.dumps(content))
    small.report("data", small.facts().results("data") | {"files": content["files"]}, ["data/manifest.json"])
    assert small.outcomes("data")["manifest"] == "unknown"


@pytest.mark.parametrize(
    ("place", "cell", "said"),
    [
        (3, "dear", "price not a number: 1 (row k0000; 'dear')"),
        (3, "120", "price maximum: 1 (row k0000; '120')"),
        (3, "", "price empty: 1 (row k0000; '')"),
        (3, "inf", "price infinite: 1 (row k0000; 'inf')"),
        (4, "pink", "colour values: 1 (row k0000; 'pink')"),
        (1, "2024-02-01", "day maximum: 1 (row k0000; '2024-02-01')"),
        (1, "soon", "day not a date: 1 (row k0000; 'soon')"),
    ],
)
def test_a_cell_that_breaks_the_schema_fails(small: Small, place: int, cell: str, said: str) -> None:
    """Found again, with row and value, whatever the report says."""
    lines = sales()
    lines[0][place] = cell
    small.table(lines)
    small.run("data")
    outcome, text = small.said("data", "schema_holds")
    assert (outcome, text) == ("fail", f"cells that break schema.toml: 1 in all 240 rows: {said}")


def test_a_report_that_hides_violations_is_told(small: Small) -> None:
    """The report's 0 stands beside the count."""
    lines = sales()
    lines[0][3] = "120"
    small.table(lines)
    small.run("data")
    small.edit("data", lambda results: results.update(violations={"total": 0, "rules": []}))
    assert "(the report says 0)" in small.said("data", "schema_holds")[1]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("rows",), 250, "rows: the report says 250, recomputed 240"),
        (("columns", "price", "mean"), 10.0, "columns.price.mean: the report says 10"),
        (("columns", "colour", "missing"), 0, "columns.colour.missing: the report says 0"),
        (("columns", "shop", "distinct"), 41, "columns.shop.distinct: the report says 41, recomputed 40"),
        (("target", "labelled"), 239, "target.labelled: the report says 239, recomputed 240"),
    ],
)
def test_an_edited_number_fails(small: Small, path: tuple[str, ...], value: float, said: str) -> None:
    """One number of the report is not what the rows give."""

    def change(results: dict[str, object]) -> None:
        table: dict[str, object] = results
        for key in path[:-1]:
            table = table[key]  # type: ignore[assignment]
        table[path[-1]] = value

    small.edit("data", change)
    outcome, text = small.said("data", "counts")
    assert outcome == "fail"
    assert text.startswith(f"reports/data.json, {said}")


def test_planted_copies_fail(small: Small) -> None:
    """Twenty rows under new keys are more equal rows than chance gives."""
    small.table(copies(sales(), 20))
    small.run("data")
    outcome, text = small.said("data", "screened")
    assert outcome == "fail"
    assert text.startswith(
        "duplicates: 20 rows (7.7 %) repeat an earlier row in every column (key left aside), for one c0000"
    )


def test_copies_that_the_report_hides_fail(small: Small) -> None:
    """The findings and counts deleted from the report are counted again."""
    small.table(copies(sales(), 20))
    small.run("data")
    small.edit("data", lambda results: results.update(duplicates={"groups": 0, "rows": 0}))
    assert small.said("data", "repeats") == (
        "fail",
        "reports/data.json, duplicates.groups: the report says 0, recomputed 20",
    )


def test_contradicting_copies_fail(small: Small) -> None:
    """The same inputs under another label."""
    lines = copies(sales(), 20)
    for line in lines[-20:]:
        line[5] = "1" if line[5] == "0" else "0"
    small.table(lines)
    small.run("data")
    outcome, text = small.said("data", "screened")
    assert outcome == "fail"
    assert text.startswith("contradictions: 40 rows in 20 groups have identical inputs and different labels")


def spelled_twice(small: Small) -> None:
    """A tenth of a category in another case."""
    lines = sales()
    for line in lines[:20]:
        line[2] = "Harbour Street"
    for line in lines[20:24]:
        line[2] = "harbour street"
    small.table(lines)
    small.run("data")


def test_two_spellings_fail_until_somebody_says_why(small: Small) -> None:
    """They fail until an entry in [findings] says why they are right; no page explains them away."""
    spelled_twice(small)
    assert small.said("data", "screened") == (
        "fail",
        "spelling:shop: 1 value of shop spelled more than one way: 'Harbour Street' (20) / 'harbour "
        "street' (4). "
        "If they mean one thing, spell it one way: the command `clean` maps it in cleaning.toml.",
    )
    small.write("params.toml", (small.root / "params.toml").read_text("utf-8") + ENTRY.format(how="known"))
    assert small.outcomes("data")["screened"] == "pass"


ENTRY = """
[findings."spelling:shop"]
how = "{how}"
reason = "they are two shops"
who = "Ada"
"""


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (ENTRY.format(how="excluded"), "it says excluded, and [data] exclude names none of its columns"),
        (ENTRY.format(how="cleaned"), "it says cleaned, and it is still found"),
        (ENTRY.format(how="waived"), "how = 'waived' is none of excluded, cleaned, known"),
        (ENTRY.format(how="known").replace("they are two shops", "tbd"), "reason = 'tbd' says nothing"),
        (ENTRY.format(how="known").replace('who = "Ada"', ""), "who = None says nothing"),
        (
            ENTRY.format(how="known").replace("g:shop", "g:shpo"),
            "there is no such finding; did you mean 'spelling:shop'?",
        ),
    ],
)  # fmt: skip
def test_an_entry_that_ends_nothing_is_named(small: Small, entry: str, said: str) -> None:
    """Hollow, untrue, of a finding that is not there."""
    spelled_twice(small)
    small.write("params.toml", (small.root / "params.toml").read_text("utf-8") + entry)
    texts = [item.text for item in judge(step("data"), small.facts()).findings if item.outcome == "fail"]
    assert any(text.startswith('params.toml, [findings."spelling:') and text.endswith(said) for text in texts)


def test_an_excluded_column_ends_its_finding(small: Small) -> None:
    """[data] exclude names it, and the entry says who decided so."""
    spelled_twice(small)
    small.write("params.toml", (small.root / "params.toml").read_text("utf-8") + ENTRY.format(how="excluded"))
    small.param("exclude", '["shop"]')
    small.run("data")
    assert small.outcomes("data")["screened"] == "pass"


def test_spellings_that_the_report_hides_fail(small: Small) -> None:
    """Deleted from the report."""
    spelled_twice(small)
    small.edit("data", lambda results: results.update(findings=[]))
    assert small.said("data", "screened")[1].startswith("reports/data.json does not say spelling:shop")


def test_what_another_version_finds_fails_nothing(small: Small) -> None:
    """The project's library is older: what ours finds beyond its report is shown until it updates."""
    spelled_twice(small)
    older = json.dumps({**results_versions.all_steps(), "data": 0})
    small.write("vendor/poc2prod_kit/poc2prod_kit/run/results_versions.json", older)
    small.report("data", {**small.facts().results("data"), "findings": []}, ["data/manifest.json"])
    found = [item for item in judge(step("data"), small.facts()).findings if item.check == "screened"]
    assert {item.outcome for item in found} == {"pass"}
    assert found[0].text.startswith(
        "new since version 0 of the screening, so it fails nothing yet: spelling:shop"
    )


def test_what_the_report_of_another_version_says_must_end(small: Small) -> None:
    """A finding stays one, whichever version found it."""
    spelled_twice(small)
    older = json.dumps({**results_versions.all_steps(), "data": 0})
    small.write("vendor/poc2prod_kit/poc2prod_kit/run/results_versions.json", older)
    small.report("data", small.facts().results("data"), ["data/manifest.json"])
    assert small.outcomes("data")["screened"] == "fail"


def test_rows_that_did_not_change_are_screened_once(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the last check found of the same rows is attested; `full` screens again, and so do other rows."""
    spelled_twice(small)
    facts = small.facts()
    judge(step("data"), facts)
    kept.remember(facts)
    calls: list[object] = []
    problems = screen.problems

    def counted(sample: Sample) -> screen.Screened:
        calls.append(sample)
        return problems(sample)

    monkeypatch.setattr(screen, "problems", counted)
    found = [item for item in judge(step("data"), small.facts()).findings if item.check == "screened"]
    assert ([item.basis for item in found], len(calls)) == (["attested"], 0)
    judge(step("data"), Facts(str(small.root), full=True))
    assert len(calls) == 1
    small.table(sales(seed=5))
    judge(step("data"), small.facts())
    assert len(calls) == 2


def with_raters(small: Small) -> None:
    """A table with two raters who agree on nine of ten rows."""
    lines = [
        [*line, line[5], line[5] if number % 10 else str(1 - int(line[5]))]
        for number, line in enumerate(sales())
    ]
    small.table(lines, header=(*builder.COLUMNS, "ada", "bob"))
    columns = "".join(
        f'[[column]]\nname = "{name}"\ntype = "boolean"\nmeaning = "label"\n' for name in ("ada", "bob")
    )
    small.write("schema.toml", builder.SCHEMA + columns)
    small.replace("params.toml", "exclude = []", 'exclude = []\nraters = ["ada", "bob"]')
    small.run("data")


def test_agreement_is_counted_again(small: Small) -> None:
    """Nine of ten rows: kappa of about .8; an edited kappa fails."""
    with_raters(small)
    outcome, text = small.said("data", "raters")
    assert (outcome, text[:11], text[-14:]) == ("pass", "kappa 0.800", "agree in 90.0%")
    small.edit("data", lambda results: results["raters"]["kappa"].update(value=0.95))
    assert small.said("data", "raters")[1].startswith(
        "reports/data.json, raters.kappa.value: the report says 0.95, recomputed 0.8"
    )


def test_an_open_licence_is_unknown(small: Small) -> None:
    """The question on rights has no answer."""
    small.replace("docs/data.md", "We decided about rights together, on 3 May.", "TODO")
    found = [one for one in judge(step("data"), small.facts()).findings if one.check == "licence"]
    assert [(one.outcome, one.todo) for one in found] == [("unknown", "answer `rights` in docs/data.md")]


def test_findings_that_were_removed_are_unknown(small: Small) -> None:
    """An honest report has a list of findings, if an empty one."""
    small.edit("data", lambda results: results.pop("findings"))
    assert small.outcomes("data")["looked_at"] == "unknown"


def test_a_finding_of_the_step_fails(small: Small) -> None:
    """The step itself says that cells break the schema."""
    small.edit("data", lambda results: results.update(findings=[{"kind": "schema", "text": "12 rows"}]))
    assert small.said("data", "looked_at") == ("fail", "the step found schema: 12 rows")


def test_a_rare_class_is_told(small: Small) -> None:
    """It does not fail."""
    small.edit("data", lambda results: results.update(findings=[{"kind": "rare_class", "text": "'x' (2)"}]))
    assert small.said("data", "looked_at") == ("pass", "'x' (2)")


def test_rows_of_another_project_fail(small: Small) -> None:
    """The table was swapped, with its hash made to match everywhere."""
    small.table(sales(seed=4))
    results = small.facts().results("data")
    small.manifest()
    small.report("data", results, ["data/manifest.json"])
    found = small.outcomes("data")
    assert {found["manifest"], found["counts"]} == {"fail"}


def test_absent_rows_never_fail(small: Small) -> None:
    """Without a record: unknown. With the record of a check that saw them: what it said, attested."""
    from poc2prod import kept
    from poc2prod.checklist import step
    from poc2prod.evidence import judge

    facts = small.facts()
    kept.save("data", judge(step("data"), facts), facts.files)
    (small.root / RAW).unlink()
    found = [item for item in judge(step("data"), small.facts()).findings if item.check in PROVEN]
    assert {(item.outcome, item.basis) for item in found} <= {("pass", "attested"), ("pass", "claimed")}
    (small.root / ".poc2prod/checks/data.json").unlink()
    assert small.outcomes("data")["counts"] == "unknown"


def test_rows_are_read_in_their_own_notation(small: Small) -> None:
    """Semicolons, decimal commas and cp1252 as [data] says: the same table, the same counts."""
    lines = [[line[0], line[1], "Zürich", line[3].replace(".", ","), *line[4:]] for line in sales()]
    text = "\r\n".join(";".join(line) for line in [builder.COLUMNS, *lines]) + "\r\n"
    import gzip

    (small.root / RAW).write_bytes(gzip.compress(text.encode("cp1252"), mtime=0))
    for key, value in (("separator", '";"'), ("encoding", '"cp1252"'), ("decimal", '","')):
        small.param(key, value)
    small.run("data")
    assert (small.outcomes("data")["counts"], small.outcomes("data")["schema_holds"]) == ("pass", "pass")
    small.param("decimal", '"."')
    assert small.outcomes("data")["schema_holds"] == "fail"


@pytest.mark.parametrize("text", ["", "key,day\n1\n", "a,b\n1,2\n", '"open\n'])
def test_a_table_that_cannot_be_read_is_unknown(small: Small, text: str) -> None:
    """Empty, ragged, of other columns, an open quote."""
    small.pack(RAW, text)
    assert small.outcomes("data")["counts"] == "unknown"
