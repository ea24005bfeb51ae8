"""Where the template is: beside an installed package, or at the root of the repository it was cloned with."""

import os
import sys
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
        found = os.path.isfile(os.path.join(candidate, "cookiecutter.json"))
        if found and os.path.isdir(os.path.join(candidate, FOLDER)):
            return candidate
    raise Poc2prodError(f"The template is missing beside {here}: install poc2prod again.")


def kit() -> str:
    """The folder that holds the library poc2prod_kit, which lies beside the template."""
    folder = os.path.join(place(), "kit", "src")
    if os.path.isdir(os.path.join(folder, "poc2prod_kit")):
        return folder
    raise Poc2prodError(f"The library poc2prod_kit is missing in {folder}: install poc2prod again.")


def use_kit() -> None:
    """Import poc2prod_kit from this command's own copy. Raises Poc2prodError where another is loaded."""
    folder = kit()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    loaded = getattr(sys.modules.get("poc2prod_kit"), "__file__", None)
    if loaded and os.path.dirname(os.path.dirname(os.path.realpath(loaded))) != os.path.realpath(folder):
        raise Poc2prodError(
            f"Another poc2prod_kit is loaded, from {loaded}: run poc2prod as a command of its own."
        )
