"""The entry point. Signal handlers come first, because an import can be interrupted."""

import sys

from .interrupt import install


def main() -> int:
    """Run the command line and return its exit code."""
    install()
    if sys.argv[1:] == ["status"]:
        from .quick import status

        screen = status()
        if screen is not None:
            sys.stdout.write(screen)
            return 0
    from .cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
