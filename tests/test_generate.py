"""Generating: the same tree whichever way, values whole, nothing written elsewhere, nothing overwritten."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import HARD, ROOT, Command, tree

from poc2prod import generate, staging
from poc2prod.errors import Poc2prodError

ANSWERS = {
    "project_name": HARD,
    "package": "obrien",
    "description": HARD,
    "author_name": HARD,
    "author_email": "o'brien@example.org",
    "license": "Apache-2.0",
}


def quoted() -> list[str]:
    """The hard answers as plain Cookiecutter takes them: as expressions, since it renders them."""
    return [
        f"{key}={generate._literal(value) if key != 'license' else value}" for key, value in ANSWERS.items()
    ]


def settings() -> list[str]:
    """The hard answers as --set takes them."""
    return [part for key, value in ANSWERS.items() for part in ("--set", f"{key}={value}")]


def test_hard_values_arrive_whole(poc2prod: Command) -> None:
    """Quotes, backslashes, braces, markup and signs of other scripts are data in every file."""
    assert poc2prod("new", "hard", "--no-input", "--no-git", *settings()).code == 0
    project: dict[str, Any] = tomllib.loads(Path("hard/pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    found = {key: project[key] for key in ("name", "description", "authors", "license")}
    assert found == {
        "name": "obrien",
        "description": HARD,
        "authors": [{"name": HARD, "email": "o'brien@example.org"}],
        "license": "Apache-2.0",
    }
    readme = Path("hard/README.md").read_text(encoding="utf-8")
    assert (HARD in readme, "49" in readme.split("\n", 1)[0]) == (True, False)


@pytest.mark.parametrize("demo", ["employment", "bikeshare", "none"])
def test_plain_cookiecutter_gives_the_same_tree(poc2prod: Command, demo: str) -> None:
    """`cookiecutter CHECKOUT` and `poc2prod new` with the same answers agree in every byte."""
    assert poc2prod("new", "ours", "--no-input", "--no-git", *settings(), "--set", f"demo={demo}").code == 0
    subprocess.run(
        [sys.executable, "-m", "cookiecutter", str(ROOT), "--no-input", *quoted(), f"demo={demo}"],
        check=True,
    )
    assert tree(Path("ours")) == tree(Path("obrien"))


def install(wheel: Path, folder: Path) -> Path:
    """An empty environment with this wheel and, of all else, only what it depends on; gives its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next(folder.glob("[Ll]ib*/**/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    import click

    (site / "dependencies.pth").write_text(str(Path(click.__file__).parents[1]) + "\n", encoding="utf-8")
    return next(folder.glob("[Ss]cripts/python.exe" if os.name == "nt" else "bin/python"))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["wheel", "sdist_wheel"])
def test_an_installed_wheel_gives_the_same_tree(
    poc2prod: Command, way: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The wheel of the checkout, and the wheel of its sdist, generate what the checkout does."""
    python = install(request.getfixturevalue(way), tmp_path / "venv")
    assert poc2prod("new", "ours", "--no-input", "--no-git", *settings()).code == 0
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = [str(python), "-I", "-m", "poc2prod", "new", "theirs", "--no-input", "--no-git", *settings()]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    assert tree(Path("ours")) == tree(Path("theirs"))


def test_settings_of_cookiecutter_change_nothing(poc2prod: Command, home: Path) -> None:
    """A ~/.cookiecutterrc with other defaults, another replay folder and broken YAML is not read."""
    assert poc2prod("new", "before", "--no-input", "--no-git", *settings()).code == 0
    (home / ".cookiecutterrc").write_text(
        'default_context:\n  description: "theirs"\n  demo: none\n: [', encoding="utf-8"
    )
    assert poc2prod("new", "after", "--no-input", "--no-git", *settings()).code == 0
    assert tree(Path("before")) == tree(Path("after"))
    assert [path.name for path in home.iterdir()] == [".cookiecutterrc"]


def test_caches_of_a_checkout_do_not_come_along(poc2prod: Command) -> None:
    """No __pycache__, no empty folder and no leftover variant is in a project."""
    assert poc2prod("new", "clean", "--no-input", "--no-git").code == 0
    everything = list(Path("clean").rglob("*"))
    assert [
        path for path in everything if path.name == "__pycache__" or path.name.startswith("unused_")
    ] == []
    assert [path for path in everything if path.is_dir() and not any(path.iterdir())] == []


def test_the_plan_lists_what_is_made(poc2prod: Command) -> None:
    """--dry-run names exactly the files that the same call then makes, and makes none."""
    said = poc2prod("new", "churn", "--no-input", "--no-git", "--dry-run")
    assert (said.code, list(Path.cwd().iterdir())) == (0, [])
    assert poc2prod("new", "churn", "--no-input", "--no-git").code == 0
    listed = [line.strip() for line in said.out.splitlines()[1:]]
    assert listed == sorted(tree(Path("churn")))


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_modes_follow_the_umask(poc2prod: Command) -> None:
    """With umask 077 nobody else can read the project, whatever the template's modes are."""
    before = os.umask(0o077)
    try:
        assert poc2prod("new", "secret", "--no-input").code == 0
    finally:
        os.umask(before)
    modes = {
        stat.S_IMODE(p.stat().st_mode)
        for p in [Path("secret"), *Path("secret").rglob("*")]
        if ".git" not in p.parts
    }
    assert modes == {0o700, 0o600}


def test_a_taken_place_is_left_as_it_is(poc2prod: Command) -> None:
    """A folder with something in it and a file are refused by name, and keep their content."""
    Path("full").mkdir()
    Path("full/notes.txt").write_text("mine", encoding="utf-8")
    Path("file").write_text("mine", encoding="utf-8")
    for name, what in (("full", "exists and is not empty"), ("file", "exists and is not a folder")):
        ended = poc2prod("new", name, "--no-input")
        assert (ended.code, what in ended.err) == (1, True)
    assert tree(Path.cwd()) == {"full/notes.txt": b"mine", "file": b"mine"}


def test_an_empty_folder_is_kept(poc2prod: Command) -> None:
    """`new .` fills the folder one stands in: the same folder, not another of its name."""
    Path("churn").mkdir()
    number = Path("churn").stat().st_ino
    os.chdir("churn")
    assert poc2prod("new", ".", "--no-input", "--no-git").code == 0
    assert (Path().stat().st_ino, Path("src/churn/__main__.py").is_file()) == (number, True)
    assert [path.name for path in Path().iterdir() if path.name.startswith(".poc2prod-")] == []


def test_missing_parents_are_made_and_unmade(poc2prod: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """a/b/churn is made with its parents; when that fails, no parent is left."""
    assert poc2prod("new", "a/b/churn", "--no-input", "--no-git").code == 0
    assert Path("a/b/churn/pyproject.toml").is_file()
    monkeypatch.setattr(
        staging.Stage, "land", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    ended = poc2prod("new", "c/d/churn", "--no-input", "--no-git")
    assert (ended.code, ended.err, Path("c").exists()) == (1, "error: No space left on device\n", False)
    assert [path.name for path in Path.cwd().iterdir()] == ["a"]


def test_entries_are_taken_back_when_one_cannot_be_moved(tmp_path: Path) -> None:
    """An empty folder in which something appears meanwhile keeps that, and gets nothing else."""
    target = tmp_path / "target"
    target.mkdir()
    place = staging.Stage(target)
    place.open()
    place.project.mkdir()
    for name in ("a.txt", "b.txt"):
        (place.project / name).write_text("ours", encoding="utf-8")
    (target / "b.txt").write_text("theirs", encoding="utf-8")
    with pytest.raises(Poc2prodError, match=r"b\.txt has appeared there meanwhile"):
        place.land()
    place.close()
    assert tree(target) == {"b.txt": b"theirs"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_parent_is_named(poc2prod: Command) -> None:
    """Where nothing can be written, the folder is named."""
    Path("locked").mkdir(mode=0o500)
    ended = poc2prod("new", "locked/churn", "--no-input")
    assert (ended.code, "locked cannot be written to: Permission denied" in ended.err) == (1, True)


def test_a_full_disk_leaves_nothing(poc2prod: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a write fails in the middle, the error is one sentence and the folder stays as it was."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "schema.toml")

    monkeypatch.setattr("cookiecutter.generate.shutil.copyfile", full)
    ended = poc2prod("new", "churn", "--no-input")
    assert (ended.code, ended.err) == (1, "error: No space left on device: schema.toml\n")
    assert list(Path.cwd().iterdir()) == []
