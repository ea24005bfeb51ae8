"""What can go wrong and be told to a person: what is wrong, where, what to do. cli.run catches it."""


class Poc2prodError(Exception):
    """It could not be done."""

    exit_code = 1


class CallError(Poc2prodError):
    """The call is wrong: names the key, the value and what is allowed."""

    exit_code = 2


def nearest(word: str, allowed: list[str]) -> str:
    """' Did you mean x?' where something allowed is spelled nearly like the word, else ''."""
    from difflib import get_close_matches

    lower = {name.casefold(): name for name in allowed}
    found = get_close_matches(word.casefold(), list(lower), n=1, cutoff=0.55)
    return f" Did you mean {lower[found[0]]}?" if found else ""
