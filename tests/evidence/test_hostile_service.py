"""Files that were made to break or to hold up the checks of II.1 and II.3 to II.7."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from evidence.service import Service

STEPS = ("contract", "refactor", "api", "testing", "docker", "ci")
FILES = (
    *("Dockerfile", ".dockerignore", "requirements.lock", "compose.yaml", ".github/workflows/ci.yml"),
    *("contract/openapi.json", "contract/examples.json", "tests/golden/predictions.json", "docs/contract.md"),
    *("reports/contract.json", "reports/api.json", "src/app/api.py", "tests/test_api.py"),
)
DEEP = {"json": "[" * 200_000, "py": "(" * 5_000, "yml": "[" * 200_000, "yaml": "{a: " * 50_000}


def judged(service: Service) -> set[str]:
    """Findings of all six steps, within ten seconds of CPU time and without a check that broke."""
    start = time.process_time()
    found = [service.outcomes(slug) for slug in STEPS]
    assert time.process_time() - start < 10
    return {outcome for one in found for outcome in one.values()}


def sized(path: Path) -> None:
    """Two gigabytes that take no room."""
    with path.open("wb") as file:
        file.truncate(2 << 30)


def fifo(path: Path) -> None:
    """A pipe that nobody writes to."""
    path.unlink()
    os.mkfifo(path)


def link(path: Path) -> None:
    """A link out of the project."""
    path.unlink()
    path.symlink_to("/etc/hostname")


def nested(path: Path) -> None:
    """Brackets without end."""
    path.write_text(DEEP.get(path.suffix[1:], "\\\n" * 100_000), "utf-8")


def binary(path: Path) -> None:
    """Bytes of no text."""
    path.write_bytes(bytes(range(256)) * 1000)


def empty(path: Path) -> None:
    """Nothing."""
    path.write_bytes(b"")


HARM = (sized, nested, binary, empty, *(() if sys.platform == "win32" else (fifo, link)))


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__)
@pytest.mark.parametrize("name", FILES)
def test_no_file_passes_or_hangs(service_: Service, name: str, harm: object) -> None:
    """Something is not proven any more, and no check breaks or waits."""
    assert callable(harm)
    harm(service_.root / name)
    assert judged(service_) & {"fail", "unknown", "stale"}
    said = [service_.said(slug, check) for slug in STEPS for check in service_.outcomes(slug)]
    assert [text for _, text in said if "could not be checked" in text] == []


def test_a_lock_of_a_million_lines(service_: Service) -> None:
    """It is read within the time, or refused for its size."""
    service_.write("requirements.lock", "a==1.0 \\\n" * 400_000)
    service_.write("Dockerfile", "FROM a AS b\n" * 3000 + "RUN " + "curl " * 50_000)
    assert "fail" in judged(service_) or "unknown" in judged(service_)
