"""Write tables so that the same content gives the same bytes."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pandas as pd


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a csv.gz: LF, 6 significant digits, no time and no name in the gzip header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = frame.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        packed.write(text.encode())


def read_csv(path: Path) -> pd.DataFrame:
    """Read a table that `write_csv` wrote; the id stays text."""
    return pd.read_csv(io.BytesIO(gzip.decompress(path.read_bytes())), dtype={"id": str}, keep_default_na=False)
