"""The only importer of cookiecutter. Everything given is data: nothing of it is rendered as a template."""

import json
import logging
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from . import template
from .answers import document
from .errors import Poc2prodError

CACHES = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}


def _context(given: dict[str, str]) -> dict[str, Any]:
    """Cookiecutter's context with every question answered: given values, else the template's defaults."""
    from cookiecutter.generate import generate_context
    from cookiecutter.prompt import prompt_for_config

    _extension()
    extra = {
        key: value if key.startswith("_") or isinstance(document()[key], list) else _literal(value)
        for key, value in given.items()
    }
    context: dict[str, Any] = generate_context(str(template.root() / "cookiecutter.json"), {}, extra)
    context["cookiecutter"] = prompt_for_config(context, no_input=True)
    return context


def _extension() -> ModuleType:
    """The template's own Jinja extension, loaded from beside it, as Cookiecutter will ask for it by name."""
    import importlib

    root = str(template.root())
    sys.path.insert(0, root)
    try:
        return importlib.import_module("poc2prod_vendor")
    finally:
        sys.path.remove(root)


def _literal(value: str) -> str:
    """The value as a Jinja expression that renders to it, since Cookiecutter renders what it is given."""
    return "{{ " + json.dumps(value, ensure_ascii=False) + " }}"


def complete(given: dict[str, str]) -> dict[str, str]:
    """The given answers and the template's defaults for all others."""
    answers = _context(given)["cookiecutter"]
    return {key: value for key, value in answers.items() if not key.startswith("_")}


def plan(given: dict[str, str]) -> list[str]:
    """The files that would be made, as sorted paths inside the project. Writes nothing."""
    from cookiecutter.environment import StrictEnvironment

    context = _context(given)
    environment = StrictEnvironment(context=context, keep_trailing_newline=True)
    top = template.root() / template.FOLDER
    names = [
        path.relative_to(top) for path in top.rglob("*") if path.is_file() and not CACHES & set(path.parts)
    ]
    paths = [environment.from_string(name.as_posix()).render(**context) for name in names]
    made = [".poc2prod/base.zip", ".poc2prod/template.json", f"vendor/{_extension().filename()}"]
    return sorted([path for path in paths if "/unused_" not in f"/{path}"] + made)


def generate(given: dict[str, str], output: Path, scratch: Path) -> Path:
    """Render the template into a new folder inside `output`; temporary files go to `scratch`."""
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.generate import generate_files
    from jinja2 import TemplateError

    logging.getLogger("cookiecutter").addHandler(logging.NullHandler())
    try:
        with _temporary_files(scratch), warnings.catch_warnings():
            return Path(generate_files(template.root(), _context(given), output))
    except (CookiecutterException, TemplateError) as error:
        raise Poc2prodError(f"The project could not be generated: {error}") from error


@contextmanager
def _temporary_files(folder: Path) -> Iterator[None]:
    """Let Cookiecutter, which leaves its rendered hooks behind, leave them here."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
