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
    "status": "Show how far it is, from evidence, and what to do next.",
    "next": "The one thing to do next, and why.",
    "show": "Explain one step: what it asks, what was found, what is missing.",
    "check": "Recompute the evidence and keep what came out.",
    "sign": "Answer for a step's content as it is now.",
    "waive": "Let a step go until a date, for a reason.",
    "checkin": "Record a talk with stakeholders.",
    "record": "Bring in what was observed elsewhere, such as in CI; list what there is.",
    "gate": "Hold the project against a stage, for CI.",
    "iterate": "Close this iteration and open the next.",
    "report": "Write the standing: text, Markdown, JSON, JUnit, HTML; a page for stakeholders.",
}


class Commands(click.Group):
    """The commands by name; a command's module is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order people meet them."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was called; CallError names the nearest where there is none of that name."""
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
    """Start a machine-learning project that already runs, and take it from proof of concept to production."""


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
        return _fail("Stopped; no half-made project is left.", stop.exit_code)
    except click.Abort:
        return _fail("Stopped; nothing was done.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _fail(f"{error.strerror or error}{where}", 1)


def _fail(text: str, code: int) -> int:
    from .console import clean, color

    click.echo(f"{click.style('error:', fg='red', bold=True)} {clean(text)}", err=True, color=color())
    return code
