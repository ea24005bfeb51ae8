"""The command line. The only importer of click, and the only place that prints and that catches errors."""

import os
import sys
from importlib import import_module

import click

from .. import __version__
from ..errors import CallError, Poc2prodError, nearest
from ..interrupt import Interrupted

COMMANDS = {
    "new": "Make a machine-learning project that already runs.",
    "status": "Show the verdict of each step and what to do next.",
    "next": "Show only what to do next, and why.",
    "show": "Explain one step: its question, checks, findings, what to do.",
    "check": "Check the evidence and save the findings.",
    "sign": "Sign the content of a step as it is now.",
    "waive": "Accept an open step until a date, for a reason.",
    "checkin": "Record a check-in with stakeholders.",
    "record": "Add records of runs, such as those of CI, or list them.",
    "gate": "Fail unless all steps up to a stage are done; for CI.",
    "iterate": "Close this iteration and start the next one.",
    "report": "Write a report: text, Markdown, JSON, JUnit or HTML; also a page for stakeholders.",
}


class Commands(click.Group):
    """The commands by name; a command's module is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of use."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; CallError with the nearest name if there is none of that name."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = nearest(args[0], list(COMMANDS))
            raise CallError(f"There is no command {args[0]!r}.{near} The commands: {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name}", __name__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and summaries without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="poc2prod")
def poc2prod() -> None:
    """Make a machine-learning project that already runs, and bring it from proof of concept to production."""


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 it could not be done, 2 the call is wrong."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        return int(poc2prod.main(arguments, prog_name="poc2prod", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Poc2prodError as error:
        return _fail(str(error), error.exit_code)
    except Interrupted as stop:
        return _fail("Stopped. No unfinished project is left.", stop.exit_code)
    except click.Abort:
        return _fail("Stopped. Nothing was changed.", 130)
    except RecursionError:
        return _fail("A file is nested too deeply to be read. Write it flat.", 1)
    except OSError as error:
        # of the output, not of a file: the entry point says so
        if isinstance(error, BrokenPipeError) or _refuses():
            raise
        return _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)


def _refuses() -> bool:
    """Whether standard output takes nothing; flushing again would not tell, since what failed is dropped."""
    try:
        os.write(sys.stdout.fileno(), b"")
    except (OSError, ValueError):
        return True
    return False


def _fail(text: str, code: int) -> int:
    from .console import clean, color

    click.echo(f"{click.style('error:', fg='red', bold=True)} {clean(text)}", err=True, color=color())
    return code
