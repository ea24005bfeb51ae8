"""Faults of what people did: signatures edited, deleted, forged, by the wrong hand; waivers without force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import hands
from bench.registry import fault

from poc2prod import state
from poc2prod.files import Root

EVE, BEN = "Eve Stone <eve@elsewhere.example>", "Ben Ode <ben@county.example>"
EMPTY = state.Log((), (), (), {}, (), 0)


@fault("problem", "unknown", "is missing", "improve")
def signature_deleted(project: Path) -> None:
    """The stakeholder's signature is gone; a later event came after it."""
    hands.events(project)[0].unlink()


@fault("improve", "unknown", "not signed by the owner")
def last_signature_deleted(project: Path) -> None:
    """The owner's signature is gone; nothing came after it."""
    hands.events(project)[1].unlink()


@fault("problem", "unknown", "not signed by the stakeholder", "improve")
def all_signatures_deleted(project: Path) -> None:
    """Nobody ever signed."""
    _nothing(project)


@fault("problem", "unknown", "was edited")
def signed_target_edited(project: Path) -> None:
    """Another target in the signature, under the old name."""
    hands.forge(
        project, 0, lambda value: value["content"].update({"params.toml#problem.target": 0.7}), rename=False
    )


@fault("problem", "unknown", "was edited")
def signed_day_edited(project: Path) -> None:
    """An earlier day in the signature."""
    hands.forge(project, 0, lambda value: value.update(when="2026-01-01"), rename=False)


@fault("problem", "stale|unknown", "docs/problem.md#use: calls →", "improve")
def signed_target_edited_and_renamed(project: Path) -> None:
    """Another target and the name that fits: the event that came after it names the old one."""
    hands.choose(project, "problem", "target", "0.78")
    hands.forge(
        project, 0, lambda value: value["content"].update({"docs/problem.md#use": "calls"}), rename=True
    )


@fault("problem", "unknown", "is missing", "improve")
def forged_parent(project: Path) -> None:
    """An event that claims to come after one that never was."""
    hands.forge(project, 1, lambda value: value.update(parents=["00000001-0123456789abcdef"]), rename=True)


@fault("improve", "unknown", "another number than its name")
def number_forged(project: Path) -> None:
    """The owner's signature under another number."""
    path = hands.events(project)[1]
    path.rename(path.with_name(f"00000009{path.name[8:]}"))


@fault("problem", "unknown", "not signed by the stakeholder", "improve")
def wrong_role(project: Path) -> None:
    """The owner signs where the stakeholder must."""
    _nothing(project)
    _sign(project, "problem", hands.OWNER, "owner")


@fault("problem", "unknown", "is not listed as stakeholder", "improve")
def role_that_is_not_his(project: Path) -> None:
    """The owner signs as the stakeholder."""
    _nothing(project)
    _sign(project, "problem", hands.OWNER, "stakeholder")


@fault("problem", "unknown", "eve@elsewhere.example is not listed", "improve")
def unlisted_signer(project: Path) -> None:
    """Somebody signs whom [roles] does not know."""
    _nothing(project)
    _sign(project, "problem", EVE, "stakeholder")


@fault("problem", "unknown", "is not listed", "improve")
def signer_without_address(project: Path) -> None:
    """A name without an e-mail address."""
    _nothing(project)
    _sign(project, "problem", "Ines Koch", "stakeholder")


@fault("problem", "unknown", "is not listed")
def stakeholder_replaced_in_roles(project: Path) -> None:
    """Another stakeholder in [roles] than the one who signed."""
    hands.edit(project, "poc2prod.toml", "ines.koch@county.example", "new.head@county.example")


@fault("problem", "unknown", "lists nobody")
def roles_emptied(project: Path) -> None:
    """Nobody may sign as the stakeholder."""
    hands.edit(project, "poc2prod.toml", '["ines.koch@county.example"]', "[]")


@fault("improve", "unknown", "lists nobody", "problem")
def roles_deleted(project: Path) -> None:
    """No [roles] at all."""
    text = (project / "poc2prod.toml").read_text("utf-8")
    hands.write(project, "poc2prod.toml", text.replace("[roles]", "[people]"))


@fault("problem", "stale", "nothing →", "improve")
def half_of_the_page_signed(project: Path) -> None:
    """A signature that covers one answer."""
    _nothing(project)
    one = {"docs/problem.md#use": hands.content(project, "problem")["docs/problem.md#use"]}
    hands.act(project, "sign", "problem", hands.STAKEHOLDER, role="stakeholder", content=one)


@fault("problem", "stale", "nothing →", "improve")
def nothing_signed(project: Path) -> None:
    """A signature over nothing."""
    _nothing(project)
    hands.act(project, "sign", "problem", hands.STAKEHOLDER, role="stakeholder", content={})


@fault("improve", "unknown", "not signed by the owner")
def signature_withdrawn(project: Path) -> None:
    """The owner took the signature back."""
    hands.act(project, "withdraw", "improve", hands.OWNER, event=hands.events(project)[1].stem)


@fault("problem", "fail", "refused as stakeholder")
def refused_after_signing(project: Path) -> None:
    """The stakeholder refuses what she had signed."""
    _sign(project, "problem", hands.STAKEHOLDER, "stakeholder", "refuse")


@fault("problem", "fail", "refused as stakeholder")
def refusal_taken_back_by_another(project: Path) -> None:
    """The stakeholder refuses, and somebody else withdraws her refusal."""
    refusal = _sign(project, "problem", hands.STAKEHOLDER, "stakeholder", "refuse")
    hands.act(project, "withdraw", "problem", EVE, event=refusal.name)
    _sign(project, "problem", hands.OWNER, "stakeholder")


@fault("problem", "fail", "refused as stakeholder")
def two_branches_disagree(project: Path) -> None:
    """Signed on one branch, refused on the other; neither knew of the other."""
    content = hands.content(project, "problem")
    state.write(
        Root(str(project)),
        EMPTY,
        "refuse",
        "problem",
        hands.STAKEHOLDER,
        "",
        role="stakeholder",
        content=content,
    )


@fault("improve", "fail", "refused as owner")
def two_owners_disagree(project: Path) -> None:
    """One owner signs, another refuses the same content."""
    hands.edit(
        project,
        "poc2prod.toml",
        '"omar.ruiz@county.example"',
        '"omar.ruiz@county.example", "ben@county.example"',
    )
    _sign(project, "improve", BEN, "owner", "refuse")


@fault("problem", "unknown", "it belongs to an earlier iteration", "improve")
def signature_of_an_earlier_iteration(project: Path) -> None:
    """A new iteration began at I.2; nobody signed since."""
    hands.act(
        project, "iterate", "problem", hands.OWNER, number=2, at="problem", because="new use", closing={}
    )


@fault("problem", "unknown", "is empty", "improve")
def event_of_zero_bytes(project: Path) -> None:
    """An event of 0 bytes."""
    hands.events(project)[0].write_bytes(b"")


@fault("problem", "unknown", "event", "improve")
def event_of_braces(project: Path) -> None:
    """An event that is {}."""
    hands.events(project)[0].write_text("{}\n", "utf-8")


@fault("problem", "unknown", "is not JSON", "improve")
def event_with_conflict_marks(project: Path) -> None:
    """A merge's marks inside an event."""
    path = hands.events(project)[0]
    path.write_text(f"<<<<<<< ours\n{path.read_text('utf-8')}=======\n>>>>>>> theirs\n", "utf-8")


@fault("problem", "unknown", "of a kind", "improve")
def event_of_an_unknown_kind(project: Path) -> None:
    """A kind that this version does not know."""
    hands.act(project, "bless", "problem", hands.STAKEHOLDER)


@fault("problem", "unknown", "has no valid", "improve")
def event_without_its_fields(project: Path) -> None:
    """A signature that does not say in which role."""
    hands.act(project, "sign", "problem", hands.STAKEHOLDER, content={})


@fault("roadmap", "fail", "ci: no owner")
def waiver_past(project: Path) -> None:
    """A fault, waived until last week."""
    _waived(project, until="2026-06-30")


@fault("roadmap", "fail", "ci: no owner")
def waiver_without_reason(project: Path) -> None:
    """A fault, waived for no reason."""
    _waived(project, reason="  ")


@fault("roadmap", "fail", "ci: no owner")
def waiver_without_owner(project: Path) -> None:
    """A fault, waived by nobody."""
    _waived(project, owner="")


@fault("roadmap", "fail", "ci: no owner")
def waiver_for_ever(project: Path) -> None:
    """A fault, waived until a day that cannot be read."""
    _waived(project, until="2026-13-45")


@fault("roadmap", "fail", "ci: no owner")
def waiver_until_whenever(project: Path) -> None:
    """A fault, waived until whenever."""
    _waived(project, until="whenever")


@fault("roadmap", "fail", "ci: no owner")
def waiver_prolonged_by_hand(project: Path) -> None:
    """A waiver whose day was moved in the file."""
    _waived(project, until="2026-06-30")
    hands.forge(project, 2, lambda value: value.update(until="2027-06-30"), rename=False)


@fault("roadmap", "fail", "ci: no owner")
def waiver_withdrawn(project: Path) -> None:
    """A waiver that was taken back."""
    event = _waived(project)
    hands.act(project, "withdraw", "roadmap", hands.OWNER, event=event.name)


@fault("roadmap", "fail", "ci: no owner")
def waiver_of_another_step(project: Path) -> None:
    """A waiver for another step."""
    hands.choose(project, "roadmap.ci", "owner", "")
    hands.act(project, "waive", "data", hands.OWNER, owner="Omar", until="2026-12-31", reason="Tom is away")


@fault("roadmap", "fail", "ci: no owner")
def part_one_not_applicable(project: Path) -> None:
    """A step of Part I declared not applicable."""
    hands.choose(project, "roadmap.ci", "owner", "")
    hands.act(project, "not-applicable", "roadmap", hands.OWNER, reason="we are a small team")


def _nothing(project: Path) -> None:
    for path in hands.events(project):
        path.unlink()


def _sign(project: Path, step: str, who: str, role: str, kind: str = "sign") -> state.Event:
    return hands.act(project, kind, step, who, role=role, content=hands.content(project, step))


def _waived(project: Path, **fields: Any) -> state.Event:
    hands.choose(project, "roadmap.ci", "owner", "")
    fields = {"owner": "Omar Ruiz", "until": "2026-12-31", "reason": "Tom is away until then"} | fields
    return hands.act(project, "waive", "roadmap", hands.OWNER, **fields)
