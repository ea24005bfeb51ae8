"""The lock files of the template: all that pyproject.toml asks for, in one version each, with hashes."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bakes import SUPPORTED
from conftest import ROOT, Command
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
ENTRY = re.compile(r"(?P<pin>[\w.-]+==[\w.!+]+(?: ; [^\\]+?)?)(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)")


def entries(path: Path) -> dict[str, tuple[Requirement, frozenset[str]]]:
    """Each pin of a lock, by its text, with its hashes; the file holds nothing else but comments."""
    joined = path.read_text(encoding="utf-8").replace(" \\\n   ", "")
    found = {}
    for line in (line.strip() for line in joined.splitlines() if not line.startswith("#")):
        match = ENTRY.fullmatch(line)
        assert match, line[:100]
        found[match["pin"]] = Requirement(match["pin"]), frozenset(HASH.findall(match["hashes"]))
    return found


def chosen(path: Path, environment: dict[str, str]) -> dict[str, str]:
    """Name → version of what is installed in an environment; two versions of a name are an error."""
    found: dict[str, str] = {}
    for one, _ in entries(path).values():
        if one.marker is None or one.marker.evaluate(environment):
            assert canonicalize_name(one.name) not in found, one.name
            found[canonicalize_name(one.name)] = next(iter(one.specifier)).version
    return found


def environments() -> list[dict[str, str]]:
    """Each supported Python on each system."""
    return [
        {"python_version": f"{a}.{b}", "python_full_version": f"{a}.{b}.0", **system}
        | {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        for a, b in SUPPORTED
        for system in PLATFORMS.values()
    ]


def asked(project: dict[str, Any], extras: tuple[str, ...], environment: dict[str, str]) -> list[Requirement]:
    """What the project asks for in an environment, less itself."""
    optional = project.get("optional-dependencies", {})
    lines = [*project["dependencies"], *(line for extra in extras for line in optional.get(extra, ()))]
    wanted = [Requirement(line) for line in lines]
    return [
        one
        for one in wanted
        if one.name != project["name"] and (one.marker is None or one.marker.evaluate(environment))
    ]


def unmet(folder: Path, lock: str, wanted: list[Requirement], environment: dict[str, str]) -> list[str]:
    """What a lock lacks, or holds in a version that does not fit."""
    found = chosen(folder / lock, environment)
    return [
        f"{one} is {found.get(canonicalize_name(one.name))}"
        for one in wanted
        if not one.specifier.contains(found.get(canonicalize_name(one.name), "0"))
    ]


@pytest.fixture
def made(poc2prod: Command, request: pytest.FixtureRequest) -> tuple[Path, dict[str, Any]]:
    """A generated project of a scope, and [project] of its pyproject.toml."""
    arguments: list[str] = request.param
    assert poc2prod("new", "made", "--no-input", "--no-git", *arguments).code == 0
    text = Path("made/pyproject.toml").read_text(encoding="utf-8")
    return Path("made"), tomllib.loads(text)["project"]


FULL, POC = ["--set", "scope=full"], ["--set", "scope=poc"]


@pytest.mark.parametrize("made", [FULL, POC], indirect=True, ids=["full", "poc"])
def test_the_lock_holds_what_the_project_asks_for(made: tuple[Path, dict[str, Any]]) -> None:
    """On each Python and system every dependency and extra is pinned once, within its range."""
    folder, project = made
    for environment in environments():
        wanted = asked(project, ("api", "export", "dev"), environment)
        assert unmet(folder, "requirements.lock", wanted, environment) == []


@pytest.mark.parametrize("made", [FULL], indirect=True, ids=["full"])
def test_the_api_runs_what_was_tested(made: tuple[Path, dict[str, Any]]) -> None:
    """The API's lock holds what the extra asks for, nothing heavy, in versions and hashes of the whole."""
    folder, project = made
    for environment in environments():
        wanted = asked({**project, "dependencies": []}, ("api",), environment)
        assert unmet(folder, "requirements-api.lock", wanted, environment) == []
    whole, api = entries(folder / "requirements.lock"), entries(folder / "requirements-api.lock")
    assert {pin: hashes for pin, (_, hashes) in api.items()} == {pin: whole[pin][1] for pin in api}
    heavy = {"pandas", "scipy", "scikit-learn", "matplotlib", "skops", "pandera", "onnx", "skl2onnx"}
    assert heavy & {one.name for one, _ in api.values()} == set()


TEMPLATE = ROOT / "{{cookiecutter.__slug}}"
NAMES = sorted(path.name for path in TEMPLATE.glob("*.lock"))


def test_each_scope_has_its_lock() -> None:
    """Two for each scope, by whether parquet is read, and the API's."""
    assert NAMES == [
        "{{cookiecutter.__full}}requirements-api.lock",
        "{{cookiecutter.__lock_full_parquet}}requirements.lock",
        "{{cookiecutter.__lock_full}}requirements.lock",
        "{{cookiecutter.__lock_poc_parquet}}requirements.lock",
        "{{cookiecutter.__lock_poc}}requirements.lock",
    ]


@pytest.mark.parametrize("scope", ["full", "poc"])
def test_parquet_adds_its_reader_and_changes_nothing_else(scope: str) -> None:
    """The versions are the same with and without it."""
    plain = entries(TEMPLATE / f"{{{{cookiecutter.__lock_{scope}}}}}requirements.lock")
    more = entries(TEMPLATE / f"{{{{cookiecutter.__lock_{scope}_parquet}}}}requirements.lock")
    assert {one.name for pin, (one, _) in more.items() if pin not in plain} == {"pyarrow"}
    assert {pin: more[pin][1] for pin in plain} == {pin: hashes for pin, (_, hashes) in plain.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_names_neither_an_index_nor_a_path(name: str) -> None:
    """Comments say how it was made and no more; all else is pins and hashes."""
    lines = (TEMPLATE / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "# This file was autogenerated by uv via the following command:",
        "#    uv pip compile (README.md says how)",
    ]
    assert entries(TEMPLATE / name)


def test_the_script_knows_the_files_and_reads_what_projects_ask_for() -> None:
    """It writes exactly the files that are there, from the requirements of a generated project."""
    script = _script()
    assert sorted([*(name for name, *_ in script.SCOPES), script.API]) == NAMES
    needs = script.maker().requirements(script.project("poc", "true"), ("api", "export", "dev"))
    assert [line.partition(">")[0] for line in needs] == [
        *("numpy", "pandas", "scipy", "scikit-learn", "pandera", "skops", "threadpoolctl", "matplotlib"),
        *("pyarrow", "pytest", "ruff", "mypy"),
    ]


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("locks_script", ROOT / "tools" / "locks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
