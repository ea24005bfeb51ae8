"""`poc2prod status` without the library that parses command lines: the same screen, in half the time.

Anything out of the ordinary (no project here, an error, a terminal that cannot show the text) gives None,
and the
full command line takes over.
"""

import os
import sys

from .errors import Poc2prodError


def status() -> str | None:
    """The screen of a plain `poc2prod status`, or None where the full command should say it."""
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
