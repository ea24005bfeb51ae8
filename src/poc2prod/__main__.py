"""The entry point: signals first, since whatever is imported later can be interrupted."""

import sys

from .interrupt import install


def main() -> int:
    """Run the command line and return its exit code."""
    install()
    if sys.argv[1:] == ["status"]:
        from .quick import status

        found = status()
        if found is not None:
            sys.stdout.write(found)
            return 0
    from .cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
