"""The server is imported with the packages of its image alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import import_check
from project import rules as project_rules

LOCK = Path(__file__).parents[2] / "{{cookiecutter.__slug}}" / "{{cookiecutter.__full}}requirements-api.lock"
RULES = Path(str(project_rules.__file__))


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[Path]:
    """The package's rules.py, to be written to; a lock lies in tmp_path."""
    text = RULES.read_text(encoding="utf-8")
    (tmp_path / import_check.LOCK).write_bytes(LOCK.read_bytes())
    try:
        yield RULES
    finally:
        RULES.write_text(text, encoding="utf-8")


def refusal(root: Path) -> str:
    """What the check says against it; empty where it says nothing."""
    try:
        import_check.check(root)
    except ProjectError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "code",
    [
        "",
        "import json\nimport numpy\n",
        "try:\n    import pandas\nexcept ImportError:\n    pandas = None\n",
        "def thumb(rows):\n    import pandas\n",
        "import importlib.util\nassert importlib.util.find_spec('pandas') is None\n",
    ],
)
def test_what_the_image_has_may_be_imported(rules: Path, tmp_path: Path, code: str) -> None:
    """The standard library and what [api] brings; the rest in functions, or where it may be missing."""
    rules.write_text(code, encoding="utf-8")
    assert refusal(tmp_path) == ""


@pytest.mark.parametrize("code", ["import json\nimport pandas as pd\n", "\nfrom pandas import Series\n"])
def test_what_the_image_lacks_is_named(rules: Path, tmp_path: Path, code: str) -> None:
    """With the line that imports it, and what to do."""
    rules.write_text(code, encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        import_check.check(tmp_path)
    assert str(caught.value) == (
        "src/project/rules.py, line 2: it imports pandas, which the API's image does not have. Import it "
        "inside the function that needs it, if no feature or population rule does; or add it to `api` in "
        "pyproject.toml, and run `lock`."
    )


def test_a_package_of_the_lock_may_be_imported(rules: Path, tmp_path: Path) -> None:
    """However its name is spelled there."""
    with (tmp_path / import_check.LOCK).open("a", encoding="utf-8") as file:
        file.write("Pandas==3.1.0\npython_dateutil==2.9.0\npytz==1.0\ntzdata==1.0\nsix==1.0\n")
    rules.write_text("import pandas\n", encoding="utf-8")
    assert refusal(tmp_path) == ""


def test_what_breaks_otherwise_is_said(rules: Path, tmp_path: Path) -> None:
    """In the words of the error."""
    rules.write_text("raise ValueError('no luck')\n", encoding="utf-8")
    with pytest.raises(ProjectError, match=re.escape("as its image would: ValueError: no luck")):
        import_check.check(tmp_path)


def test_without_a_lock_nothing_is_checked(rules: Path, tmp_path: Path) -> None:
    """As in the small copies that tests work on: not even what would be refused with one."""
    rules.write_text("import pandas\n", encoding="utf-8")
    (tmp_path / import_check.LOCK).unlink()
    assert refusal(tmp_path) == ""
