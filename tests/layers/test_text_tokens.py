"""The tokenizer inside the model is the one outside of it, byte for byte."""

# ruff: noqa: RUF001 - letters of many scripts are what is tested here

from __future__ import annotations

import random
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli.inputs.text import NUM_CHARACTERS, Rules, Splitter
from dlcli.layers.text_tokens import TextTokens

AWKWARD = [
    "", " ", "\0", "a\0b", "a\tb\r\nc\u2028d\u3000e\xa0f\x85g", "word " * 10_000,
    "Été e\u0301te\u0301 naïve Ångström A\u030a \u212b", "İI ı i", "ΟΔΟΣ ὀδός Σ ς σας",
    "😀👍🏽👨\u200d👩\u200d👧❤\ufe0f🏴\U000e0067\U000e007f", "don't <br /><BR>x<br/>y<br z<Br>",
    "我爱北京，天安门。𠀀𫝀", "かが\u3099ガ ﾊﾝ", "שלום עולם! \u200fمرحبا، می\u200cخواهم",
    "ﬃ Ⅷ ² ½ ① _a_b x\u0301\u0300", "안녕 \u1112\u1161\u11ab", "\ufeffbom \ufffd \ufffe \uffff",
    "soft\u00adhyphen zero\u200bwidth",
]  # fmt: skip
RULES = [
    Rules(lower_case, strip_accents, split)
    for lower_case in (True, False)
    for strip_accents in (True, False)
    for split in ("word", "character")
]  # fmt: skip


def layer_for(texts, rules: Rules, length: int, truncation: str = "end") -> TextTokens:
    splitter = Splitter(rules)
    vocabulary = sorted({token for text in texts for token in splitter.tokens(text)})
    return TextTokens(
        vocabulary, length, truncation, rules.lower_case, rules.strip_accents, rules.split
    )


def assert_equal(layer: TextTokens, texts: list[bytes]) -> None:
    inside = np.array(layer(tf.constant(texts)))
    outside = layer.tokenizer.ids(texts)
    assert (inside.dtype, inside.shape) == (outside.dtype, outside.shape)
    different = np.flatnonzero((inside != outside).any(axis=1))
    assert not len(different), [texts[row] for row in different[:3]]


@pytest.mark.parametrize("rules", RULES, ids=str)
@pytest.mark.parametrize("truncation", ["end", "start"])
def test_awkward_and_random_texts(rules: Rules, truncation: str) -> None:
    generator = random.Random(0)
    ranges = [(1, 127), (0, 0x2FFF), (0, 0xD7FF), (0xE000, 0x10FFFF)]

    def drawn() -> str:
        places = (generator.randint(*generator.choice(ranges)) for _ in range(40))
        return "".join(map(chr, places)).replace("\ud800", "")

    texts = [text.encode() for text in AWKWARD]
    texts += [drawn().encode() for _ in range(300)]
    for text in texts[:200]:  # and with a byte changed, which is often no UTF-8
        if text:
            place = generator.randrange(len(text))
            texts.append(text[:place] + bytes([generator.randrange(256)]) + text[place + 1 :])
    texts += [generator.randbytes(30) for _ in range(300)]
    # A part of the tokens is unknown.
    assert_equal(layer_for(texts[::2], rules, 30, truncation), texts)


@pytest.mark.parametrize("rules", [RULES[0], RULES[3]], ids=str)
def test_every_character_there_is(rules: Rules) -> None:
    """All that the table knows, and some of those that it does not."""
    codes = [*range(0xD800), *range(0xE000, NUM_CHARACTERS), *range(NUM_CHARACTERS, 0x110000, 997)]
    texts = [
        "".join(f"a{chr(code)}B" for code in codes[start : start + 64]).encode()
        for start in range(0, len(codes), 64)
    ]
    assert_equal(layer_for(texts, rules, 256), texts)


def test_a_saved_layer_numbers_the_same(tmp_path: Path) -> None:
    texts = [text.encode() for text in AWKWARD]
    inputs = keras.Input((), dtype="string", name="text")
    layer = layer_for(texts, Rules(strip_accents=True), 12, "start")
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(loaded(tf.constant(texts)), layer.tokenizer.ids(texts))
    assert loaded.layers[1].tokenizer.described() == layer.tokenizer.described()
    assert layer.num_tokens == len(layer.tokenizer.vocabulary) + 2
