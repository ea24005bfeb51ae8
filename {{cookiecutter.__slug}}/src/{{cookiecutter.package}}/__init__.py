"""A machine-learning project: from a table to evidence, step by step."""
