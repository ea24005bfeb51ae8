"""Run the steps that a project hands in, each with its report."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from types import ModuleType

from poc2prod_kit.run import report
from poc2prod_kit.run.code import Code
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import commands
from poc2prod_kit.summary.wording import count, listed


def run(
    project: Project, steps: Sequence[str], console: Console, special: dict[str, str] | None = None
) -> None:
    """Run these steps one after the other; what an earlier one wrote stays when a later one fails.

    `special` names, for a step, a function of its module that runs first, such as `write_golden`.
    """
    for number, step in enumerate(steps):
        read = bool(project.size)
        try:
            with console.progress(step, described(project.code, step)):
                run_step(project, step, (special or {}).get(step))
        except ProjectError as error:
            if not number:
                raise
            done = ", ".join(steps[:number])
            raise ProjectError(
                f"The step {step} stopped: {error} (Done before it, reports written: {done}.)"
            ) from error
        if not read and project.size:
            console.say(f"{count(project.size[0], 'row')}, {count(project.size[1], 'column')}.")


def run_step(project: Project, step: str, special: str | None = None) -> report.Report:
    """Run one step and write its report, after the `special` function of its module where one is named."""
    module = step_module(project.code, step)
    try:
        if special:
            getattr(module, special)(project)
        with project.recording() as read:
            made: report.Report = module.run(project)
            report.write(project, step, made, read)
    except report.StaleError as error:
        raise _advised(project, step, error) from None
    return made


def step_module(code: Code, step: str) -> ModuleType:
    """The module of a step; an unknown name is an error that lists the steps."""
    if step not in (*code.steps, *commands.STEPS):
        raise ProjectError(
            f"There is no step {step!r}. The steps are {', '.join(code.steps)}; `poc` runs them all."
        )
    try:
        return code.module(step)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith(f"{code.folder.name}."):
            raise
        raise ProjectError(
            f"The step {step} needs {error.name}, which is not installed here: "
            'python -m pip install --editable ".[dev]"'
        ) from error


def described(code: Code, step: str) -> str:
    """What a step does: the first sentence of its docstring, less its number and name."""
    path = code.folder / f"{step}.py"
    try:
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, SyntaxError) as error:
        return f"{path.name} cannot be read: {error}"
    line = (text or "").partition("\n")[0]
    return (line.partition(": ")[2] or line).partition(". ")[0].removesuffix(".")


def stale(project: Project, steps: Sequence[str]) -> list[str]:
    """Those of the steps whose report is missing or no longer holds."""
    return [step for step in steps if not _holds(project, step)]


def _holds(project: Project, step: str) -> bool:
    try:
        return not report.stale_inputs(project, report.load(project, step))
    except report.StaleError:
        return False


def _advised(project: Project, step: str, error: report.StaleError) -> ProjectError:
    """The error itself where one earlier step is out of date, else the advice to run all."""
    steps = list(project.code.steps)
    behind = stale(project, steps[: steps.index(step)] if step in steps else steps)
    if len(behind) < 2:
        return error
    names, run = listed(behind, len(behind)), f"python -m {project.code.folder.name} poc"
    return ProjectError(f"{error.why} Out of date are {names}: run all steps with {run}")
