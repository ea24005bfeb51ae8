"""What happens where nothing takes the output, and where a file is nested without end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Command

PATHS = os.pathsep.join([str(ROOT / "src"), str(ROOT / "kit" / "src")])
CALLS = ("status", "status --json", "show data", "--help", "new x --no-input --no-git")


def run(call: str, redirected: str, folder: Path) -> tuple[int, str]:
    """The exit code and stderr of a command whose stdout a shell redirects."""
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m poc2prod {call} {redirected}"], cwd=folder, text=True, check=False,
        capture_output=True, env={**os.environ, "PYTHONPATH": PATHS},
    )  # fmt: skip
    return done.returncode, done.stderr.removeprefix("Usage: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("redirected", "why"), [("> /dev/full", "No space left on device"), (">&-", "it is closed")]
)
def test_output_that_nothing_takes_ends_with_one_line(
    root: Path, call: str, redirected: str, why: str
) -> None:
    """Exit 1, and no traceback, not from the interpreter's end either."""
    assert run(call, redirected, root) == (1, f"error: The output could not be written: {why}.\n")


def test_answers_nested_without_end_are_refused(poc2prod: Command) -> None:
    """One line instead of a thousand frames."""
    Path("a.toml").write_text(f"license = {'[' * 5000}{']' * 5000}\n", encoding="utf-8")
    ended = poc2prod("new", "x", "--answers", "a.toml", "--no-input")
    assert (ended.code, ended.err) == (
        2,
        "error: --answers a.toml is nested too deeply: write one text in quotes a key.\n",
    )


def test_a_page_with_open_questions_is_not_signed(poc2prod: Command, root: Path) -> None:
    """They are listed by line; refusing to sign is possible."""
    page = root / "docs" / "problem.md"
    page.write_text(
        "<!-- q:a -->\n\n## What for?\n\nCooling.\n\n<!-- q:b -->\n\n## Who decides?\n\n_Open._\n\n"
        "<!-- q:c optional -->\n\n## More?\n\n_Open._\n",
        encoding="utf-8",
    )
    call = ("problem", "--project", str(root), "--yes", "--as", "Ada <ada@example.org>")
    ended = poc2prod("sign", *call)
    assert (ended.code, ended.err) == (
        2,
        "error: docs/problem.md has 1 open question; answer before you sign:\n  line 7: Who decides?\n",
    )
    assert poc2prod("sign", "--refuse", *call).code == 0


def test_steps_that_nobody_checked_are_one_line_a_stage(poc2prod: Command, root: Path) -> None:
    """Of a fresh project; --json has every step."""
    out = poc2prod("status", "--project", str(root)).out
    assert " I.1 to I.10   10 steps       ? unknown   not checked yet\n" in out
    assert out.count("not checked yet") == 4  # a line a stage, and what to do next
