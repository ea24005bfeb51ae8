"""The report as plain text: where it stands, every step with its findings, people, and what is next."""

from ..review import Review
from .dossier import Dossier
from .measured import Measured, shown
from .words import MARKS, STAGES, counted, plain, verdict


def text(found: Dossier) -> str:
    """The whole report."""
    seen = found.overview
    lines = [plain(found.name), f"Report of {found.day}, iteration {seen.iteration}", ""]
    lines += [f"Stage: {STAGES[seen.stage] if seen.stage else 'all done'}. {counted(seen.counts)}."]
    lines += [f"! {plain(note)}" for note in seen.notes]
    lines += [f"Next: {plain(seen.next)}", f"      {plain(seen.command)}", ""]
    lines += _measured(found.measured)
    stage = ""
    for item in seen.reviews:
        if item.step.stage != stage:
            stage = item.step.stage
            lines += [STAGES[stage], "-" * len(STAGES[stage])]
        lines += _step(item)
    return "\n".join([*lines, *_people(found)]).rstrip()


def _measured(found: Measured | None) -> list[str]:
    if not found:
        return ["No model has been measured yet.", ""]
    meaning = f" ({plain(found.meaning)})" if found.meaning else ""
    lines = [f"{plain(found.metric)} on {found.rows:,} rows of the {found.part} part{meaning}:"]
    for item in found.scores:
        low, high = (shown(end, found.places) for end in (item.score.low, item.score.high))
        interval = "no interval" if item.score.low is None else f"95 % interval {low} to {high}"
        lines.append(f"  {plain(item.name):<24} {shown(item.score.value, found.places)}  {interval}")
    return [*lines, ""]


def _step(item: Review) -> list[str]:
    lines = [f"{item.step.number:<5} {item.step.title}: {MARKS[item.verdict]} {verdict(item.verdict)}"]
    lines += [f"      {plain(item.reason)}"] if item.reason else []
    lines += [
        f"      {MARKS.get(f.outcome, '-')} {f.outcome} ({f.basis}): {plain(f.text)}" for f in item.findings
    ]
    for one in item.signatures:
        lines.append(f"      {plain(one.who)}: {one.kind} as {plain(one.role)} on {one.when}")
        lines += [f"        does not count: {plain(one.why)}"] if one.why else []
        lines += [f"        since then {plain(change)}" for change in one.changed]
    lines += [f"      to do: {plain(item.todo)}"] if item.todo else []
    return [*lines, ""]


def _people(found: Dossier) -> list[str]:
    lines = ["Waivers", "-------"] if found.waivers else []
    for waiver in found.waivers:
        until = f" until {plain(waiver.until)}" if waiver.until else ""
        lines.append(
            f"{waiver.step.number} {plain(waiver.owner)}{until}: {plain(waiver.reason)} ({waiver.state})"
        )
    lines += ["", "Days", "----"] if found.days else []
    for row in found.days:
        plan = " ".join(
            filter(
                None,
                [plain(row.planned) and f"planned {plain(row.planned)}", row.due and f"by {plain(row.due)}"],
            )
        )
        seen = f"{row.first} to {row.last}, {row.events} events" if row.first else "nothing yet"
        lines.append(f"{row.step.number:<5} {row.step.title}: {'; '.join(filter(None, [plan, seen]))}")
    return lines
