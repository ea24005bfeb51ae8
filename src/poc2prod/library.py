"""The library poc2prod_kit, always this command's own copy: first on the path, whatever else is installed."""

import os
import sys

PACKAGE = "poc2prod_kit"


def use() -> None:
    """Put our copy first on the path. ImportError where it is missing, or where another copy is loaded."""
    folder = place()
    loaded = sys.modules.get(PACKAGE)
    file = getattr(loaded, "__file__", None) or ""
    if loaded and os.path.realpath(file) != os.path.join(folder, PACKAGE, "__init__.py"):
        raise ImportError(f"Another copy of {PACKAGE} is loaded already: {file or 'a namespace package'}.")
    if sys.path[:1] != [folder]:
        sys.path.insert(0, folder)


def place() -> str:
    """The folder that holds the library: in an installed package beside the template, in a checkout kit/src."""
    here = os.path.dirname(os.path.realpath(__file__))
    checkout = os.path.dirname(os.path.dirname(here))
    for folder in (os.path.join(here, "_template", "kit", "src"), os.path.join(checkout, "kit", "src")):
        if os.path.isfile(os.path.join(folder, PACKAGE, "__init__.py")):
            return folder
    raise ImportError(f"The library {PACKAGE} is missing beside {here}: install poc2prod again.")
