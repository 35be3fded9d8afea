# ruff: noqa: RUF001  letters that look like others are the matter here
"""Text of files: read in memory and in pieces alike, its encoding reported and never in doubt."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from dlcli.errors import DataError
from dlcli.inputs import text_files

_RUSSIAN = "Мама мыла раму, а папа читал книгу у окна.\n" * 5


def read(path: Path, encoding: str = "auto", preferred: str = "") -> tuple[str, str, str]:
    """The text, its codec and the note, by both readers, which are to agree."""
    data = text_files.content(path, path.name, "a text")
    text, found = text_files.decoded(data, encoding, path.name, preferred)
    streamed = text_files.utf8(path, encoding, path.name, "a text", preferred)
    assert streamed.encoding == found
    copy = streamed.spool.path if streamed.spool else path
    assert text_files.content(copy, "", "").decode().removeprefix("\ufeff") == text
    return text, found.codec, " ".join(found.notes)


def read_written(folder: Path, text: str, codec: str) -> tuple[str, str, str]:
    """Write a text as a file and read it."""
    path = folder / "a.txt"
    path.write_bytes(text.encode(codec))
    return read(path)


def error(path: Path, encoding: str = "auto") -> DataError:
    """What both readers say of a file that they refuse."""
    with pytest.raises(DataError) as caught:
        text_files.decoded(path.read_bytes(), encoding, path.name)
    with pytest.raises(DataError) as streamed:
        text_files.utf8(path, encoding, path.name, "a text")
    assert str(caught.value) == str(streamed.value)
    return caught.value


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_guess_is_reported_with_an_example_and_what_to_do(tmp_path: Path, pack) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(pack(_RUSSIAN.encode("cp1251")))
    text, codec, note = read(path)
    assert (text, codec) == (_RUSSIAN, "cp1251")
    assert note == (
        "a.txt.gz is not UTF-8 and is read as cp1251 (Cyrillic), for example 'Мама мыла раму'. "
        "If that is wrong, name the encoding, such as data.encoding=mac-cyrillic."
    )
    assert read(path, preferred="windows-1251") == (_RUSSIAN, "cp1251", "")
    assert read(path, "cp1251") == (_RUSSIAN, "cp1251", "")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_a_mark_and_utf8_are_obvious(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(_RUSSIAN.encode(codec))
    text, found, note = read(path, preferred="cp1251")
    assert (text, found, note) == (_RUSSIAN, codec.removesuffix("-sig"), "")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_unicode_without_a_mark_is_reported(tmp_path: Path, codec: str) -> None:
    assert read_written(tmp_path, _RUSSIAN, codec) == (
        _RUSSIAN,
        codec,
        f"a.txt has no byte order mark and is read as {codec}, by its zero bytes.",
    )


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("iso2022_jp_ext", "東京,大阪\n名古屋,ｱｲｳ\n"),
        ("iso2022_kr", "서울,부산\n"),
        ("hz", "北京,上海\n~ 广州\n"),
        ("utf-7", "Größe,Übergröße\n1+1,2\n"),
    ],
)
def test_ascii_that_stands_for_other_characters_is_reported(
    tmp_path, codec: str, text: str
) -> None:
    assert read_written(tmp_path, text, codec) == (
        text,
        codec,
        f"a.txt is read as {codec}, by its escape sequences. If that is wrong: data.encoding=utf-8",
    )


@pytest.mark.parametrize(
    "text",
    [
        "call +4912345-678 or +49301234-5\n",
        "~{a} and ~{b}\n",
        "a+b-c, 1+100-5, x+abcd-\n",
        "\x1b[1m",
    ],
)
def test_signs_that_stand_for_themselves_are_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text * 100 if "\x1b" not in text else f"{text}{'word ' * 100}\n")
    assert read(path) == (path.read_text(), "utf-8", "")


def test_one_invalid_byte_is_named_and_changes_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    line = "Die Straße führt über die Brücke\n".encode()
    path.write_bytes(line * 50_000 + b"ab\xff" + line)
    found = error(path)
    assert found.message == (
        "a.txt is UTF-8 with errors: the byte 0xff at offset 1,850,002 (line 50,001) is not valid."
    )
    assert "data.encoding=cp1252" in found.hint
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\xff")
    assert "a.txt is not utf-8 text: the byte 0xff at offset 40 (line 2)" in error(path).message
    path.write_bytes(line * 2 + "ß".encode()[:1])
    assert "the byte 0xc3 at offset 74 (line 3) is not valid" in error(path).message


def test_the_wrong_byte_of_a_named_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x\n\xf1\n")
    assert (
        "a.txt is not utf-8 text: the byte 0xf1 at offset 2 (line 2)"
        in error(path, "utf-8").message
    )
    assert read(path, "latin-1") == ("x\nñ\n", "iso8859-1", "")
    assert "which Python does not know" in error(path, "utf-9").message
    assert "which Python does not know" in error(path, "base64").message


def test_a_guess_that_does_not_fit_the_rest_of_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = "今日はとても良い天気です。猫が木の下で寝ています。\n" * 500
    path.write_bytes(text.encode("cp932") + b"\x81\x00ab")
    path.write_bytes(text.encode("cp932") + b"\x81\n")
    found = error(path)
    assert found.message.startswith("a.txt looks like cp932 (Japanese, Shift-JIS), but the byte 0x")
    assert "(line 501) is not" in found.message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"text\0with a zero, and much more than that\n", "is no text: it holds zero bytes"),
        (b"\x01\x02 text \x03 of controls", "read as utf-8, 14 % of its characters are control"),
        (("\ufffd and" * 9).encode(), "read as utf-8, 20 % of its characters are control"),
        (
            b"a\n" + random.Random(0).randbytes(999).replace(b"\0", b""),
            "the encoding of a.txt is unknown: the byte 0x",
        ),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert message in error(path).message


def test_the_files_of_a_folder_are_guessed_together(tmp_path: Path) -> None:
    texts = ["хорошо", "Фильм очень понравился, рекомендую всем", "plain", "ё"]
    files = []
    for place, text in enumerate(texts):
        path = tmp_path / f"{place}.txt"
        path.write_bytes(text.encode("koi8-r"))
        files.append((path, path.name))
    (tmp_path / "4.txt").write_text("schön", encoding="utf-8")
    (tmp_path / "5.txt").write_bytes(b"\0\1\2")
    files += [(tmp_path / f"{place}.txt", f"{place}.txt") for place in (4, 5, 6)]
    *found, zeros, missing = text_files.read_all(files, "auto", "a text")[0]
    assert found == [*texts, "schön"]
    assert "5.txt is no text" in str(zeros)
    assert "there is no file 6.txt" in str(missing)
    codec = text_files.read_all(files, "auto", "a text")[1]
    assert codec.codec == "koi8-r"
    assert codec.notes[0].startswith(
        "0.txt and 2 more files are not UTF-8 and are read as koi8-r (Cyrillic), for example"
    )


def test_a_rare_byte_does_not_unmake_western_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Die Straße führt über die große Brücke\n".encode("cp1252") * 9 + b"\x81\n")
    assert read(path)[1] == "iso8859-1"
