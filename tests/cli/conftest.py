"""The finished sample project, for each test its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import sample_project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose first three steps and data report hold."""
    return sample_project.build(tmp_path / "p")
