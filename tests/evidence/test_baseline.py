"""I.7 from predictions, reports and the saved model."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence.modelled import MODEL, SCHEMA, VALIDATION, Modelled

from poc2prod import fitted
from poc2prod.checklist import step
from poc2prod.evidence import judge
from poc2prod.evidence.stored import LIBRARIES, PLAIN
from poc2prod.files import Unreadable

CHECKS = (
    *("report", "declared", "inputs", "outputs", "outputs_declared", "same_rows", "truth", "models", "dummy"),
    *("measured", "differences", "kept", "better_than_none", "twins", "model_file", "remarks"),
)
Results = dict[str, Any]


def test_an_honest_baseline_passes_every_check(modelled: Modelled) -> None:
    """All findings pass."""
    assert modelled.outcomes("baseline") == dict.fromkeys(CHECKS, "pass")


def round_up(found: Results) -> None:
    found["scores"]["candidate"]["value"] = 0.99


def invert(found: Results) -> None:
    pair = found["other_metrics"]["brier"]["simple"]
    pair["low"], pair["high"] = pair["high"], pair["low"]


def narrow(found: Results) -> None:
    found["scores"]["simple"]["standard_error"] *= 0.999


def leave_out_a_metric(found: Results) -> None:
    del found["other_metrics"]["log_loss"]


def leave_out_the_dummy(found: Results) -> None:
    del found["scores"]["dummy"]


def flatter(found: Results) -> None:
    found["candidate_minus"]["simple"]["low"] += 0.01


def unpair(found: Results) -> None:
    found["simple_minus_dummy"]["clusters"] -= 1


def keep_the_other(found: Results) -> None:
    found["kept"] = "simple" if found["kept"] == "candidate" else "candidate"


def change_the_metric(found: Results) -> None:
    found["metric"] = "accuracy"


def name_another_model(found: Results) -> None:
    found["models"]["simple"] = "dummy"


def sample(found: Results) -> None:
    found["predictions"]["rows"] = 10


def hide_copies(found: Results) -> None:
    found["twins"] = {"z": 9.0, "z_of_single_twins": 5.0, "z_against_training_pairs": 1.0}


def another_z(found: Results) -> None:
    found["twins"] = {"rows": 9, "z": -1.0}


def tell_of_copies(found: Results) -> None:
    found["findings"] = [{"kind": "copies_across_split", "text": "some are copies"}]


def learn_nothing(found: Results) -> None:
    for pair in (found["candidate_minus"]["dummy"], found["simple_minus_dummy"]):
        pair["low"] = -0.1


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (round_up, "measured"),
        (invert, "measured"),
        (narrow, "measured"),
        (leave_out_a_metric, "measured"),
        (leave_out_the_dummy, "models"),
        (flatter, "differences"),
        (unpair, "differences"),
        (keep_the_other, "kept"),
        (change_the_metric, "measured"),
        (name_another_model, "models"),
        (sample, "measured"),
        (hide_copies, "remarks"),
        (another_z, "twins"),
        (tell_of_copies, "remarks"),
        (learn_nothing, "remarks"),
    ],
)
def test_an_edited_report_fails_where_it_was_edited(
    modelled: Modelled, change: Callable[[Results], None], check: str
) -> None:
    """A number, an interval, a model or a finding that the predictions do not give."""
    modelled.edit("baseline", change)
    assert modelled.outcomes("baseline")[check] == "fail"


def test_both_values_are_named(modelled: Modelled) -> None:
    """The told number and the recomputed one stand in the text."""
    value = modelled.facts().results("baseline")["scores"]["candidate"]["value"]
    modelled.edit("baseline", round_up)
    assert modelled.said("baseline", "measured") == (
        "fail",
        f"reports/baseline.json, scores.candidate.value: the report says 0.99, recomputed {value:.6g}",
    )


def lines(modelled: Modelled, change: Callable[[list[list[str]]], object]) -> None:
    """Edit the validation predictions, and the report's hash of them."""
    path = modelled.root / VALIDATION
    cells = [line.split(",") for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    change(cells)
    modelled.pack(VALIDATION, "".join(",".join(line) + "\n" for line in cells))
    content = json.loads((modelled.root / "reports/baseline.json").read_text())
    content["outputs"][VALIDATION] = modelled.facts().now(VALIDATION).hash
    modelled.write("reports/baseline.json", json.dumps(content))


def better_predictions(cells: list[list[str]]) -> None:
    place = cells[0].index("candidate")
    for line in cells[1:]:
        line[place] = "0.9" if line[1] == "1" else "0.1"


def other_truth(cells: list[list[str]]) -> None:
    cells[1][1] = "1" if cells[1][1] == "0" else "0"


def a_smarter_dummy(cells: list[list[str]]) -> None:
    for line in cells[1:]:
        line[cells[0].index("dummy")] = "0.5"


def a_column_less(cells: list[list[str]]) -> None:
    for line in cells:
        del line[-1]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (better_predictions, "measured"),
        (other_truth, "truth"),
        (a_smarter_dummy, "dummy"),
        (a_column_less, "models"),
        (lambda cells: cells.pop(), "same_rows"),
        (lambda cells: cells.append(cells[1]), "same_rows"),
        (lambda cells: cells[1].__setitem__(0, "k9999"), "same_rows"),
        (lambda cells: cells[1].__setitem__(3, "1.5"), "same_rows"),
        (lambda cells: cells[1].__setitem__(3, "nan"), "same_rows"),
    ],
)
def test_edited_predictions_fail_though_their_hash_is_renewed(
    modelled: Modelled, change: Callable[[list[list[str]]], object], check: str
) -> None:
    """Better predictions, another truth, a knowing dummy, a model less, other rows, no probabilities."""
    lines(modelled, change)
    assert modelled.outcomes("baseline")[check] == "fail"


def test_rows_of_another_part_are_named(modelled: Modelled) -> None:
    """Predictions of the test part do not pass for those of validation."""
    modelled.predict("test", best="candidate")
    shutil.copy(modelled.root / "data/predictions/test.csv.gz", modelled.root / VALIDATION)
    outcome, text = modelled.said("baseline", "same_rows")
    assert (outcome, "is test" in text) == ("fail", True)


def test_a_candidate_inside_the_dummys_noise_fails(modelled: Modelled) -> None:
    """However well it is reported."""
    modelled.predict("validation", better=0.0)
    modelled.run_models("baseline")
    assert modelled.outcomes("baseline")["better_than_none"] == "fail"


def test_outputs_that_are_not_declared_fail(modelled: Modelled) -> None:
    """A report that lost its outputs proves nothing of them."""
    content = json.loads((modelled.root / "reports/baseline.json").read_text())
    modelled.write("reports/baseline.json", json.dumps({**content, "outputs": {}}))
    assert modelled.outcomes("baseline")["outputs_declared"] == "fail"


def test_a_report_older_than_its_inputs_is_stale_not_false(modelled: Modelled) -> None:
    """Another metric in params.toml asks for another run."""
    modelled.param("metric", '"accuracy"')
    outcome, text = modelled.said("baseline", "measured")
    assert (outcome, text.endswith("(params.toml#problem.metric has changed since)")) == ("stale", True)


@pytest.mark.parametrize(
    ("tree", "files"),
    [
        ({**SCHEMA, "__class__": "system", "__module__": "os"}, {}),
        ({**SCHEMA, "content": [{"__loader__": "FunctionNode"}]}, {}),
        (SCHEMA, {"code.pkl": b"x"}),
    ],
)
def test_a_model_with_foreign_parts_fails(modelled: Modelled, tree: Results, files: dict[str, bytes]) -> None:
    """A type, a loader or a file that no model of the project is made of."""
    modelled.model(tree, **files)
    modelled.run_models("baseline")
    assert modelled.outcomes("baseline")["model_file"] == "fail"


def test_a_pickle_is_no_model(modelled: Modelled) -> None:
    """Whatever it is called."""
    (modelled.root / MODEL).write_bytes(b"\x80\x04N.")
    assert modelled.outcomes("baseline")["model_file"] == "fail"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
def test_a_pipe_is_no_model(modelled: Modelled) -> None:
    """Nobody waits for what is written to it."""
    (modelled.root / MODEL).unlink()
    os.mkfifo(modelled.root / MODEL)
    found: list[str] = []
    reader = threading.Thread(
        target=lambda: found.append(modelled.outcomes("baseline")["model_file"]), daemon=True
    )
    reader.start()
    reader.join(20)
    assert found


def test_a_model_is_never_whole_in_memory(modelled: Modelled) -> None:
    """Its members are hashed in blocks."""
    modelled.model(None, **{"a.npy": bytes(64 << 20)})
    tracemalloc.start()
    try:
        assert isinstance(fitted.content_hash(modelled.facts().files, MODEL), str)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_model_whose_packed_bytes_are_damaged(modelled: Modelled, packed: int) -> None:
    """However it is packed, it is called damaged."""
    path = modelled.root / MODEL
    with zipfile.ZipFile(path, "w", packed) as archive:
        archive.writestr("schema.json", json.dumps({**SCHEMA, "more": list(range(1000))}))
    content = bytearray(path.read_bytes())
    content[60:400] = bytes(b ^ 0x5A for b in content[60:400])
    path.write_bytes(content)
    outcome, text = modelled.said("baseline", "model_file")
    assert (outcome, "could not be checked" in text) == ("fail", False), text
    assert isinstance(fitted.content_hash(modelled.facts().files, MODEL), Unreadable)


def test_without_the_model_its_report_stands(modelled: Modelled) -> None:
    """A fresh clone has no models/."""
    shutil.rmtree(modelled.root / "models")
    found = {item.check: item for item in judge(step("baseline"), modelled.facts()).findings}
    assert (found["model_file"].outcome, found["model_file"].basis) == ("pass", "attested")


def test_what_the_library_trusts_is_trusted_here() -> None:
    """The lists here and in poc2prod_kit.models.model_file agree."""
    import ast

    path = Path(__file__).parents[2] / "kit" / "src" / "poc2prod_kit" / "models" / "model_file.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {
        ast.unparse(node.targets[0]): ast.literal_eval(node.value.args[0])  # type: ignore[attr-defined]
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("TRUSTED",)
    }
    assert [name for name in found["TRUSTED"] if name not in PLAIN and not name.startswith(LIBRARIES)] == []
