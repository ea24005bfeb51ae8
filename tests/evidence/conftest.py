"""The finished sample project, for each test its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sample_project
from evidence.modelled import Modelled, build


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
