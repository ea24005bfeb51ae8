"""The lock files of the template: all that pyproject.toml asks for, in one version each, with hashes."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bakes import SUPPORTED
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from poc2prod.generate import generate

PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
ENTRY = re.compile(
    r"(?P<pin>[\w.-]+(?:\[[\w,]+\])?==[\w.!+]+(?: ; [^\\]+?)?)(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)


def entries(path: Path) -> dict[str, tuple[Requirement, frozenset[str]]]:
    """Each pin of a lock, by its text, with its hashes; besides it holds comments and the library's wheel."""
    joined = path.read_text(encoding="utf-8").replace(" \\\n   ", "")
    found = {}
    for line in (line.strip() for line in joined.splitlines() if not line.startswith(("#", "vendor/"))):
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
    """What the project asks for in an environment, the library's own wishes in its stead."""
    optional = project.get("optional-dependencies", {})
    lines = [*project["dependencies"], *(line for extra in extras for line in optional.get(extra, ()))]
    wanted = [one for line in lines for one in _of_the_library(Requirement(line))]
    return [one for one in wanted if one.marker is None or one.marker.evaluate(environment)]


def _of_the_library(wanted: Requirement) -> list[Requirement]:
    if wanted.name != "poc2prod-kit":
        return [wanted]
    kit = tomllib.loads((ROOT / "kit" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(line) for extra in wanted.extras for line in kit["optional-dependencies"][extra]]


def unmet(folder: Path, lock: str, wanted: list[Requirement], environment: dict[str, str]) -> list[str]:
    """What a lock lacks, or holds in a version that does not fit."""
    found = chosen(folder / lock, environment)
    return [
        f"{one} is {found.get(canonicalize_name(one.name))}"
        for one in wanted
        if not one.specifier.contains(found.get(canonicalize_name(one.name), "0"))
    ]


Made = tuple[Path, dict[str, Any]]


@pytest.fixture
def make(home: Path, tmp_path: Path) -> Callable[..., Made]:
    """Generates a project of a scope; gives it, and the whole of its pyproject.toml."""

    def made(scope: str, parquet: str = "") -> Made:
        given = {"package": f"made_{scope}_{parquet}x", "scope": scope, "demo": "none", "_parquet": parquet}
        folder = generate(given, tmp_path, home)
        return folder, tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))

    return made


@pytest.mark.parametrize("parquet", ["", "true"], ids=["csv", "parquet"])
@pytest.mark.parametrize("scope", ["full", "poc"])
def test_the_locks_hold_what_the_project_asks_for(
    make: Callable[..., Made], scope: str, parquet: str
) -> None:
    """On each Python and system every dependency and extra is pinned once, within its range."""
    folder, document = make(scope, parquet)
    for environment in environments():
        for lock, extras in (("requirements.lock", ()), ("requirements-dev.lock", ("dev",))):
            wanted = asked(document["project"], extras, environment)
            assert len(wanted) > 7
            assert unmet(folder, lock, wanted, environment) == []


@pytest.mark.parametrize("scope", ["full", "poc"])
def test_the_steps_run_what_was_tested(make: Callable[..., Made], scope: str) -> None:
    """The steps' lock is a part of the whole, in the same versions and hashes, and holds no tool of tests."""
    folder, _ = make(scope)
    whole, steps = entries(folder / "requirements-dev.lock"), entries(folder / "requirements.lock")
    assert {pin: hashes for pin, (_, hashes) in steps.items()} == {pin: whole[pin][1] for pin in steps}
    later = {"mypy", "ruff", "pytest", "schemathesis", "onnx", "onnxruntime", "skl2onnx", "fastapi"}
    assert later & {one.name for one, _ in steps.values()} == set()


def test_the_api_runs_what_was_tested(make: Callable[..., Made]) -> None:
    """The API's lock holds what its group asks for, nothing heavy, in versions and hashes of the whole."""
    folder, document = make("full")
    for environment in environments():
        wanted = asked({"dependencies": document["dependency-groups"]["api"]}, (), environment)
        assert unmet(folder, "requirements-api.lock", wanted, environment) == []
    whole, api = entries(folder / "requirements-dev.lock"), entries(folder / "requirements-api.lock")
    assert {pin: hashes for pin, (_, hashes) in api.items()} == {pin: whole[pin][1] for pin in api}
    heavy = {"pandas", "scipy", "scikit-learn", "matplotlib", "skops", "pandera", "onnx", "skl2onnx"}
    assert heavy & {one.name for one, _ in api.values()} == set()


def test_each_scope_has_its_locks(make: Callable[..., Made]) -> None:
    """One for the steps, one for tests and linters besides, and with an API one for its image."""
    assert sorted(path.name for path in make("poc")[0].glob("*.lock")) == [
        *("requirements-dev.lock", "requirements.lock")
    ]
    assert sorted(path.name for path in make("full")[0].glob("*.lock")) == [
        *("requirements-api.lock", "requirements-dev.lock", "requirements.lock")
    ]


@pytest.mark.parametrize("scope", ["full", "poc"])
def test_parquet_adds_its_reader_and_changes_nothing_else(make: Callable[..., Made], scope: str) -> None:
    """The versions are the same with and without it."""
    csv, parquet = (make(scope, answer)[0] for answer in ("", "true"))
    for lock in ("requirements.lock", "requirements-dev.lock"):
        plain, more = entries(csv / lock), entries(parquet / lock)
        assert {one.name for pin, (one, _) in more.items() if pin not in plain} == {"pyarrow"}
        assert {pin: more[pin][1] for pin in plain} == {pin: hashes for pin, (_, hashes) in plain.items()}


TEMPLATE = ROOT / "{{cookiecutter.__slug}}"


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATE.glob("*.lock")))
def test_a_lock_names_neither_an_index_nor_a_path(name: str) -> None:
    """Comments say how it was made and no more; nothing of the machine that made it."""
    text = (TEMPLATE / name).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# This file was autogenerated by uv via the following command:",
        "#    uv pip compile (README.md says how)",
    ]
    assert [word for word in ("://", "file:", "/tmp", "--index", "--find") if word in text] == []


def test_the_script_knows_the_files_and_keeps_what_depends_on_answers() -> None:
    """It writes exactly the files that are there; the wheel and the reader of parquet become Jinja again."""
    script = _script()
    names = [name for files in script.FILES.values() for name in files.values()]
    assert sorted(names) == sorted(path.name for path in TEMPLATE.glob("*.lock"))
    digest = f"--hash=sha256:{'0' * 64}\n"
    lock = f"vendor/k-1.whl \\\n    {digest}numpy==1 \\\n    {digest}pyarrow==2 \\\n    {digest}"
    assert script.templated(lock) == (
        "vendor/{{ kit_filename() }} \\\n    --hash=sha256:{{ kit_sha256() }}\n"
        f"numpy==1 \\\n    {digest}"
        "{% if cookiecutter._parquet %}"
        f"pyarrow==2 \\\n    {digest}"
        "{% endif %}"
    )


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("locks_script", ROOT / "tools" / "locks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
