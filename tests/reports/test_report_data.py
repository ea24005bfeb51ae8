"""What is gathered from a project on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_project import build, write

from poc2prod import state
from poc2prod.checklist import step
from poc2prod.files import Root
from poc2prod.reports.report_data import Days, ReportData, Waiver, collect
from poc2prod.survey import Survey

BOB = "Bob <bob@x.org>"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample project with a check-in interval."""
    root = build(tmp_path)
    settings = (root / "poc2prod.toml").read_text(encoding="utf-8")
    write(root, "poc2prod.toml", f"{settings}[checkin]\ndays = 14\n")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780185600")
    return root


def gathered(root: Path) -> ReportData:
    """The report on 31 May 2026."""
    return collect(Survey(str(root)))


def add(root: Path, kind: str, slug: str, **fields: object) -> None:
    """One event of that day, by Bob."""
    files = Root(str(root))
    state.write(files, state.read(files), kind, slug, BOB, "", **fields)


@pytest.mark.parametrize(
    ("slug", "until", "how"),
    [
        ("data", "2026-05-30", "past its date"),
        ("data", "2026-05-31", "in force"),
        ("data", "soon", "does not count"),
    ],
)
def test_a_waiver_tells_how_it_stands(project: Path, slug: str, until: str, how: str) -> None:
    """The last day counts; a date that cannot be read does not."""
    add(project, "waive", slug, owner="Bob", until=until, reason="later")
    expected = Waiver(step(slug), "waive", "Bob", until, "later", BOB, "2026-05-31", how)
    assert gathered(project).waivers == (expected,)


def test_days_stand_beside_the_plan(project: Path) -> None:
    """A step with a plan, one with events, none else."""
    add(project, "refuse", "data", role="owner", content={})
    found = gathered(project).days
    assert [row.step.slug for row in found][:2] == ["data", "contract"]
    assert found[0] == Days(step("data"), "", "", "", "2026-05-31", "2026-05-31", 1, 1)
    assert found[1] == Days(step("contract"), "Bob", "3", "2030-01-31", "", "", 0, 0)


def test_the_next_talk_is_the_interval_after_the_last(project: Path) -> None:
    """Before any event none is due."""
    assert gathered(project).talk == ""
    add(project, "check-in", "", **{"with": "Ada", "decided": ""})
    assert gathered(project).talk == "2026-06-14"


def test_a_project_without_a_name_goes_by_its_folder(project: Path) -> None:
    """A damaged template.json is no reason to fail."""
    write(project, ".poc2prod/template.json", '{"answers": {"project_name": 3}}')
    assert (gathered(project).name, gathered(project).description) == (project.name, "")
