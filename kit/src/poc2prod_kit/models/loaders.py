"""How a saved model may be put together: no functions, methods or operators out of a file."""

from collections.abc import Iterator
from typing import Any

# Names of skops' own node types, which library and command both hold a file against.
LOADERS = frozenset(
    {
        "BytesNode", "BytearrayNode", "DTypeNode", "DefaultDictNode", "DictNode", "JsonNode", "ListNode",
        "LossNode", "MaskedArrayNode", "NdArrayNode", "ObjectNode", "RandomGeneratorNode", "RandomStateNode",
        "SetNode", "SliceNode", "SparseMatrixNode", "TreeNode", "TupleNode", "TypeNode",
    }
)  # fmt: skip


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object that a saved model's tree names, at any depth."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
