"""Records: written once, whole, sealed, bound to the source; and read by the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.hashing import of_value
from poc2prod_kit.serving import records

from poc2prod import records as tool
from poc2prod.project import Facts

RESULTS: dict[str, Any] = {
    "provider": "github",
    "repository": "o/r",
    "run": "https://github.com/o/r/actions/runs/7",
    "commit": "abc",
    "ref": "refs/heads/main",
    "jobs": {"lint": "success"},
}
ENVIRONMENT = {
    "GITHUB_REPOSITORY": "o/r",
    "GITHUB_RUN_ID": "7",
    "GITHUB_SHA": "abc",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_SERVER_URL": "https://github.com",
    "NEEDS": '{"lint": {"result": "success", "outputs": {}}}',
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one module, a manifest and a report that knows the model."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made: dict[str, Any] = {
        "src/x/a.py": "a = 1\n",
        "poc2prod.toml": "",
        "params.toml": "",
        "data/manifest.json": json.dumps(
            {"files": [{"name": "b", "sha256": "2"}, {"name": "a", "sha256": "1"}]}
        ),
        "reports/baseline.json": json.dumps({"outputs": {"models/model.skops": "m1"}}),
    }
    for name, text in made.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_record_holds_what_was_seen_and_what_it_was_seen_of(root: Path) -> None:
    """Time, source, model, data, tools, results, and a name that its content gives."""
    path = records.write(root, "ci", RESULTS, tools={"python": "3.13.1"})
    content = json.loads(path.read_text(encoding="utf-8"))
    assert path.name == f"ci-20231114-{content['seal'][:12]}.json"
    assert {key: value for key, value in content.items() if key != "seal"} == {
        "schema": 1,
        "kind": "ci",
        "when": "2023-11-14T22:13:20Z",
        "source": records.source_of(root),
        "model": "m1",
        "data": of_value({"a": "1", "b": "2"}),
        "tools": {"python": "3.13.1"},
        "results": RESULTS,
    }


def test_the_command_believes_what_the_project_wrote(root: Path) -> None:
    """Seal, name, shape and source are the same on both sides."""
    path = records.write(root, "ci", RESULTS)
    found = tool.current(Facts(str(root)), "ci")
    assert isinstance(found, tool.Record)
    assert (found.name, found.source, found.results) == (path.name, records.source_of(root), RESULTS)


def test_the_same_record_twice_is_one_file_and_no_other_is_touched(root: Path) -> None:
    """Not even one that somebody damaged."""
    path = records.write(root, "ci", RESULTS)
    path.write_text("damaged", encoding="utf-8")
    assert records.write(root, "ci", RESULTS) == path
    assert (path.read_text(encoding="utf-8"), len(list(path.parent.iterdir()))) == ("damaged", 1)


def test_writers_at_once_leave_whole_records_and_nothing_else(root: Path) -> None:
    """Twenty records at once."""
    writers = [
        threading.Thread(target=records.write, args=(root, "ci", {**RESULTS, "ref": str(number)}))
        for number in range(20)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = tool.records(Facts(str(root)), "ci")
    assert ([item.broken for item in found], len(os.listdir(root / "records"))) == ([""] * 20, 20)  # noqa: PTH208


def test_half_surrogates_do_not_stop_a_record(root: Path) -> None:
    """As the names of parametrised tests can hold."""
    records.write(root, "ci", {**RESULTS, "ref": "a\ud800b"})
    assert [item.results["ref"] for item in tool.records(Facts(str(root)), "ci")] == ["a?b"]


def test_a_killed_writer_leaves_no_record(root: Path) -> None:
    """The file that it had begun has not the name of a record."""
    code = (
        "import os, sys; from pathlib import Path; from poc2prod_kit.serving import records\n"
        "os.replace = lambda *_: os._exit(9)\n"
        "records.write(Path(sys.argv[1]), 'ci', {})\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(root)], check=False)
    left = [path.name for path in (root / "records").iterdir()]
    assert (done.returncode, [name for name in left if not name.endswith(".tmp")]) == (9, [])
    assert (len(left), tool.records(Facts(str(root)), "ci")) == (1, [])


def test_a_source_that_changed_meanwhile_is_refused(root: Path) -> None:
    """What was seen of one source is not written down for another."""
    before = records.source_of(root)
    (root / "src/x/a.py").write_text("a = 2\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="source changed while"):
        records.write(root, "ci", RESULTS, of=before)


def test_a_folder_that_cannot_be_written_is_named(root: Path) -> None:
    """In one sentence."""
    (root / "records").write_text("", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"^records/ci-20231114-.* cannot be written: "):
        records.write(root, "ci", RESULTS)


def test_a_ci_run_records_its_jobs(root: Path) -> None:
    """From the variables that GitHub sets and the JSON of `needs`."""
    path = records.ci(root, ENVIRONMENT)
    assert json.loads(path.read_text(encoding="utf-8"))["results"] == RESULTS


def test_whether_the_gate_was_skipped_is_recorded_before_it_runs(root: Path) -> None:
    """It is none of the jobs that the record waits for."""
    path = records.ci(root, ENVIRONMENT | {"GATE": "skipped"})
    jobs = json.loads(path.read_text(encoding="utf-8"))["results"]["jobs"]
    assert jobs == {**RESULTS["jobs"], "gate": "skipped"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"NEEDS": ""}, "NEEDS is not set"),
        ({"GITHUB_SHA": ""}, "GITHUB_SHA is not set"),
        ({"NEEDS": "[]"}, "NEEDS must hold"),
        ({"NEEDS": "{"}, "NEEDS must hold"),
        ({"NEEDS": '{"a": 1}'}, "NEEDS must hold"),
    ],
)
def test_outside_a_ci_run_there_is_nothing_to_record(root: Path, change: dict[str, str], said: str) -> None:
    """What is missing is named, and nothing is written."""
    with pytest.raises(ProjectError, match=said):
        records.ci(root, ENVIRONMENT | change)
    assert not (root / "records").exists()


def test_a_wrong_date_is_a_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SOURCE_DATE_EPOCH must be a number."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    with pytest.raises(ProjectError, match="SOURCE_DATE_EPOCH is 'today'"):
        records.write(root, "ci", RESULTS)
