"""Characters as numbers, the same in training, prediction and generation.

`dlcli.layers.character_tokens` does the same in TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

PADDING, UNKNOWN, NUM_RESERVED = 0, 1, 2
"""Ids of what follows a text's end and of characters that are not told apart; those that are
follow from 2 on, in the order of their code points."""

RESERVED_NAMES = ("", "\N{REPLACEMENT CHARACTER}")

_NUM_CODES = 0x110000
_CHUNK = 1 << 20


class Alphabet:
    """The characters that a model tells apart.

    Args:
        class_names: `RESERVED_NAMES`, then one character a class, as `fit` gives them.
    """

    def __init__(self, class_names: Sequence[str]) -> None:
        self.class_names = tuple(class_names)
        self._ids = np.full(_NUM_CODES, UNKNOWN, np.uint16)
        for index, character in enumerate(self.class_names[NUM_RESERVED:], NUM_RESERVED):
            self._ids[ord(character)] = index

    def encode(self, text: str) -> np.ndarray:
        """The id of each character, uint16 (num_characters,)."""
        ids = np.empty(len(text), np.uint16)
        start = 0
        for codes in _codes(text):
            ids[start : start + len(codes)] = self._ids[codes]
            start += len(codes)
        return ids

    def batch(self, texts: Iterable[str]) -> np.ndarray:
        """The ids of texts side by side, int32 (batch, steps), one step at least; see `PADDING`."""
        rows = [self.encode(text) for text in texts]
        ids = np.full((len(rows), max(1, *map(len, rows))), PADDING, np.int32)
        for row, encoded in zip(ids, rows, strict=True):
            row[: len(encoded)] = encoded
        return ids

    def unknown(self, text: str) -> str:
        """The different characters of a text that are not told apart, in their order."""
        return "".join(dict.fromkeys(c for c in text if self._ids[ord(c)] == UNKNOWN))


def fit(text: str, min_count: int) -> tuple[str, ...]:
    """The class names of a text: the reserved ones, then the characters that are told apart.

    Args:
        text: the train part.
        min_count: times that a character must occur. Ids are 16 bits: of more than 65,534
            characters the commonest are taken.
    """
    counts = np.zeros(_NUM_CODES, np.int64)
    for codes in _codes(text):
        counts += np.bincount(codes, minlength=_NUM_CODES)
    counts[ord(RESERVED_NAMES[UNKNOWN])] = 0  # it stands for what is unknown
    chosen = np.flatnonzero(counts >= min_count)
    room = np.iinfo(np.uint16).max + 1 - NUM_RESERVED
    if len(chosen) > room:
        chosen = np.sort(chosen[np.argsort(-counts[chosen], kind="stable")][:room])
    return (*RESERVED_NAMES, *(chr(code) for code in chosen))


def _codes(text: str) -> Iterator[np.ndarray]:
    """The code points of a text, uint32, piece by piece."""
    for start in range(0, len(text), _CHUNK):
        piece = text[start : start + _CHUNK].encode("utf-32-le", "surrogatepass")
        yield np.frombuffer(piece, "<u4")
