"""A YAML file as text, lists and tables: every scalar stays the text it is (`on`, `3.10`), nothing is built.

Of hostile files: size, depth, aliases and nodes are limited, and a key given twice is damage.
"""

from typing import Any

from ..files import Unreadable
from ..project import Facts

LARGEST, DEEPEST, MOST_ALIASES, MOST_NODES = 256 << 10, 40, 20, 20_000


class _Refused(Exception):  # noqa: N818
    """Raised and caught here: the content is not what such files hold."""


def load(facts: Facts, name: str) -> Any:
    """The file's value; None where there is no file, Unreadable where it cannot be used."""
    text = facts.text(name)
    return parse(name, text) if isinstance(text, str) else text


def parse(name: str, text: str) -> Any:
    """The value of YAML text. What is empty is the text ``""``."""
    import yaml

    if len(text) > LARGEST:
        return Unreadable(name, f"has {len(text):,} characters; at most {LARGEST:,} are read")
    try:
        _measured(yaml, text)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        return _value(node) if node else Unreadable(name, "is empty")
    except _Refused as error:
        return Unreadable(name, str(error))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return Unreadable(name, f"is not YAML: {' '.join(str(error).split())[:160]}")


def _measured(yaml: Any, text: str) -> None:
    """Read it once without building anything, to refuse what would grow."""
    depth = nodes = aliases = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        nodes += isinstance(event, yaml.NodeEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _Refused("is nested too deeply")
        if nodes > MOST_NODES or aliases > MOST_ALIASES:
            raise _Refused(f"has more than {MOST_NODES:,} nodes or {MOST_ALIASES} aliases, so it is not read")


def _value(node: Any) -> Any:
    """The value of a composed node: text, list or table."""
    if node.id == "scalar":
        return node.value
    if node.id == "sequence":
        return [_value(item) for item in node.value]
    made: dict[str, Any] = {}
    for key, value in node.value:
        line = f"line {key.start_mark.line + 1}"
        if key.id != "scalar":
            raise _Refused(f"{line}: a key that is no text")
        if key.value in made:
            raise _Refused(f"{line}: the key {key.value[:40]!r} stands there twice")
        made[key.value] = _value(value)
    return made


def table(value: Any) -> dict[str, Any]:
    """The value if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[str]:
    """A text, or a list's texts, as a list."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]
