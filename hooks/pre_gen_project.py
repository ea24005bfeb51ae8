"""Refuse answers that cannot become a project, before a file is written."""

import json
import re
import sys
import unicodedata

COOKIECUTTER = json.loads(r"""{{ cookiecutter | tojson }}""")
FREE_TEXT = ("project_name", "description", "author_name", "author_email")


def broken_text(name: str, value: str) -> str | None:
    """Say why this text cannot stand on one line of a file, or None."""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in value):
        return f"{name} has a line break or a control character: write it on one line"
    if not value.strip() and name != "author_email":
        return f"{name} is empty: write something"
    return None


def broken_email(value: str) -> str | None:
    """Say why this is no e-mail address, or None. Empty is allowed."""
    if not value or re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", value):
        return None
    return f"author_email {value!r} is not an address such as ada@example.org"


def broken_package(value: str) -> str | None:
    """Say why this cannot be the package's name, or None."""
    if not re.fullmatch(r"[a-z](?:[a-z0-9_]*[a-z0-9])?", value) or len(value) > 64:
        return (
            f"package {value!r} is not a name of lower-case letters, digits and _, letter first, 64 at most"
        )
    if value in COOKIECUTTER["_reserved"]:
        return f"package {value!r} is taken by Python or by a library the project uses: try {value}_project"
    return None


def main() -> None:
    """Print each reason on a line of its own and end with 1."""
    reasons = [broken_text(name, COOKIECUTTER[name]) for name in FREE_TEXT]
    reasons += [broken_email(COOKIECUTTER["author_email"]), broken_package(COOKIECUTTER["package"])]
    if any(reasons):
        sys.exit("\n".join(f"error: {reason}" for reason in reasons if reason))


main()
