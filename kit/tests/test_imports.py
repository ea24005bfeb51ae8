"""What the library may import: never a project, and below its extras the standard library alone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import poc2prod_kit
import pytest

SOURCE = Path(poc2prod_kit.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
EXTRAS = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]

COMMAND = Path(__file__).parents[2] / "src" / "poc2prod"

# The base layer: importable without any package installed. The command uses these and no others.
BASE = (
    "inspection.proposals",
    "models.loaders",
    "rules.reads",
    "rules.rulebook",
    "rules.values",
    "run.atomic",
    "run.code",
    "run.console",
    "run.errors",
    "run.forms",
    "run.hashing",
    "run.libraries",
    "run.params",
    "run.paths",
    "run.results_versions",
    "run.toml",
    "screening.alone",
    "screening.contents",
    "screening.decisions",
    "screening.duplicates",
    "screening.entities",
    "screening.finding",
    "screening.leaks",
    "screening.missing_classes",
    "screening.near_duplicates",
    "screening.numbers",
    "screening.recognised",
    "screening.relations",
    "screening.sample",
    "screening.screen",
    "screening.spelling",
    "screening.target_means",
    "screening.undeclared_groups",
    "serving.records",
    "serving.source",
    "tables.cleaning",
    "tables.dates",
    "tables.dressed",
    "tables.encodings",
    "tables.external",
    "tables.infer",
    "tables.moments",
    "tables.numerals",
    "tables.roles",
    "tables.sampling",
    "tables.schema",
    "tables.sniff",
    "tables.typed",
)

# The extra that each part is installed with; serving also exports, where the pipeline's packages are there.
EXTRA = {
    **dict.fromkeys(
        ("inspection", "models", "rules", "run", "scoring", "screening", "splitting", "summary", "tables"),
        ("pipeline",),
    ),
    "serving": ("pipeline", "export", "serving"),
}
# Packages that are named otherwise than their modules, and what comes with a package that an extra names.
MODULES_OF = {
    "scikit-learn": ("sklearn",),
    "fastapi": ("fastapi", "starlette"),
    "pydantic": ("pydantic", "pydantic_core", "typing_extensions"),
}
# Read where a team's table is Parquet, a workbook or in a database; the error names the package where it is absent.
OPTIONAL = {"tables": {"pyarrow", "openpyxl", "sqlalchemy"}}

# Ways to reach code that is not named in an import, and who may use them.
DYNAMIC = {"import_module", "__import__", "exec", "eval", "run_path", "run_module", "spec_from_file_location"}
MAY_IMPORT = {"serving/import_check.py": "a process of its own tries what the server's image can import"}


def name(path: Path) -> str:
    """The module's path inside the library."""
    return path.relative_to(SOURCE).as_posix()


def imports(path: Path) -> Iterator[str]:
    """The full names of all modules that a module imports anywhere, relative imports with their dots."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def foreign(path: Path) -> set[str]:
    """The packages outside the standard library and this one that a module imports anywhere."""
    return {one.partition(".")[0] for one in imports(path)} - sys.stdlib_module_names - {"poc2prod_kit"}


def allowed(extras: tuple[str, ...]) -> set[str]:
    """The modules of the packages that these extras install."""
    packages = {re.split(r"[^\w-]", line)[0] for extra in extras for line in EXTRAS[extra]}
    return {module for one in packages for module in MODULES_OF.get(one, (one.replace("-", "_"),))}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_imports_what_its_extra_installs(path: Path) -> None:
    """So nothing of a project, and no package that would be missing."""
    part = name(path).partition("/")[0]
    assert foreign(path) - allowed(EXTRA.get(part, ())) - OPTIONAL.get(part, set()) == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_module_looks_up_code_that_it_was_not_given(path: Path) -> None:
    """Neither by a name made up at run time nor among the modules that are loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    reached = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and reaches(node))
        or (isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules")
    ]
    assert (reached if name(path) not in MAY_IMPORT else []) == []


def reaches(call: ast.Call) -> bool:
    """Whether a call imports or runs what no import names, unless it says that it is of its own package."""
    called = ast.unparse(call.func).rpartition(".")[2]
    return called in DYNAMIC and "__package__" not in [ast.unparse(one) for one in call.args]


def test_no_import_is_relative() -> None:
    """A file that is copied or packed elsewhere means the same modules."""
    assert [name(path) for path in MODULES for one in imports(path) if one.startswith(".")] == []


def test_the_base_needs_no_package() -> None:
    """Each module of the base is imported by a Python that sees the standard library and this one alone."""
    code = (
        "import importlib, sys; sys.path.insert(0, sys.argv[1])\n"
        "for name in sys.argv[2:]: importlib.import_module('poc2prod_kit.' + name)\n"
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", code, str(SOURCE.parent), *BASE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def typed_only(path: Path) -> set[str]:
    """The packages that a module imports for type checkers alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        alias.name.partition(".")[0]
        for part in parts
        for node in ast.walk(part)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


@pytest.mark.parametrize("module", BASE)
def test_no_module_of_the_base_needs_a_package_later(module: str) -> None:
    """Nor inside a function, but for workbooks and databases."""
    path = SOURCE / f"{module.replace('.', '/')}.py"
    optional = {"openpyxl", "sqlalchemy"} if module == "tables.external" else set()
    assert foreign(path) - typed_only(path) - optional == set()


def test_the_command_imports_the_base_alone() -> None:
    """And so needs none of the packages of a pipeline."""
    used = set()
    for path in COMMAND.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("poc2prod_kit"):
                inside = (node.module or "").partition(".")[2]
                named = [f"{inside}.{alias.name}".strip(".") for alias in node.names]
                used |= {
                    one if (SOURCE / f"{one.replace('.', '/')}.py").exists() else inside for one in named
                }
    assert used
    assert used - set(BASE) == set()
