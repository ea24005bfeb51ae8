"""How a saved model may be put together: no functions, methods or operators out of a file."""

# Names of skops' own node types, which library and command both hold a file against.
LOADERS = frozenset(
    {
        "BytesNode", "BytearrayNode", "DTypeNode", "DefaultDictNode", "DictNode", "JsonNode", "ListNode",
        "LossNode", "MaskedArrayNode", "NdArrayNode", "ObjectNode", "RandomGeneratorNode", "RandomStateNode",
        "SetNode", "SliceNode", "SparseMatrixNode", "TreeNode", "TupleNode", "TypeNode",
    }
)  # fmt: skip
