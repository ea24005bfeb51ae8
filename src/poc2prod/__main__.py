"""The entry point. Signal handlers come first, because an import can be interrupted."""

import os
import sys

from .interrupt import install


def main() -> int:
    """Run the command line and return its exit code."""
    install()
    screen = fast_status() if sys.argv[1:] == ["status"] else None
    if screen is not None:
        sys.stdout.write(screen)
        return 0
    from .cli import run

    return run(sys.argv[1:])


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
