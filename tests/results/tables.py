"""Five tables whose results are watched: both demos, and three made here, the same on every machine."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

from bakes import ROOT, clean_environment
from poc2prod_kit.run import hashing, results_versions

DEMOS = {"employment": ("--set", "demo=employment"), "bikeshare": ("--set", "demo=bikeshare")}
ROWS = 400


def grouped(draw: random.Random, row: int) -> tuple[object, ...]:
    """A patient, seen several times; an outcome of two values, more likely with age and dose."""
    age, dose, clinic = 20 + row % 60, draw.randrange(1, 9) * 25, draw.choice("ABC")
    return f"P{row // 4:03}", age, dose, clinic, "yes" if draw.random() < (age + dose / 4) / 160 else "no"


def timed(draw: random.Random, row: int) -> tuple[object, ...]:
    """A day's sales, which grow and depend on the weather."""
    warm = round(15 + 10 * draw.random(), 1)
    day = f"{2021 + row // 336}-{row // 28 % 12 + 1:02}-{row % 28 + 1:02}"
    return day, warm, draw.choice(["sun", "rain"]), round(100 + row / 4 + 6 * warm + draw.gauss(0, 9), 2)


def classed(draw: random.Random, row: int) -> tuple[object, ...]:
    """A flower of one of three kinds, told by two lengths and a colour."""
    kind = draw.randrange(3)
    return (
        f"F{row:04}", round(3 + kind + draw.gauss(0, 0.8), 2), round(1 + draw.gauss(0, 0.3), 2),
        draw.choice(["red", "blue"]), ("aster", "lily", "rose")[kind],
    )  # fmt: skip


MADE = {
    "grouped": (grouped, "patient,age,dose,clinic,ill", "ill"),
    "timed": (timed, "day,warm,sky,sold", "sold"),
    "classed": (classed, "flower,petal,sepal,colour,kind", "kind"),
}
NAMES = (*DEMOS, *MADE)


def digests(name: str, folder: Path) -> dict[str, str]:
    """Make a table's project in the folder, run its proof of concept, and hash the results of each report.

    Keys are `<table>/<step>@<results version>`. Results have 6 significant digits. RuntimeError where a
    command fails.
    """
    arguments = DEMOS.get(name) or _table(name, folder)
    root = folder / name
    _run(
        folder, "poc2prod", "new", str(root), "--no-input", "--no-git", "--set", "package=watched", *arguments
    )
    _run(root, "watched", "poc")
    found = {}
    for path in sorted((root / "reports").glob("*.json")):
        report = json.loads(path.read_text(encoding="utf-8"))
        number = results_versions.all_steps()[report["step"]]
        results = report["results"]
        # The fitted model's id hashes every bit of it, the last of which differ from processor to processor
        results.get("model", {}).pop("id", None)
        found[f"{name}/{report['step']}@{number}"] = hashing.of_value(results)
    return found


def _table(name: str, folder: Path) -> tuple[str, ...]:
    row, head, target = MADE[name]
    draw = random.Random(name)
    lines = [head, *(",".join(map(str, row(draw, number))) for number in range(ROWS))]
    path = folder / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return ("--data", str(path), "--target", target)


def _run(folder: Path, module: str, *arguments: str) -> None:
    places = [str(folder / "src"), str(ROOT / "src"), str(ROOT / "kit" / "src")]
    separator = ";" if sys.platform == "win32" else ":"
    environment = clean_environment(PYTHONPATH=separator.join(places), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=folder, env=environment,
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
