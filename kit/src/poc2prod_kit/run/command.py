"""The command line: which steps to run, and how a run ends."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from pathlib import Path

from poc2prod_kit.run import clean, params, pull, steps
from poc2prod_kit.run.code import Code
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import commands
from poc2prod_kit.summary import page

DONE, BROKEN, CHANGE_SOMETHING, STOPPED = 0, 1, 2, 130
EXAMPLES = """\
examples:
  python -m {name} poc                    run all steps, then print what came out
  python -m {name} baseline               run one step again, after changing it or its section of params.toml
  python -m {name} features baseline      run some steps, in this order
  python -m {name} summary                print the summary of the last run again
  python -m {name} pull                   ask the database of [data] source again, and say what changed
  python -m {name} clean                  list the open findings, and what would end each
  python -m {name} evaluate --open-test   judge the chosen model on the test part; recorded and counted
"""


def main(code: Code, arguments: list[str] | None = None) -> int:
    """Run what is named; 0 done, 1 a step's own error or nothing takes the output, 2 a person must change
    something, 130 Ctrl-C.
    """
    if sys.stdout is None:
        return unwritten("it is closed")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    console = Console()
    arguments = sys.argv[1:] if arguments is None else arguments
    service = commands.named(arguments) if goes_to_production(code) else []
    try:
        if arguments[:1] in (["clean"], ["pull"]):
            (clean if arguments[0] == "clean" else pull).main(code, arguments[1:], console)
            return DONE
        if service:
            return commands.main(service)
        given = parser(code).parse_args(arguments)
        run(Project(code=code), given, console)
    except ProjectError as error:
        console.stream.flush()
        Console(sys.stderr).paragraph(str(error))
        return CHANGE_SOMETHING
    except KeyboardInterrupt:
        console.say("\nStopped. The reports of the steps that had finished are whole; run again to go on.")
        return STOPPED
    except Exception as error:
        if isinstance(error, OSError) and not error.filename:  # a stream, not a file
            return unwritten(error.strerror or str(error))
        sys.stderr.write(own_frames(error))
        return BROKEN
    return DONE


def unwritten(why: str) -> int:
    """Say in one line that nothing takes the output, and see to it that the interpreter does not try again."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if sys.stderr is not None:
        sys.stderr.write(
            f"Stopped: the output could not be written: {why}. Reports of finished steps are whole.\n"
        )
    return BROKEN


def goes_to_production(code: Code) -> bool:
    """Whether this project goes further than the proof of concept: it has the first step's module."""
    return (code.folder / f"{commands.STEPS[0]}.py").is_file()


def parser(code: Code) -> argparse.ArgumentParser:
    """The command line: names of steps, and what only one step understands."""
    lines = [f"  {name:<10} {steps.described(code, name)}" for name in code.steps]
    if goes_to_production(code):
        lines += ["", "then, towards production:"]
        lines += [f"  {name:<10} {steps.described(code, name)}" for name in commands.STEPS]
        lines += [f"  {name:<10} {words}" for name, (_, words) in commands.COMMANDS.items()]
    made = argparse.ArgumentParser(
        prog=f"python -m {package().name}",
        usage="%(prog)s [--open-test | --golden] poc | summary | STEP...",
        description="\n".join(["steps, in the order in which `poc` runs them:", *lines]),
        epilog=EXAMPLES.format(name=package().name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("steps", nargs="+", metavar="STEP", help="poc, summary, or the names of steps")
    made.add_argument(
        "--open-test", action="store_true", help="with evaluate: use the test part, and record that"
    )
    made.add_argument(
        "--golden",
        action="store_true",
        help="with contract: write the golden rows anew; with api: the golden predictions",
    )
    return made


def run(project: Project, given: argparse.Namespace, console: Console) -> None:
    """Run the named steps and, after `poc` or for `summary`, print the summary."""
    began, order = time.monotonic(), project.code.steps
    everything = given.steps == ["poc"]
    wanted = list(order) if everything else [name for name in given.steps if name != "summary"]
    if "poc" in wanted:
        raise ProjectError(f"`poc` runs every step, so it is named alone: python -m {package().name} poc")
    special, before = specials(given, wanted), page.reported(project, "baseline") if everything else None
    if everything:
        console.paragraph(page.opening(project))
    steps.run(project, wanted, console, special)
    if everything:
        misspelt = params.unused(project.params, project.asked, package())
        page.show(project, console, order, misspelt, time.monotonic() - began, before)
    elif "summary" in given.steps:
        page.show(project, console, order)
    else:
        page.show_steps(project, console, wanted)


def specials(given: argparse.Namespace, steps: list[str]) -> dict[str, str]:
    """Which function of which step an option calls for, besides its `run`."""
    golden = "api" if steps == ["api"] else "contract"
    asked = {"evaluate": ("--open-test", "open_test"), golden: ("--golden", "write_golden")}
    wanted = {"evaluate": given.open_test, golden: given.golden}
    for step, (option, _) in asked.items():
        if wanted[step] and steps != [step]:
            raise ProjectError(
                f"{option} belongs to one step alone: python -m {package().name} {step} {option}"
            )
    return {step: function for step, (_, function) in asked.items() if wanted[step]}


def own_frames(error: BaseException) -> str:
    """The traceback with this project's lines and the last one: what lies between is inside libraries."""
    frames = traceback.extract_tb(error.__traceback__)
    starters = {str(package() / "__main__.py")}
    own = [
        frame
        for frame in frames[:-1]
        if Path(frame.filename).is_relative_to(package()) and frame.filename not in starters
    ]
    lines = traceback.format_list([*own, *frames[-1:]]) + traceback.format_exception_only(error)
    return "".join(["Traceback (frames inside libraries left out):\n", *lines])
