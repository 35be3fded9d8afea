"""What a token is, and how texts become numbers."""

# ruff: noqa: RUF001 - letters of many scripts are what is tested here

from __future__ import annotations

import pytest

from dlcli.inputs import text
from dlcli.inputs.text import Rules, Splitter, Tokenizer


def tokens(value: str | bytes, **rules: object) -> list[str]:
    return Splitter(Rules(**rules)).tokens(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        (" \t\r\n\0\x85\u2028\u3000\xa0", []),
        ("Don't stop, 3.14!", ["don", "'", "t", "stop", ",", "3", ".", "14", "!"]),
        ("snake_case", ["snake", "_", "case"]),
        ("good<br /><BR>bad<br/>x<brr>", ["good", "bad", "x", "<", "brr", ">"]),
        ("\u00c9t\u00e9 na\u00efve", ["\u00e9t\u00e9", "na\u00efve"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),  # decomposed, a token as it is
        ("\u0130I\u0131", ["ii\u0131"]),  # Turkish
        ("\u039f\u0394\u039f\u03a3 \u03bf\u03b4\u03cc\u03c2", ["οδοσ", "οδόσ"]),
        ("我爱 Beijing。", ["我", "爱", "beijing", "。"]),
        ("かな と 漢字", ["か", "な", "と", "漢", "字"]),
        ("안녕 세상", ["안녕", "세상"]),
        ("שלום, עולם", ["שלום", ",", "עולם"]),
        ("مرحبا، يا", ["مرحبا", "،", "يا"]),
        ("\u202bمی\u200cخواهم", ["میخواهم"]),  # joiners and marks of direction are left out
        ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs are part of a word
        ("😀👍🏽", ["😀", "👍", "🏽"]),
        ("👨\u200d👩\u200d👧❤\ufe0f", ["👨", "👩", "👧", "❤"]),
        ("\U00020000\U0002b740a", ["\U00020000", "\U0002b740", "a"]),
        (b"caf\xc3\xa9 \xff\xfea\xe2\x82b", ["caf\u00e9", "a", "b"]),  # invalid UTF-8 separates
        ("a\ud800b", ["a", "b"]),
    ],
)
def test_what_a_token_is(value, expected: list[str]) -> None:
    assert tokens(value) == expected


def test_case_can_be_kept_and_accents_left_out() -> None:
    assert tokens("Été Σίσυφος", lower_case=False) == ["Été", "Σίσυφος"]
    assert tokens("Été e\u0301 Ångström Йод が", strip_accents=True) == [
        "ete", "e", "angstrom", "иод", "が",
    ]  # fmt: skip


def test_every_character_can_be_a_token() -> None:
    assert tokens("我 a1,\U0001f600", split="character") == ["我", "a", "1", ",", "\U0001f600"]


def test_the_pattern_for_ascii_is_that_of_the_rules() -> None:
    for lower_case in (True, False):
        splitter = Splitter(Rules(lower_case))
        for code in range(128):
            value = f"a{chr(code)}B{chr(code)}"
            # A letter that is not ASCII takes the other way.
            assert splitter.tokens(value) == splitter.tokens(f"{value} é")[:-1], code


def test_ten_thousand_words() -> None:
    assert len(tokens("word " * 10_000)) == 10_000


def test_ids() -> None:
    tokenizer = Tokenizer(Rules(), ["a", "b"], 3, "end")
    ids = tokenizer.ids(["b a", "", "a x a b", b"B"])
    assert ids.tolist() == [[3, 2, 0], [0, 0, 0], [2, 1, 2], [3, 0, 0]]
    assert ids.dtype == "int32"
    cut = Tokenizer(Rules(), ["a", "b"], 3, "start")
    assert cut.ids(["a x a b"]).tolist() == [[1, 2, 3]]
    assert cut.kept("a x a b") == ["x", "a", "b"]
    assert text.from_metadata(cut.described()).ids(["a x a b"]).tolist() == [[1, 2, 3]]
    assert tokenizer.ids([]).shape == (0, 3)


def test_what_is_read_is_composed_and_valid() -> None:
    assert text.normalized("e\u0301") == "\u00e9"
    assert text.normalized("plain") == "plain"
    assert text.normalized(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\ufffd"
    assert text.normalized("half \ud83d of one \udfff") == "half \ufffd of one \ufffd"


def test_tokens_need_no_tensorflow() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom dlcli.inputs import text\nfrom dlcli.prediction import text\n"
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
