"""A project's standing: facts, records or fresh findings, and events, brought together for the commands and
reports.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from . import clock, kept, state
from .checklist import STAGES, Step, steps
from .evidence import Judged, judge, signed
from .evidence.finding import unknown
from .project import Facts
from .review import DONE, Overview, People, Review, overview, people, review


class Survey:
    """What is known of a project. Findings come from the last check, except of the steps that were judged
    here.
    """

    def __init__(self, root: str, *, remember: bool = False, full: bool = False) -> None:
        self.facts = Facts(root, remember=remember, full=full)
        self.people: People = people(state.read(self.facts.files), self.facts.settings, clock.today())
        self.judged: dict[str, Judged] = {}

    def judge(self, chosen: Iterable[Step]) -> None:
        """Recompute the findings of these steps, in memory; none where the settings cannot be read."""
        with _uncollected():
            for step in chosen:
                self.judged[step.slug] = judge(step, self.facts)

    def review(self, step: Step) -> Review:
        """One step's review; where params.toml or poc2prod.toml cannot be read, nothing is known."""
        if self.facts.damage:
            broken = [
                unknown(f"{item.name} cannot be read", f"mend {item.name}: it {item.reason}")
                for item in self.facts.damage
            ]
            return review(step, [item._replace(check="settings") for item in broken], None, self.people)
        judged = self.judged.get(step.slug)
        findings = judged.findings if judged else kept.load(step.slug, self.facts)
        return review(step, findings, lambda: signed(step, self.facts), self.people)

    def overview(self) -> Overview:
        """All steps."""
        reviews = [self.review(step) for step in steps()]
        damage, merging = [str(item) for item in self.facts.damage], self.facts.merging()
        return overview(reviews, self.people, self.facts.settings, merging=merging, damage=damage)

    def judge_stages(self) -> list[Step]:
        """Recompute stage by stage, up to the first that is not done; the steps that were judged."""
        done: list[Step] = []
        for stage in STAGES:
            chosen = [step for step in steps() if step.stage == stage]
            self.judge(chosen)
            done += chosen
            if any(self.review(step).verdict not in DONE for step in chosen):
                break
        return done


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles of garbage, which takes a quarter of the time over a million rows."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
