"""The finished sample project, for each test its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sample_project
from evidence import service
from evidence.modelled import Modelled, build
from evidence.service import Service


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose first three steps and data report hold."""
    return sample_project.build(tmp_path / "p")


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose I.4 to I.10 are made honestly; nobody changes it."""
    return build(tmp_path_factory.mktemp("once") / "p").root


@pytest.fixture
def modelled(once: Path, tmp_path: Path) -> Modelled:
    """A copy of it, each test its own; the test part is not open."""
    return Modelled(Path(shutil.copytree(once, tmp_path / "p")))


@pytest.fixture(scope="session")
def served_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose II.1 and II.3 to II.7 are made honestly; nobody changes it."""
    return service.build(tmp_path_factory.mktemp("served") / "p").root


@pytest.fixture
def service_(served_once: Path, tmp_path: Path) -> Service:
    """A copy of it, each test its own."""
    return Service(Path(shutil.copytree(served_once, tmp_path / "p")))
