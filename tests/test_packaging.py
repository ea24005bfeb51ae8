"""Wheel and sdist carry the template and the library whole."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.slow
FOLDER = "{{cookiecutter.__slug}}"
SINGLE = ("cookiecutter.json", "poc2prod_vendor.py", "kit/pyproject.toml", "kit/LICENSE")


def template_files() -> set[str]:
    """The template's files in the checkout, less caches."""
    tops = (ROOT / FOLDER, ROOT / "hooks", ROOT / "kit" / "src")
    paths = (path for top in tops for path in top.rglob("*") if path.is_file())
    kept = {
        p.relative_to(ROOT).as_posix() for p in paths if not any(part.endswith("cache__") for part in p.parts)
    }
    return {path for path in kept if "_cache/" not in path} | set(SINGLE)


def test_the_wheel_carries_the_template(wheel: Path) -> None:
    """Every file of the template, under poc2prod/_template/, and no other."""
    names = zipfile.ZipFile(wheel).namelist()
    prefix = "poc2prod/_template/"
    assert {name.removeprefix(prefix) for name in names if name.startswith(prefix)} == template_files()


def test_the_sdist_carries_the_template_once(sdist: Path) -> None:
    """Every file of the template at its place, and none again under the link's name."""
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    assert {n for n in names if n.startswith((FOLDER, "hooks/", "kit/")) or n in SINGLE} == template_files()
    assert [name for name in names if name.startswith("template/")] == []


def test_wheel_and_sdist_agree(wheel: Path, sdist_wheel: Path) -> None:
    """The wheel of the sdist has the files of the wheel of the checkout, byte for byte."""
    ours, theirs = zipfile.ZipFile(wheel), zipfile.ZipFile(sdist_wheel)
    record = f"{wheel.name.rpartition('-py3')[0]}.dist-info/RECORD"
    read = [{n: archive.read(n) for n in archive.namelist() if n != record} for archive in (ours, theirs)]
    assert read[0] == read[1]


def test_a_checkout_without_links_is_enough() -> None:
    """`template` is only another name: it leads to the folder that Cookiecutter finds, or is a text file."""
    link = ROOT / "template"
    assert link.resolve() == (ROOT / FOLDER).resolve() or link.read_text(encoding="utf-8") == FOLDER
