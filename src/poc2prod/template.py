"""Where the template is: beside an installed package, or at the root of the repository it was cloned with."""

from pathlib import Path

from .errors import Poc2prodError

FOLDER = "{{cookiecutter.__slug}}"


def root() -> Path:
    """The folder that holds cookiecutter.json, hooks/ and the template folder."""
    here = Path(__file__).resolve().parent
    for candidate in (here / "_template", here.parent.parent):
        if (candidate / "cookiecutter.json").is_file() and (candidate / FOLDER).is_dir():
            return candidate
    raise Poc2prodError(f"The template is missing beside {here}: install poc2prod again.")
