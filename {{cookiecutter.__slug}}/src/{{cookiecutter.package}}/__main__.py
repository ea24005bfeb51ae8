"""python -m <package> STEP: `--help` lists the steps."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; Ctrl-C ends it with 130 even while libraries are still being loaded."""
    try:
        from poc2prod_kit.run import command

        from . import pipeline

        return command.main(pipeline.CODE)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped before anything was done.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
