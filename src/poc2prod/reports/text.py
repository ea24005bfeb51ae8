"""The report as plain text: status, every step with its findings, waivers, days."""

from ..review import Review
from .measured import Measured, shown
from .report_data import ReportData
from .words import MARKS, STAGES, counted, plain, verdict


def text(report: ReportData) -> str:
    """The whole report."""
    overview = report.overview
    lines = [plain(report.name), f"Report of {report.day}, iteration {overview.iteration}", ""]
    lines += [
        f"Stage: {STAGES[overview.stage] if overview.stage else 'all done'}. {counted(overview.counts)}."
    ]
    lines += [f"! {plain(note)}" for note in overview.notes]
    lines += [f"Next: {plain(overview.next)}", f"      {plain(overview.command)}", ""]
    lines += _measured(report.measured)
    stage = ""
    for item in overview.reviews:
        if item.step.stage != stage:
            stage = item.step.stage
            lines += [STAGES[stage], "-" * len(STAGES[stage])]
        lines += _step(item)
    return "\n".join([*lines, *_people(report)]).rstrip()


def _measured(measured: Measured | None) -> list[str]:
    if not measured:
        return ["No model has been measured yet.", ""]
    meaning = f" ({plain(measured.meaning)})" if measured.meaning else ""
    lines = [f"{plain(measured.metric)} on {measured.rows:,} {measured.part} rows{meaning}:"]
    for item in measured.scores:
        low, high = (shown(end, measured.places) for end in (item.score.low, item.score.high))
        interval = "no interval" if item.score.low is None else f"95 % interval {low} to {high}"
        lines.append(f"  {plain(item.name):<24} {shown(item.score.value, measured.places)}  {interval}")
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


def _people(report: ReportData) -> list[str]:
    lines = ["Waivers", "-------"] if report.waivers else []
    for waiver in report.waivers:
        until = f" until {plain(waiver.until)}" if waiver.until else ""
        lines.append(
            f"{waiver.step.number} {plain(waiver.owner)}{until}: {plain(waiver.reason)} ({waiver.state})"
        )
    lines += ["", "Days", "----"] if report.days else []
    for row in report.days:
        plan = " ".join(
            filter(
                None,
                [plain(row.planned) and f"planned {plain(row.planned)}", row.due and f"by {plain(row.due)}"],
            )
        )
        period = f"{row.first} to {row.last}, {row.events} events" if row.first else "nothing yet"
        lines.append(f"{row.step.number:<5} {row.step.title}: {'; '.join(filter(None, [plan, period]))}")
    return lines
