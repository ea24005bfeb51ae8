"""A small project written file by file: what Part I's first three steps and one report need, all of it
passing.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from poc2prod_kit.run.hashing import of_blocks, of_code, of_value

from poc2prod.files import Root

ADA, BOB = "Ada <ada@x.org>", "Bob <bob@x.org>"
PARAMS = """seed = 1
[data]
files = ["data/raw/t.csv.gz"]
target = "y"
[problem]
outcome = "binary"
positive = "1"
metric = "roc_auc"
target = 0.8
cost_false_positive = 1
cost_false_negative = 2.5
latency_ms = 100
[baseline]
simple = "linear"
candidate = "gradient_boosting"
[roadmap]
cost_per_1000_predictions = 0.5
memory_mb = 500
"""
SETTINGS = 'checks = 1\n[roles]\nowner = ["bob@x.org"]\nstakeholder = ["ada@x.org"]\n'
TABLE = """
<!-- q:table -->
## Which approaches?

| approach | fits when | data it needs | cost | explainable | kept or dropped, and why |
|---|---|---|---|---|---|
| `no_model` | few cases | nothing | an hour a day | fully | dropped: too slow for us |
| `linear` | smooth effects | a table | low | by its weights | kept as the simple model |
| `gradient_boosting` | interactions | a table | medium | with effort | kept as the candidate |
"""
PART_TWO = (
    *("contract", "rollout_plan", "refactor", "api", "testing", "docker"),
    *("ci", "deploy", "rollout", "support", "iterate"),
)


def write(root: Path, name: str, text: str) -> None:
    """Write a text file below the root, newlines as they are."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def page(slug: str, title: str = "") -> str:
    """A page of docs/ with every question of the template answered."""
    from poc2prod.project import Facts

    names = Facts(".").asked(slug)
    return title + "".join(
        f"\n<!-- q:{n} -->\n## Asked\n\nWe decided about {n} together.\n" for n in names if n != "table"
    )


def build(root: Path) -> Path:
    """The whole project."""
    plan = "".join(f'[roadmap.{slug}]\nowner = "Bob"\ndays = 3\ndate = 2030-01-31\n' for slug in PART_TWO)
    write(root, "params.toml", PARAMS + plan)
    write(root, "poc2prod.toml", SETTINGS)
    write(root, "schema.toml", '[[column]]\nname = "y"\ntype = "boolean"\n')
    write(root, "docs/approaches.md", page("approaches") + TABLE)
    write(root, "docs/problem.md", page("problem"))
    write(root, "docs/roadmap.md", page("roadmap"))
    write(root, "src/app/data.py", "print(1)\n")
    write(root, "src/app/__main__.py", "")
    raw = root / "data/raw/t.csv.gz"
    raw.parent.mkdir(parents=True)
    raw.write_bytes(gzip.compress(b"x,y\n1,0\n2,1\n3,1\n", mtime=0))
    report(root)
    return root


def report(root: Path) -> None:
    """reports/data.json over what is there now."""
    inputs = {
        "data/raw/t.csv.gz": of_blocks(Root(str(root)).unpacked("data/raw/t.csv.gz")),
        "schema.toml": of_value({"column": [{"name": "y", "type": "boolean"}]}),
        "params.toml#data.files": of_value(["data/raw/t.csv.gz"]),
        "params.toml#data.target": of_value("y"),
        "src/app/data.py": of_code(b"print(1)\n"),
    }
    name = "data/raw/t.csv.gz"
    files = [{"name": name, "bytes": (root / name).stat().st_size, "sha256": inputs[name], "rows": 3}]
    write(root, "data/manifest.json", json.dumps({"schema": 1, "rows": 3, "files": files}))
    results = {"rows": 3, "files": files}
    content = {"schema": 1, "step": "data", "inputs": inputs, "outputs": {}, "results": results}
    write(root, "reports/data.json", json.dumps(content))
