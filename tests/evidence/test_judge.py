"""No mistake of a check reaches people as a traceback, and none stays hidden from the tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence.modelled import Modelled

from poc2prod import evidence
from poc2prod.checklist import step, steps
from poc2prod.evidence.finding import UNKNOWN, Finding, passed
from poc2prod.project import Facts

CRASHED = evidence._crashed


@pytest.mark.parametrize("error", [NameError("name 'x' is not defined"), RuntimeError("odd"), OSError("end")])
def test_whatever_a_check_raises_is_an_unknown_that_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Also a mistake in the check itself; the other checks of the step are run."""

    def broken(facts: Facts) -> Finding:
        raise error

    def sound(facts: Facts) -> Finding:
        return passed("held")

    monkeypatch.setattr(evidence, "_crashed", CRASHED)
    monkeypatch.setattr(evidence, "_checks", lambda _: (broken, sound))
    said = f"this could not be checked: {type(error).__name__}: {error}"
    todo = "correct the file; if the file is correct, report this message"
    assert evidence.judge(step("rollout"), Facts(str(root))).findings == (
        Finding("broken", UNKNOWN, "recomputed", said, todo),
        passed("held")._replace(check="sound"),
    )


def test_tests_see_a_mistake_in_a_check(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is missing in a module fails whichever test meets it."""

    def broken(facts: Facts) -> Finding:
        return passed(missing)  # type: ignore[name-defined]  # noqa: F821

    monkeypatch.setattr(evidence, "_checks", lambda _: (broken,))
    with pytest.raises(NameError, match="missing"):
        evidence.judge(step("rollout"), Facts(str(root)))


def test_every_check_can_be_made_on_a_sound_project(modelled: Modelled) -> None:
    """None of them fails by a mistake of its own."""
    facts = Facts(str(modelled.root))
    found = [item for each in steps() for item in evidence.judge(each, facts).findings]
    assert [item for item in found if item.text.startswith(evidence.CRASHED)] == []
