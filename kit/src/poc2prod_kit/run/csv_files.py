"""Write tables so that the same content gives the same bytes."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import pandas as pd

from poc2prod_kit.run import atomic
from poc2prod_kit.run.errors import ProjectError

LEVEL = 6


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a csv.gz, whole or not at all: LF, 6 significant digits, no time or name in the gzip header."""
    text = frame.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    with (
        atomic.replacing(path) as beside,
        beside.open("wb") as raw,
        gzip.GzipFile("", "wb", LEVEL, fileobj=raw, mtime=0) as packed,
    ):
        packed.write(text.encode())


def read_csv(path: Path) -> pd.DataFrame:
    """Read a table that `write_csv` wrote; the id stays text, an empty cell is missing, "NA" is text."""
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise ProjectError(f"{path.parent.name}/{path.name} is not there. Run `poc` to make it.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise ProjectError(
            f"{path.parent.name}/{path.name} cannot be read ({error}). Run `poc` to make it again."
        ) from error
    return pd.read_csv(io.BytesIO(content), dtype={"id": str}, keep_default_na=False, na_values=[""])
