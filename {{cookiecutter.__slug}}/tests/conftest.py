"""What the tests share: the project, its table, a small copy to run the steps in, a fitted model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from poc2prod_kit.inspection import behaviour
from poc2prod_kit.run import sample_project
from poc2prod_kit.run.project import Project

from {{ cookiecutter.package }} import pipeline

ROOT = Path(__file__).parents[1]
WHERE = "put a table into data/raw/ and name it in [data] files of params.toml"


@pytest.fixture(scope="session")
def project() -> Project:
    """This project, whose params.toml names its data; skips while it names none."""
    found = Project(ROOT, pipeline.CODE)
    if not found.param("data.files"):
        pytest.skip(f"there is no data yet: {WHERE}")
    return found


@pytest.fixture(scope="session")
def raw(project: Project) -> Project:
    """The project where its raw data are on this machine; skips where they are not, as in CI."""
    absent = [name for name in project.param("data.files") if not (ROOT / name).is_file()]
    if absent:
        pytest.skip(f"{absent[0]} is not on this machine: it is kept out of git")
    return project


@pytest.fixture(scope="session")
def small(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Project]:
    """Makes a copy of the project in a new folder, with a few hundred rows as its data and no results yet."""

    def make() -> Project:
        copy = sample_project.copy(project, tmp_path_factory.mktemp("small"))
        if copy is None:
            pytest.skip("schema.toml names no column yet: run `poc` once, which reads them off the data")
        return copy

    return make


@pytest.fixture(scope="session")
def judge(raw: Project, tmp_path_factory: pytest.TempPathFactory) -> behaviour.Judge:
    """Predicts single rows with the kept model; fitted here where models/ holds none that is up to date."""
    ready = behaviour.ready(raw)
    if ready is None:
        folder = tmp_path_factory.mktemp("fitted")
        for name in ("params.toml", "schema.toml", "cleaning.toml"):
            shutil.copy(ROOT / name, folder / name)
        shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
        ready = behaviour.fitted(Project(folder, pipeline.CODE))
    return ready
