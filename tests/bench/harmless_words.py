"""Pages, TOML and JSON written otherwise, with the same meaning. None of it may change a verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.registry import harmless

PAGES = ("approaches", "problem", "roadmap", "data", "interpret", "improve")


def _pages(project: Path, change: Callable[[str], str]) -> None:
    for slug in PAGES:
        path = project / f"docs/{slug}.md"
        path.write_bytes(change(path.read_bytes().decode()).encode())


def _texts(project: Path, names: list[str], change: Callable[[str], str]) -> None:
    for name in names:
        path = project / name
        path.write_bytes(change(path.read_bytes().decode()).encode())


def _jsons(project: Path, folder: str, write: Callable[[Any], str]) -> None:
    paths = sorted((project / folder).glob("*.json"))
    assert paths
    for path in paths:
        path.write_bytes(write(json.loads(path.read_bytes())).encode())


def _backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _backwards(value[key]) for key in sorted(value, reverse=True)}
    return [_backwards(item) for item in value] if isinstance(value, list) else value


@harmless()
def paragraphs_rewrapped(project: Path) -> None:
    """Every paragraph on one line."""
    _pages(project, lambda text: re.sub(r"(?<=[\w.,;:)])\n(?=[\w(`])", " ", text))


@harmless()
def headings_renamed(project: Path) -> None:
    """Other words in every heading."""
    _pages(project, lambda text: re.sub(r"^(#+) .*$", r"\1 Frage", text, flags=re.M))


@harmless()
def headings_a_level_deeper(project: Path) -> None:
    """Every heading one level deeper."""
    _pages(project, lambda text: re.sub(r"^#", "##", text, flags=re.M))


@harmless()
def sections_added(project: Path) -> None:
    """A section of the team's own at the end of every page."""
    _pages(project, lambda text: f"{text}\n## Minutes of 12 May\n\nAll present, nothing decided.\n")


@harmless()
def words_before_the_first_question(project: Path) -> None:
    """An introduction on every page."""
    _pages(project, lambda text: text.replace("\n\n", "\n\nThis page is ours.\n\n", 1))


@harmless()
def comments_added_to_pages(project: Path) -> None:
    """A comment behind every anchor."""
    _pages(project, lambda text: re.sub(r"(<!-- q:.*-->)", r"\1\n\n<!-- agreed -->", text))


@harmless()
def blank_lines_and_trailing_spaces(project: Path) -> None:
    """Blank lines doubled, spaces at the ends of lines."""
    _pages(project, lambda text: text.replace("\n\n", "  \n\n\n"))


@harmless()
def pages_with_crlf(project: Path) -> None:
    """Windows' line ends in every page."""
    _pages(project, lambda text: text.replace("\n", "\r\n"))


@harmless()
def pages_with_a_bom(project: Path) -> None:
    """A byte order mark before every page."""
    _pages(project, lambda text: f"\ufeff{text}")


@harmless()
def table_realigned(project: Path) -> None:
    """Cells padded to one width, alignment marked."""

    def align(line: str) -> str:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rule = all(set(cell) <= set("-: ") for cell in cells)
        return "|" + "|".join(f" :{'-' * 30}: " if rule else f" {cell:<60} " for cell in cells) + "|"

    _texts(
        project,
        ["docs/approaches.md"],
        lambda text: re.sub(r"^\|.*\|$", lambda m: align(m[0]), text, flags=re.M),
    )


@harmless()
def rows_and_questions_reordered(project: Path) -> None:
    """The questions of a page the other way round."""

    def turn(text: str) -> str:
        head, *parts = re.split(r"(?=<!-- q:)", text)
        return head + "\n".join(part.rstrip("\n") + "\n" for part in reversed(parts))

    _texts(project, ["docs/problem.md"], turn)


@harmless()
def toml_with_comments(project: Path) -> None:
    """A comment in every section, and behind a value."""

    def comment(text: str) -> str:
        return re.sub(r"^(\[.*\])$", r"\1\n# ours", text, flags=re.M).replace(
            "target = 0.78", "target = 0.78  # agreed"
        )

    _texts(project, ["params.toml", "schema.toml", "poc2prod.toml"], comment)


@harmless()
def toml_keys_reordered(project: Path) -> None:
    """The keys of sections the other way round."""

    def turn(text: str) -> str:
        return re.sub(
            r"(?<=\[evaluate\]\n)((?:\w+ = .*\n)+)", lambda m: "".join(reversed(m[0].splitlines(True))), text
        )

    before = (project / "params.toml").read_text("utf-8")
    _texts(project, ["params.toml"], turn)
    assert (project / "params.toml").read_text("utf-8") != before


@harmless()
def toml_sections_reordered(project: Path) -> None:
    """The sections of the roadmap before all others."""

    def turn(text: str) -> str:
        head, *parts = re.split(r"^(?=\[)", text, flags=re.M)
        return head + "".join(
            sorted((part.rstrip("\n") + "\n\n" for part in parts), key=lambda p: not p.startswith("[roadmap"))
        )

    _texts(project, ["params.toml"], turn)


@harmless()
def toml_lists_on_one_line(project: Path) -> None:
    """Lists on one line, numbers written otherwise."""

    def flat(text: str) -> str:
        text = re.sub(r",?\n\s*\]", "]", re.sub(r"\[\n\s*", "[", re.sub(r",\n\s+\"", ', "', text)))
        return text.replace("target = 0.78", "target = 7.8e-1").replace(
            "latency_ms = 200", "latency_ms = 0xC8"
        )

    _texts(project, ["params.toml"], flat)


@harmless()
def toml_with_crlf(project: Path) -> None:
    """Windows' line ends in TOML."""
    _texts(project, ["params.toml", "schema.toml", "poc2prod.toml"], lambda text: text.replace("\n", "\r\n"))


@harmless()
def toml_strings_quoted_otherwise(project: Path) -> None:
    """Single quotes for double ones."""
    _texts(project, ["params.toml", "schema.toml"], lambda text: re.sub(r'"([^"\'\\\n]*)"', r"'\1'", text))


@harmless()
def reports_on_one_line(project: Path) -> None:
    """Reports without white space."""
    _jsons(project, "reports", lambda value: json.dumps(value, separators=(",", ":")))


@harmless()
def reports_unsorted_and_indented(project: Path) -> None:
    """Reports with keys in another order, eight spaces deep."""
    _jsons(project, "reports", lambda value: json.dumps(_backwards(value), indent=8))


@harmless()
def reports_with_crlf_and_a_bom(project: Path) -> None:
    """Reports as a Windows editor saves them."""
    _jsons(project, "reports", lambda value: "\ufeff" + json.dumps(value, indent=2).replace("\n", "\r\n"))


@harmless()
def manifest_reformatted(project: Path) -> None:
    """The manifest on one line."""
    _jsons(project, "data", lambda value: json.dumps(_backwards(value)))


@harmless()
def openings_reformatted(project: Path) -> None:
    """The opening on one line."""
    _jsons(project, "reports/openings", lambda value: json.dumps(_backwards(value)))


@harmless()
def events_reformatted(project: Path) -> None:
    """Events on one line, letters as escapes."""
    _jsons(project, ".poc2prod/events", lambda value: json.dumps(_backwards(value), ensure_ascii=True))


@harmless()
def records_reformatted(project: Path) -> None:
    """The records of the last check on one line."""
    _jsons(project, ".poc2prod/checks", lambda value: json.dumps(_backwards(value)))
