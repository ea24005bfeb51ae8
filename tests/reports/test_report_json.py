"""The report as one JSON object."""

from __future__ import annotations

import json

from report_samples import MEASURED, hostile, sample_report, signature, verdict

from poc2prod.reports import json as report

KEYS = [
    *(
        "counts",
        "damage",
        "day",
        "days",
        "events",
        "iteration",
        "kind",
        "measured",
        "next",
        "notes",
        "project",
    ),
    *("schema", "stage", "steps", "waivers"),
]


def test_the_object_has_the_documented_keys() -> None:
    """A new key is no break; a missing one is, and so is another schema."""
    made = json.loads(report.text(sample_report()))
    assert (list(made), made["schema"], made["kind"], made["measured"]) == (KEYS, 1, "report", None)


def test_a_step_has_findings_and_signatures() -> None:
    """Each with all that is known of it."""
    told = verdict("data", "fail", "said 3, counted 4", "run it", signatures=(signature(("a: 1 → 2",)),))
    step = report.data(sample_report(told))["steps"][3]
    assert step["findings"] == [
        {
            "check": "check",
            "outcome": "fail",
            "basis": "recomputed",
            "text": "said 3, counted 4",
            "todo": "run it",
        }
    ]
    assert step["signatures"][0]["changed"] == ["a: 1 → 2"]


def test_scores_keep_their_ends() -> None:
    """A score without an interval has null ends."""
    made = report.data(sample_report(measured=MEASURED))["measured"]
    assert made["scores"][2] == {"role": "dummy", "name": "dummy", "value": 0.5, "low": None, "high": None}
    assert made["leads"]["by_age"] == {"value": 0.021, "low": 0.014, "high": 0.027}


def test_hostile_text_is_valid_utf8() -> None:
    """Lone surrogates and control characters are spelled out."""
    text = report.text(hostile())
    assert json.loads(text.encode())["project"].endswith(
        "\\x00\\x202e\\xd800\\xfffe ]]> www.x.org https://x.org"
    )
