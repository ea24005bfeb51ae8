"""Changes of place, time, packing and people that mean nothing. None may change a verdict."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import locked
from bench import hands
from bench.registry import harmless


def _texts(project: Path, names: list[str], change: Callable[[str], str]) -> None:
    for name in names:
        path = project / name
        path.write_bytes(change(path.read_bytes().decode()).encode())


@harmless()
def code_with_crlf(project: Path) -> None:
    """Windows' line ends in the code."""
    names = [path.relative_to(project).as_posix() for path in (project / "src").rglob("*.py")]
    _texts(project, names, lambda text: text.replace("\n", "\r\n"))


@harmless()
def whole_checkout_with_crlf(project: Path) -> None:
    """Windows' line ends in all text, data excepted, as autocrlf would do without .gitattributes."""
    for path in project.rglob("*"):
        if (
            path.is_file()
            and path.suffix in (".py", ".md", ".toml", ".json", ".csv", "")
            and "data" not in path.parts
        ):
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


@harmless()
def raw_files_packed_harder(project: Path) -> None:
    """The same rows, packed with another level, a name and a time."""
    for name in hands.RAW:
        _pack(project / name, 1)


@harmless()
def split_and_predictions_packed_harder(project: Path) -> None:
    """The same, of what the pipeline made."""
    for name in (hands.SPLIT, hands.VALIDATION, hands.TEST):
        _pack(project / name, 1)


def _pack(path: Path, level: int) -> None:
    content, made = gzip.decompress(path.read_bytes()), io.BytesIO()
    with gzip.GzipFile("table.csv", "wb", level, made, mtime=1_700_000_000) as file:
        file.write(content)
    assert made.getvalue() != path.read_bytes()
    path.write_bytes(made.getvalue())


@harmless()
def file_times_changed(project: Path) -> None:
    """All files are of last year, or of tomorrow."""
    for place, path in enumerate(sorted(project.rglob("*"))):
        moment = time.time() + (86_400 if place % 2 else -30_000_000)
        os.utime(path, (moment, moment))


@harmless()
def checkout_moved(project: Path) -> None:
    """The folder lies elsewhere, below a name with spaces and letters that are not ASCII."""
    other = project.parent / "Ünser Projekt (neu)"
    project.rename(other)
    project.symlink_to(other)


@harmless()
def another_time_zone(project: Path) -> None:
    """Fourteen hours ahead."""
    _environment(TZ="Pacific/Kiritimati")


@harmless()
def another_locale(project: Path) -> None:
    """Turkish letters and decimal commas, where this machine has them."""
    import locale

    for name in ("tr_TR.UTF-8", "de_DE.UTF-8", "C"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        break
    _environment(LC_ALL="tr_TR.UTF-8", LANG="tr_TR.UTF-8")


def _environment(**variables: str) -> None:
    os.environ.update(variables)
    if hasattr(time, "tzset"):
        time.tzset()


@harmless()
def cache_deleted(project: Path) -> None:
    """No .poc2prod/cache, no models/."""
    for name in (".poc2prod/cache", "models"):
        shutil.rmtree(project / name, ignore_errors=True)


@harmless()
def fresh_clone(project: Path) -> None:
    """Committed, and cloned elsewhere: what git ignores is gone."""
    _git(project, "init", "-q")
    _git(project, "add", "-A")
    _git(project, "commit", "-q", "-m", "all")
    _git(project.parent, "clone", "-q", str(project), "clone")
    shutil.rmtree(project)
    (project.parent / "clone").rename(project)


@harmless()
def clone_with_crlf(project: Path) -> None:
    """Cloned on Windows: git writes CRLF where .gitattributes lets it."""
    _git(project, "init", "-q")
    _git(project, "add", "-A")
    _git(project, "commit", "-q", "-m", "all")
    _git(
        project.parent,
        "-c",
        "core.autocrlf=true",
        "-c",
        "core.eol=crlf",
        "clone",
        "-q",
        str(project),
        "clone",
    )
    shutil.rmtree(project)
    (project.parent / "clone").rename(project)


@harmless()
def shallow_clone(project: Path) -> None:
    """A clone of one commit's depth, as CI makes it."""
    _git(project, "init", "-q")
    for message in ("one", "two"):
        _git(project, "add", "-A")
        _git(project, "commit", "-q", "--allow-empty", "-m", message)
    _git(project.parent, "clone", "-q", "--depth", "1", project.as_uri(), "clone")
    shutil.rmtree(project)
    (project.parent / "clone").rename(project)


def _git(folder: Path, *arguments: str) -> None:
    names = {"GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@x.example", "GIT_COMMITTER_NAME": "x"}
    rest = {"GIT_COMMITTER_EMAIL": "x@x.example", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(
        ["git", *arguments], cwd=folder, check=True, env={**os.environ, **names, **rest}, capture_output=True
    )


@harmless()
def strange_files_added(project: Path) -> None:
    """Files that no step asks for, where steps look."""
    for name in (
        "reports/notes.txt",
        "data/raw/old.csv",
        ".poc2prod/events/.DS_Store",
        "docs/minutes.md",
        "params.toml~",
    ):
        hands.write(project, name, "nothing\n")


@harmless()
def readme_and_figures_changed(project: Path) -> None:
    """Another README; the figures are gone."""
    hands.write(project, "README.md", "# Letters\n")
    shutil.rmtree(project / "reports/figures", ignore_errors=True)


@harmless()
def gitattributes_deleted(project: Path) -> None:
    """No .gitattributes: dangerous, and not wrong yet."""
    (project / ".gitattributes").unlink()


@harmless()
def tests_added(project: Path) -> None:
    """A test of the team's own."""
    hands.write(project, "tests/test_ours.py", "def test_sum() -> None:\n    assert 1 + 1 == 2\n")


@harmless()
def signed_again(project: Path) -> None:
    """The stakeholder signs the same content again."""
    hands.act(
        project,
        "sign",
        "problem",
        hands.STAKEHOLDER,
        role="stakeholder",
        content=hands.content(project, "problem"),
    )


@harmless()
def signed_by_another_too(project: Path) -> None:
    """Somebody who is not listed signs too; it does not count, and does no harm."""
    who = "Eve Stone <eve@elsewhere.example>"
    hands.act(project, "sign", "problem", who, role="stakeholder", content=hands.content(project, "problem"))


@harmless()
def refused_and_thought_better_of(project: Path) -> None:
    """The stakeholder refuses, and signs again."""
    content = hands.content(project, "problem")
    hands.act(project, "refuse", "problem", hands.STAKEHOLDER, role="stakeholder", content=content)
    hands.act(project, "sign", "problem", hands.STAKEHOLDER, role="stakeholder", content=content)


@harmless()
def checked_in(project: Path) -> None:
    """A talk with the stakeholder."""
    hands.act(project, "check-in", "", hands.OWNER, **{"with": "Ines Koch", "decided": "go on"})


@harmless()
def waived_though_it_holds(project: Path) -> None:
    """A waiver of a step that passes anyway."""
    hands.act(project, "waive", "data", hands.OWNER, owner="Omar Ruiz", until="2027-01-01", reason="in case")


@harmless()
def address_in_capitals(project: Path) -> None:
    """The stakeholder's address with capital letters in [roles]."""
    hands.edit(project, "poc2prod.toml", "ines.koch@county.example", "Ines.Koch@County.Example")


@harmless()
def owner_added(project: Path) -> None:
    """A second owner in [roles]."""
    hands.edit(
        project,
        "poc2prod.toml",
        '"omar.ruiz@county.example"',
        '"omar.ruiz@county.example", "ben@county.example"',
    )


@harmless()
def pages_kept_elsewhere(project: Path) -> None:
    """The pages lie in another folder, and [paths] says so."""
    (project / "docs").rename(project / "handbook")
    settings = project / "poc2prod.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[paths]\ndocs = "handbook"\n', "utf-8")


@harmless()
def pipeline_run_again(project: Path) -> None:
    """The whole pipeline once more, with the libraries that the archive was made with."""
    locked.needed()
    from bench.make_finished import pipeline

    pipeline(project, "poc")
