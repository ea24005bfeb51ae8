"""A signal at any moment leaves a whole project or nothing at all."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import tree

from poc2prod import interrupt

pytestmark = [
    pytest.mark.usefixtures("home", "identity"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]
COMMAND = [sys.executable, "-m", "poc2prod", "new", "churn", "--no-input"]


def start(*arguments: str, temporary: Path) -> subprocess.Popen[str]:
    """Start the command with its own temporary directory, in its own process group as a shell does."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("existing", [False, True], ids=["new folder", "empty folder"])
def test_a_signal_at_a_random_moment(tmp_path: Path, home: Path, number: int, existing: bool) -> None:
    """The whole group gets it, as with Ctrl-C: the project is whole or absent, and nothing else is left."""
    work, temporary = Path.cwd(), tmp_path / "temporary"
    temporary.mkdir()
    began = time.monotonic()
    start(temporary=temporary).communicate()
    duration, whole = time.monotonic() - began, set(tree(work / "churn"))
    codes = set()
    draw = random.Random(number)
    for moment in range(12):
        subprocess.run(["rm", "-rf", str(work / "churn")], check=True)
        if existing:
            (work / "churn").mkdir()
        process = start(temporary=temporary)
        time.sleep(0.06 + duration * (moment + draw.random()) / 11)
        if process.poll() is None:
            os.killpg(process.pid, number)
        _, said = process.communicate(timeout=60)
        codes.add(process.returncode)
        left = set(tree(work / "churn")) if (work / "churn").exists() else set()
        assert left in (set(), whole), (moment, process.returncode)
        assert {p.name for p in work.iterdir()} <= {"churn"}, (moment, said)
        assert list(temporary.iterdir()) == [], moment
        assert [p.name for p in home.iterdir()] == [".gitconfig"]
        if process.returncode == 128 + number:
            assert "Traceback" not in said
            assert "Stopped. No unfinished project is left." in said
    assert 128 + number in codes


def test_signals_are_held_back_and_then_raised() -> None:
    """Inside held() nothing is interrupted; at its end the signal counts, with its exit code."""
    before = {number: signal.getsignal(number) for number in interrupt.SIGNALS}
    steps = []
    try:
        interrupt.install()
        with pytest.raises(interrupt.Interrupted) as caught, interrupt.held():  # noqa: PT012
            os.kill(os.getpid(), signal.SIGTERM)
            steps.append("still here")
        assert (steps, caught.value.exit_code) == (["still here"], 143)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
