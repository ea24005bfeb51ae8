"""The report as one HTML file."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from report_samples import HOSTILE, MEASURED, hostile, sample_report, signature, verdict

from poc2prod.reports import html, stakeholder
from poc2prod.reports.figures import Figure

VOID = {"meta", "img", "br", "line", "rect"}
STYLE = (html.FOLDER / "style.css").read_text(encoding="utf-8")


class Page(HTMLParser):
    """Tags with their attributes, and whether they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of each tag of that name."""
        return [attrs for tag, attrs in self.tags if tag == name]


def pages() -> dict[str, str]:
    """Both pages, of an ordinary and of a hostile project."""
    told = verdict("data", "fail", "said 3, counted 4", "run it", signatures=(signature(("a: 1 → 2",)),))
    plain = sample_report(told, measured=MEASURED, target=0.82)
    found = {"team": html.text(plain), "stakeholder": html.stakeholder(stakeholder.page(plain), plain)}
    bad = hostile()
    return found | {"bad": html.text(bad), "bad page": html.stakeholder(stakeholder.page(bad), bad)}


PAGES = pages()
each_page = pytest.mark.parametrize("name", list(PAGES))


@each_page
def test_tags_nest_and_ids_are_unique(name: str) -> None:
    """A reader that trusts the markup finds it whole; each link within the page leads somewhere."""
    page = Page(PAGES[name])
    ids = [str(attrs["id"]) for _, attrs in page.tags if "id" in attrs]
    links = {str(a["href"]).lstrip("#") for a in page.all("a")}
    assert (page.wrong, page.open, len(ids) - len(set(ids)), links - set(ids)) == ([], [], 0, set())


@each_page
def test_nothing_runs_and_nothing_is_loaded(name: str) -> None:
    """No script, no handler, no address but data: and places within the page, and a policy that says so."""
    page = Page(PAGES[name])
    handlers = [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    addresses = [str(attrs[key]) for _, attrs in page.tags for key in ("src", "href") if key in attrs]
    outside = [item for item in addresses if not item.startswith(("#", "data:image/"))]
    active = {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "embed", "base", "form"}
    assert (handlers, outside, active) == ([], [], set())
    policy = page.all("meta")[1]["content"]
    assert str(policy).startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "url(" not in STYLE
    assert "@import" not in STYLE


@each_page
def test_hostile_text_is_shown_and_not_obeyed(name: str) -> None:
    """The text appears as text; template marks are not evaluated; no control character is left."""
    text = PAGES[name]
    assert ("<img src=x" in text, "{{ 7*7 }}" in text) == (False, name.startswith("bad"))
    assert [char for char in text if not char.isprintable() and char != "\n"] == []


def test_every_hostile_place_is_reached() -> None:
    """The words of the hostile project are on the page, once unescaped."""
    words = "".join(Page(PAGES["bad"]).words)
    assert words.count(HOSTILE[:25]) > 25


@each_page
def test_a_screen_reader_finds_its_way(name: str) -> None:
    """Language, title, one h1, landmarks, a way to skip, headings in order, names for regions and images."""
    page = Page(PAGES[name])
    tags = [tag for tag, _ in page.tags]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert page.all("html") == [{"lang": "en"}]
    assert [tags.count(tag) for tag in ("title", "h1", "header", "main", "footer")] == [1] * 5
    assert page.all("a")[0]["href"] == "#main"
    assert [b - a for a, b in pairwise(levels) if b - a > 1] == []
    assert [attrs for attrs in page.all("section") if "aria-labelledby" not in attrs] == []
    assert [attrs for attrs in page.all("svg") if attrs.get("aria-hidden") != "true"] == []
    assert [attrs for attrs in page.all("img") if not attrs.get("alt")] == []


def colors(scheme: str) -> dict[str, str]:
    """The colours by name in a scheme; dark replaces what it names."""
    light, dark, printed = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", part)) for part in _schemes())
    return {"light": light, "dark": light | dark, "print": light | printed}[scheme]


def _schemes() -> list[str]:
    return re.findall(r":root \{(.*?)\}", STYLE, flags=re.S)


def luminance(color: str) -> float:
    """Relative luminance as in WCAG 2.2."""
    digits = color[1:] if len(color) == 7 else "".join(c * 2 for c in color[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_all_text_has_contrast(scheme: str) -> None:
    """At least 4.5 to 1 for every pair of text and ground that the page uses."""
    found = colors(scheme)
    verdicts = ("pass", "fail", "stale", "unknown", "waived", "none")
    pairs = [(name, f"{name}-soft") for name in verdicts] + [
        ("accent", "accent-soft"),
        ("ink", "accent-soft"),
    ]
    pairs += [(ink, ground) for ink in ("ink", "quiet", "accent") for ground in ("page", "card")]
    ratios = {}
    for ink, ground in pairs:
        low, high = sorted((luminance(found[ink]), luminance(found[ground])))
        ratios[ink, ground] = (high + 0.05) / (low + 0.05)
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 4.5} == {}


def test_a_verdict_is_a_word_beside_its_colour() -> None:
    """Every cell of the overview says its verdict in words."""
    cells = re.findall(r'<a class="cell (\w+)".*?<span class="out">: ([\w ]+)</span>', PAGES["team"])
    assert [word.replace(" ", "_") for _, word in cells] == [name for name, _ in cells]
    assert len(cells) == 21


def test_figures_are_inlined_and_what_is_wrong_with_one_is_said() -> None:
    """A figure that no report recorded says so; one that is left out says why."""
    good = Figure("reports/figures/a.svg", "A", "data:image/svg+xml;base64,AAAA", "", False)
    bad = Figure("reports/figures/b.svg", "B", "", "is no SVG image", True)
    text = html.text(sample_report(figures=(good, bad)))
    assert [a["src"] for a in Page(text).all("img")] == ["data:image/svg+xml;base64,AAAA"]
    assert "reports/figures/a.svg: not in a report, or changed since" in text
    assert "b.svg is no SVG image." in text


def test_bars_share_one_scale() -> None:
    """Positions run from 0 to 100 with room at both ends; a score without an interval has no width."""
    bars, target = html.chart(MEASURED)
    assert [(bar.name, bar.at, bar.start, bar.width) for bar in bars] == [
        ("The model", 92.86, 89.42, 6.88),
        ("The rule “by age”", 87.3, 83.6, 7.67),
        ("No model (the same answer for every case)", 3.7, 3.7, 0.0),
    ]
    assert (target, html.chart(None)) == (88.36, ([], None))


def test_the_same_state_gives_the_same_bytes() -> None:
    """Nothing of the clock or of the process is in a page."""
    assert pages() == PAGES
