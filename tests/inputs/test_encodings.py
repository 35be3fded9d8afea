# ruff: noqa: RUF001  letters that look like others are the matter here
"""The encoding of text that does not name it, on tables as people have them."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys

import pytest

from dlcli.inputs import encodings
from dlcli.inputs.encodings import Evidence, Guess

# encodings -> words of a column of a table; each has one of its own label
_WORDS = {
    ("cp1252", "mac-roman"): (
        ("grün", "weiß", "rötlich", "München", "Köln", "Düsseldorf"),
        ("rouge foncé", "bleuâtre", "Besançon", "Orléans", "été", "garçon"),
        ("marrón", "azul", "añil", "España", "Córdoba", "niño"),
        ("vermelhão", "coração", "São Paulo", "Brasília", "maçã"),
        ("röd", "blå", "Göteborg", "Västerås", "kött"),
        ("it’s", "naïve", "costs £5", "20 °C", "résumé"),
    ),
    ("cp852",): (
        ("żółty", "czerwony", "Kraków", "Łódź", "Gdańsk", "mąka"),
        ("červený", "žlutý", "Plzeň", "Děčín", "příliš", "kůň"),
        ("zöld", "fehér", "Győr", "hűtő", "őszibarack"),
    ),
    ("cp1250", "iso8859-2"): (
        ("żółty", "czerwony", "Kraków", "Łódź", "Gdańsk", "mąka"),
        ("červený", "žlutý", "Plzeň", "Děčín", "příliš", "kůň"),
        ("zöld", "fehér", "Győr", "hűtő", "őszibarack"),
        ("plavo", "žuto", "Šibenik", "kuća", "noć"),
    ),
    ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"): (
        ("красный", "синий", "зелёный", "Москва", "хлеб", "щука"),
    ),
    ("cp1251",): (("червоний", "синій", "Київ", "Львів"), ("червен", "зелен", "София", "ябълка")),
    ("cp1253", "iso8859-7", "cp737", "mac-greek"): (
        ("κόκκινο", "μπλε", "πράσινο", "Αθήνα", "ψωμί"),
    ),
    ("cp1254", "iso8859-9", "cp857", "mac-turkish"): (
        ("kırmızı", "yeşil", "İstanbul", "ağaç", "güneş"),
    ),
    ("cp1255", "cp862"): (("אדום", "כחול", "ירוק", "ירושלים", "שלום"),),
    ("cp1256",): (("أحمر", "أزرق", "أخضر", "القاهرة", "مدرسة"),),
    ("cp874",): (("สีแดง", "สีเขียว", "กรุงเทพ", "ข้าว"),),
    ("cp932", "euc_jp"): (("赤い", "あお", "みどり", "東京", "カメラ"),),
    ("cp949",): (("빨강", "파랑", "초록", "서울", "학교"),),
    ("cp950",): (("紅色", "藍色", "綠色", "臺北", "蘋果"),),
    ("gb18030",): (("红色", "蓝色", "绿色", "北京", "苹果"), ("男", "女")),
}
_CASES = [
    pytest.param(codec, words, id=f"{codec}-{words[0]}")
    for codecs, tables in _WORDS.items()
    for words in tables
    for codec in codecs
]


def table(words: tuple[str, ...]) -> str:
    """A table of numbers and a column with few different words."""
    values = itertools.cycle(words)
    return "x1,x2,colour,label\n" + "".join(
        f"{row / 7:.3f},{row % 11},{next(values)},{row % 2}\n" for row in range(60)
    )


def guess(data: bytes, preferred: str = "") -> Guess | None:
    evidence = Evidence()
    evidence.add(data)
    return encodings.guess(evidence, preferred)


@pytest.mark.parametrize(("codec", "words"), _CASES)
def test_the_code_page_of_a_table_is_found(codec: str, words: tuple[str, ...]) -> None:
    try:
        data = table(words).encode(codec)
    except UnicodeEncodeError:
        pytest.skip(f"{codec} lacks one of {words}")
    found = guess(data)
    assert found
    assert data.decode(found.codecs[0]) == table(words)
    assert found.example in table(words)
    assert guess(data, codec).is_expected  # type: ignore[union-attr]


@pytest.mark.parametrize("words", [words for tables in _WORDS.values() for words in tables])
@pytest.mark.parametrize("damage", ["cut", "stray", "latin"])
def test_a_few_wrong_bytes_leave_utf8_what_it_is(damage: str, words: tuple[str, ...]) -> None:
    data = bytearray(table(words).encode())
    first = next(place for place, byte in enumerate(data) if byte >= 0xC0)
    if damage == "cut":
        last = max(place for place, byte in enumerate(data) if byte >= 0xC0)
        data = data[: last + 1]
    elif damage == "stray":
        data[first] = 0xFF
    else:
        data[0] = 0xE9
    assert guess(bytes(data)) == Guess(is_damaged_utf8=True)


def test_what_the_model_was_trained_on_is_preferred_where_it_fits() -> None:
    data = "да\nнет\nда\n".encode("mac-cyrillic")
    assert guess(data).codecs == ("cp1251",)  # type: ignore[union-attr]
    found = guess("אדום\nכחול".encode("cp1255"), "cp1255")
    assert found == Guess(("cp1255",), found.other, "אדום", is_expected=False)  # type: ignore[union-attr]
    russian = table(("красный", "синий", "зелёный", "Москва")).encode("koi8-r")
    assert guess(russian, "cp1251").codecs == ("koi8-r",)  # type: ignore[union-attr]


def test_what_no_language_writes_has_no_encoding() -> None:
    assert guess(random.Random(0).randbytes(3000)) is None


def test_of_equal_readings_the_usual_encoding_is_named() -> None:
    found = guess("Мама мыла раму".encode("koi8-u"))
    assert found
    assert found.codecs == ("koi8-r",)
    assert found.described() == "koi8-r (Cyrillic)"


@pytest.mark.parametrize("text", ["a,b\nx,1\n", "имя,число\nда,1\n", "名,数\n東京,1\n"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_unicode_is_known_by_its_zero_bytes(codec: str, text: str) -> None:
    assert encodings.unicode_codec(text.encode(codec)) == codec


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_known_by_its_mark(codec: str) -> None:
    assert encodings.unicode_codec("имя".encode(codec)) == codec.removesuffix("-sig")


@pytest.mark.parametrize("data", [b"", b"plain", "имя".encode(), b"one\0zero, the rest is text\n"])
def test_other_text_is_not_utf16(data: bytes) -> None:
    assert encodings.unicode_codec(data) == ""


def test_bad_characters_are_counted() -> None:
    assert encodings.bad_share("") == 0
    assert encodings.bad_share("a\tb\n\x85\u2028\x1a😀é") == 0
    assert encodings.bad_share("ab\x01\ufffd\ud800\x9f\u0378c") == 5 / 8


def test_evidence_is_bounded_and_leaves_out_cells_that_are_cut() -> None:
    evidence = Evidence()
    assert evidence.add("é1,ü,é2,n".encode("latin-1"), is_last=False)
    assert evidence.add("ö,ä".encode("latin-1"), is_first=False)
    assert evidence.joined() == "é1\nü\nä".encode("latin-1")
    assert not evidence.add(("ж" * 20_000).encode("cp1251"))
    assert len(evidence.joined()) == 8_000


def test_the_library_that_rates_code_pages_is_loaded_for_a_guess_alone() -> None:
    program = (
        "import sys; from dlcli.inputs import text_files as t\n"
        "t.decoded('é,ü'.encode(), 'auto', 'x'); assert 'chardet' not in sys.modules\n"
        "t.decoded('é,ü'.encode('cp1252'), 'auto', 'x'); assert 'chardet' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
