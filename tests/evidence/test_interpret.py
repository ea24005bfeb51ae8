"""I.8 from the report, the predictions and docs/errors.csv."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from evidence.modelled import Modelled

from poc2prod.evidence import causes, interpret, predictions

CHECKS = (
    *("answers", "report", "declared", "inputs", "of_this_model", "importance", "sliced", "worst", "doubted"),
    *("looked_at", "counted"),
)
Results = dict[str, Any]


def test_an_honest_look_passes_every_check(modelled: Modelled) -> None:
    """All findings pass."""
    assert modelled.outcomes("interpret") == dict.fromkeys(CHECKS, "pass")


def another_model(found: Results) -> None:
    found["model"]["id"] = "0" * 64


def another_role(found: Results) -> None:
    found["model"]["role"] = "simple"


def inverted_importance(found: Results) -> None:
    item = found["importance"]["features"][0]
    item["low"], item["high"] = item["high"], item["low"]


def another_order(found: Results) -> None:
    found["importance"]["features"][1].update(value=0.11, low=0.01, high=0.21)


def a_curve_less(found: Results) -> None:
    found["dependence"].pop()


def a_slice_less(found: Results) -> None:
    found["slices"]["rows"].pop()


def a_column_less(found: Results) -> None:
    found["slices"]["columns"] = ["colour"]


def a_milder_slice(found: Results) -> None:
    found["slices"]["rows"][0]["score"]["value"] = 0.9


def another_verdict(found: Results) -> None:
    found["slices"]["rows"][0]["verdict"] = "better"


def a_small_slice_unmarked(found: Results) -> None:
    item = next(item for item in found["slices"]["rows"] if item["small"])
    item["small"] = False


def another_n(found: Results) -> None:
    found["slices"]["rows"][0]["n"] += 1


def other_worst(found: Results) -> None:
    found["worst_errors"]["rows"] = found["worst_errors"]["rows"][1:]


def fewer_wrong(found: Results) -> None:
    found["worst_errors"]["count"] -= 1


def hidden_flips(found: Results) -> None:
    found["suspects"]["alarm"] = True


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (another_model, "of_this_model"),
        (another_role, "of_this_model"),
        (inverted_importance, "importance"),
        (another_order, "importance"),
        (a_curve_less, "importance"),
        (a_slice_less, "sliced"),
        (a_column_less, "sliced"),
        (a_milder_slice, "sliced"),
        (another_verdict, "sliced"),
        (a_small_slice_unmarked, "sliced"),
        (another_n, "sliced"),
        (other_worst, "worst"),
        (fewer_wrong, "worst"),
        (hidden_flips, "doubted"),
    ],
)
def test_an_edited_report_fails_where_it_was_edited(
    modelled: Modelled, change: Callable[[Results], None], check: str
) -> None:
    """Another model, importance that cannot be, slices and errors that the predictions do not give."""
    modelled.edit("interpret", change)
    assert modelled.outcomes("interpret")[check] == "fail"


def test_no_importance_is_unknown(modelled: Modelled) -> None:
    """An empty list proves nothing."""
    modelled.edit("interpret", lambda found: found["importance"].update(features=[]))
    assert modelled.outcomes("interpret")["importance"] == "unknown"


def test_without_columns_there_are_no_slices(modelled: Modelled) -> None:
    """Skipped, with the reason."""
    modelled.param("slices", "[]")
    assert modelled.said("interpret", "sliced") == (
        "skipped",
        "[data] sensitive and [interpret] slices name no column",
    )


@pytest.mark.parametrize("cause", ["", "?", "todo", "TBD", "…", "n/a"])
def test_a_hollow_cause_does_not_count(modelled: Modelled, cause: str) -> None:
    """Nor does an empty file."""
    modelled.causes(cause=cause)
    found = modelled.outcomes("interpret")
    assert (found["looked_at"], found["counted"]) == ("unknown", "unknown")


def test_an_emptied_file_is_unknown(modelled: Modelled) -> None:
    """Its first line is gone too."""
    modelled.write(causes.FILE, "")
    assert modelled.said("interpret", "looked_at") == ("unknown", "docs/errors.csv has no column 'id'")


def test_one_cause_too_few_is_not_enough(modelled: Modelled) -> None:
    """min(20, all) cases are due."""
    wrong = interpret.wrong_rows(modelled.facts())
    due = min(20, len(wrong))
    modelled.causes(due - 1)
    assert modelled.said("interpret", "looked_at") == (
        "unknown",
        f"{due - 1} of {due} errors have a cause",
    )


def test_causes_of_rows_that_are_not_wrong_do_not_count(modelled: Modelled) -> None:
    """They are named."""
    facts = modelled.facts()
    wrong = {row for row, _ in interpret.wrong_rows(facts)}
    right = [row for row in predictions.part(facts, "validation").ids if row not in wrong]
    lines = "".join(f"{row},1,0,chance,\n" for row in right[:20])
    modelled.write(causes.FILE, f"id,truth,prediction,cause,note\n{lines}")
    outcome, text = modelled.said("interpret", "looked_at")
    named = f"20 more are for rows that are no longer errors ({min(right[:20])}"
    assert (outcome, named in text) == ("unknown", True)


def test_one_row_named_twice_counts_once(modelled: Modelled) -> None:
    """A case is looked at once."""
    row = interpret.wrong_rows(modelled.facts())[0][0]
    modelled.write(causes.FILE, "id,truth,prediction,cause,note\n" + f"{row},1,0,chance,\n" * 20)
    assert modelled.said("interpret", "looked_at")[1].startswith("1 of ")


@pytest.mark.parametrize(("mark", "head"), [(";", ""), ("\t", ""), (",", "\ufeff")])
def test_a_spreadsheets_file_is_read(modelled: Modelled, mark: str, head: str) -> None:
    """Semicolons, tabs, a byte order mark, CRLF and a cell that is quoted."""
    text = (modelled.root / causes.FILE).read_text(encoding="utf-8").replace("missing feature", '"rare, odd"')
    text = text.replace("\n", "\r\n")
    cells = text if mark == "," else text.replace(",", mark).replace(f"rare{mark} odd", "rare, odd")
    modelled.write(causes.FILE, head + cells)
    found = modelled.outcomes("interpret")
    assert (found["looked_at"], found["counted"]) == ("pass", "pass")


def test_the_commonest_cause_comes_first(modelled: Modelled) -> None:
    """Upper and lower case are one cause."""
    lines = [
        causes.Line("a", "Chance"),
        causes.Line("b", "wrong label"),
        causes.Line("c", "chance"),
        causes.Line("d", ""),
    ]
    assert causes.counts(lines) == {"chance": 2, "wrong label": 1}


def test_signed_content_holds_answers_choices_and_causes(modelled: Modelled) -> None:
    """What a person puts a name under."""
    found = interpret.signed(modelled.facts())
    assert {"docs/interpret.md#learned", "params.toml#interpret.top", "docs/errors.csv#causes"} < set(found)


def test_causes_by_hashed_id_count_where_rows_stay_out_of_git(modelled: Modelled) -> None:
    """docs/causes.csv alone will do, as on a clone; a row that is not wrong does not count there either."""
    rows = [row for row, _ in interpret.wrong_rows(modelled.facts())][:20]
    keys = [f"r{hashlib.sha256(row.encode()).hexdigest()[:16]}" for row in rows]
    text = "row,cause\n" + "".join(f"{key},rare case\n" for key in keys)
    (modelled.root / causes.FILE).unlink()
    modelled.write(causes.HASHED, f"{text}r0123456789abcdef,chance\n")
    assert modelled.said("interpret", "looked_at") == (
        "pass",
        f"{len(rows)} errors have a cause, {len(rows)} are required; "
        "1 more are for rows that are no longer errors (r0123456789abcdef)",
    )
    assert modelled.said("interpret", "counted") == ("pass", f"rare case {len(rows)}")
    assert interpret.signed(modelled.facts())["docs/causes.csv#causes"]["rare case"] == len(rows)
