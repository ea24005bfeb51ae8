"""What is said of a team's table on the first screen: each remark planted, none on clean tables."""

import csv
import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil, log, sqrt
from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.screening import finding, recognised, relations, screen
from poc2prod_kit.screening.finding import Finding
from poc2prod_kit.tables import infer, sampling
from poc2prod_kit.tables.roles import Roles
from poc2prod_kit.tables.sniff import InferenceError

from poc2prod import user_data
from poc2prod.collect import collect

ROOT = Path(__file__).parents[1]
RAW = ROOT / "{{cookiecutter.__slug}}" / "data" / "raw"
Row = dict[str, Any]


def clean(rows: int = 400) -> list[Row]:
    """A table with nothing to remark but its balance."""
    draw = random.Random(1)
    made = []
    for _ in range(rows):
        height = draw.gauss(170, 9)
        tone = draw.choice(["warm", "cold", "neutral"])
        y = "yes" if height + draw.gauss(0, 9) > 170 else "no"
        made.append({"height": f"{height:.3f}", "weight": f"{draw.gauss(70, 9):.3f}", "tone": tone, "y": y})
    return made


def save(folder: Path, rows: Sequence[Row]) -> Path:
    """Write rows as t.csv."""
    path = folder / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def seen(folder: Path, rows: Sequence[Row], **roles: Any) -> list[Finding]:
    """All that is said of these rows."""
    return list(look(save(folder, rows), **roles))


def look(path: Path, target: str = "y", **roles: Any) -> Sequence[Finding]:
    """All that is said of a file, though its target may not be one that can be predicted."""
    table = infer.infer(path)
    known = Roles(target, **roles)
    reader, counts = user_data._read_rows([path], table, known.target)
    column = next(one for one in table.columns if one.name == target)
    try:
        outcome, positive, _ = infer.outcome(column, counts)
    except InferenceError:
        outcome, positive = "", ""
    return screen.everything(reader.sample(known, outcome, positive)).findings


def only(folder: Path, kind: str, rows: Sequence[Row], **roles: Any) -> Finding:
    """The one remark of this kind."""
    (found,) = [remark for remark in seen(folder, rows, **roles) if remark.kind == kind]
    return found


def test_clean_table_has_nothing_but_its_balance(tmp_path: Path) -> None:
    """A clean table raises no remark but the share of its most frequent class."""
    remarks = seen(tmp_path, clean())
    assert [(r.kind, r.text, r.rows, r.weight) for r in remarks] == [
        (
            "balance",
            "53.0 % of the 400 labelled rows are y = no: who always says so is right that often, and a "
            "model has to "
            "beat it.",
            (),
            0.1,
        )
    ]


def test_clean_regression_has_no_remark(tmp_path: Path) -> None:
    """A number to predict from noisy columns raises nothing."""
    draw = random.Random(2)
    rows = [row | {"y": f"{float(row['height']) * 2 + draw.gauss(0, 9):.3f}"} for row in clean()]
    assert seen(tmp_path, rows) == []


def test_target_that_cannot_be_predicted_is_still_looked_at(tmp_path: Path) -> None:
    """A constant target stops no remark about the other columns."""
    rows = [row | {"y": "a", "still": 3} for row in clean()]
    assert [r.kind for r in seen(tmp_path, rows)] == ["constant"]


def test_the_strongest_comes_first(tmp_path: Path) -> None:
    """Findings are in order of weight."""
    weights = [r.weight for r in seen(tmp_path, [row | {"copy": row["y"], "still": 1} for row in clean()])]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 1.0


def test_twins(tmp_path: Path) -> None:
    """Rows with the same features and different labels: counted, a pair named, and the ceiling they set."""
    rows = [row | {"code": f"p{n}"} for n, row in enumerate(clean(100))]
    rows[50] = rows[0] | {"code": "p50", "y": "no" if rows[0]["y"] == "yes" else "yes"}
    found = only(tmp_path, "ceiling", rows, id="code")
    assert found.rows == ("p0", "p50")
    assert found.text == (
        "2 rows (2.0 %) agree in every feature (code left aside) with a row that has another y: p0 has "
        f"{rows[0]['y']}, p50 has {rows[50]['y']}. With these features no model can be right on more than "
        "99.0 % of the "
        "labelled rows."
    )


def test_twins_of_a_regression(tmp_path: Path) -> None:
    """The ceiling of a regression is an R², rounded up; one that is out of nobody's way is not told."""
    draw = random.Random(3)
    rows: list[Row] = [
        {"a": n // 2, "b": n // 2 % 7, "y": f"{n // 2 + draw.gauss(0, 30):.4f}"} for n in range(200)
    ]
    text = only(tmp_path, "ceiling", rows).text
    values = [float(row["y"]) for row in rows]
    mean = sum(values) / 200
    inside = sum((a - b) ** 2 / 2 for a, b in zip(values[::2], values[1::2], strict=True))
    best = ceil((1 - inside / sum((v - mean) ** 2 for v in values)) * 1000) / 1000
    assert text.endswith(f"With these features no model can exceed an R² of {best:.3f} on these rows.")
    calm = [row | {"y": f"{row['a'] + draw.random():.4f}"} for row in rows]
    assert "ceiling" not in [remark.kind for remark in seen(tmp_path, calm)]


def test_duplicates(tmp_path: Path) -> None:
    """Copies are counted; without an id their lines are named."""
    rows = clean(100)
    found = only(tmp_path, "duplicates", [*rows, rows[3]])
    assert (found.rows, found.text) == (
        ("row 101",),
        "1 row (1.0 %) repeats an earlier row in every column, for one row 101 that of row 4. If they are "
        "copies, a "
        "random split puts them on both sides.",
    )


def test_repeated_texts(tmp_path: Path) -> None:
    """A free text on several rows is counted."""
    rows = [
        row | {"text": f"a long sentence about number {n % 150} that somebody wrote down"}
        for n, row in enumerate(clean(200))
    ]
    found = only(tmp_path, "repeated-text", rows)
    assert found.text.startswith(
        "100 rows share their text with another row: in a random split about 40 % of the test rows"
    )


GIVEAWAYS: list[tuple[str, Callable[[Row, int], Any], str]] = [
    (
        "leak",
        lambda row, n: {"yes": "won", "no": "lost"}[row["y"]],
        "The value of extra alone tells y on 100 % of",
    ),
    (
        "leak",
        lambda row, n: (row["y"] == "yes") * 5 + n % 97 / 97,
        "Whether extra is above 0.989691 alone tells y on 100 %",
    ),
    (
        "leak",
        lambda row, n: f"{row['y']}/{n:05}.png",
        "extra spells the label, and so tells y on 100 % of the 400",
    ),
    (
        "leak",
        lambda row, n: "" if row["y"] == "no" else n % 7,
        "extra is empty in 212 of the 212 rows where y is no",
    ),
]


@pytest.mark.parametrize(("kind", "extra", "text"), GIVEAWAYS)
def test_columns_that_tell_the_label(
    tmp_path: Path, kind: str, extra: Callable[[Row, int], Any], text: str
) -> None:
    """A copy, a threshold, a path and a hole that tell the label are named with their share."""
    rows = [row | {"extra": extra(row, n)} for n, row in enumerate(clean())]
    assert only(tmp_path, kind, rows).text.startswith(text)


def test_the_larger_of_two_tells(tmp_path: Path) -> None:
    """Two counts of which the larger decides the label are named together."""
    draw = random.Random(4)
    rows = []
    for row in clean():
        votes = sorted(draw.sample(range(30), 2), reverse=row["y"] == "yes")
        rows.append(row | {"for": votes[0], "against": votes[1]})
    found = [r.text for r in seen(tmp_path, rows) if r.kind == "exceeds"]
    assert found[0].startswith("Whether for exceeds against tells y on 100 % of the 400 labelled rows.")


@pytest.mark.parametrize(
    ("combine", "said"),
    [
        (lambda a, b, c: a + b, "a + b"),
        (lambda a, b, c: b - a, "b - a"),
        (lambda a, b, c: a * b, "a * b"),
        (lambda a, b, c: a + b + c, "a + b + c"),
    ],
)
def test_parts_of_the_target(tmp_path: Path, combine: Callable[[int, int, int], int], said: str) -> None:
    """Columns whose sum, difference or product is the target are named."""
    draw = random.Random(5)
    rows = []
    for _ in range(300):
        a, b, c = (draw.randrange(1, 500) for _ in range(3))
        rows.append({"a": a, "b": b, "c": c, "y": combine(a, b, c)})
    found = only(tmp_path, "parts", rows)
    assert found.text == f"{said} is y on every row: these columns are the target. Exclude them."


def test_target_with_noise(tmp_path: Path) -> None:
    """A column that is the target with noise is named with its correlation."""
    draw = random.Random(6)
    rows = [
        {"x": f"{draw.gauss(0, 1):.4f}", "y": (y := draw.gauss(0, 1)), "late": y + draw.gauss(0, 0.05)}
        for _ in range(300)
    ]
    assert only(tmp_path, "leak", rows).text.startswith("late is y up to little noise (correlation 0.99")


@pytest.mark.parametrize("size", ["1e200", "1e307", "1e-200"])
@pytest.mark.parametrize("target", [False, True])
def test_numbers_beyond_all_measure(tmp_path: Path, size: str, *, target: bool) -> None:
    """Their squares are no numbers; what is said of the table is said nevertheless."""
    draw = random.Random(7)
    large = [f"{draw.randrange(1, 10)}.{n:03d}{size[1:]}" for n in range(300)]
    rows = [{"x": f"{draw.gauss(0, 1):.4f}", "z": n % 7, "y": draw.gauss(0, 1)} for n in range(300)]
    made = [row | {"y" if target else "large": cell} for row, cell in zip(rows, large, strict=True)]
    assert not any(remark.kind == "leak" for remark in seen(tmp_path, made))


def test_id_that_repeats(tmp_path: Path) -> None:
    """An id on several rows is no id but a group."""
    rows = [row | {"code": f"p{n // 2}"} for n, row in enumerate(clean(100))]
    found = only(tmp_path, "id-repeats", rows, id="code")
    assert found.rows[:2] == ("p0", "p1")
    assert found.text == (
        "code is no id: 50 values stand on 100 rows (p0 on 2). It is a group: pass --group code; in a "
        "random split about 81 % "
        "of the test rows would have a row of the same one in training."
    )


def test_id_that_nobody_named(tmp_path: Path) -> None:
    """A column that numbers the rows is proposed as the id, and not once it is named."""
    rows = [row | {"nr": n + 1} for n, row in enumerate(clean(100))]
    assert only(tmp_path, "id-unnamed", rows).text.endswith("like an id: pass --id nr, or exclude it.")
    assert [r.kind for r in seen(tmp_path, rows, id="nr")] == ["balance"]


def test_group_that_nobody_named(tmp_path: Path) -> None:
    """A customer number is proposed as the group, with the labels' likeness where there is one."""
    rows = sorted(clean(400), key=lambda row: str(row["y"]))
    rows = [row | {"customer_id": 1000 + n // 4} for n, row in enumerate(rows)]
    text = only(tmp_path, "group-unnamed", rows).text
    assert text == (
        "customer_id repeats: 100 values on 400 rows. If each is one entity (a customer, a device), a random "
        "split puts "
        "a relative in "
        "training for nearly all of the test rows: pass --group customer_id. Two of its rows share their "
        "label in 100 % of "
        "pairs; any two rows do in 50.1 %."
    ).replace("nearly all", "about 99 %")


def test_group_that_was_named(tmp_path: Path) -> None:
    """A group says what a random split would do; one that never repeats says that."""
    rows = [row | {"home": f"h{n // 2}", "own": f"o{n}"} for n, row in enumerate(clean(100))]
    assert (
        "In a random split about 81 % of the test rows"
        in only(tmp_path, "random-split-groups", rows, group="home").text
    )
    assert (
        only(tmp_path, "group-alone", rows, group="own").text
        == "own never repeats: as a group it holds nothing together."
    )


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (5, "about 1 group each, so no interval can be given,"),
        (20, "about 4 groups each, so every interval will be very wide,"),
    ],
)
def test_few_groups_that_were_named(tmp_path: Path, groups: int, said: str) -> None:
    """What the split makes of them, and what to do."""
    rows = [row | {"site": f"s{n % groups}"} for n, row in enumerate(clean())]
    assert only(tmp_path, "few-groups", rows, group="site").text == (
        f"site has only {groups} values, and groups are kept whole: validation and test get {said} however "
        "many rows there are. Get rows of more groups; or, if later predictions are for these same "
        f"{groups}, leave out --group and split by time or by row."
    )


def test_enough_groups_are_no_remark(tmp_path: Path) -> None:
    """From 30 on nothing is said of their number."""
    rows = [row | {"site": f"s{n % 30}"} for n, row in enumerate(clean())]
    assert "few-groups" not in [remark.kind for remark in seen(tmp_path, rows, group="site")]


def test_relatives_are_those_of_a_random_draw() -> None:
    """The expected share agrees with drawing many random fifths."""
    sizes, draw = [1] * 20 + [2] * 15 + [5] * 10, random.Random(7)
    groups = [number for number, size in enumerate(sizes) for _ in range(size)]
    shares = []
    for _ in range(3000):
        draw.shuffle(groups)
        shares.append(sum(group in set(groups[20:]) for group in groups[:20]) / 20)
    assert finding.in_other_parts(sizes, 100) == pytest.approx(sum(shares) / 3000, abs=0.01)


def dated(rows: int, later: Callable[[int], str]) -> list[Row]:
    """Clean rows, a day each, with labels of their own."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    return [
        r | {"day": (start + timedelta(days=n)).date().isoformat(), "y": later(n)}
        for n, r in enumerate(clean(rows))
    ]


def test_time(tmp_path: Path) -> None:
    """A label that drifts and rows like their neighbours are told with their numbers."""
    rows = dated(500, lambda n: "yes" if n % 10 < 2 + n // 100 else "no")
    found = {r.kind: r.text for r in seen(tmp_path, rows, time="day")}
    assert found["drift"] == (
        "From the first to the last fifth of day the share of y = yes goes from 20.0 % to 60.0 %: a random "
        "split hides that, a "
        "split by time shows it."
    )
    assert found["random-split-time"].startswith(
        "Rows that follow each other in day are alike: y correlates at 0.5"
    )


def test_time_without_drift(tmp_path: Path) -> None:
    """Time that tells nothing of the label is passed over."""
    draw = random.Random(8)
    rows = dated(500, lambda n: draw.choice(["yes", "no"]))
    assert [r.kind for r in seen(tmp_path, rows, time="day")] == ["balance"]


def test_time_that_nobody_named(tmp_path: Path) -> None:
    """A date column is proposed, with its range."""
    draw = random.Random(9)
    text = only(tmp_path, "time-unnamed", dated(100, lambda n: draw.choice(["yes", "no"]))).text
    assert text.startswith(
        "day holds dates from 2020-01-01 to 2020-04-09. If predictions are for later rows, pass --time day"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yorkshire Terrier", "yorkshire terrier"),
        ("wire-haired", "wire haired"),
        ("Terrier", "Terier"),
        ("beagle", "beagel"),
    ],
)
def test_labels_spelled_two_ways(tmp_path: Path, one: str, other: str) -> None:
    """Labels that differ in case, punctuation, a letter or two swapped ones are shown with their counts."""
    rows = [row | {"y": other if n < 5 else one if n < 200 else "poodle"} for n, row in enumerate(clean())]
    found = only(tmp_path, "spelling", rows)
    assert (found.text, found.rows[:2]) == (
        f"1 label spelled more than one way: '{one}' (195) / '{other}' (5). If they mean one thing, spell it "
        "one way: the command `clean` maps it in cleaning.toml.",
        ("row 1", "row 2"),
    )


def test_categories_spelled_two_ways(tmp_path: Path) -> None:
    """The same for the values of a category."""
    rows = [row | {"tone": "Warm " if n == 7 else row["tone"]} for n, row in enumerate(clean())]
    assert only(tmp_path, "spelling", rows).rows == ("row 8",)


def test_two_names_in_other_places_are_asked_about(tmp_path: Path) -> None:
    """A name one letter from another in other states may be another town; in the same states it is a slip."""
    rows = [row | {"state": "ABCDEFGH"[n % 8], "town": "Harrisonville"} for n, row in enumerate(clean())]
    slips = [row | ({"town": "Harrisonvile"} if n % 10 == 0 else {}) for n, row in enumerate(rows)]
    assert only(tmp_path, "spelling", slips).remedy == {
        "column": "town",
        "map": {"Harrisonvile": "Harrisonville"},
    }
    others = [row | ({"town": "Harrisonvilla"} if row["state"] == "H" else {}) for row in rows]
    asked = only(tmp_path, "spelling", others)
    assert asked.remedy is None
    assert asked.text.startswith(
        "Are 'Harrisonville' and 'Harrisonvilla' two names? One letter differs in 'Harrisonville' (350) / "
        "'Harrisonvilla' (50), values of town, and they have no state in common."
    )


@pytest.mark.parametrize(
    ("usual", "odd", "rows", "text"),
    [
        ([18, 90], "999", 51, "impossible"),
        ([0, 400], "-1", 40, "h holds -1 in 40 rows, while all other values lie between 0 and "),
        ([40, 400], "9999", 8, "h holds 9999 in 8 rows, while all other values lie between 40 and "),
        ([0, 1000], "999", 8, ""),
        ([-50, 50], "-1", 40, ""),
        (["2023-01-01", "2024-01-01"], "1900-01-01", 12, "h holds 1900-01-01 in 12 rows, while all other"),
    ],
)  # fmt: skip
def test_placeholders(tmp_path: Path, usual: list[Any], odd: str, rows: int, text: str) -> None:
    """A number or date apart from all others is asked about, with the rule that reads it as missing."""
    draw, name = random.Random(8), "age" if text == "impossible" else "h"
    low, high = (datetime.fromisoformat(end).toordinal() if isinstance(end, str) else end for end in usual)

    def cell(n: int) -> Any:
        value = low if n == rows else draw.randrange(low, high)
        return odd if n < rows else date.fromordinal(value) if isinstance(usual[0], str) else value

    found = seen(tmp_path, [row | {name: cell(n)} for n, row in enumerate(clean())])
    kinds = {one.kind: one for one in found if one.kind in ("placeholder", "impossible")}
    if not text or text == "impossible":
        assert list(kinds) == ([text] if text else [])
    else:
        assert kinds["placeholder"].text.startswith(text)
        assert kinds["placeholder"].remedy == {"column": "h", "missing": [odd]}


@pytest.mark.parametrize(
    "values", [("male", "female"), ("C", "C++"), ("<=50K", ">50K"), ("A1", "A2"), ("hot", "hat")]
)
def test_values_that_are_not_one(tmp_path: Path, values: tuple[str, str]) -> None:
    """Words that are near each other on purpose raise nothing."""
    rows = [row | {"kind": values[n % 20 == 0]} for n, row in enumerate(clean())]
    assert [r.kind for r in seen(tmp_path, rows)] == ["balance"]


def test_classes(tmp_path: Path) -> None:
    """Rare classes and rows without a label are counted and named."""
    rows = [row | {"y": "rare" if n < 3 else "" if n < 5 else row["y"]} for n, row in enumerate(clean())]
    found = {r.kind: (r.text, r.rows) for r in seen(tmp_path, rows)}
    assert found["rare-class"] == (
        "1 class has fewer than 20 rows: rare (3). Nothing reliable can be said of so few.",
        ("row 1", "row 2", "row 3"),
    )
    assert found["unlabelled"] == (
        "2 rows of 400 have no y: left out of training and testing.",
        ("row 4", "row 5"),
    )


def test_columns_that_hold_little(tmp_path: Path) -> None:
    """A constant and a nearly empty column are named."""
    rows = [row | {"still": "x", "rare": n if n < 5 else ""} for n, row in enumerate(clean())]
    found = {r.kind: r.text for r in seen(tmp_path, rows)}
    assert found["constant"] == "still is the same in every row: nothing to learn from."
    assert found["nearly-empty"] == "rare is empty in 98.8 % of the rows; 5 have a value."


def test_values_that_cannot_be(tmp_path: Path) -> None:
    """A negative age and a date far ahead are named by row."""
    rows = [
        row
        | {
            "age": -3 if n == 4 else 20 + n % 50,
            "born": "2999-01-01" if n == 9 else f"1990-01-{n % 28 + 1:02}",
        }
        for n, row in enumerate(clean())
    ]
    found = {r.kind: (r.text, r.rows) for r in seen(tmp_path, rows, time="born")}
    assert found["impossible"] == ("age cannot be: -3, in 1 row below 0 or above 130.", ("row 5",))
    assert found["future-date"] == ("born lies in the future in 1 row, for one 2999-01-01.", ("row 10",))


def test_labels_that_are_fixed(tmp_path: Path) -> None:
    """An end of a whole number in which the label never varies is named with its bound."""
    draw = random.Random(10)
    rows = [
        row
        | {"years": (years := draw.randrange(80)), "y": "no" if years < 16 else draw.choice(["yes", "no"])}
        for row in clean(1000)
    ]
    young = sum(row["years"] < 16 for row in rows)
    text = only(tmp_path, "fixed-label", rows).text
    assert text.startswith(
        f"All {young} rows with years below 16 ({young / 10:.1f} %) have y = no. If that is so by definition"
    )


def test_small_slices(tmp_path: Path) -> None:
    """Sensitive values with few rows are named, only of columns that were called sensitive."""
    rows = [row | {"origin": "north" if n < 8 else "south"} for n, row in enumerate(clean())]
    assert "small-slice" not in [r.kind for r in seen(tmp_path, rows)]
    found = only(tmp_path, "small-slice", rows, sensitive=["origin"])
    assert found.text == "origin has values with fewer than 30 rows: north (8). Give no rate on them."


def test_large_tables_are_sampled_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit every remark says of how many rows it speaks."""
    monkeypatch.setattr(sampling, "MOST", 300)
    chosen = sampling.drawn(range(400), 0.5)
    share = 100 * sum(clean()[place]["y"] == "no" for place in chosen) / len(chosen)
    assert len(chosen) == pytest.approx(200, abs=2)
    assert [r.text[:44] for r in seen(tmp_path, clean())] == [
        f"Of {len(chosen)} of 400 rows, evenly spaced: {share:.1f} % of"
    ]


def test_rules_are_listed_once() -> None:
    """Every rule of a family is part of the look."""
    assert len(set(relations.RULES)) == len(relations.RULES) == 8


def test_bikeshare_parts_are_found() -> None:
    """The demo's two columns that sum to its target are the first thing said."""
    found = sorted(RAW.rglob("*bikeshare.csv.gz"))
    if not found:
        pytest.skip("the template does not carry the bikeshare table")
    first, *_ = look(found[0], target="bikers", time="timestamp")
    assert (
        first.text
        == "casual + registered is bikers on every row: these columns are the target. Exclude them."
    )


def amounts(rows: int = 300) -> list[Row]:
    """A positive amount to predict and a column that says nothing of it."""
    draw = random.Random(11)
    return [{"x": f"{draw.gauss(0, 1):.4f}", "y": f"{draw.lognormvariate(3, 1):.4f}"} for _ in range(rows)]


@pytest.mark.parametrize(
    ("rewritten", "said"),
    [
        (log, "other is y as a logarithm, on 300 rows. Exclude it."),
        (lambda y: 2.2 * y + 7, "other is y on another scale, on 300 rows. Exclude it."),
        (lambda y: 1 / y, "other is y as a reciprocal, on 300 rows. Exclude it."),
        (sqrt, "other is y as a square root, on 300 rows. Exclude it."),
        (lambda y: y * y, "other is y squared, on 300 rows. Exclude it."),
        (lambda y: y / (y + 1), "other is y in its order (rank correlation 1.000), on 300 rows. "),
    ],
)
def test_target_rewritten(tmp_path: Path, rewritten: Callable[[float], float], said: str) -> None:
    """A transform of the target is named as what it is."""
    rows = [row | {"other": rewritten(float(row["y"]))} for row in amounts()]
    assert only(tmp_path, "leak", rows).text.startswith(said)


def test_common_trend_is_no_giveaway(tmp_path: Path) -> None:
    """Two series that both grow correlate without one giving the other away."""
    draw = random.Random(12)
    rows = [
        {"pop": f"{n + draw.gauss(0, 2):.3f}", "y": f"{3 * n + draw.gauss(0, 6):.3f}"} for n in range(300)
    ]
    assert seen(tmp_path, rows) == []


def test_indicator_with_noise(tmp_path: Path) -> None:
    """A category that is the label, wrong in one row of twenty, is named however rare the class."""
    draw = random.Random(13)
    rows = []
    for row in clean(2000):
        won = draw.random() < 0.1
        mark = won if draw.random() > 0.05 else not won
        rows.append(row | {"y": "won" if won else "lost", "mark": "red" if mark else "blue"})
    assert only(tmp_path, "leak", rows).text.startswith(
        "mark has a value for each class of y and agrees with it on 9"
    )


def test_word_that_marks_the_label(tmp_path: Path) -> None:
    """A word in a free text that stands in nearly all rows of one class is named."""
    rows = [
        row
        | {"note": f"ticket {n} was {'refunded' if (row['y'] == 'yes') != (n % 40 == 0) else 'kept'} today"}
        for n, row in enumerate(clean())
    ]
    assert only(tmp_path, "leak", rows).text.startswith('note says "')


def people(rows: int = 600) -> list[Row]:
    """Rows of 150 persons whose sex, town and size do not change, with an age that has a square."""
    draw = random.Random(14)
    known = {n: (draw.choice("mf"), draw.choice("abcde"), draw.choice("xyz")) for n in range(150)}
    made = []
    for n, row in enumerate(clean(rows)):
        sex, town, shape = known[n % 150]
        age = draw.randrange(20, 80)
        who = {"zper": 7000 + 13 * (n % 150), "sex": sex, "town": town, "shape": shape}
        made.append(row | who | {"age": age, "agesq": age * age, "old": int(age > 60)})
    return made


def test_group_by_what_belongs_to_it(tmp_path: Path) -> None:
    """A number with attributes of its own is proposed as a group; an age with its square and class is not."""
    text = only(tmp_path, "group-unnamed", people()).text
    assert text.startswith("zper repeats: 150 values on 600 rows.")
    alone = [{k: v for k, v in row.items() if k not in ("zper", "sex")} for row in people()]
    assert "group-unnamed" not in [remark.kind for remark in seen(tmp_path, alone)]


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("sex", "sex or gender"), ("Geschlecht", "sex or gender"), ("is_female", "sex or gender"),
        ("customer_age", "age"), ("DOB", "age"), ("maritalStatus", "family status"), ("género", "sex or gender"),
        ("native_country", "nationality or origin"), ("car_age", ""), ("race_id", ""), ("page", ""),
    ],
)  # fmt: skip
def test_names_of_protected_attributes(name: str, attribute: str) -> None:
    """In several languages; a car's age and a race's number are not about a person."""
    assert recognised.protected(name) == attribute


def test_sensitive_columns(tmp_path: Path) -> None:
    """One that nobody named is proposed; one that was named and is a feature is said."""
    rows = [row | {"sex": "mf"[n % 7 > 3], "age": 20 + n % 50} for n, row in enumerate(clean())]
    found = only(tmp_path, "sensitive-unnamed", rows, sensitive=("age",))
    assert found.proposes == ("sensitive", "sex")
    assert found.text.startswith(
        "sex seems to be about a protected attribute (sex or gender), and a model would"
    )
    said = only(tmp_path, "sensitive-feature", rows, sensitive=("age",))
    assert said.text.startswith("age is sensitive, and a feature")
    assert "sensitive-feature" not in {
        one.kind for one in seen(tmp_path, rows, sensitive=("age",), exclude=("age",))
    }


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        (
            "part",
            ["train", "train", "test"],
            "part says how somebody divided the rows (train 66.8 %, test 33.2 %)",
        ),
        ("fold", [0, 1, 2, 3, 4], "fold says how somebody divided the rows (0 20.0 %, 1 20.0 %"),
        ("is_train", [1, 1, 0], "is_train says how somebody divided the rows (1 66.8 %, 0 33.2 %)"),
        ("fnlwgt", [77516, 83311, 215646, 12001], "fnlwgt looks like a survey or sampling weight"),
        ("weight", [61, 74, 80], ""),
        ("set", ["red", "blue"], ""),
    ],
)
def test_bookkeeping(tmp_path: Path, name: str, values: list[Any], text: str) -> None:
    """Splits, folds and sampling weights stop I.6; a body's weight does not."""
    rows = [row | {name: values[n % len(values)]} for n, row in enumerate(clean())]
    found = [one for one in seen(tmp_path, rows) if one.kind == "bookkeeping"]
    assert [one.step for one in found] == ["features"] * bool(text)
    assert all(one.text.startswith(text) for one in found)


def test_which_year_is_the_time(tmp_path: Path) -> None:
    """The year of the event, not a model year before it; and columns of one moment are said."""
    case = ROOT / "tests" / "data" / "cases" / "two-year-columns" / "data.csv"
    (found,) = [one for one in look(case, "dead") if one.kind == "time-unnamed"]
    assert found.proposes == ("time", "yearacc")
    assert found.text.startswith(
        "yearacc runs from 1997 to 2002 (yearVeh is never later, as a year of birth or make)"
    )
    draw = random.Random(3)
    rows = [
        row
        | {"year": draw.choice([2022, 2023]), "month": draw.randrange(1, 13), "day": draw.randrange(1, 29)}
        for row in clean()
    ]
    assert only(tmp_path, "time-in-parts", rows).text.startswith(
        "year, month and day are one moment in 3 columns, and the split takes one: join them"
    )


def test_an_id_that_repeats_beside_a_group(tmp_path: Path) -> None:
    """It is excluded: it must not be a feature."""
    rows = [row | {"key": n // 2, "shop": n % 9} for n, row in enumerate(clean())]
    read = user_data.read(
        collect([str(save(tmp_path, rows))], "", None, tmp_path),
        Roles("y", id="key", group="shop"),
        "",
        committed=False,
    )
    assert (read.roles.id, read.roles.group, read.roles.exclude) == ("", "shop", ("key",))
    assert (
        "key repeats (200 rows), so it is excluded, and a row's id is the hash of its content." in read.notes
    )


def test_panel(tmp_path: Path) -> None:
    """States by years are a group and a time."""
    rows = [row | {"state": f"s{chr(97 + n % 20)}", "year": 1990 + n // 20} for n, row in enumerate(clean())]
    found = {remark.kind: remark.text for remark in seen(tmp_path, rows)}
    assert found["group-unnamed"].startswith("state repeats: 20 values on 400 rows.")
    assert found["time-unnamed"].startswith("year runs from 1990 to 2009. If predictions are for later rows,")


def test_equal_rows_by_chance(tmp_path: Path) -> None:
    """Few possible rows are counted as such, and not called copies."""
    draw = random.Random(15)
    rows = [
        {"a": draw.randrange(4), "b": draw.choice("uvw"), "y": draw.choice(["yes", "no"])} for _ in range(500)
    ]
    text = only(tmp_path, "duplicates", rows).text
    assert text == "The 500 rows are only 24 different ones: a random split puts equal rows on both sides."


def test_shifted_target(tmp_path: Path) -> None:
    """The target of the row before is named where a time is, and only there."""
    draw = random.Random(16)
    values = [draw.gauss(0, 1) for _ in range(301)]
    rows = [{"t": n, "y": values[n], "lag": values[n - 1], "lead": values[n + 1]} for n in range(1, 300)]
    assert "leak" not in [remark.kind for remark in seen(tmp_path, rows)]
    found = {
        remark.id: remark.text for remark in seen(tmp_path, rows, time="t") if remark.kind != "id-unnamed"
    }
    assert [(name, text[:32]) for name, text in found.items()] == [
        ("leak:lead", "lead is y of the row after in t,"),
        ("lag:lag", "lag is y of the row before in t."),
    ]


def test_sorted_rows(tmp_path: Path) -> None:
    """A row number of a table sorted by its label is no giveaway but a sign of the order."""
    rows = sorted(clean(), key=lambda row: str(row["y"]))
    found = only(tmp_path, "leak", [row | {"nr": n} for n, row in enumerate(rows)])
    assert found.text.startswith("The rows are sorted by y: nr, which numbers them, tells it on 100 %.")


def test_kinds_come_before_repeats(tmp_path: Path) -> None:
    """The first lines are each of another kind."""
    rows = [
        row | {"copy": row["y"], "day": f"2020-01-{n % 28 + 1:02}", "customer_id": n // 4, "still": 1}
        for n, row in enumerate(clean())
    ]
    kinds = [remark.kind for remark in seen(tmp_path, rows)]
    assert len(set(kinds[:3])) == 3
