"""A YAML file as text, lists and tables: every scalar stays the text it is (`on`, `3.10`), nothing is built.

Of hostile files: size, depth and nodes (aliases followed) are limited, and a key given twice is damage.
"""

from collections.abc import Iterator
from itertools import repeat
from typing import Any

from ..files import Unreadable
from ..project import Facts

LARGEST, MOST_NODES, DEEPEST = 256 << 10, 20_000, 100


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
        # Composing takes seconds to find out that it is too deep; events tell at once
        depth = 0
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise _Refused("is nested too deeply")
        # Composed nodes share what aliases name; only reading them could grow, which `_value` counts.
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        return _value(node, repeat(None, MOST_NODES)) if node else Unreadable(name, "is empty")
    except _Refused as error:
        return Unreadable(name, str(error))
    except RecursionError:  # an alias inside of what it names
        return Unreadable(name, "is nested too deeply")
    except (yaml.YAMLError, ValueError) as error:
        return Unreadable(name, f"is not YAML: {' '.join(str(error).split())[:160]}")


def _value(node: Any, left: Iterator[None]) -> Any:
    """The value of a composed node: text, list or table. `left`: an item for each node that may be read."""
    if next(left, left) is not None:
        raise _Refused(f"has more than {MOST_NODES:,} nodes, so it is not read")
    if node.id == "scalar":
        return node.value
    if node.id == "sequence":
        return [_value(item, left) for item in node.value]
    made: dict[str, Any] = {}
    for key, value in node.value:
        line = f"line {key.start_mark.line + 1}"
        if key.id != "scalar":
            raise _Refused(f"{line}: a key that is no text")
        if key.value in made:
            raise _Refused(f"{line}: the key {key.value[:40]!r} stands there twice")
        made[key.value] = _value(value, left)
    return made


def table(value: Any) -> dict[str, Any]:
    """The value if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[str]:
    """A text, or a list's texts, as a list."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]
