"""Loading the template's own inference code: one understanding of tables for command and project."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

PACKAGE = "_poc2prod_kit"
FOLDER = "src/{{cookiecutter.package}}/kit"


def load_infer(template: Path) -> ModuleType:
    """The module kit/infer.py of a template folder, leaving no __pycache__ there. Raises FileNotFoundError.

    `template` holds cookiecutter.json, or is the folder named {{cookiecutter.__slug}} itself.
    """
    inner = template / "{{cookiecutter.__slug}}"
    folder = (inner if inner.is_dir() else template) / FOLDER
    if not (folder / "infer.py").is_file():
        raise FileNotFoundError(f"{folder / 'infer.py'} is missing: install poc2prod again")
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    spec = ModuleSpec(PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    sys.modules[PACKAGE] = module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return import_module(f"{PACKAGE}.infer")
    finally:
        sys.dont_write_bytecode = before
