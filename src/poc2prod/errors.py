"""Errors for people: what is wrong, where, and what to do. `cli.run` catches them."""


class Poc2prodError(Exception):
    """The command could not be completed."""

    exit_code = 1


class CallError(Poc2prodError):
    """The call is wrong: the message names the option, the value and what is allowed."""

    exit_code = 2


def nearest(word: str, allowed: list[str]) -> str:
    """' Did you mean x?' if an allowed word is similar, else ''."""
    from difflib import get_close_matches

    lower = {name.casefold(): name for name in allowed}
    matches = get_close_matches(word.casefold(), list(lower), n=1, cutoff=0.55)
    return f" Did you mean {lower[matches[0]]}?" if matches else ""
