"""How a stranger's table is written: compression, encoding, separator, quotes, signs; and its records."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, cast

from poc2prod_kit.tables import encodings

NULLS = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL"})
SEPARATORS = (",", ";", "\t", "|")
SPOKEN = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LONGEST_CELL = 16_000_000
HEAD_BYTES = 2_000_000
HEAD_RECORDS = 2_000
ODD_LINES, LINES = 5_000, 200_000
SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a parquet file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"SQLite format 3", "an SQLite database"),
)
NUMERALS = (
    (".", ""),
    (",", ""),
    (",", "."),
    (".", ","),
    (",", " "),
    (".", " "),
    (",", "\u00a0"),
    (".", "\u00a0"),
    (",", "\u202f"),
    (".", "\u202f"),
    (".", "'"),
)


class InferenceError(ValueError):
    """A table that cannot be understood: what is wrong, at which line or column, and what to do."""


@dataclass(frozen=True)
class Dialect:
    """How a delimited text file is written. `encoding` is "utf-8-sig" where a UTF-8 mark comes first."""

    separator: str
    encoding: str
    decimal: str
    bom: bool
    thousands: str = ""
    quote: str = '"'


# How the pipeline writes its own tables.
PLAIN = Dialect(",", "utf-8-sig", ".", False)


def number_pattern(decimal: str, thousands: str, *, signed: bool = True) -> str:
    """Regular expression of one number, spaces around it allowed, written with these two signs.

    Commas may stand as in India, 11,84,500. Not `signed`: without sign, spaces and infinities.
    """
    point = re.escape(decimal)
    whole = rf"(?:\d++(?:{point}\d*+)?|{point}\d++)"
    if thousands:
        group = re.escape(thousands)
        grouped = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})++"
        if thousands == ",":
            grouped = rf"(?:{grouped}|[1-9]\d?(?:,\d\d(?!\d))++,\d{{3}})"
        whole = rf"(?:{grouped}(?:{point}\d*+)?(?![\d{group}])|{whole})"
    unsigned = rf"{whole}(?:[eE][+-]?\d++)?"
    return rf"[ ]*+[+-]?(?:{unsigned}|(?i:inf(?:inity)?))[ ]*+" if signed else rf"(?:{unsigned})"


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what a damaged, missing or foreign file raises into an InferenceError."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InferenceError(
            f"{path.name} is a damaged gzip file ({error}): copy or export it again."
        ) from error
    except UnicodeError as error:
        raise InferenceError(f"{path.name} cannot be decoded ({error}): save it as UTF-8.") from error
    except OSError as error:
        raise InferenceError(f"{path} cannot be read: {error.strerror or error}.") from error


def _binary(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def _foreign(path: Path, head: bytes) -> None:
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise InferenceError(
            f"{path.name} is empty: give a table with a line of column names and rows below it."
        )
    for signature, what in SIGNATURES:
        if head.startswith(signature):
            raise InferenceError(
                f"{path.name} is {what}, not a text table: export the table as CSV and give that."
            )


def _wide(head: bytes) -> str:
    """UTF-16 and UTF-32, by their mark or by the zero bytes that ASCII text has in them; "" for neither."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) * 0.3 and min(even, odd) < len(sample) * 0.05:
        return "utf-16-le" if odd > even else "utf-16-be"
    return ""


def _encoding(path: Path, file: IO[bytes], head: bytes) -> str:
    """Encoding of the whole file, read to its end. UTF-8 where valid, else a guess by its words."""
    wide = _wide(head)
    if wide:
        return wide
    marked = head.startswith(codecs.BOM_UTF8)
    decoder, valid, plain, undefined, line = codecs.getincrementaldecoder("utf-8")(), True, True, False, 1
    odd: list[bytes] = []
    chunk = head
    while True:
        if b"\0" in chunk:
            at = line + chunk[: chunk.index(b"\0")].count(b"\n")
            raise InferenceError(
                f"{path.name}, line {at}: a NUL byte, so this is not a text table or is damaged there."
            )
        if valid:
            try:
                decoder.decode(chunk, final=not chunk)
                plain = plain and chunk.isascii()
            except UnicodeDecodeError as error:
                before = chunk[: error.start]
                if marked or not (plain and before.isascii()):
                    at = line + before.count(b"\n")
                    raise InferenceError(
                        f"{path.name}, line {at}: a byte that is not UTF-8 though the text before it is; "
                        "save it as UTF-8."
                    ) from error
                valid = False
        if not valid:
            undefined |= bool(re.search(rb"[\x81\x8d\x8f\x90\x9d]", chunk))
            # A line at either end of a chunk may be cut inside a character
            whole = (chunk[: chunk.rfind(b"\n") + 1] or chunk).splitlines()[chunk is not head :]
            odd += [one for one in whole if not one.isascii()][: ODD_LINES - len(odd)]
        line += chunk.count(b"\n")
        if not chunk:
            break
        chunk = file.read(HEAD_BYTES)
    if valid:
        return "utf-8-sig" if marked else "utf-8"
    guess = encodings.guess(b"\n".join(odd))
    return "latin-1" if guess == "cp1252" and undefined else guess


def _parse(lines: Sequence[str], separator: str, quote: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        result = list(islice(csv.reader(lines, delimiter=separator, quotechar=quote), HEAD_RECORDS))
    except csv.Error:
        return []
    return [record for record in result if record]


def _consistency(parsed: list[list[str]]) -> tuple[float, int]:
    """Share of records as wide as the first (an empty last cell is forgiven), and that width."""
    if not parsed:
        return 0.0, 0
    width = len(parsed[0])
    good = sum(len(record) == width or (len(record) == width + 1 and not record[-1]) for record in parsed)
    return good / len(parsed), width


def _wrapped(line: str) -> bool:
    """Whether every cell of a line stands in single quotes."""
    cells = re.split(r"[,;\t|]", line.strip())
    return len(cells) > 1 and all(re.fullmatch(r"'[^']*'", cell) for cell in cells)


def _spaced(path: Path, parsed: Sequence[Sequence[str]]) -> None:
    """Refuse a table of numbers whose cells are separated by spaces."""
    lines = [record[0].split() for record in parsed if len(record) == 1]
    width = len(lines[0]) if lines else 0
    if width < 2 or len(lines) < max(len(parsed), 3) or any(len(cells) != width for cells in lines):
        return
    number = re.compile(number_pattern(".", ""))
    if all(sum(number.fullmatch(cell) is not None for cell in cells) * 2 > width for cells in lines[1:]):
        raise InferenceError(
            f"{path.name}: the cells seem to be separated by spaces ({width} in each line): save the table "
            "with commas or tabs."
        )


def _single_quoted(lines: Sequence[str]) -> bool:
    edge = "[,;\t|]"
    wrapped = re.compile(rf"(?:^|{edge})'[^']*'(?={edge}|\s*$)")
    sample = [line for line in lines[:200] if line.strip()]
    hits = sum(bool(wrapped.search(line)) for line in sample)
    if sample and _wrapped(sample[0]) and not any("'" in line for line in sample[1:]):
        return True
    return bool(sample) and hits > 0.9 * len(sample) and not any('"' in line for line in sample)


def _separator(lines: list[str], whole: bool) -> tuple[str, str, list[list[str]]]:
    """Separator, quote and the records of the head: where most records are as wide as the header."""
    named = re.fullmatch(r"sep=(.)\s*", lines[0]) if lines else None
    lines = lines[1:] if named else lines
    quote = "'" if _single_quoted(lines) else '"'
    readings = {}
    for separator in (named[1],) if named else SEPARATORS:
        parsed = _parse(lines, separator, quote)
        readings[separator] = parsed if whole or len(parsed) < 3 else parsed[:-1]
    scores = {separator: _consistency(parsed) for separator, parsed in readings.items()}
    several = [separator for separator, (_, width) in scores.items() if width > 1]
    best = max(several or scores, key=lambda separator: scores[separator])
    return best, quote, readings[best]


def _numerals(parsed: list[list[str]], separator: str) -> tuple[str, str]:
    """(decimal, thousands) under which most columns of the head are numbers; the plainest of equals."""
    columns = [{cell.strip() for cell in column} - NULLS for column in zip(*parsed[1:], strict=False)]
    columns = [column for column in columns if column]
    patterns = {signs: re.compile(number_pattern(*signs)) for signs in NUMERALS}
    counts = {s: sum(all(map(p.fullmatch, column)) for column in columns) for s, p in patterns.items()}
    best = max(NUMERALS, key=lambda signs: counts[signs])
    grouped = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
    if best == (",", "") and separator == ",":
        commas = {
            cell for column in columns for cell in column if "," in cell and patterns[best].fullmatch(cell)
        }
        return (".", ",") if all(map(grouped.fullmatch, commas)) else best
    return best


def sniff(path: str | Path, encoding: str = "") -> Dialect:
    """Read the whole file once for its encoding where none is given, its head for the rest.

    Raises InferenceError.
    """
    path = Path(path)
    with _readable(path):
        with _binary(path) as file:
            head = file.read(HEAD_BYTES)
            _foreign(path, head)
            encoding = encoding or _encoding(path, file, head)
        decoder = codecs.getincrementaldecoder(encoding)()
        text = decoder.decode(head, final=len(head) < HEAD_BYTES)
    lines = list(io.StringIO(text, newline=""))
    while lines and not lines[0].strip():
        del lines[0]
    separator, quote, parsed = _separator(lines, whole=len(head) < HEAD_BYTES)
    _spaced(path, parsed)
    decimal, thousands = _numerals(parsed, separator)
    return Dialect(
        separator,
        encoding,
        decimal,
        head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")),
        thousands,
        quote,
    )


def header(names: Sequence[str]) -> list[str]:
    """Unique names, spaces at the ends cut: a blank third is "column_3", a second x is "x_2"."""
    taken: set[str] = {name.strip() for name in names}
    used: set[str] = set()
    unique = []
    for position, raw in enumerate(names, 1):
        base = raw.strip() or f"column_{position}"
        name, count = base, 2
        while name in used or (name != raw.strip() and name in taken):
            name, count = f"{base}_{count}", count + 1
        used.add(name)
        unique.append(name)
    return unique


def _numbered(name: str, text: Iterable[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, each with the line on which it starts; a first "sep=;" is skipped."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=dialect.separator, quotechar=dialect.quote)
    line = 1
    try:
        for cells in reader:
            announced = line == 1 and (
                cells == ["sep=", ""] or (len(cells) == 1 and cells[0].startswith("sep="))
            )
            if cells and not announced:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InferenceError(
            f"{name}, line {line}: a cell that does not end within {LONGEST_CELL:,} characters ({error}); "
            "look for a quote that is not closed."
        ) from error


def _opened(path: Path, dialect: Dialect) -> IO[str]:
    return io.TextIOWrapper(_binary(path), encoding=dialect.encoding, newline="")


def misread(path: Path, dialect: Dialect) -> tuple[str, str, str] | None:
    """As `encodings.misread`, of the first lines that are not all ASCII."""
    with _readable(path), _opened(path, dialect) as text:
        odd = islice((line for line in islice(text, LINES) if not line.isascii()), ODD_LINES)
        return encodings.misread("".join(odd), dialect.encoding)


def raw_header(path: Path, dialect: Dialect) -> list[str]:
    """The names as they are written, before header() makes them unique."""
    with _readable(path), _opened(path, dialect) as text:
        return next(_numbered(path.name, text, dialect), (1, []))[1]


def _ragged(name: str, line: int, cells: Sequence[str], width: int) -> InferenceError:
    tall = sum(cell.count("\n") for cell in cells)
    why = f" It runs over {tall + 1} lines: look for a quote that is not closed." if tall else ""
    return InferenceError(
        f"{name}, line {line}: {len(cells)} cells where the header has {width}.{why or ' Correct that line.'}"
    )


def records(path: str | Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The records of a file, as `rows` gives them. Raises InferenceError."""
    path = Path(path)
    with _readable(path), _opened(path, dialect) as text:
        yield from rows(path.name, text, dialect)


def rows(name: str, text: Iterable[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """(line number in the file, cells): the header first, with unique names, then each row, all equally wide.

    Blank lines are skipped; an empty cell after a trailing separator is dropped. Raises InferenceError.
    """
    numbered = _numbered(name, text, dialect)
    line, names = next(numbered, (1, []))
    first = list(islice(numbered, 200))
    tail = (
        len(names) > 1
        and not names[-1].strip()
        and all(len(cells) < len(names) or not cells[-1] for _, cells in first)
    )
    names = names[:-1] if tail else names
    width = len(names)
    yield line, header(names)
    for line, cells in chain(first, numbered):
        if len(cells) != width:
            if len(cells) != width + 1 or cells[-1]:
                raise _ragged(name, line, cells, width)
            del cells[-1]
        yield line, cells


SIGNS = {"separator": ",", "decimal": ".", "thousands": "", "quote": '"'}


def dialect_of(data: Mapping[str, Any]) -> Dialect:
    """The dialect that [data] of params.toml gives. Raises InferenceError naming key and value."""
    encoding = str(data.get("encoding", "utf-8"))
    try:
        encoding = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    except (LookupError, ValueError):
        raise InferenceError(
            f'[data] encoding = {encoding[:40]!r} is unknown. Write "utf-8", "cp1252" or "utf-16".'
        ) from None
    signs = {name: data.get(name, usual) for name, usual in SIGNS.items()}
    for name, sign in signs.items():
        if not isinstance(sign, str) or (len(sign) != 1 and not (name == "thousands" and not sign)):
            raise InferenceError(f"[data] {name} = {str(sign)[:20]!r} must be one character.")
    return Dialect(signs["separator"], encoding, signs["decimal"], False, signs["thousands"], signs["quote"])
