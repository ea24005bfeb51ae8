"""The project's figures as data URIs."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from conftest import ROOT
from poc2prod_kit.run.hashing import of_blocks

from poc2prod.project import Facts
from poc2prod.reports.figures import KNOWN, LIMIT, Figure, figures

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><path d="M 0 0"/></svg>'
PNG = b"\x89PNG\r\n\x1a\nrest"


def put(root: Path, name: str, content: bytes) -> Path:
    """A figure of the project."""
    path = root / "reports/figures" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return root


NAME = "reports/figures/slices.svg"


@pytest.mark.parametrize(
    ("outputs", "named", "recorded"),
    [
        ({NAME: of_blocks([SVG])}, [], True),
        ({}, [NAME], True),
        ({NAME: "0" * 64}, [NAME], False),
        ({}, ["reports/figures/other.svg"], False),
        ({}, NAME, False),
    ],
)
def test_a_figure_is_inlined_and_held_against_the_reports(
    tmp_path: Path, outputs: dict[str, str], named: object, recorded: bool
) -> None:
    """A report tells of it by name; where it records a hash too, that must be the figure's."""
    root = put(tmp_path, "slices.svg", SVG)
    report = {
        "schema": 1,
        "step": "interpret",
        "inputs": {},
        "outputs": outputs,
        "results": {"figures": named},
    }
    (root / "reports/interpret.json").write_text(json.dumps(report), encoding="utf-8")
    uri = f"data:image/svg+xml;base64,{base64.b64encode(SVG).decode()}"
    assert figures(Facts(str(root))) == (Figure(NAME, "Score by group", uri, "", recorded),)


def test_a_figure_that_no_report_recorded(tmp_path: Path) -> None:
    """It is shown, and marked."""
    found = figures(Facts(str(put(tmp_path, "my_plot.png", PNG))))[0]
    assert (found.title, found.uri[:22], found.problem, found.recorded) == (
        "my plot",
        "data:image/png;base64,",
        "",
        False,
    )


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.svg", SVG.replace(b"<path", b"<script>x</script><path"), "contains more than a drawing"),
        ("a.svg", SVG.replace(b"<path", b"<svg:script/><path"), "contains more than a drawing"),
        ("a.svg", SVG.replace(b"<path", b'<path onload="x"'), "contains more than a drawing"),
        ("a.svg", SVG.replace(b"<path", b"<foreignObject/><path"), "contains more than a drawing"),
        ("a.svg", b'<!ENTITY x "y">' + SVG, "contains more than a drawing"),
        ("a.svg", b"<html></html>", "is no SVG image"),
        ("a.png", SVG, "is no PNG image"),
        ("a.svg", b"", "is no SVG image"),
        ("a.svg", SVG + b" " * LIMIT, "has 524,372 bytes; at most 524,288 are read"),
    ],
)
def test_what_is_no_plain_drawing_is_left_out(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    """It says why; nothing of it is inlined."""
    found = figures(Facts(str(put(tmp_path, name, content))))[0]
    assert (found.uri, found.problem[: len(problem)]) == ("", problem)


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    """A figure is a file of the project."""
    outside = tmp_path / "outside.svg"
    outside.write_bytes(SVG)
    folder = tmp_path / "project/reports/figures"
    folder.mkdir(parents=True)
    try:
        (folder / "a.svg").symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no links")
    found = figures(Facts(str(tmp_path / "project")))[0]
    assert (found.uri, found.problem) == ("", "leads out of the project through a link, so it is not read")


def test_other_files_are_no_figures(tmp_path: Path) -> None:
    """Nor is a missing folder an error."""
    assert figures(Facts(str(put(tmp_path, "notes.txt", b"x")))) == ()
    assert figures(Facts(str(tmp_path / "nowhere"))) == ()


def test_every_figure_of_the_template_has_a_caption() -> None:
    """Those that its plots name."""
    plots = ROOT / "kit/src/poc2prod_kit/summary/plots.py"
    named = re.findall(r'with figure\(root, "(\w+)"', plots.read_text(encoding="utf-8"))
    assert sorted(set(named) - set(KNOWN)) == []
    assert len(named) >= 8
