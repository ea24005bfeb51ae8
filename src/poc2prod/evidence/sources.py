"""The project's modules and tests: their names and texts."""

import os
from collections.abc import Iterator
from pathlib import Path

from poc2prod_kit.serving import source

from ..files import Unreadable
from ..project import Facts
from .finding import Unproven

MOST, LARGEST = 5_000, 1 << 20


def modules(facts: Facts, folder: str) -> list[str]:
    """The names of all Python files in a folder, sorted; links are not followed. Unproven above 5,000.

    The source hash is the input: it changes with each of them.
    """
    facts.source()
    return facts.shared(f"modules {folder}", lambda: _modules(facts, folder))


def _modules(facts: Facts, folder: str) -> list[str]:
    names = []
    for name in _walked(facts.files.path, folder):
        if name.endswith((".py", ".ipynb")):
            names.append(name)
        if len(names) > MOST:
            raise Unproven(f"{folder}/ holds more than {MOST:,} modules; they are not read")
    return sorted(names)


def _walked(root: str, folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(Path(root, folder)):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        inner = os.path.relpath(place, root).replace(os.sep, "/")
        yield from (f"{inner}/{name}" for name in names if not name.startswith("."))


def text(facts: Facts, name: str) -> str:
    """The text of a module, of which the source hash is the input. Unproven where it cannot be read.

    Of a link the source hash holds only where it points, so that must be a module of the source too.
    """
    facts.source()
    if (path := Path(facts.files.path, name)).is_symlink():
        real = os.path.relpath(os.path.realpath(path), os.path.realpath(facts.files.path))
        if real.replace(os.sep, "/").partition("/")[0] not in source.TREES:
            raise Unproven(f"{name} is a link to {real[:60]}, which is no source", f"put the file at {name}")
    content = facts.aside(lambda: facts.text(name))
    if content is None or isinstance(content, Unreadable):
        raise Unproven(str(content or f"{name} is not there"), f"mend {name}")
    if len(content) > LARGEST:
        raise Unproven(f"{name} has {len(content):,} characters, so it is not read", f"split {name}")
    return content
