"""The entry point: signals first, since whatever is imported later can be interrupted."""

import sys

from .interrupt import install


def main() -> int:
    """Run the command line and return its exit code."""
    install()
    from .cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
