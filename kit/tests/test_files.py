"""Tables that the project writes."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from poc2prod_kit.run import csv_files
from poc2prod_kit.run.errors import ProjectError

FRAME = pd.DataFrame({"id": ["007", "a,b"], "y": ["NA", None], "p": [0.12345678, 2.0]})


def test_what_is_written(tmp_path: Path) -> None:
    """LF line ends, 6 significant digits, and the same bytes each time."""
    csv_files.write_csv(tmp_path / "new" / "one.csv.gz", FRAME)
    csv_files.write_csv(tmp_path / "two.csv.gz", FRAME)
    packed = (tmp_path / "new" / "one.csv.gz").read_bytes()
    assert gzip.decompress(packed) == b'id,y,p\n007,NA,0.123457\n"a,b",,2\n'
    assert (tmp_path / "two.csv.gz").read_bytes() == packed
    assert packed[4:8] == bytes(4)


def test_what_is_read_back(tmp_path: Path) -> None:
    """Ids stay text, "NA" is a label, an empty cell is missing."""
    csv_files.write_csv(tmp_path / "one.csv.gz", FRAME)
    found = csv_files.read_csv(tmp_path / "one.csv.gz")
    assert found.fillna("missing").to_dict("list") == {
        "id": ["007", "a,b"],
        "y": ["NA", "missing"],
        "p": [0.123457, 2.0],
    }


@pytest.mark.parametrize("content", [None, b"no gzip"])
def test_a_file_that_is_not_there_or_damaged(tmp_path: Path, content: bytes | None) -> None:
    """The error names the file and how to make it again."""
    path = tmp_path / "part.csv.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        ProjectError, match=r"part\.csv\.gz (is not there|cannot be read).* Run `poc` to make it"
    ):
        csv_files.read_csv(path)
