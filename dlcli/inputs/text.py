"""Texts as tokens, and tokens as numbers: the one tokenizer of training and of prediction.

The rules look at one character at a time, so that they mean the same here, in plain Python,
and in `dlcli.layers.text_tokens`, in TensorFlow:

- White space and control characters separate tokens and are none themselves; so do `<br>`
  tags and what was no valid UTF-8.
- Letters, marks and digits side by side are one token. Any other character is a token of its
  own: punctuation, symbols, emoji; and also each Chinese character and each Japanese kana, as
  no spaces stand between words there. With `split: character` every character is one.
- Characters without a look of their own are left out: joiners, directional marks, soft
  hyphens, variation selectors.
- Upper case becomes lower case if so chosen, letter by letter: İ becomes i, and the sigma
  at the end of a word the one inside it.
- Accents are left out if so chosen: those of U+0300 to U+036F, on their own or composed with
  a letter. Otherwise composed and decomposed letters differ; `normalized` composes them, and
  whatever reads a user's texts calls it.

Characters from U+20000 on, rare Chinese ones, are tokens of their own. What a character is
comes from the Unicode tables of Python.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

PADDING, UNKNOWN, NUM_RESERVED = 0, 1, 2
"""Ids of what follows a text's end and of tokens out of the vocabulary, which starts at 2."""

NUM_CHARACTERS = 0x20000
"""Characters from here on are tokens of their own, whatever they are."""

LINE_BREAK = "<[bB][rR] ?/?>"
"""What stands for a new line in texts from the web; Python and TensorFlow read it alike."""

Split = Literal["word", "character"]
Truncation = Literal["end", "start"]

# What the rules come to in ASCII, where a pattern is three times as fast; a test compares.
_ASCII_WORDS = re.compile(r"[0-9A-Za-z]+|[!-/:-@\[-`{-~]")
# Halves of characters, which JSON can hold, but for those that stand for a byte that is no UTF-8.
_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_SIGMA, _FINAL_SIGMA = "\N{GREEK SMALL LETTER SIGMA}", "\N{GREEK SMALL LETTER FINAL SIGMA}"
_ACCENTS = range(0x300, 0x370)
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_WITHOUT_SPACES = (  # Unicode blocks
    range(0x3040, 0x3100),  # Hiragana, Katakana
    range(0x31F0, 0x3200),  # Katakana phonetic extensions
    range(0x3400, 0x4DC0),  # CJK unified ideographs extension A
    range(0x4E00, 0xA000),  # CJK unified ideographs
    range(0xF900, 0xFB00),  # CJK compatibility ideographs
    range(0x1B000, 0x1B170),  # Kana supplement and extensions
)


@dataclass(frozen=True)
class Rules:
    """How a text is cut into tokens.

    Args:
        split: "word", or "character" to make a token of every character.
    """

    lower_case: bool = True
    strip_accents: bool = False
    split: Split = "word"

    def spaced(self, code: int) -> str:
        """What a character becomes before the text is cut at its spaces.

        Returns:
            One character that is part of a word, " c " for one that is a token of its own,
            " " for what separates tokens, "" for what is left out.
        """
        character = chr(code)
        if code >= NUM_CHARACTERS:
            return f" {character} "
        category = unicodedata.category(character)
        if category in {"Cc", "Cs", "Zs", "Zl", "Zp"} or character == "\N{REPLACEMENT CHARACTER}":
            return " "
        if category == "Cf" or code in _VARIATION_SELECTORS:
            return ""
        if self.strip_accents:
            if code in _ACCENTS:
                return ""
            decomposed = unicodedata.normalize("NFD", character)
            if all(ord(mark) in _ACCENTS for mark in decomposed[1:]):
                character = decomposed[0]
                category = unicodedata.category(character)
        if self.lower_case:
            character = _SIGMA if character == _FINAL_SIGMA else character.lower()[0]
        is_alone = category[0] not in "LMN" or any(code in block for block in _WITHOUT_SPACES)
        return f" {character} " if self.split == "character" or is_alone else character


class _Characters(dict[int, str]):
    """Code point -> what it becomes, worked out when it is first met."""

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, code: int) -> str:
        self[code] = self._rules.spaced(code)
        return self[code]


class Splitter:
    """Cuts texts into tokens."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._characters = _Characters(rules)
        self._line_break = re.compile(LINE_BREAK)

    def tokens(self, text: str | bytes) -> list[str]:
        """The tokens of a text, in order; none of an empty one.

        Args:
            text: of bytes, those that are not valid UTF-8 separate tokens.
        """
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if "<" in text:
            text = self._line_break.sub(" ", text)
        if self.rules.split == "word" and text.isascii():
            return _ASCII_WORDS.findall(text.lower() if self.rules.lower_case else text)
        return text.translate(self._characters).split()


class Tokenizer:
    """Makes texts to numbers.

    Args:
        vocabulary: the tokens that are told apart; the first has the id 2.
        length: ids a text.
    """

    def __init__(
        self, rules: Rules, vocabulary: Sequence[str], length: int, truncation: Truncation
    ) -> None:
        self.rules, self.vocabulary = rules, tuple(vocabulary)
        self.length, self.truncation = length, truncation
        self._splitter = Splitter(rules)
        self._ids = {token: place for place, token in enumerate(self.vocabulary, NUM_RESERVED)}

    def kept(self, text: str | bytes) -> list[str]:
        """The tokens that the model reads of a text, in order."""
        tokens = self._splitter.tokens(text)
        return tokens[: self.length] if self.truncation == "end" else tokens[-self.length :]

    def ids(self, texts: Iterable[str | bytes]) -> np.ndarray:
        """The ids of texts.

        Returns:
            int32 (num_texts, length), 0 after the end of a text; an empty text is all 0.
        """
        rows = [[self._ids.get(token, UNKNOWN) for token in self.kept(text)] for text in texts]
        ids = np.full((len(rows), self.length), PADDING, np.int32)
        for row, found in zip(ids, rows, strict=True):
            row[: len(found)] = found
        return ids

    def described(self) -> dict[str, Any]:
        """All arguments, as metadata has them."""
        return {
            "rules": asdict(self.rules),
            "length": self.length,
            "truncation": self.truncation,
            "vocabulary": list(self.vocabulary),
        }


def from_metadata(entry: Mapping[str, Any]) -> Tokenizer:
    """The tokenizer in `metadata["input"]["tokens"]`."""
    return Tokenizer(
        Rules(**entry["rules"]), entry["vocabulary"], entry["length"], entry["truncation"]
    )


def normalized(text: str) -> str:
    """A text in Unicode NFC, its accents composed with their letters; always valid UTF-8."""
    if not text.isascii():
        text = _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        text = unicodedata.normalize("NFC", text)
    return text
