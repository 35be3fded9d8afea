"""Characters become the same numbers with and without TensorFlow."""

import numpy as np
import pytest

from dlcli.inputs import characters
from dlcli.inputs.characters import Alphabet
from dlcli.inputs.text_windows import TextWindows, WindowNames

TEXT = "a b\n\té 漢字 漢 😀😀 aab"
AWKWARD = ["", "abc", "é漢😀", "e\u0301", "\0\r\n\t", "字" * 500, "\ufffd", "\U0010ffff", "İß"]


def test_what_is_told_apart_is_counted_and_stands_in_the_order_of_code_points():
    assert characters.fit(TEXT, 2) == ("", "\ufffd", " ", "a", "b", "漢", "😀")
    assert characters.fit(TEXT, 1)[2:] == tuple(sorted(set(TEXT)))
    assert characters.fit("\ufffd\ufffd", 1) == characters.RESERVED_NAMES


def test_numbers_and_what_is_unknown():
    alphabet = Alphabet(characters.fit(TEXT, 2))
    assert alphabet.encode("ab漢c").tolist() == [3, 4, 5, 1]
    assert alphabet.encode("").dtype == np.uint16
    assert alphabet.unknown("abcdc\ufffd") == "cd\ufffd"


def test_more_characters_than_numbers_keep_the_commonest():
    codes = [code for code in range(0x100, 0x20000) if not 0xD800 <= code < 0xE000]
    text = "".join(map(chr, codes)) + chr(codes[-1]) * 2
    names = characters.fit(text, 1)
    assert len(names) == 65_536
    assert names[-1] == chr(codes[-1])
    assert Alphabet(names).encode(chr(codes[-1])).tolist() == [65_535]


@pytest.mark.parametrize("min_count", [1, 2])
def test_the_layer_gives_the_same_numbers(min_count):
    from dlcli.layers.character_tokens import CharacterTokens

    names = characters.fit(TEXT, min_count)
    layer, alphabet = CharacterTokens(names), Alphabet(names)
    assert layer.num_tokens == len(names)
    for text in AWKWARD:
        found = layer(np.array([text], object)).numpy()[0]
        assert found.tolist() == (alphabet.encode(text).tolist() or [0]), text
    batch = layer(np.array(["ab", "", "a"], object)).numpy()
    a, b = (names.index(name) for name in "ab")
    assert batch.tolist() == [[a, b], [0, 0], [a, 0]]


def test_windows_of_a_text_are_strings_with_names():
    text = "0123456789"
    windows = TextWindows(text, np.zeros(10, np.uint16), np.array([0, 3, 6]), 4)
    assert (len(windows), windows.shape) == (3, (3,))
    assert windows[np.array([2, 0])].tolist() == ["6789", "0123"]
    names = WindowNames("a.txt", np.array([0, 1000]), 4)
    assert names[1] == "a.txt characters 1,001 to 1,004"
    assert names[0:2] == [names[0], names[1]]
