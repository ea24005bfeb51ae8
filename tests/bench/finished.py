"""The finished project of the bench: unpacked once, copied for each change, and judged in this process."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import NamedTuple

from poc2prod import kept
from poc2prod.checklist import steps
from poc2prod.review import Review
from poc2prod.survey import Survey

DATA = Path(__file__).parents[1] / "data"
# The day of the bench, in seconds since 1970: 2026-07-06, after all signatures.
TODAY = "1783296000"
POC = tuple(step for step in steps() if step.stage == "poc")
ORDER = tuple(step.slug for step in POC)


class Standing(NamedTuple):
    """The steps of Part I, judged anew (as by `check`) and from the last check's records (as by `status`)."""

    checked: dict[str, Review]
    kept: dict[str, Review]


def unpacked(folder: Path) -> Path:
    """The finished project as `finished`, strangers to swap files with as `households` and `seed`."""
    for name, place in (("finished", folder / "finished"), ("strangers", folder)):
        with tarfile.open(DATA / f"{name}.tar.gz") as tar:
            tar.extractall(place, filter="data")
    return folder


def copied(project: Path, target: Path) -> Path:
    """A copy that may be changed."""
    shutil.copytree(project, target)
    return target


def check(project: Path) -> dict[str, Review]:
    """Judge Part I anew, and keep what came out."""
    survey = Survey(str(project))
    survey.judge(POC)
    for step in POC:
        kept.save(step.slug, survey.judged[step.slug], survey.facts.files)
    return {step.slug: survey.review(step) for step in POC}


def checked(project: Path) -> dict[str, Review]:
    """Judge Part I anew; nothing is written."""
    survey = Survey(str(project))
    survey.judge(POC)
    return {step.slug: survey.review(step) for step in POC}


def status(project: Path) -> dict[str, Review]:
    """Part I from the records of the last check."""
    survey = Survey(str(project), remember=True)
    return {step.slug: survey.review(step) for step in POC}


def verdicts(reviews: dict[str, Review]) -> dict[str, str]:
    """The verdict of each step."""
    return {slug: review.verdict for slug, review in reviews.items()}


def said(review: Review) -> str:
    """The reason, and all that was found as bad as it."""
    return " | ".join(
        [review.reason, *(item.text for item in review.findings if item.outcome == review.verdict)]
    )
