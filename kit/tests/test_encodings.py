"""Encodings are told apart by the words that they give; text read in a wrong one is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from poc2prod_kit.tables import encodings, sniff

TEXTS = [
    ("cp1252", "München Köln Düsseldorf Straße Grün Übung Äpfel Öl schön"),
    ("cp1252", "café élève garçon forêt Noël hôtel où très à déjà œuvre"),
    ("cp1252", "España niño mañana corazón José María pingüino"),
    ("cp1252", "København Ærø smørrebrød på Århus rød blå"),
    ("cp1252", "José Müller Renée Øystein François Zoë Ángel"),
    ("cp1252", "20 °C ½ 5 m² 10 € §1"),
    ("cp1250", "Łódź Kraków Gdańsk Wrocław żółty ćma źrebię święta mąż są"),
    ("cp1250", "Plzeň Dvořák Třebíč křižovatka dům žena ženě město šťastný"),
    ("cp1250", "Győr Szűcs Pécs tűz őr üzlet könyv erdő víz"),
    ("cp1251", "Москва Санкт Петербург Казань женщина мужчина да нет"),
    ("cp1251", "МОСКВА КАЗАНЬ ДА НЕТ ОМСК"),
    ("cp932", "東京 大阪 北海道 名古屋 男性 女性 カード ポイント はい いいえ"),
    ("gbk", "北京 上海 广州 深圳 男 女 是 否 客户 已流失 中国"),
    ("mac_roman", "München Köln Düsseldorf Straße Grün Übung schön"),
    ("mac_roman", "café élève garçon forêt Noël hôtel où très déjà"),
]
OTHERS = (
    "Þórður Guðrún Ísland þökk Sæmundur", "Việt Nam Hà Nội đường Nguyễn", "Ελλάδα Αθήνα Θήρα Κως",
    "İstanbul ığdır şeker çağ", "Tõnu Jõgi täht öö ülikool", "Žemaitė Šiauliai ąžuolas", "µg °C ½ m² 10€",
    "السلام عليكم مرحبا", "🎉 👍 ❤️ ok", "ŠKODA Citroën",
)  # fmt: skip


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_an_encoding_is_guessed_by_its_words(tmp_path: Path, encoding: str, text: str) -> None:
    """The words of a table say in which encoding they were written."""
    path = tmp_path / "t.csv"
    rows = "".join(f"{n},{word},{n * 7}\n" for n, word in enumerate(text.split()))
    path.write_bytes(f"a,b,c\n{rows}".encode(encoding))
    dialect = sniff.sniff(path)
    assert dialect.encoding == encoding
    assert [cells[1] for _, cells in sniff.records(path, dialect)][1:] == text.split()


@pytest.mark.parametrize(("encoding", "text"), [one for one in TEXTS if one[0] != "cp1252"])
def test_text_that_was_read_wrongly_is_noticed(encoding: str, text: str) -> None:
    """Read as the usual encoding and saved as UTF-8; the same text itself is left alone."""
    wrong = "\n".join(_sloppy(word.encode(encoding)) for word in text.split())
    result = encodings.misread(wrong, "utf-8")
    assert result is not None
    assert (result[1] in text.split(), result[2]) == (True, encoding)
    assert encodings.misread(text, "utf-8") is None


def _sloppy(content: bytes) -> str:
    """Bytes as programs read them in cp1252: the five that it leaves open as control characters."""
    return "".join(
        bytes([one]).decode("latin-1" if one in b"\x81\x8d\x8f\x90\x9d" else "cp1252") for one in content
    )


def test_utf8_that_was_read_as_cp1252_is_noticed() -> None:
    """The commonest of all."""
    wrong = "\n".join(_sloppy(word.encode()) for word in TEXTS[0][1].split())
    assert encodings.misread(wrong, "utf-8-sig") == ("DÃ¼sseldorf", "Düsseldorf", "utf-8")


@pytest.mark.parametrize("text", [*OTHERS, *(text for encoding, text in TEXTS if encoding == "cp1252")])
def test_text_as_it_should_be_raises_nothing(text: str) -> None:
    """Of whatever language."""
    assert encodings.misread(text, "utf-8") is None
