"""The report as plain text."""

from __future__ import annotations

from report_samples import MEASURED, hostile, sample_report, signature, verdict

from poc2prod.checklist import step
from poc2prod.reports import text
from poc2prod.reports.report_data import Days, Waiver


def test_the_whole_report() -> None:
    """Where it stands, what was measured, each step with its findings and signatures, waivers, days."""
    signed = (
        signature(("target: 1 → 2",)),
        signature(why="it belongs to an earlier iteration", counts=False),
    )
    waiver = Waiver(step("api"), "waive", "Bob", "2026-06-30", "soon", "Bob", "2026-05-01", "in force")
    days = (
        Days(step("api"), "Bob", "3", "2026-06-30", "", "", 0, 0),
        Days(step("data"), "", "", "", "2026-05-01", "2026-05-03", 3, 2),
    )
    told = verdict("approaches", "fail", "1 approach, at least 2", "add a row", signatures=signed)
    lines = text.text(sample_report(told, measured=MEASURED, waivers=(waiver,), days=days)).split("\n")
    assert lines[:27] == [
        "Calls",
        "Report of 2026-05-31, iteration 1",
        "",
        "Stage: Proof of concept. 20 pass, 1 fail of 21.",
        "Next: what is next",
        "      poc2prod show data",
        "",
        "roc_auc on 4,130 validation rows (how often a random yes is ranked above a random no):",
        "  kept                     0.837  95 % interval 0.824 to 0.850",
        "  by_age                   0.816  95 % interval 0.802 to 0.831",
        "  dummy                    0.500  no interval",
        "",
        "Proof of concept",
        "----------------",
        "I.1   Approaches: x fail",
        "      1 approach, at least 2",
        "      x fail (recomputed): 1 approach, at least 2",
        "      Ada <ada@x.org>: sign as stakeholder on 2026-05-12",
        "        since then target: 1 → 2",
        "      Ada <ada@x.org>: sign as stakeholder on 2026-05-12",
        "        does not count: it belongs to an earlier iteration",
        "      to do: add a row",
        "",
        "I.2   Problem: + pass",
        "",
        "I.3   Roadmap: + pass",
        "",
    ]
    assert lines[-8:] == [
        "Waivers",
        "-------",
        "II.4 Bob until 2026-06-30: soon (in force)",
        "",
        "Days",
        "----",
        "II.4  API: planned 3 by 2026-06-30; nothing yet",
        "I.4   Data: 2026-05-01 to 2026-05-03, 2 events",
    ]


def test_hostile_text_cannot_steer_the_terminal() -> None:
    """Every character but the line's end can be printed."""
    made = text.text(hostile())
    assert [char for char in made if not char.isprintable() and char != "\n"] == []
