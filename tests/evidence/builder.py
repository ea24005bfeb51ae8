"""A small project with its table, split, golden rows and reports: all that I.4 to I.6 need.

`build` writes it file by file; `Small` edits it. Reports are made by what the checks count, so that an honest
project passes by construction.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from poc2prod.checklist import step
from poc2prod.evidence import data, judge, rows, screened, sides, split
from poc2prod.evidence.data import rated
from poc2prod.evidence.golden import GOLDEN
from poc2prod.evidence.sides import Sides
from poc2prod.project import Facts
from poc2prod.recount import parting
from poc2prod.recount.intervals import Estimate

RAW = "data/raw/sales.csv.gz"
COLUMNS = ("key", "day", "shop", "price", "colour", "sold")
PARAMS = """seed = 7

[data]
files = ["data/raw/sales.csv.gz"]
separator = ","
encoding = "utf-8"
decimal = "."
target = "sold"
id = "key"
time = ""
group = ""
exclude = []
population = []
origin = "the till"

[problem]
outcome = "binary"
positive = "1"
metric = "roc_auc"

[split]
strategy = "stratified"
reason = "Sales are independent of each other, and classes should have their share in every part."
validation = 0.2
test = 0.2
tolerance = 0.2
online_share = 0.5
online_salt = "first"

[features]
rules = ["cheap"]
"""
SCHEMA = """
[[column]]
name = "key"
type = "category"
meaning = "number of the sale"
[[column]]
name = "day"
type = "date"
formats = ["%Y-%m-%d"]
minimum = "2023-01-01"
maximum = "2023-12-31"
meaning = "day of the sale"
[[column]]
name = "shop"
type = "category"
meaning = "where it was sold"
[[column]]
name = "price"
type = "number"
minimum = 0
maximum = 100
meaning = "price asked"
unit = "EUR"
[[column]]
name = "colour"
type = "category"
nullable = true
values = ["red", "green", "blue"]
meaning = "colour of the article"
[[column]]
name = "sold"
type = "boolean"
meaning = "whether it was sold: the target"
"""
RULES = '''"""Business rules."""


def cheap(table):
    """1 below 10 EUR, else 0. Prices 5, 20 → 1, 0."""
    return (table["price"] < 10).astype(float)
'''
RULE_TESTS = '''"""Every rule does what its example says."""

EXAMPLES = {"cheap": ({"price": [5.0, 20.0]}, [1.0, 0.0])}


def test_rules():
    assert EXAMPLES
'''
SPLIT_TESTS = '''"""A unit keeps its arm."""
from app import split


def test_a_unit_stays_with_its_arm():
    assert split.arm("unit", "salt", 0.5) == "treatment"
'''
SPLIT = '''"""I.5."""


def arm(unit, salt, share):
    """Which model a unit gets online."""
    return "treatment"
'''


def sales(count: int = 240, seed: int = 3) -> list[list[str]]:
    """Rows of cells: 40 shops of 6 rows, days in order, labels that the price explains a little."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        price = round(draw.uniform(1, 60), 2)
        sold = str(int(draw.random() < (0.7 if price < 20 else 0.4)))
        day = f"2023-{1 + number // 28 % 12:02}-{1 + number % 28:02}"
        found.append(
            [
                f"k{number:04}",
                day,
                f"shop {number // 6}",
                f"{price}",
                draw.choice(["red", "green", "blue", ""]),
                sold,
            ]
        )
    return found


class Small:
    """The project at `root`; every `write`, `edit` or `param` is a change on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def facts(self) -> Facts:
        """What is on disk now."""
        return Facts(str(self.root))

    def write(self, name: str, text: str) -> None:
        """Write a text file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def replace(self, name: str, old: str, new: str) -> None:
        """Edit a text file; what is replaced must be there."""
        content = (self.root / name).read_text(encoding="utf-8")
        assert old in content
        self.write(name, content.replace(old, new))

    def param(self, key: str, value: str) -> None:
        """Set a key that params.toml has, such as `group`, to a TOML value."""
        name, content = "params.toml", (self.root / "params.toml").read_text(encoding="utf-8")
        made = re.sub(rf"(?m)^{key} = .*$", lambda _: f"{key} = {value}", content)
        assert made != content
        self.write(name, made)

    def table(self, lines: Iterable[Iterable[str]], name: str = RAW, header: Iterable[str] = COLUMNS) -> None:
        """Write the raw file."""
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows([list(header), *map(list, lines)])
        self.pack(name, out.getvalue())

    def pack(self, name: str, text: str) -> None:
        """Write a gzip file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode(), mtime=0))

    def parts(self, part_of: dict[str, str]) -> None:
        """Write data/split.csv.gz."""
        self.pack(
            "data/split.csv.gz", "id,part\n" + "".join(f"{row},{part}\n" for row, part in part_of.items())
        )

    def report(
        self, slug: str, results: dict[str, Any], outputs: Iterable[str] = (), inputs: Iterable[str] = ()
    ) -> None:
        """Write a report of what is on disk now: every input that the step needs, and more."""
        facts = self.facts()
        files = facts.param("data.files", [])
        needed = [name for need in step(slug).needs for name in (files if need.endswith("/*") else [need])]
        read = {*needed, f"src/app/{slug}.py", f"poc2prod-kit#{slug}", *inputs}
        made = {name: facts.now(name).hash for name in outputs}
        content = {
            "schema": 1,
            "step": slug,
            "outputs": made,
            "results": plain(results),
            "inputs": {name: facts.now(name).hash for name in sorted(read) if name not in made},
        }
        self.write(f"reports/{slug}.json", json.dumps(content, indent=1, sort_keys=True) + "\n")

    def edit(self, slug: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change a report's results in place."""
        path = self.root / f"reports/{slug}.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content["results"])
        self.write(f"reports/{slug}.json", json.dumps(content, indent=1, sort_keys=True) + "\n")

    def manifest(self) -> None:
        """Write data/manifest.json over what is there."""
        facts = self.facts()
        table = rows.read(facts)
        files = [
            {
                "name": name,
                "bytes": (self.root / name).stat().st_size,
                "sha256": facts.now(name).hash,
                "rows": count,
                "origin": "the till",
            }
            for name, count in table.table.files.items()
        ]
        self.write(data.MANIFEST, json.dumps({"schema": 1, "rows": table.table.rows, "files": files}))

    def run(self, *slugs: str) -> None:
        """Make the reports of these steps (all of I.4 to I.6) honestly from what is on disk."""
        for slug in slugs or ("data", "split", "features"):
            {"data": self._data, "split": self._split, "features": self._features}[slug]()

    def _data(self) -> None:
        self.manifest()
        facts = self.facts()
        table = rows.read(facts)
        broken = data.violations(table)
        results = {
            **data.counted(facts, table),
            **data.repeated(facts, table),
            **screening(facts, "data"),
            "files": json.loads((self.root / data.MANIFEST).read_text(encoding="utf-8"))["files"],
            "violations": {"total": sum(item.number for item in broken), "rules": []},
        }
        named = facts.param("data.raters", [])
        if named:
            results["raters"] = rated(facts, table, named)
        self.report("data", results, [data.MANIFEST])

    def _split(self) -> None:
        facts = self.facts()
        both = Sides(facts)
        results: dict[str, Any] = {
            "ids": sides.ids(both),
            "sizes": sides.sizes(both),
            "groups": sides.groups(both),
            "time": sides.order(both),
            "parts": sides.shares(both, split._measured(facts, None)),
            "twins": sides.twins(both),
            "online": sides.online(both),
        }
        strategy = facts.param("split.strategy")
        results |= {
            "strategy": strategy,
            "reason": facts.param("split.reason"),
            "mirrors": "rows like those of training",
            "undeclared": {"groups": {}, "dates": {}},
            "findings": [],
        }
        if strategy == "time":
            results["bounds"] = {
                key: parting.bound(facts.param(f"split.{key}"), True).isoformat()
                for key in ("train_until", "validation_until")
            }
        self.report("split", results, ["data/split.csv.gz"])

    def _features(self) -> None:
        facts = self.facts()
        sizes = facts.results("split")["sizes"]
        total = sum(sizes.values())
        results = {
            "features": [
                {
                    "name": "day.month",
                    "column": "day",
                    "how": "month",
                    "kind": "number",
                    "meaning": "month, 1 to 12 of day of the sale",
                },
                {
                    "name": "shop",
                    "column": "shop",
                    "how": "category",
                    "kind": "category",
                    "meaning": "where it was sold",
                },
                {
                    "name": "price",
                    "column": "price",
                    "how": "number",
                    "kind": "number",
                    "meaning": "price asked",
                    "unit": "EUR",
                },
                {
                    "name": "colour",
                    "column": "colour",
                    "how": "category",
                    "kind": "category",
                    "meaning": "colour of the article",
                },
                {
                    "name": "cheap",
                    "rule": "cheap",
                    "how": "rule",
                    "kind": "number",
                    "meaning": "1 below 10 EUR, else 0. Prices 5, 20 → 1, 0.",
                },
            ],
            "proof": {
                "rows": total,
                "training_rows": sizes["train"],
                "perturbed_rows": total - sizes["train"],
                "others": [],
                "target": [],
                "alone": [],
            },
            "probes": {"score": "AUC", "alone": [{"column": "price", "score": 0.66}]},
            **screening(facts, "features"),
            "sample": {"rows": 4, "origin": "synthetic"},
        }
        self.report("features", results, [], ["src/app/rules.py"])
        self.golden(golden())

    def golden(self, entries: list[dict[str, Any]]) -> None:
        """Write these golden rows, and a contract's report that says that they were compared."""
        self.write(GOLDEN, json.dumps({"schema": 1, "origin": "synthetic", "rows": entries}, indent=1))
        compared = {"rows": len(entries), "origin": "synthetic", "differing_values": 0}
        self.report("contract", {"golden": compared, "findings": []}, [GOLDEN], ["src/app/rules.py"])

    def assign(self) -> None:
        """Write data/split.csv.gz by the rules of [split] (stratified, random or group)."""
        facts = self.facts()
        table = rows.read(facts)
        ids, group = table.table.ids, table.role("group")
        shares = (facts.param("split.validation"), facts.param("split.test"))
        seed, strategy = facts.param("seed"), facts.param("split.strategy")
        if strategy == "group":
            made = parting.by_group([str(value) for value in table.all_values(group)], shares, seed)[0]
        elif strategy == "time":
            when = table.all_values(table.role("time"))
            bounds = [
                parting.bound(facts.param(f"split.{key}"), True)
                for key in ("train_until", "validation_until")
            ]
            made = parting.by_time(when, (bounds[0], bounds[1]))
        elif strategy == "random":
            made = parting.by_chance(ids, shares, seed)
        else:
            made = parting.by_class(ids, rows.target(facts, table), shares, seed)
        self.parts(dict(zip(ids, made, strict=True)))

    def outcomes(self, slug: str) -> dict[str, str]:
        """The worst outcome of each check of a step."""
        order = ("fail", "stale", "unknown", "pass", "skipped")
        found: dict[str, str] = {}
        for item in judge(step(slug), self.facts()).findings:
            found[item.check] = min(found.get(item.check, "skipped"), item.outcome, key=order.index)
        return found

    def said(self, slug: str, check: str) -> tuple[str, str]:
        """(outcome, text) of the first finding of a check that is not a pass, else of the first."""
        found = [item for item in judge(step(slug), self.facts()).findings if item.check == check]
        worst = [item for item in found if item.outcome != "pass"] or found
        return worst[0].outcome, worst[0].text


def plain(value: Any) -> Any:
    """Results as a report writes them: estimates as tables."""
    if isinstance(value, Estimate):
        return plain(value._asdict())
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def screening(facts: Facts, slug: str) -> dict[str, Any]:
    """What an honest step reports of the screening."""
    looked = screened.look(facts)
    found = [
        {"kind": name.partition(":")[0], "id": name, "text": text}
        for name, text in looked.found[slug].items()
    ]
    return {"screening": {"rows": 240, "of": 240, "excluded": []}, "findings": found}


def golden() -> list[dict[str, Any]]:
    """Four golden rows: two by chance, one without values, one with a colour never seen."""
    made = []
    for origin, key, price, colour in (
        ("synthetic", "S0", "5", "red"),
        ("synthetic", "S1", "20", "blue"),
        ("synthetic: nulls", "S0", "", ""),
        ("synthetic: unseen", "S0", "5", "never seen before"),
    ):
        known = float(price) if price else None
        made.append(
            {
                "origin": origin,
                "input": {
                    "key": key,
                    "day": "2023-03-05",
                    "shop": "shop 1",
                    "price": price,
                    "colour": colour,
                },
                "features": {
                    "day.month": 3.0,
                    "shop": "shop 1",
                    "price": known,
                    "colour": colour or "(missing)",
                    "cheap": float(known is not None and known < 10),
                },
            }
        )
    return made


def build(root: Path, lines: list[list[str]] | None = None) -> Small:
    """The whole project, all of whose checks of I.4 to I.6 pass."""
    made = Small(root)
    made.write("params.toml", PARAMS)
    made.write("poc2prod.toml", "checks = 1\n")
    made.write("schema.toml", SCHEMA)
    made.write("src/app/__main__.py", "")
    made.write("src/app/rules.py", RULES)
    made.write("src/app/split.py", SPLIT)
    for name in ("data", "features", "contract"):
        made.write(f"src/app/{name}.py", f'"""{name}."""\n')
    made.write("tests/test_rules.py", RULE_TESTS)
    made.write("tests/test_split.py", SPLIT_TESTS)
    made.write("docs/data.md", page())
    made.table(lines if lines is not None else sales())
    made.assign()
    made.run()
    return made


def page() -> str:
    """docs/data.md with every question answered."""
    names = Facts(".").asked("data")
    return "".join(
        f"\n<!-- q:{name} -->\n## Asked\n\nWe decided about {name} together, on 3 May.\n" for name in names
    )
