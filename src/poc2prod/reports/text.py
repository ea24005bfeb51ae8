"""The report as plain text: status, every step with its findings, waivers, days."""

from ..review import Review
from .measured import Measured, shown
from .report_data import ReportData
from .words import MARKS, STAGES, counted, doubts, finding_line, plain, verdict


def text(report: ReportData) -> str:
    """The whole report."""
    overview = report.overview
    lines = [plain(report.name), f"Report of {report.day}, iteration {overview.iteration}", ""]
    stage = STAGES[overview.stage] if overview.stage else "all done"
    lines.append(f"Stage: {stage}. {counted(overview.counts)}.")
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
    lines = [plain(item.reason)] if item.reason else []
    lines += map(finding_line, item.findings)
    for one in item.signatures:
        lines.append(f"{plain(one.who)}: {one.kind} as {plain(one.role)} on {one.when}")
        lines += [f"  {doubt}" for doubt in doubts(one)]
    lines += [f"to do: {plain(item.todo)}"] if item.todo else []
    head = f"{item.step.number:<5} {item.step.title}: {MARKS[item.verdict]} {verdict(item.verdict)}"
    return [head, *(f"      {line}" for line in lines), ""]


def _people(report: ReportData) -> list[str]:
    lines = ["Waivers", "-------"] if report.waivers else []
    for item in report.waivers:
        until = f" until {plain(item.until)}" if item.until else ""
        lines.append(f"{item.step.number} {plain(item.owner)}{until}: {plain(item.reason)} ({item.state})")
    lines += ["", "Days", "----"] if report.days else []
    for row in report.days:
        planned, due = row.planned and f"planned {plain(row.planned)}", row.due and f"by {plain(row.due)}"
        period = f"{row.first} to {row.last}, {row.events} events" if row.first else "nothing yet"
        plan = " ".join(filter(None, (planned, due)))
        lines.append(f"{row.step.number:<5} {row.step.title}: {'; '.join(filter(None, [plan, period]))}")
    return lines
