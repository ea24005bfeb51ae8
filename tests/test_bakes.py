"""Every named set of answers gives a project that is clean, runs, passes its own tests and builds."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from bakes import clean_environment, interpreters, run, succeed

NEW = (sys.executable, "-m", "poc2prod", "new")
ANSWERS: dict[str, tuple[str, ...]] = {
    "employment": ("--set", "demo=employment"),
    "bikeshare": ("--set", "demo=bikeshare"),
    "long-names": (
        "--set",
        "package=a_package_with_a_name_of_forty_characters",
        "--set",
        "license=Proprietary",
    ),
    "short-name": ("--set", "package=x", "--set", "demo=bikeshare", "--set", "python_version=3.13"),
}


def orders(path: Path) -> Path:
    """An own table with awkward names: semicolons, decimal commas, dates, groups, empty cells."""
    draw = random.Random(5)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(
            ["Order no.", "customer", "class", "price €", "ordered on", "express 🚚", "returned?"]
        )
        for number in range(400):
            price = draw.lognormvariate(3, 0.6)
            kind = draw.choice(["shoes", "coats", "hats"])
            returned = draw.random() < (0.55 if kind == "shoes" else 0.2) + (0.2 if price > 25 else 0)
            writer.writerow(
                [
                    f"A{number:05}",
                    f"c{draw.randrange(150)}",
                    kind if draw.random() < 0.97 else "",
                    f"{price:.2f}".replace(".", ","),
                    f"{draw.randrange(1, 29):02}.{draw.randrange(1, 13):02}.2023",
                    draw.choice(["ja", "nein"]),
                    "yes" if returned else "no",
                ]
            )
    return path


def generate(name: str, folder: Path) -> Path:
    """A project of that name in the folder."""
    options = ANSWERS.get(name) or (
        *("--data", str(orders(folder / "orders.csv")), "--target", "returned?"),
        *("--id", "Order no.", "--group", "customer"),
    )
    target = folder / name
    command = [*NEW, str(target), "--no-input", "--no-git", *options]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, env=clean_environment())
    return target


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Projects by the name of their answers, each generated once a session."""
    return cache(lambda name: generate(name, tmp_path_factory.mktemp("bake")))


def package(folder: Path) -> str:
    """The name of the project's package."""
    return next(path.parent.name for path in (folder / "src").glob("*/__main__.py"))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ANSWERS, "orders"])
def test_the_generated_code_is_clean(project: Callable[[str], Path], name: str) -> None:
    """Format, lint and types hold for what each set of answers gives, by the project's own settings."""
    folder = project(name)
    succeed(folder, sys.executable, "-m", "ruff", "format", "--check", ".")
    succeed(folder, sys.executable, "-m", "ruff", "check", ".")
    succeed(folder, sys.executable, "-m", "mypy")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["employment", "bikeshare", "orders"])
def test_the_project_runs_tests_and_builds(project: Callable[[str], Path], name: str) -> None:
    """`poc` ends with 0, the project's own tests pass after it, and a wheel can be built."""
    folder = project(name)
    succeed(folder, sys.executable, "-m", package(folder), "poc")
    succeed(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    succeed(folder, sys.executable, "-m", "build", "--wheel", "--no-isolation")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["employment", "orders"])
def test_the_projects_tests_pass_before_anything_ran(name: str, tmp_path: Path) -> None:
    """A fresh project's tests need no earlier run."""
    folder = generate(name, tmp_path)
    succeed(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.slow
def test_without_data_poc_says_where_to_put_it(tmp_path: Path) -> None:
    """demo=none: `poc` ends with 2 and names data/raw; the tests skip and pass."""
    folder = tmp_path / "empty"
    command = [*NEW, str(folder), "--no-input", "--no-git", "--set", "demo=none"]
    subprocess.run(command, check=True, capture_output=True, env=clean_environment())
    done = run(folder, sys.executable, "-m", "empty", "poc")
    assert (done.returncode, "data/raw" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    succeed(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.slow
@pytest.mark.xdist_group("environments")
@pytest.mark.parametrize("version", [min(interpreters()), max(interpreters())], ids=str)
@pytest.mark.parametrize("name", ["employment", "bikeshare", "orders"])
def test_on_the_oldest_and_the_newest_python(
    project: Callable[[str], Path],
    environment: Callable[[tuple[int, int]], str],
    version: tuple[int, int],
    name: str,
) -> None:
    """Installed with pip into an empty environment, the project runs and its tests pass."""
    folder = project(name)
    python = environment(version)
    succeed(folder, python, "-m", package(folder), "poc")
    succeed(folder, python, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.fixture(scope="session")
def environment(
    project: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[tuple[int, int]], str]:
    """An environment of that Python with the project's dependencies, made once a session."""

    @cache
    def make(version: tuple[int, int]) -> str:
        folder = tmp_path_factory.mktemp("environment")
        subprocess.run([interpreters()[version], "-m", "venv", str(folder)], check=True)
        python = str(folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
        here = project("bikeshare")
        wheel = next((here / "vendor").glob("*.whl"))
        install = [python, "-m", "pip", "install", "--quiet", str(wheel), f"{here}[dev]"]
        subprocess.run(install, check=True, capture_output=True)
        return python

    return make
