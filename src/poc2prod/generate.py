"""The only importer of cookiecutter. Everything given is data: nothing of it is rendered as a template."""

import json
import logging
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import template
from .answers import document
from .errors import Poc2prodError


def _context(given: dict[str, str]) -> dict[str, Any]:
    """Cookiecutter's context with every question answered: given values, else the template's defaults."""
    from cookiecutter.generate import generate_context
    from cookiecutter.prompt import prompt_for_config

    extra = {
        key: value if key.startswith("_") or isinstance(document()[key], list) else _literal(value)
        for key, value in given.items()
    }
    context: dict[str, Any] = generate_context(str(template.root() / "cookiecutter.json"), {}, extra)
    # Cookiecutter imports the template's own Jinja extension by name: it lies beside the template.
    sys.path.insert(0, template.place())
    try:
        context["cookiecutter"] = prompt_for_config(context, no_input=True)
    finally:
        sys.path.remove(template.place())
    return context


def _literal(value: str) -> str:
    """The value as a Jinja expression that renders to it, since Cookiecutter renders what it is given."""
    return "{{ " + json.dumps(value, ensure_ascii=False) + " }}"


def complete(given: dict[str, str]) -> dict[str, str]:
    """The given answers and the template's defaults for all others."""
    answers = _context(given)["cookiecutter"]
    return {key: value for key, value in answers.items() if not key.startswith("_")}


def plan(given: dict[str, str]) -> list[str]:
    """The files that would be made, as sorted paths inside the project: it is made in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="poc2prod-") as folder:
        return files(generate(given, Path(folder), Path(folder)))


def files(project: Path) -> list[str]:
    """A project's files as sorted paths, without git's."""
    paths = (path.relative_to(project) for path in project.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if path.parts[0] != ".git")


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
