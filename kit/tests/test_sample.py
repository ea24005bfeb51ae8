"""Running all steps as CI does: which choices and which files stand in build/sample/, and what is refused."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time
from pathlib import Path

import pytest
from poc2prod_kit.run import toml
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import sample


def test_choices_are_written_as_they_are_read() -> None:
    """Whatever TOML can hold: quotes, controls, other scripts, dates, floats, tables in tables."""
    choices = {
        "a b": 'say "x"\\\n\t\x7f é🚚',
        "list": [1, -2.5e-9, True, [], {}],
        "when": [date(2024, 2, 29), datetime(2024, 2, 29, 12, 30, 1, 5), time(23, 59)],
        "table": {"ключ": {"deep": [{"row": {"age": 40}}]}},
        "far": [float("inf"), 10**12],
    }
    assert tomllib.loads(f"all = {toml.text(choices)}")["all"] == choices


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ("[data]\nfiles = []\n", "[data] files in params.toml names no table yet."),
        ('[data]\nfiles = ["data/raw/t.csv"]\n', "schema.toml names no column yet."),
        (
            '[data]\nfiles = ["data/raw/t.csv"]\ncommitted = true\n',
            "data/raw/t.csv is not there, though [data] committed in params.toml is true.",
        ),
    ],
    ids=[
        "no table is named",
        "the table is not here and schema.toml is empty",
        "a committed file is not here",
    ],
)
def test_without_data_it_says_what_is_missing(
    params: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any step runs."""
    (tmp_path / "params.toml").write_text(params, encoding="utf-8")
    (tmp_path / "schema.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError) as refused:
        sample.main([])
    assert str(refused.value).startswith(reason)


def test_a_committed_table_is_taken_whole_with_its_golden_rows(tmp_path: Path) -> None:
    """Byte for byte, so that the sources of the copy and of the project are the same."""
    files = {
        "params.toml": b'[data]\nfiles = ["data/raw/t.csv"] # the table\ncommitted = true\n',
        "schema.toml": b"",
        "data/raw/t.csv": b"a\r\n1\r\n",
        "tests/golden/rows.json": b"{}",
    }
    for name, content in files.items():
        (tmp_path / "p" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "p" / name).write_bytes(content)
    (tmp_path / "copy").mkdir()
    made = sample._whole(Project(tmp_path / "p"), tmp_path / "copy")
    paths = (path for path in made.root.rglob("*") if path.is_file())
    assert {path.relative_to(made.root).as_posix(): path.read_bytes() for path in paths} == files
