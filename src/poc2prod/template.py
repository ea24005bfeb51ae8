"""Where the template is: beside an installed package, or at the root of the repository it was cloned with."""

import os
from typing import TYPE_CHECKING

from .errors import Poc2prodError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "{{cookiecutter.__slug}}"


def root() -> "Path":
    """The folder that holds cookiecutter.json, hooks/ and the template folder."""
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
