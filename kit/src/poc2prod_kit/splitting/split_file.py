"""data/split.csv.gz: which part each row is in."""

from __future__ import annotations

import pandas as pd

from poc2prod_kit.run import csv_files
from poc2prod_kit.run.project import Project

FILE = "data/split.csv.gz"


def parts(project: Project) -> pd.Series:
    """The part of each row (train, validation, test, excluded), indexed by row id."""
    return csv_files.read_csv(project.path(FILE)).set_index("id")["part"]
