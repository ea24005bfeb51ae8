"""How the steps grow with the rows: 1 k to 1 M rows of 20 columns, seconds and peak memory a step.

    python benchmarks/scale.py [ROWS …]      default: 1000 10000 100000 1000000

A table of the given size is written to a temporary folder, `poc2prod new --data` makes a project of it, and
each step runs in a process of its own (so each reads the table again); `poc` then runs them all in one, and
`poc2prod check` recomputes the evidence of all that. Peak memory is the largest resident set that the
operating system reports of the process. Linux and macOS.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

STEPS = ("data", "split", "features", "baseline", "interpret", "evaluate", "improve")
PACKAGE = "scale_probe"


def table(rows: int, seed: int = 7) -> pd.DataFrame:
    """A binary question over 12 numbers, 5 categories, a flag, an id and the target, with missing cells."""
    draw = np.random.default_rng(seed)
    numbers = {f"x{i}": np.round(draw.normal(size=rows), 4) for i in range(12)}
    levels = (3, 5, 12, 40, 400)
    categories = {f"c{i}": draw.integers(0, levels[i], rows) for i in range(5)}
    logit = numbers["x0"] + 0.5 * numbers["x1"] * (categories["c0"] == 1) - 0.3 * numbers["x2"] ** 2
    frame = pd.DataFrame({"row": np.arange(rows), **numbers})
    for name, codes in categories.items():
        frame[name] = [f"level {code}" for code in codes]
    frame["flag"] = np.where(draw.random(rows) < 0.4, "yes", "no")
    frame["bought"] = (draw.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    frame.loc[draw.random(rows) < 0.02, "x5"] = np.nan
    return frame


def measure(command: list[str], folder: Path, ends: tuple[int, ...] = (0,)) -> tuple[float, float]:
    """Seconds of wall time and MiB of peak memory of one process. `ends`: exit codes that are no error."""
    paths = os.pathsep.join([str(folder / "src"), os.environ.get("PYTHONPATH", "")])
    begin = time.perf_counter()
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": paths}, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in ends:
        sys.exit((folder / "output.txt").read_text())
    return time.perf_counter() - begin, peak(usage)


def peak(usage: resource.struct_rusage) -> float:
    """The peak resident set in MiB: kilobytes on Linux, bytes on macOS."""
    return usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def run(rows: int, folder: Path) -> list[tuple[str, float, float]]:
    """Generate a project over a table of that many rows and measure every step."""
    source = folder / "table.csv"
    table(rows).to_csv(source, index=False)
    new = [sys.executable, "-m", "poc2prod", "new", str(folder / PACKAGE), "--no-input", "--no-git"]
    new += ["--data", str(source), "--target", "bought", "--id", "row", "--set", f"package={PACKAGE}"]
    measured = [("new --data", *measure(new, folder))]
    python = [sys.executable, "-m", PACKAGE]
    for step in (*STEPS, "poc"):
        measured.append((step, *measure([*python, step], folder / PACKAGE)))
    check = [sys.executable, "-m", "poc2prod", "check"]
    measured.append(("poc2prod check", *measure(check, folder / PACKAGE, (0, 1, 3))))
    return measured


def main() -> None:
    """Print one Markdown table: a row a step, two columns a size."""
    sizes = [int(argument) for argument in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000]
    columns = {}
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            columns[rows] = run(rows, Path(folder))
    print("| step | " + " | ".join(f"{rows:,} rows" for rows in sizes) + " |")
    print("|---" * (len(sizes) + 1) + "|")
    for place, (name, *_) in enumerate(columns[sizes[0]]):
        cells = [f"{columns[rows][place][1]:.1f} s, {columns[rows][place][2]:.0f} MiB" for rows in sizes]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
