"""Which encoding text was written in, where its bytes do not say: judged by the words that it gives.

A word fits where all its letters are of one language's alphabet, written as words are: no capital after a small
letter, no sign inside. An encoding is as good as the share of words that fit the language that fits best.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

# The letters beyond a to z of the languages that an encoding is used for.
LANGUAGES = {
    "cp1252": (
        "äöüß", "àâçéèêëîïôùûüœæ", "áéíñóúüªº", "àáâãçéêíóôõúü", "æøåéöäü", "àèéìíîòóùú", "ëïéèöüáó", "áðéíóúýþæö",
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ"),
    "cp1251": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђјљњћџ",),
}  # fmt: skip
LANGUAGES["latin-1"] = LANGUAGES["mac_roman"] = LANGUAGES["cp1252"]
# Of equals the first is taken. The last two write a character in two bytes.
CANDIDATES = ("cp1252", "latin-1", "cp1250", "cp1251", "mac_roman", "cp932", "gbk")
# By how much another encoding must fit better than the usual one.
BETTER = 0.1
FITS, CLEARLY = 0.8, 0.25
WORD = re.compile(r"[^\x00-\x2f:-@\[-`{-\x7f]+")
LONGEST = 200_000


def guess(lines: bytes) -> str:
    """The encoding of lines that are not UTF-8."""
    scores = {name: fit(name, text) for name in CANDIDATES if (text := decoded(lines, name)) is not None}
    usual = next(name for name in CANDIDATES if name in scores)
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > scores[usual] + BETTER else usual


def misread(text: str, encoding: str) -> tuple[str, str, str] | None:
    """(a word, what it should be, the encoding that gives it) where text was read in a wrong one; else None.

    `encoding`: in which it was read; of UTF-8 text, it was read in cp1252 before it was saved.
    """
    read = "cp1252" if encoding.startswith("utf") else encoding
    try:
        content = _bytes(text, read)
    except (UnicodeEncodeError, LookupError):
        return None
    words = sorted(set(_words(text)))[:2000]
    if len(words) < 3:
        return None
    own = max(_share(words, language) for name in LANGUAGES for language in LANGUAGES[name])
    names = ("utf-8", *CANDIDATES)
    again = {name: other for name in names if (other := decoded(content, name)) is not None}
    scores = {name: fit(name, other) for name, other in again.items()}
    right = max(scores, key=lambda name: scores[name])
    if scores[right] < max(FITS, own + CLEARLY) or right == read:
        return None
    pairs = ((word.encode(right).decode(read, "replace"), word) for word in _words(again[right]))
    wrong, word = max((pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: len(pair[1]))
    return wrong, word, right


def _bytes(text: str, encoding: str) -> bytes:
    """The bytes that a text was read from; cp1252 leaves five bytes open, which readers pass on as they are."""
    if encoding != "cp1252":
        return text.encode(encoding)
    return b"".join(sign.encode("latin-1" if "\x80" <= sign <= "\x9f" else "cp1252") for sign in text)


def decoded(content: bytes, encoding: str) -> str | None:
    """The text, or None where it is not in this encoding."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def fit(encoding: str, text: str) -> float:
    """The share of a text's distinct words with letters beyond ASCII that fit, in the language that fits best."""
    words = sorted(set(_words(text)))[:5000]
    if not words:
        return 0.0
    if encoding in ("cp932", "gbk"):
        return sum(_common(word, encoding) for word in words) / len(words)
    languages = (
        [one for name in LANGUAGES for one in LANGUAGES[name]] if encoding == "utf-8" else LANGUAGES[encoding]
    )
    return max(_share(words, language) for language in languages)


def _words(text: str) -> Iterable[str]:
    """Those with letters beyond ASCII; a sign alone (°, €) is no word."""
    words = (word.strip("\u00a0\u3000") for word in WORD.findall(text))
    return (word for word in words if len(word) > 1 and not word.isascii())


def _share(words: Sequence[str], language: str) -> float:
    return sum(_fits(word, language) for word in words) / len(words) if words else 0.0


@cache
def _pattern(language: str) -> re.Pattern[str]:
    # Cyrillic words have no Latin letters, words of the other alphabets all
    own = language if language[0] == "а" else f"a-z{language}"
    upper = own.replace("a-z", "A-Z").upper().replace("ß", "") if own is not language else own.upper()
    return re.compile(f"(?:[{own}{upper}]?[{own}]*|[{upper}]*)")


def _fits(word: str, language: str) -> bool:
    return bool(_pattern(language).fullmatch(word))


def _common(word: str, encoding: str) -> bool:
    """Whether all characters of a word are common ones: kana, and the first level of the standard's characters."""
    if re.search("[A-Za-z]", word):
        return False
    first, last = (0x88, 0x98) if encoding == "cp932" else (0xB0, 0xD7)
    for sign in word:
        try:
            lead, *trail = sign.encode(encoding)
        except UnicodeEncodeError:
            return False
        kana = encoding == "cp932" and "\u3040" <= sign <= "\u30ff"
        level = first <= lead <= last and bool(trail) and (encoding == "cp932" or trail[0] >= 0xA1)
        if trail and not (kana or level or "\u3000" <= sign <= "\u303f" or "\uff00" <= sign <= "\uff60"):
            return False
        if not trail and not sign.isascii():
            return False
    return True
