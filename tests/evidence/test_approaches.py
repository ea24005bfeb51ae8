"""I.1 from a page and params.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
from outcomes import outcomes, replace, text

PAGE = "docs/approaches.md"


def test_a_full_table_passes(root: Path) -> None:
    """Two approaches besides no_model, each with a reason, and both of [baseline]."""
    assert outcomes(root, "approaches") == {
        "answers": "pass", "compared": "pass", "reasoned": "pass", "tried": "pass", "reproduced": "skipped",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "check", "outcome"),
    [
        ("`linear`", "linear", "compared", "fail"),
        ("`linear`", "linear", "tried", "fail"),
        ("kept as the simple model", "kept", "reasoned", "fail"),
        ("| smooth effects |", "| … |", "reasoned", "fail"),
        ("| smooth effects |", "| TODO |", "reasoned", "fail"),
        ("We decided about similar together.", "n/a", "answers", "unknown"),
    ],
)
def test_what_is_hollow_is_named(root: Path, old: str, new: str, check: str, outcome: str) -> None:
    """One option, a model that the table lacks, placeholder cells and rows without a reason do not pass."""
    replace(root, PAGE, old, new)
    assert outcomes(root, "approaches")[check] == outcome


def test_a_realigned_table_with_crlf_says_the_same(root: Path) -> None:
    """White space, newlines and a byte order mark are nobody's answer."""
    before = outcomes(root, "approaches")
    content = (root / PAGE).read_text(encoding="utf-8").replace(" | ", "   |  ").replace("\n", "\r\n")
    (root / PAGE).write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert outcomes(root, "approaches") == before


def test_a_reproduction_needs_both_numbers(root: Path) -> None:
    """A source without its two numbers fails, with what was found."""
    replace(root, "params.toml", "[baseline]\n", '[baseline]\nreproduced_from = "a paper"\npublished = 0.9\n')
    assert text(root, "approaches", "reproduced") == (
        "reproduced_from is 'a paper', published is 0.9 and reproduced is None: both must be numbers"
    )
