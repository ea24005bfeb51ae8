"""A YAML file as text, lists and tables: every scalar stays the text it is (`on`, `3.10`), nothing is built.

Of hostile files: size, depth, aliases and nodes are limited, and a key given twice is damage.
"""

from typing import Any

from ..files import Unreadable
from ..project import Facts

LARGEST, DEEPEST, MOST_ALIASES, MOST_NODES = 256 << 10, 40, 20, 20_000
MERGE, NULL = "<<", "tag:yaml.org,2002:null"


class _Refused(Exception):  # noqa: N818
    """Raised and caught here: the content is not what such files hold."""


def load(facts: Facts, name: str) -> Any:
    """The file's value; None where there is no file, Unreadable where it cannot be used."""
    text = facts.text(name)
    return parse(name, text) if isinstance(text, str) else text


def parse(name: str, text: str) -> Any:
    """The value of YAML text; aliases are shared, merge keys are merged."""
    import yaml

    if len(text) > LARGEST:
        return Unreadable(name, f"has {len(text):,} characters; at most {LARGEST:,} are read")
    if not text.strip():
        return Unreadable(name, "is empty")
    try:
        _measured(yaml, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return _Maker(yaml).value(node) if node else Unreadable(name, "is empty")
    except _Refused as error:
        return Unreadable(name, str(error))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return Unreadable(name, f"is not YAML: {' '.join(str(error).split())[:160]}")


def _measured(yaml: Any, text: str) -> None:
    """Read it once without building anything, to refuse what would grow."""
    depth = nodes = aliases = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        nodes += isinstance(event, yaml.NodeEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _Refused("is nested too deeply")
        if nodes > MOST_NODES or aliases > MOST_ALIASES:
            raise _Refused(f"has more than {MOST_NODES:,} nodes or {MOST_ALIASES} aliases, so it is not read")


class _Maker:
    """Values of nodes, each node once."""

    def __init__(self, yaml: Any) -> None:
        self.yaml = yaml
        self.made: dict[int, Any] = {}

    def value(self, node: Any) -> Any:
        if id(node) not in self.made:
            self.made[id(node)] = None
            self.made[id(node)] = self._make(node)
        return self.made[id(node)]

    def _make(self, node: Any) -> Any:
        if isinstance(node, self.yaml.ScalarNode):
            return None if node.tag == NULL else str(node.value)
        if isinstance(node, self.yaml.SequenceNode):
            return [self.value(item) for item in node.value]
        return self._table(node)

    def _table(self, node: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, self.yaml.ScalarNode):
                raise _Refused(f"line {key.start_mark.line + 1}: a key that is no text")
            name = str(key.value)
            if name == MERGE:
                made = self.value(value)
                for part in made if isinstance(made, list) else [made]:
                    merged = {**(part if isinstance(part, dict) else {}), **merged}
            elif name in found:
                raise _Refused(f"line {key.start_mark.line + 1}: the key {name[:40]!r} stands there twice")
            else:
                found[name] = self.value(value)
        return {**merged, **found}


def table(value: Any) -> dict[str, Any]:
    """The value if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[str]:
    """A text, or a list's texts, as a list."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, str)]
