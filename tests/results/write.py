"""Add the digests of results that have none yet: python tests/results/write.py [TABLE …].

Digests are never edited: where a step makes other numbers, raise its number in the library's
run/results_versions.json, and run this.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from locked import elsewhere
from results.tables import NAMES, digests

FILE = Path(__file__).with_name("numbers.json")


def main(names: list[str]) -> int:
    """Write new entries; 1 where an entry that is there would have to change, or digits mean nothing here."""
    if why := elsewhere():
        sys.stderr.write(f"{why}\n")
        return 1
    kept: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    made: dict[str, str] = {}
    for name in names or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            made |= digests(name, Path(folder))
    changed = sorted(key for key in made if kept.get(key, made[key]) != made[key])
    text = json.dumps({**made, **kept}, indent=1, sort_keys=True) + "\n"
    FILE.write_text(text, encoding="utf-8", newline="\n")
    for key in changed:
        sys.stderr.write(f"{key} has other numbers: raise its number in results_versions.json\n")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
