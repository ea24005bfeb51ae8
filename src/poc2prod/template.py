"""The template, and the library that it gives each project: beside an installed package, or in the checkout."""

import os
import sys
from typing import TYPE_CHECKING

from .errors import Poc2prodError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "{{cookiecutter.__slug}}"
# What a page's name may begin with: always there, of a project on its own table, of a project with a service.
VARIANTS = ("", "{{cookiecutter.__own}}", "{{cookiecutter.__full}}")
LIBRARY = "poc2prod_kit"


def root() -> "Path":
    """The folder that holds cookiecutter.json, hooks/, kit/ and the template folder."""
    from pathlib import Path

    return Path(place())


def place() -> str:
    """The same as text, without the import of pathlib, which `poc2prod status` has no time for."""
    here = os.path.dirname(os.path.realpath(__file__))
    for candidate in (os.path.join(here, "_template"), os.path.dirname(os.path.dirname(here))):
        result = os.path.isfile(os.path.join(candidate, "cookiecutter.json"))
        if result and os.path.isdir(os.path.join(candidate, FOLDER)):
            return candidate
    raise Poc2prodError(f"The template is missing beside {here}: install poc2prod again.")


def use_library() -> None:
    """Put our copy of the library first on the path. ImportError where another copy is loaded already."""
    folder = os.path.join(place(), "kit", "src")
    file = getattr(sys.modules.get(LIBRARY), "__file__", None) or "a namespace package"
    if LIBRARY in sys.modules and os.path.realpath(file) != os.path.join(folder, LIBRARY, "__init__.py"):
        raise ImportError(f"Another copy of {LIBRARY} is loaded already: {file}.")
    if sys.path[:1] != [folder]:
        sys.path.insert(0, folder)
