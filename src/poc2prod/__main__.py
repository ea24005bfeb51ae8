"""The entry point. Signal handlers come first, because an import can be interrupted."""

import os
import sys

from .interrupt import install


def main() -> int:
    """Run the command line and return its exit code: 1 too where what it prints cannot be written."""
    install()
    if sys.stdout is None:
        return unwritten("it is closed")
    try:
        screen = fast_status() if sys.argv[1:] == ["status"] else None
        if screen is not None:
            sys.stdout.write(screen)
            code = 0
        else:
            from .cli import run

            code = run(sys.argv[1:])
        sys.stdout.flush()
    except OSError as error:
        return unwritten(str(error.strerror or error))
    return code


def unwritten(why: str) -> int:
    """Say in one line that nothing takes the output, and see to it that the interpreter does not try again."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if sys.stderr is not None:
        sys.stderr.write(f"error: The output could not be written: {why}.\n")
    return 1


def fast_status() -> str | None:
    """The screen of a plain `poc2prod status`, in half the time: without the library for command lines.

    Anything out of the ordinary (no project here, an error, a terminal that cannot show the text) gives None,
    and the full command line takes over.
    """
    from .errors import Poc2prodError
    from .project import find_root, is_project
    from .reports.status import text
    from .reports.words import columns, may_color
    from .survey import Survey

    root = find_root(os.getcwd())
    if not is_project(root):
        return None
    try:
        result = text(Survey(root, remember=True).overview(), columns(), color=may_color()) + "\n"
        result.encode(sys.stdout.encoding or "ascii")
    except (Poc2prodError, OSError, UnicodeError):
        return None
    return result


if __name__ == "__main__":
    sys.exit(main())
