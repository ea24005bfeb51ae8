"""Findings and events folded into a verdict."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from poc2prod import state
from poc2prod.checklist import step
from poc2prod.evidence.finding import Finding, failed, passed, stale, unknown
from poc2prod.files import Root
from poc2prod.review import Review, open_turns, overview, people, review

SETTINGS = {"roles": {"stakeholder": ["ada@x.org"], "owner": ["bob@x.org"]}, "checkin": {"days": 14}}
ADA, BOB, EVE = "Ada <ADA@x.org>", "Bob <bob@x.org>", "Eve <eve@x.org>"
CONTENT = {"docs/problem.md#use": "calls", "params.toml#problem.target": 0.8}
TODAY = date(2026, 5, 31)


def add(root: Path, kind: str, slug: str, who: str, **fields: Any) -> state.Event:
    """One event."""
    files = Root(str(root))
    return state.write(files, state.read(files), kind, slug, who, "", **fields)


def sign(root: Path, who: str = ADA, kind: str = "sign", target: float = 0.8) -> state.Event:
    """A signature of the problem."""
    return add(
        root,
        kind,
        "problem",
        who,
        role="stakeholder",
        content=CONTENT | {"params.toml#problem.target": target},
    )


def judged(
    root: Path, *findings: Finding, slug: str = "problem", today: date = TODAY, content: Any = None
) -> Review:
    """The step's review."""
    who = people(state.read(Root(str(root))), SETTINGS, today)
    found = findings or (passed("it holds"),)
    return review(
        step(slug),
        found,
        lambda: CONTENT if content is None else content,
        who,
    )


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((passed("a"), unknown("b"), stale("c"), failed("d")), "fail"),
        ((passed("a"), unknown("b"), stale("c")), "stale"),
        ((passed("a"), unknown("b")), "unknown"),
        ((passed("a"),), "pass"),
    ],
)
def test_the_worst_finding_is_the_verdict(
    tmp_path: Path, findings: tuple[Finding, ...], verdict: str
) -> None:
    """In the order fail, stale, unknown, pass."""
    assert judged(tmp_path, *findings, slug="split").verdict == verdict


def test_a_pass_that_does_not_tell_carries_a_remark(tmp_path: Path) -> None:
    """The target may be missed: said in a few words, wherever the step is shown."""
    start = "test roc_auc 0.677 (0.649 to 0.705) against the target 0.68: "
    told = [
        judged(tmp_path, passed(start + end)._replace(check="against_target"), slug="evaluate")
        for end in ("cannot tell, the interval includes it", "reached")
    ]
    assert [(item.verdict, item.reason, item.todo) for item in told] == [
        ("pass", "target 0.68: cannot tell, the interval includes it", ""),
        ("pass", "", ""),
    ]


def test_a_signature_that_is_due_is_missing(tmp_path: Path) -> None:
    """Without one the step is unknown, and the command is named."""
    found = judged(tmp_path)
    assert (found.verdict, found.reason, found.todo) == (
        "unknown", "not signed by the stakeholder", "poc2prod sign problem --role stakeholder",
    )  # fmt: skip


def test_a_signature_over_this_content_passes(tmp_path: Path) -> None:
    """Mail addresses match without case."""
    sign(tmp_path)
    assert judged(tmp_path).verdict == "pass"


def test_a_signature_by_someone_unlisted_is_shown_and_does_not_count(tmp_path: Path) -> None:
    """The reason says who and why."""
    sign(tmp_path, EVE)
    found = judged(tmp_path)
    assert (found.verdict, found.reason) == (
        "unknown", f"{EVE} signed, but eve@x.org is not listed as stakeholder in [roles]",
    )  # fmt: skip


def test_changed_content_is_told_by_old_and_new(tmp_path: Path) -> None:
    """A signature over another target makes it stale."""
    sign(tmp_path)
    found = judged(tmp_path, content=CONTENT | {"params.toml#problem.target": 0.75})
    assert (found.verdict, found.changed) == ("stale", ("params.toml#problem.target: 0.8 → 0.75",))


def test_signing_again_settles_it(tmp_path: Path) -> None:
    """The newer signature of the same person replaces the older."""
    sign(tmp_path, target=0.9)
    sign(tmp_path)
    assert judged(tmp_path).verdict == "pass"


def test_a_refusal_on_another_branch_shows_the_worse(tmp_path: Path) -> None:
    """Neither knew of the other: both are named, and it fails."""
    sign(tmp_path / "a")
    event = sign(tmp_path / "b", kind="refuse")
    path = Path(state.FOLDER) / f"{event.name}.json"
    (tmp_path / "a" / path).write_bytes((tmp_path / "b" / path).read_bytes())
    found = judged(tmp_path / "a")
    assert (found.verdict, found.reason) == (
        "fail",
        f"{ADA} refused as stakeholder on {event.when}; {ADA} signed",
    )


def test_nobody_takes_back_the_refusal_of_another(tmp_path: Path) -> None:
    """Withdrawn by somebody else, a refusal stands."""
    refusal = sign(tmp_path, kind="refuse")
    add(tmp_path, "withdraw", "problem", EVE, event=refusal.name)
    assert judged(tmp_path).verdict == "fail"


def test_a_withdrawn_signature_is_gone(tmp_path: Path) -> None:
    """It is as if it had not been given."""
    event = sign(tmp_path)
    add(tmp_path, "withdraw", "problem", ADA, event=event.name)
    assert judged(tmp_path).verdict == "unknown"


@pytest.mark.parametrize(
    ("until", "owner", "reason", "verdict"),
    [
        ("2026-05-31", "Ada", "soon", "waived"),
        ("2026-05-30", "Ada", "soon", "fail"),
        ("31.12.2026", "Ada", "soon", "fail"),
        ("2026-12-31", " ", "soon", "fail"),
        ("2026-12-31", "Ada", "", "fail"),
    ],
)
def test_a_waiver_needs_owner_day_and_reason(
    tmp_path: Path, until: str, owner: str, reason: str, verdict: str
) -> None:
    """Its day is included; past or unreadable it is what it was."""
    add(tmp_path, "waive", "split", BOB, owner=owner, until=until, reason=reason)
    assert judged(tmp_path, failed("no"), slug="split").verdict == verdict


@pytest.mark.parametrize(
    ("slug", "who", "verdict"),
    [("api", BOB, "not_applicable"), ("api", EVE, "unknown"), ("split", BOB, "unknown")],
)
def test_not_applicable_is_for_part_two_and_for_those_with_a_role(
    tmp_path: Path, slug: str, who: str, verdict: str
) -> None:
    """Part I is never optional."""
    add(tmp_path, "not-applicable", slug, who, reason="batch only")
    assert judged(tmp_path, unknown("nothing"), slug=slug).verdict == verdict


def test_damage_makes_signed_steps_unknown(tmp_path: Path) -> None:
    """Whoever cannot read an event does not know what it said."""
    sign(tmp_path)
    (tmp_path / state.FOLDER / "00000009-0123456789abcdef.json").write_text("{", encoding="utf-8")
    assert (judged(tmp_path).verdict, judged(tmp_path, slug="split").verdict) == ("unknown", "pass")


def test_signatures_are_due_again_in_the_next_iteration(tmp_path: Path) -> None:
    """From the step on where it starts; earlier steps keep theirs."""
    sign(tmp_path)
    content = {"docs/improve.md#next": "more"}
    add(tmp_path, "sign", "improve", BOB, role="owner", content=content)
    assert judged(tmp_path, slug="improve", content=content).verdict == "pass"
    add(tmp_path, "iterate", "evaluate", BOB, number=2, at="evaluate", because="", closing={})
    assert (judged(tmp_path, slug="improve", content=content).verdict, judged(tmp_path).verdict) == (
        "unknown",
        "pass",
    )


def test_two_iterations_side_by_side_are_both_shown(tmp_path: Path) -> None:
    """Until one is chosen."""
    made = [
        add(tmp_path / n, "iterate", "evaluate", w, number=2, at="evaluate", because="", closing={})
        for n, w in (("a", ADA), ("b", BOB))
    ]
    path = Path(state.FOLDER) / f"{made[1].name}.json"
    (tmp_path / "a" / path).write_bytes((tmp_path / "b" / path).read_bytes())
    who = people(state.read(Root(str(tmp_path / "a"))), SETTINGS, TODAY)
    assert {turn.who for turn in open_turns(who)} == {ADA, BOB}


def test_a_check_in_that_is_due_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the interval of poc2prod.toml."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    add(tmp_path, "check-in", "", BOB, **{"with": "Ada", "decided": ""})
    log = state.read(Root(str(tmp_path)))
    notes = [overview([], people(log, SETTINGS, date(1970, 1, day)), SETTINGS).notes for day in (14, 15)]
    assert notes == [
        (),
        (
            "A check-in with stakeholders is due (every 14 days; the last was on 1970-01-01): "
            "poc2prod checkin.",
        ),
    ]


def test_what_this_version_cannot_check_is_asked_for_last(tmp_path: Path) -> None:
    """Nobody waits for a step that nothing can prove yet, while another can be."""
    blind = judged(tmp_path, unknown("not yet")._replace(check="no_machine_evidence"), slug="rollout_plan")
    open_ = judged(tmp_path, unknown("no record", "python -m x observe"), slug="refactor")
    who = people(state.read(Root(str(tmp_path))), SETTINGS, TODAY)
    found = overview([blind, open_], who, SETTINGS)
    assert (found.next, found.command) == ("II.3 Refactor: no record", "python -m x observe")
    assert overview([blind], who, SETTINGS).next == "II.2 Roll-out plan: not signed by the stakeholder"


def test_a_waiver_is_asked_for_once_nothing_else_is_owed(tmp_path: Path) -> None:
    """Of a step that this version cannot check; before that, what people owe comes first."""
    blind = unknown("not yet")._replace(check="no_machine_evidence")
    plan = [
        judged(tmp_path, blind, *rest, slug="rollout_plan") for rest in ((), (unknown("open", "answer"),))
    ]
    waive = [
        f"poc2prod waive {slug} --owner NAME --until DAY --reason TEXT" for slug in ("deploy", "rollout_plan")
    ]
    assert [(item.reason, item.todo) for item in plan] == [
        ("not signed by the stakeholder", "poc2prod sign rollout_plan --role stakeholder"),
        ("open", "answer"),
    ]
    assert all(waive[1] not in (one.todo for one in item.findings) for item in plan)
    deploy = judged(tmp_path, blind, slug="deploy")
    who = people(state.read(Root(str(tmp_path))), SETTINGS, TODAY)
    found = overview([deploy, plan[0]], who, SETTINGS)
    assert (deploy.todo, found.command) == (waive[0], "poc2prod sign rollout_plan --role stakeholder")
    for name, role in ((ADA, "stakeholder"), (BOB, "owner")):
        add(tmp_path, "sign", "rollout_plan", name, role=role, content=CONTENT)
    signed = judged(tmp_path, blind, slug="rollout_plan")
    found = overview([signed, deploy], who, SETTINGS)
    assert (found.next, found.command) == ("II.2 Roll-out plan: not yet", waive[1])
