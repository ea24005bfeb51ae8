"""The hooks and the lists in cookiecutter.json, as plain Cookiecutter uses them."""

from __future__ import annotations

import hashlib
import json
import keyword
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, Command, tree
from cookiecutter.main import cookiecutter
from table import customers

from poc2prod import __version__, answers
from poc2prod.errors import CallError
from poc2prod.generate import generate

pytestmark = pytest.mark.usefixtures("home")
DOCUMENT = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))


def plain(folder: Path, *options: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run plain Cookiecutter on the checkout."""
    pairs = [f"{key}={value}" for key, value in extra.items()]
    command = [
        sys.executable,
        "-m",
        "cookiecutter",
        str(ROOT),
        "--no-input",
        "-o",
        str(folder),
        *options,
        *pairs,
    ]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_every_name_python_or_the_project_uses_is_reserved() -> None:
    """Keywords and standard modules of the running Python cannot become a package."""
    names = {n.lower() for n in {*sys.stdlib_module_names, *keyword.kwlist, *keyword.softkwlist}}
    assert sorted(n for n in names if not n.startswith("_") and n not in DOCUMENT["_reserved"]) == []


def test_the_template_has_the_version_of_the_command() -> None:
    """template.json and `poc2prod --version` name one version."""
    assert DOCUMENT["_version"] == __version__


BAD = [
    ("package", "class"),
    ("package", "Churn"),
    ("package", "2fast"),
    ("package", "a-b"),
    ("package", "numpy"),
    ("package", "x_"),
    ("package", "x" * 65),
    ("description", "two\nlines"),
    ("description", "bell\a"),
    ("description", "line\u2028separator"),
    ("project_name", "  "),
    ("author_email", "nobody"),
    ("author_name", "tab\there"),
]


@pytest.mark.parametrize(("key", "value"), BAD)
def test_what_the_command_refuses_the_hook_refuses(tmp_path: Path, key: str, value: str) -> None:
    """A bad answer is refused both by the command and by the hook, and plain Cookiecutter leaves nothing."""
    with pytest.raises(CallError):
        answers.check(key, value)
    literal = "{{ " + json.dumps(value, ensure_ascii=False) + " }}"
    done = plain(tmp_path / "out", **({"package": "good"} | {key: literal}))
    assert (done.returncode != 0, list((tmp_path / "out").glob("*"))) == (True, [])
    assert f"error: {key}" in done.stderr


def test_template_json_names_each_file_with_hash_and_owner(tmp_path: Path) -> None:
    """What was generated is recorded, with no clock: version, all answers and kind, files."""
    project = Path(cookiecutter(str(ROOT), no_input=True, output_dir=str(tmp_path), default_config=True))
    record = json.loads((project / ".poc2prod" / "template.json").read_text(encoding="utf-8"))
    made = tree(project)
    del made[".poc2prod/template.json"]
    assert {path: entry["sha256"] for path, entry in record["files"].items()} == {
        path: hashlib.sha256(content).hexdigest() for path, content in made.items()
    }
    owners = {path: entry["owner"] for path, entry in record["files"].items()}
    assert {path for path, owner in owners.items() if owner == "template"} == {
        ".poc2prod/base.zip",
        f"vendor/poc2prod_kit-{__version__}+vendored-py3-none-any.whl",
    }
    assert {path for path, owner in owners.items() if owner == "derived"} == {
        *("requirements.lock", "requirements-api.lock", "requirements-dev.lock")
    }
    assert (record["schema"], record["version"]) == (1, __version__)
    assert record["answers"] == {
        "author_email": "",
        "author_name": "The Proof of concept team",
        "demo": "employment",
        "description": DOCUMENT["description"],
        "kind": "tabular",
        "license": "MIT",
        "package": "proof_of_concept",
        "project_name": "Proof of concept",
        "python_version": "3.11",
        "scope": "full",
        **{
            key: DOCUMENT[key]
            for key in ("_commit_data", "_data", "_findings", "_packages", "_parquet", "_problem", "_schema")
        },
    }


def test_base_zip_holds_the_teams_files_as_generated(tmp_path: Path) -> None:
    """Every file of the team but the tables, byte for byte; stored and without a date."""
    project = Path(cookiecutter(str(ROOT), no_input=True, output_dir=str(tmp_path), default_config=True))
    record = json.loads((project / ".poc2prod" / "template.json").read_text(encoding="utf-8"))
    team = {path for path, entry in record["files"].items() if entry["owner"] == "team"}
    archive = zipfile.ZipFile(project / ".poc2prod" / "base.zip")
    made = tree(project)
    assert {name: archive.read(name) for name in archive.namelist()} == {
        path: made[path] for path in sorted(team) if not path.startswith("data/")
    }
    assert {(one.compress_type, one.date_time) for one in archive.infolist()} == {
        (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
    }
    assert len(made) <= 75


def test_a_project_can_be_rendered_again_from_its_record(poc2prod: Command) -> None:
    """With own data too: the recorded answers give every generated file; only the table is missing."""
    table = customers(Path("customers.csv"))
    options = ("--data", str(table), "--target", "churned", "--set", "scope=poc", "--set", "package=again")
    assert poc2prod("new", "churn", "--no-input", "--no-git", *options).code == 0
    record = json.loads(Path("churn/.poc2prod/template.json").read_text(encoding="utf-8"))
    answers = {key: value for key, value in record["answers"].items() if key != "kind"}
    Path("scratch").mkdir()
    again = generate(answers, Path.cwd(), Path("scratch").absolute())
    made = tree(Path("churn"))
    assert made.pop("data/raw/customers.csv")
    assert tree(again) == made


def test_without_hooks_only_unused_variants_are_left_over(tmp_path: Path) -> None:
    """Hooks switched off: the library and the record are missing, and what is unused is left over."""
    with_hooks, without = tmp_path / "with", tmp_path / "without"
    assert plain(with_hooks).returncode == plain(without, "--accept-hooks", "no").returncode == 0
    full, bare = tree(with_hooks / "proof_of_concept"), tree(without / "proof_of_concept")
    made_by_hook = [".poc2prod/base.zip", ".poc2prod/template.json"]
    made_by_hook.append(f"vendor/poc2prod_kit-{__version__}+vendored-py3-none-any.whl")
    assert all(full.pop(path) for path in made_by_hook)
    extra = re.compile(r"(^|/)unused_|_cache/|__pycache__")
    kept = {path: content for path, content in bare.items() if not extra.search(path)}
    assert kept == full
    assert [path for path in full if "unused_" in path] == []
    assert [path for path in bare if "unused_own_" in path] != []
