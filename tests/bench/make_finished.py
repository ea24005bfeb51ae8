"""Make the archives that the bench runs on: a finished Part I, and projects whose files are swapped into it.

Run by hand: `make fixtures`, or PYTHONPATH=tests python -m bench.make_finished [FOLDER]. It refuses other
libraries than those of requirements-dev.lock, needs minutes, and changes tests/data/finished.tar.gz and
tests/data/strangers.tar.gz. What the team wrote lies beside this file, in answers/.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import locked
from poc2prod_kit.run import results_versions

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = ROOT / "src"
KIT = ROOT / "kit" / "src"
DATA = HERE.parent / "data"
STAKEHOLDER, OWNER = "Ines Koch <ines.koch@county.example>", "Omar Ruiz <omar.ruiz@county.example>"
NEW = ("--no-input", "--no-git", "--set", "demo=employment", "--set", "package=letters")
AUTHOR = ("--set", "author_name=Lena Brandt", "--set", "author_email=lena.brandt@county.example")
DAY = 86_400
SIGNED_ON = {"problem": 20_600 * DAY, "improve": 20_620 * DAY}
SHARE = 4
LEFT_OUT = {"models", "cache", "figures", "base.zip", "__pycache__"}
STRANGERS = (
    "data",
    "reports",
    ".poc2prod/checks",
    "docs/errors.csv",
    "tests/golden",
    "tests/sample.csv",
    "params.toml",
)


def poc2prod(folder: Path, *arguments: str, seconds: int = 20_600 * DAY) -> str:
    """Run the command on a project, on a day given in seconds since 1970."""
    return _run(folder, "poc2prod", *arguments, path=SOURCE, SOURCE_DATE_EPOCH=str(seconds))


def pipeline(folder: Path, *arguments: str) -> str:
    """Run the project's own command."""
    return _run(folder, "letters", *arguments, path=folder / "src")


def generated(folder: Path, quarter: int = 0, seed: int | None = None) -> Path:
    """The demo with a quarter of its households, the team's choices and answers; nothing run yet."""
    poc2prod(folder.parent, "new", str(folder), *NEW, *AUTHOR)
    for raw in sorted((folder / "data/raw").iterdir()):
        thin(raw, quarter)
    choose(folder / "params.toml", (HERE / "answers/params.toml").read_text(encoding="utf-8"))
    shutil.copytree(HERE / "answers/docs", folder / "docs", dirs_exist_ok=True)
    params = folder / "params.toml"
    if seed is not None:
        params.write_text(
            re.sub(r"^seed = \d+", f"seed = {seed}", params.read_text("utf-8"), flags=re.M), "utf-8"
        )
    roles = {
        "owner = []": f'owner = ["{_mail(OWNER)}"]',
        "stakeholder = []": f'stakeholder = ["{_mail(STAKEHOLDER)}"]',
    }
    settings = folder / "poc2prod.toml"
    text = settings.read_text(encoding="utf-8")
    for old, new in roles.items():
        text = text.replace(old, new)
    settings.write_text(text, encoding="utf-8")
    return folder


def thin(raw: Path, quarter: int) -> None:
    """Keep the households whose hash falls into one of four quarters."""
    lines = list(csv.reader(io.StringIO(gzip.decompress(raw.read_bytes()).decode())))
    place = lines[0].index("household_id")
    kept = [line for line in lines[1:] if _hash(line[place]) % SHARE == quarter]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([lines[0], *kept])
    raw.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def choose(params: Path, chosen: str) -> None:
    """Put the team's choices into the sections of params.toml; sections that it lacks come at its end."""
    text = params.read_text(encoding="utf-8")
    for section, body in re.findall(r"^\[([\w.]+)\]\n(.*?)(?=^\[|\Z)", chosen, flags=re.M | re.S):
        if f"\n[{section}]\n" in text:
            text = text.replace(f"\n[{section}]\n", f"\n[{section}]\n{body.rstrip()}\n", 1)
        else:
            text = f"{text.rstrip()}\n\n[{section}]\n{body.rstrip()}\n"
    params.write_text(text, encoding="utf-8")


def explain(errors: Path) -> None:
    """Write the team's causes into docs/errors.csv. SystemExit names rows that nobody has looked at yet."""
    with (HERE / "answers/errors.csv").open(encoding="utf-8", newline="") as file:
        causes = {line["id"]: line for line in csv.DictReader(file)}
    with errors.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    strange = [line["id"] for line in lines if line["id"] not in causes]
    if strange:
        raise SystemExit(f"Look at these rows, and write their causes into answers/errors.csv: {strange}")
    with errors.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(
            {**line, **{key: causes[line["id"]][key] for key in ("cause", "note")}} for line in lines
        )


def finished(folder: Path) -> Path:
    """Part I as a team does it: run, look, decide, sign, open the test part, sign."""
    generated(folder)
    pipeline(folder, "poc")
    explain(folder / "docs/errors.csv")
    poc2prod(folder, "sign", "problem", "--as", STAKEHOLDER, "--yes", seconds=SIGNED_ON["problem"])
    pipeline(folder, "evaluate", "--open-test")
    pipeline(folder, "poc")
    poc2prod(folder, "sign", "improve", "--as", OWNER, "--yes", seconds=SIGNED_ON["improve"])
    print(poc2prod(folder, "check"))
    return folder


def stranger(folder: Path, *, quarter: int = 0, seed: int | None = None) -> Path:
    """Another project of the same kind: other households, or another seed."""
    generated(folder, quarter, seed)
    pipeline(folder, "poc")
    pipeline(folder, "evaluate", "--open-test")
    pipeline(folder, "evaluate")
    poc2prod(folder, "check")
    return folder


def archive(target: Path, root: Path, names: Iterable[str]) -> None:
    """The named files and folders below a root, less what no check reads; always the same bytes.

    Left out are models, caches, figures, the files as generated, and the library's wheel but for `numbers`.
    """
    paths = sorted({p for n in names for p in ((root / n).rglob("*") if (root / n).is_dir() else [root / n])})
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in paths:
            if path.is_file() and not LEFT_OUT & set(path.parts):
                about = tarfile.TarInfo(path.relative_to(root).as_posix())
                content = numbers(path) if path.suffix == ".whl" else path.read_bytes()
                about.size, about.mode = len(content), 0o644
                tar.addfile(about, io.BytesIO(content))
    target.write_bytes(gzip.compress(made.getvalue(), 9, mtime=0))
    print(f"{target}: {target.stat().st_size:,} bytes")


def numbers(wheel: Path) -> bytes:
    """The library's wheel with its results versions alone: the command reads no more of it."""
    made = io.BytesIO()
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(made, "w") as small:
        small.writestr(zipfile.ZipInfo(results_versions.FILE), whole.read(results_versions.FILE))
    return made.getvalue()


def main(scratch: Path) -> None:
    """Make all projects, and archive them."""
    if other := locked.differing():
        raise SystemExit(f"The archives are made with what requirements-dev.lock pins, not with {other}.")
    scratch.mkdir(parents=True, exist_ok=True)
    archive(DATA / "finished.tar.gz", finished(scratch / "finished"), ["."])
    others = {"households": {"quarter": 1}, "seed": {"seed": 7}}
    for name, about in others.items():
        stranger(scratch / name, **about)
    archive(DATA / "strangers.tar.gz", scratch, [f"{name}/{part}" for name in others for part in STRANGERS])


def importing(*paths: Path) -> dict[str, str]:
    """What makes a process see these folders and the library of this checkout, whatever is installed."""
    return {
        "PYTHONPATH": os.pathsep.join(map(str, (*paths, KIT))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }


def _run(folder: Path, module: str, *arguments: str, path: Path, **extra: str) -> str:
    environment = {**os.environ, **importing(path), **extra}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in ((0, 1, 3) if arguments[0] == "check" else (0,)):
        raise SystemExit(
            f"{module} {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
    return done.stdout


def _mail(who: str) -> str:
    return who.partition("<")[2].rstrip(">")


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
