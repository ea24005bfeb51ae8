"""python -m <package> STEP: run one step, or `poc` for all of them."""

from __future__ import annotations

import sys

from . import pipeline
from .kit.errors import ProjectError
from .kit.project import Project


def main() -> int:
    """Run what the command line names; 0 done, 2 something a person must change."""
    try:
        project = Project()
        for step in pipeline.STEPS if sys.argv[1:] == ["poc"] else sys.argv[1:]:
            print(step, pipeline.run_step(project, step).results)
    except ProjectError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
