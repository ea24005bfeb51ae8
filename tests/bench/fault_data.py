"""Faults of I.4: other bytes than the manifest's, rows against the schema, counts that somebody improved."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench import hands
from bench.hands import RAW
from bench.registry import fault

COLUMN = {"person_id": 0, "household_id": 1, "year": 2, "age": 3, "marital_status": 5, "employed": -1}


@fault("data", "stale|fail", "employment_2016.csv.gz")
def one_cell_changed(project: Path) -> None:
    """A cell of a raw file; manifest and report are of the file before."""
    _set(project, RAW[1], 5, "age", "44")


@fault("data", "stale|fail", "employment_2016.csv.gz")
def row_deleted(project: Path) -> None:
    """A row less."""
    hands.put_rows(project, RAW[1], hands.rows(project, RAW[1])[:-1])


@fault("data", "stale|fail|unknown", "employment_2018.csv.gz", "problem")
def raw_file_cut(project: Path) -> None:
    """A download that ended in the middle."""
    path = project / RAW[3]
    path.write_bytes(path.read_bytes()[:6000])


@fault("data", "stale|fail|unknown", "employment_2018.csv.gz", "problem")
def raw_file_emptied(project: Path) -> None:
    """0 bytes."""
    hands.write(project, RAW[3], b"")


@fault("data", "stale|fail", "employment_2015.csv.gz")
def files_of_two_years_swapped(project: Path) -> None:
    """2015 under the name of 2016, and the other way round."""
    first, second = (project / RAW[place] for place in (0, 1))
    shutil.move(first, project / "data/raw/x")
    shutil.move(second, first)
    shutil.move(project / "data/raw/x", second)


@fault("data", "stale|fail", "employment_2015.csv.gz")
def raw_files_of_another_project(project: Path) -> None:
    """Other households' rows below this project's report."""
    hands.swap(project, "households", "data/raw")


@fault("data", "stale|fail", "manifest")
def manifest_of_another_project(project: Path) -> None:
    """A manifest for files that differ."""
    hands.swap(project, "households", "data/manifest.json")


@fault("data", "stale|fail", "employment_2015.csv.gz")
def report_of_another_project(project: Path) -> None:
    """Another data set's report, its manifest with it."""
    hands.swap(project, "households", "reports/data.json", "data/manifest.json")


@fault("data", "fail", "the report says")
def report_of_another_project_rehashed(project: Path) -> None:
    """Another data set's counts, with the hashes of these files."""
    hands.swap(project, "households", "reports/data.json", "data/manifest.json")
    hands.retell(project)


@fault("data", "fail", "break schema.toml")
def value_out_of_range_rehashed(project: Path) -> None:
    """An age of 240, and every hash brought up to date."""
    _set(project, RAW[1], 5, "age", "240")
    hands.retell(project)


@fault("data", "fail", "break schema.toml")
def empty_cell_rehashed(project: Path) -> None:
    """An empty cell where the schema allows none."""
    _set(project, RAW[1], 5, "marital_status", "")
    hands.retell(project)


@fault("data", "fail", "break schema.toml")
def text_in_a_number_rehashed(project: Path) -> None:
    """A word in a column of numbers."""
    _set(project, RAW[2], 9, "age", "forty")
    hands.retell(project)


@fault("data", "fail", "break schema.toml")
def unknown_category_rehashed(project: Path) -> None:
    """A value that the schema does not list."""
    _set(project, RAW[2], 9, "marital_status", "engaged")
    hands.retell(project)


@fault("data", "fail", "'Married'", "problem")
def labels_spelled_two_ways(project: Path) -> None:
    """A tenth of a category with a capital letter, allowed by the schema, and nothing said."""
    for name in RAW:
        lines = hands.rows(project, name)
        married = [line for line in lines if line[COLUMN["marital_status"]] == "married"]
        for line in married[::10]:
            line[COLUMN["marital_status"]] = "Married"
        hands.put_rows(project, name, lines)
    hands.edit(project, "schema.toml", '"married", ', '"married", "Married", ')
    hands.retell(project)


@fault("data", "fail", "duplicates.groups")
def copied_rows_rehashed(project: Path) -> None:
    """Three hundred rows twice, under new numbers."""
    lines = hands.rows(project, RAW[0])
    copies = [[f"9{line[0]}", *line[1:]] for line in lines[1:301]]
    hands.put_rows(project, RAW[0], [*lines, *copies])
    hands.retell(project)


@fault("data", "fail", "the report says 20000, recomputed")
def more_rows_claimed(project: Path) -> None:
    """20,000 rows in the report where there are a quarter of them."""
    hands.put(project, "data", "rows", 20_000)
    hands.retell(project, manifest=False)


@fault("data", "fail", "columns.age")
def missing_cells_claimed_away(project: Path) -> None:
    """A mean age that is not that of the rows."""
    hands.put(project, "data", "columns.age.mean", 41.0)
    hands.retell(project)


@fault("data", "fail", "target")
def class_shares_rounded(project: Path) -> None:
    """Half of the rows are positive, says the report."""
    hands.report(project, "data", lambda results: results["target"]["classes"][0].update(share=0.5))
    hands.retell(project)


@fault("data", "fail", "twins")
def contradicting_twins_hidden(project: Path) -> None:
    """No rows with equal inputs and different labels, says the report."""
    hands.put(project, "data", "twins.contradicting.rows", 0)
    hands.retell(project)


@fault("data", "fail", "twins.ceiling")
def ceiling_raised(project: Path) -> None:
    """A higher ceiling than the twins leave."""
    hands.put(project, "data", "twins.ceiling", 0.99)
    hands.retell(project)


@fault("data", "fail", "manifest")
def manifest_hash_edited(project: Path) -> None:
    """One digit of a hash in the manifest, its own hash brought up to date."""
    hands.revise(project, "data/manifest.json", lambda value: value["files"][0].update(sha256="0" * 64))
    hands.retell(project, manifest=False)


@fault("data", "fail", "manifest")
def manifest_rows_edited(project: Path) -> None:
    """Another number of rows in the manifest."""
    hands.revise(project, "data/manifest.json", lambda value: value["files"][0].update(rows=5000))
    hands.retell(project, manifest=False)


@fault("data", "fail|unknown", "and 1 more")
def file_left_out_of_the_manifest(project: Path) -> None:
    """Three entries for four files."""
    hands.revise(project, "data/manifest.json", lambda value: value["files"].pop())
    hands.report(project, "data", lambda results: results["files"].pop())
    hands.retell(project, manifest=False)


@fault("data", "fail|unknown", "origin")
def origin_left_empty(project: Path) -> None:
    """Nobody says where a file comes from."""
    hands.revise(project, "data/manifest.json", lambda value: value["files"][0].update(origin=""))
    hands.choose(project, "data", "origin", '""')
    hands.report(project, "data", lambda results: results["files"][0].update(origin=""))
    hands.retell(project, manifest=False)


@fault("data", "unknown", "manifest.json")
def manifest_deleted(project: Path) -> None:
    """The manifest is gone."""
    (project / "data/manifest.json").unlink()


@fault("data", "unknown", "licence")
def licence_left_empty(project: Path) -> None:
    """No licence."""
    hands.answer(project, "data", "rights", "")


@fault("data", "unknown", "personal")
def personal_data_to_be_written(project: Path) -> None:
    """tbd below the question on personal data."""
    hands.answer(project, "data", "personal", "tbd")


@fault("data", "unknown", "labels")
def labels_templates_words(project: Path) -> None:
    """The placeholder of the template."""
    hands.answer(project, "data", "labels", "_Open._")


@fault("data", "unknown", "data.json")
def report_deleted(project: Path) -> None:
    """No report."""
    (project / "reports/data.json").unlink()


@fault("data", "unknown", "is empty")
def report_of_zero_bytes(project: Path) -> None:
    """A report of 0 bytes."""
    hands.write(project, "reports/data.json", b"")


@fault("data", "unknown", "holds no report")
def report_of_braces(project: Path) -> None:
    """{}."""
    hands.write(project, "reports/data.json", "{}\n")


@fault("data", "unknown", "has no results")
def results_emptied(project: Path) -> None:
    """A report that found nothing at all."""
    hands.revise(project, "reports/data.json", lambda value: value.update(results={}))


@fault("data", "unknown", "is not JSON")
def report_cut(project: Path) -> None:
    """The first half of a report."""
    path = project / "reports/data.json"
    path.write_bytes(path.read_bytes()[:3000])


@fault("data", "unknown", "schema 2")
def report_of_a_later_schema(project: Path) -> None:
    """A schema that this version cannot know."""
    hands.revise(project, "reports/data.json", lambda value: value.update(schema=2))


@fault("data", "unknown", "does not name these inputs")
def input_left_out_of_the_report(project: Path) -> None:
    """A report that forgets one of its files would never grow stale."""
    hands.forget(project, "data", "inputs", RAW[0])


@fault("data", "stale|fail", "schema.toml")
def schema_loosened(project: Path) -> None:
    """A wider range in the schema after the step ran."""
    hands.edit(project, "schema.toml", "maximum = 95", "maximum = 195")


@fault("data", "fail", "schema.toml")
def schema_tightened_rehashed(project: Path) -> None:
    """A range that the rows do not keep, hashes brought up to date."""
    hands.edit(project, "schema.toml", "maximum = 95", "maximum = 80")
    hands.retell(project)


@fault("data", "stale", "data.py")
def code_of_the_step_changed(project: Path) -> None:
    """The step's own code changed since it ran."""
    path = project / "src/letters/data.py"
    path.write_text(path.read_text("utf-8") + "\n\nLIMIT = 3\n", "utf-8")


@fault("data", "stale|fail", "[data] files names", "problem")
def a_file_less_in_params(project: Path) -> None:
    """[data] files names three of four."""
    hands.edit(project, "params.toml", '    "data/raw/employment_2015.csv.gz",\n', "")


@fault("data", "fail", "schema.toml")
def finding_deleted_from_the_report(project: Path) -> None:
    """A broken rule, found by the step and taken out of its report."""
    _set(project, RAW[1], 5, "age", "240")
    hands.report(project, "data", lambda results: results.update(findings=[]))
    hands.retell(project)


@fault("data", "unknown|fail", "findings")
def list_of_findings_deleted(project: Path) -> None:
    """No list of findings at all."""
    hands.report(project, "data", lambda results: results.__delitem__("findings"))
    hands.retell(project)


@fault("data", "fail|stale", "raters", "problem")
def raters_that_are_no_columns(project: Path) -> None:
    """Raters named who labelled nothing."""
    hands.choose(project, "data", "raters", '["anna", "ben"]')


def _set(project: Path, name: str, row: int, column: str, value: str) -> None:
    lines = hands.rows(project, name)
    assert lines[row][COLUMN[column]] != value
    lines[row][COLUMN[column]] = value
    hands.put_rows(project, name, lines)
