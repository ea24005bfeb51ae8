"""The report for a pull request's comment."""

from __future__ import annotations

import pytest
from report_samples import HOSTILE, hostile, reviews, sample_report, verdict

from poc2prod.reports import markdown

B = "\u200b"


def test_a_report_says_what_to_do_first_and_folds_the_rest() -> None:
    """Failures come before stale and unknown steps; commands are code; steps of later stages are folded."""
    told = verdict("approaches", "unknown", "1 question open", "answer it in docs/approaches.md")
    told |= verdict("data", "fail", "said 3, counted 4", "poc2prod check data")
    told |= verdict("problem", "stale", "target: 1 → 2", changed=("target: 1 → 2", "use: a → b"))
    lines = markdown.text(sample_report(told)).split("\n")
    assert lines[:16] == [
        "## Calls: Proof of concept",
        "",
        "18 pass, 1 fail, 1 stale, 1 unknown of 21. As of 2026-05-31.",
        "",
        "### What to do first",
        "",
        "1. **I.4 Data**: `poc2prod check data`",
        "2. **I.2 Problem**: `poc2prod show problem`",
        "3. **I.1 Approaches**: answer it in docs/approaches.md",
        "",
        "| Step | | Why |",
        "|---|---|---|",
        "| I.1 Approaches | ❔ unknown | 1 question open |",
        "| I.2 Problem | 🕓 stale | target: 1 → 2 (changed since a signature: use: a → b) |",
        "| I.4 Data | ❌ fail | said 3, counted 4 |",
        "",
    ]
    assert lines[16] == "<details><summary>The other 18 steps</summary>"
    assert lines[-1] == "</details>"


def test_a_gate_says_how_many_steps_keep_it_closed() -> None:
    """Its headline counts what is not done."""
    found = reviews(**verdict("data", "fail", "no"))[:10]
    assert markdown.gate("poc", found, opened=False, merging=True).split("\n")[:3] == [
        "## Gate poc: closed, 1 of 10 steps are not done",
        "",
        "> A merge is not resolved: resolve it, then run the pipeline, `poc2prod check`, `git add`.",
    ]
    assert markdown.gate("poc", reviews()[:10], opened=True).startswith("## Gate poc: open\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a&#124;b"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("`x` *y* [z](u)", "&#96;x&#96; &#42;y&#42; &#91;z&#93;(u)"),
        ("_a_ cost_false_positive", "&#95;a&#95; cost_false_positive"),
        ("@team and ada@x.org", f"@{B}team and ada@x.org"),
        ("see #12, a/b#12, GH-12 and !3", f"see #{B}12, a/b#{B}12, GH-{B}12 and !{B}3"),
        ("https://x.org www.x.org", f"https:{B}//x.org www{B}.x.org"),
        (".@team &@team", f".@{B}team &amp;@{B}team"),
        ("# title", "&#35; title"),
        ("/close", "&#47;close"),
        ("- [x] done", "&#45; &#91;x&#93; done"),
        ("1. one", "&#49;&#46; one"),
        ("params.toml#problem.target: 0.85 → 0.82", "params.toml#problem.target: 0.85 → 0.82"),
        ("c0ffee1", f"c0ff{B}ee1"),
    ],
)
def test_text_stays_text(text: str, shown: str) -> None:
    """No markup, HTML, link, mention or reference comes out of a value; ordinary words and numbers stay."""
    assert markdown.escaped(text) == shown


def test_hostile_names_break_neither_table_nor_page() -> None:
    """Every row has three cells, the only tags are the report's own, and nobody is mentioned."""
    made = markdown.text(hostile())
    rows = [line for line in made.split("\n") if line.startswith("|")]
    assert {line.count("|") for line in rows} == {4}
    bare = made.replace("<details><summary>", "").replace("</summary>", "").replace("</details>", "")
    assert [
        mark for mark in ("<", "@team", " #12 ", "\x1b", "\x00", "\u202e", "\ud800") if mark in bare
    ] == []
    assert made.encode().decode() == made


def test_a_command_with_marks_of_its_own_is_no_code() -> None:
    """A backtick or a bar would end the code or the table's cell."""
    assert markdown.command("poc2prod show data") == "`poc2prod show data`"
    assert markdown.command("poc2prod sign `x`") == "poc2prod sign &#96;x&#96;"
    assert markdown.command(HOSTILE) == markdown.escaped(HOSTILE)
