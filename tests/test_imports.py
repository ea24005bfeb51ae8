"""Imports point one way, and the heavy ones come late."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

SOURCE = ROOT / "src" / "poc2prod"


def imported(path: Path) -> set[str]:
    """Top-level names of the foreign packages that a module imports anywhere."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names


def siblings(path: Path) -> set[str]:
    """First names of what a module imports from its own package, seen from poc2prod."""
    depth = len(path.relative_to(SOURCE).parts)
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            names |= {node.module.partition(".")[0]} if node.module else {alias.name for alias in node.names}
    return names


def users(package: str) -> set[str]:
    """The modules that import a foreign package."""
    return {p.relative_to(SOURCE).as_posix() for p in SOURCE.rglob("*.py") if package in imported(p)}


def test_only_the_command_line_imports_click() -> None:
    """The core neither prints nor parses arguments."""
    assert {path.partition("/")[0] for path in users("click")} == {"cli"}


def test_only_generate_imports_cookiecutter_and_only_the_html_report_jinja() -> None:
    """The generator is behind one door, and so is the template engine of the reports."""
    assert (users("cookiecutter"), users("jinja2")) == ({"generate.py"}, {"generate.py", "reports/html.py"})


def test_only_one_module_reads_yaml() -> None:
    """Its limits hold for every YAML file that is read."""
    assert users("yaml") == {"evidence/yamlfile.py"}


def test_no_module_of_the_core_imports_the_command_line() -> None:
    """The front door uses the core; the core does not know it. The entry point alone joins them."""
    core = [path for path in SOURCE.rglob("*.py") if "cli" not in path.parts]
    assert {p.relative_to(SOURCE).as_posix() for p in core if "cli" in siblings(p)} == {"__main__.py"}


def test_the_bottom_imports_nothing_of_its_own() -> None:
    """Below all others stand errors and signals."""
    assert {name: siblings(SOURCE / name) for name in ("errors.py", "interrupt.py")} == {
        "errors.py": set(),
        "interrupt.py": set(),
    }


def test_nothing_in_the_core_prints_or_exits() -> None:
    """Words for people come from cli alone."""
    found = []
    for path in SOURCE.rglob("*.py"):
        if "cli" in path.parts or path.name == "__main__.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "print",
                "sys.exit",
                "exit",
                "input",
            ):
                found.append(f"{path.name}:{node.lineno}")
    assert found == []


def last_line(code: str) -> str:
    """The last line that a program prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_help_imports_neither_a_command_nor_anything_heavy() -> None:
    """`poc2prod --help` is as quick as a program of one command."""
    code = (
        "import sys; from poc2prod.cli import run; run(['--help']); "
        "heavy = {'cookiecutter', 'jinja2', 'tomllib', 'poc2prod.cli.new', 'poc2prod.answers'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert last_line(code) == "[]"


def test_status_imports_nothing_that_reads_tables() -> None:
    """It shows what the last check said; the modules that judge come where something is judged."""
    code = (
        "import sys, poc2prod.__main__, poc2prod.survey, poc2prod.reports.status; "
        "heavy = [name for name in sys.modules if name.startswith(('poc2prod_kit.tables', 'poc2prod.recount'))]; "
        "print(sorted({*heavy, *({'click', 'dataclasses', 'inspect'} & set(sys.modules))}))"
    )
    assert last_line(code) == "[]"


# From the front door down: a module may import from its own level and from those below it.
LEVELS = (
    {"__main__", "cli"},
    {"reports", "generate", "monorepo", "user_data", "git", "intake"},
    {"survey", "answers", "staging", "collect"},
    {"kept", "review"},
    {"evidence", "state", "records", "shapes"},
    {"project", "checklist", "recount", "clock", "forms"},
    {"fitted", "vendored"},
    {"files"},
    {"template"},
    {"errors", "interrupt"},
)


def level(name: str) -> int:
    """How far below the front door a module or package stands."""
    return next(place for place, names in enumerate(LEVELS) if name in names)


def test_every_module_has_a_level() -> None:
    """A new one is put where it belongs."""
    found = {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in SOURCE.rglob("*.py")}
    assert found - {"__init__"} == set().union(*LEVELS)


def test_imports_point_downwards() -> None:
    """cli knows the reports, they the review, it the evidence, that the facts; never the other way."""
    wrong = []
    for path in SOURCE.rglob("*.py"):
        top = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        below = siblings(path) - {"__version__"} if top != "__init__" else set()
        wrong += [f"{top} imports {name}" for name in below if level(name) < level(top)]
    assert wrong == []


def test_evidence_knows_nothing_of_events_and_the_facts_nothing_of_judgement() -> None:
    """What people did and what machines found are brought together in review alone."""
    known = {
        name: {other for path in (SOURCE / name).rglob("*.py") for other in siblings(path)}
        for name in ("evidence", "recount")
    }
    assert "state" not in known["evidence"]
    assert known["recount"] == set()


def test_recount_takes_nothing_of_the_library_but_the_reading_of_tables() -> None:
    """Arithmetic is done a second time, independently."""
    found = {
        node.module
        for path in (SOURCE / "recount").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("poc2prod_kit")
    }
    assert {(name or "").split(".")[1] for name in found} == {"tables"}


def test_screening_imports_the_standard_library_alone() -> None:
    """The command screens without pandas, and so does whoever calls it later."""
    code = (
        "import sys, poc2prod, pkgutil, importlib, poc2prod_kit.screening as s; "
        "[importlib.import_module(f'{s.__name__}.{m.name}') for m in pkgutil.iter_modules(s.__path__)]; "
        "print(sorted({'numpy', 'pandas', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
