"""A small table of customers for tests of the command, awkward as tables are."""

from __future__ import annotations

import random
from pathlib import Path

COLUMNS = ("customer", "joined", "plan", "fee", "city", "churned")


def customers(path: Path, rows: int = 240) -> Path:
    """Semicolons, cp1252, decimal commas; churn depends on the plan alone. Returns the path."""
    draw = random.Random(8)
    lines = [";".join(COLUMNS)]
    for number in range(rows):
        plan = draw.choice(["basic", "plus", "pro"])
        fee = f"{draw.uniform(9, 60):.2f}".replace(".", ",")
        churned = "yes" if draw.random() < (0.6 if plan == "basic" else 0.2) else "no"
        day = f"{draw.randrange(1, 29):02}.{draw.randrange(1, 13):02}.2023"
        lines.append(f"K{number:04};{day};{plan};{fee};{draw.choice(['Zürich', 'Genève'])};{churned}")
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
    return path
