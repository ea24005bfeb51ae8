"""The steps of the proof of concept, in order."""

from __future__ import annotations

from importlib import import_module

from .kit import report
from .kit.errors import ProjectError
from .kit.project import Project

STEPS = ("data", "split", "features", "baseline")


def run_step(project: Project, step: str) -> report.Report:
    """Run one step and write its report."""
    if step not in STEPS:
        raise ProjectError(f"There is no step {step!r}. The steps are {', '.join(STEPS)}; `poc` runs them all.")
    module = import_module(f".{step}", __package__)
    with project.recording() as read:
        made: report.Report = module.run(project)
        report.write(project, step, made, read)
    return made
