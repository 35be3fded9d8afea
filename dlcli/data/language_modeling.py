"""From a running text to a data set: where its parts end, and the windows of each.

The text is held in memory, with 2 bytes a character beside it for the numbers: 3 bytes a
character of Western text, 4 of Chinese. 100 MB take 300 MB; `corpus_file.MAX_BYTES` is the bound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcli.data import DataSet, DataSpec, Split, Splits
from dlcli.errors import DataError
from dlcli.inputs import characters
from dlcli.inputs.characters import Alphabet
from dlcli.inputs.text_windows import TextWindows, WindowNames
from dlcli.inputs.windows import Windows
from dlcli.recipe.sections.language_modeling import Data, Preprocessing

_CHUNK = 1 << 20
_UNKNOWN_SHOWN = 20


@dataclass(frozen=True)
class Corpus:
    """A text that was read.

    Args:
        text: all of it, the parts one after another.
        given: split -> its (first, last + 1) character, of the parts that are given; all of
            the text as "train" where none is.
        bad_files: files left out, each with the reason.
        reading: how the files were read; see `dlcli.inputs.tables.Contents`.
    """

    text: str
    shown: str
    given: Mapping[str, tuple[int, int]]
    bad_files: tuple[tuple[str, str], ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def dataset(corpus: Corpus, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Cut a text into parts and windows.

    Parts that are not given are cut from the end of train, the order stays. A window never
    reaches into another part, and the characters are counted in the train part alone.

    Raises:
        DataError: the text is too short.
    """
    parts = _completed(corpus, data)
    class_names = characters.fit(corpus.text[slice(*parts["train"])], preprocessing.min_count)
    if len(class_names) <= characters.NUM_RESERVED:
        raise DataError(
            f"no character of {corpus.shown} occurs {preprocessing.min_count} times.",
            "Give a longer text, or a smaller preprocessing.min_count.",
        )
    ids = Alphabet(class_names).encode(corpus.text)
    splits = {
        split: windows(corpus, ids, bounds, preprocessing, split) for split, bounds in parts.items()
    }
    return DataSet(
        Splits(**splits),
        DataSpec(
            input_shape=(),
            input_dtype="string",
            class_names=class_names,
            fingerprint=_fingerprint(corpus.text, parts),
            bad_files=corpus.bad_files,
            warnings=tuple(_unknown(corpus, ids, parts)),
        ),
    )


def windows(
    corpus: Corpus, ids: np.ndarray, bounds: tuple[int, int], options: Preprocessing, split: str
) -> Split:
    """The windows of one part.

    Args:
        ids: of each of its characters.
        bounds: first and last + 1 character of the part.
        split: the part; the windows of "train" can be moved, see `Windows.moved`.

    Returns:
        Texts of `sequence_length` characters with, as targets, the numbers of the characters
        that follow each of theirs, int32 (num_windows, sequence_length), or of the one that
        follows the last, (num_windows,).

    Raises:
        DataError: the part is shorter than a window.
    """
    length, every_step = options.sequence_length, options.predict == "every-step"
    is_train = split == "train"
    stride = options.stride or length
    if every_step and not is_train:
        stride = length
    begin, end = bounds
    room = end - begin - (length + 1)  # steps by which the first window could move on
    if room < 0:
        raise DataError(
            f"the {split} part of {corpus.shown} has {end - begin:,} characters. Expected at "
            f"least {length + 1:,}, a window and the character after it.",
            "Give a longer text, or a smaller preprocessing.sequence_length.",
        )
    slack = min(stride - 1, room) if is_train and options.moving_windows else 0
    starts = np.arange(begin, begin + room - slack + 1, stride, dtype=np.int64)
    inputs = TextWindows(corpus.text, ids, starts, length, slack)
    targets = (
        Windows(ids, starts + 1, length, np.int32, slack)
        if every_step
        else Windows(ids, starts + length, None, np.int32, slack)
    )
    names = WindowNames(corpus.shown, starts, length)
    return Split(inputs, targets, np.arange(len(starts)), names)


def _completed(corpus: Corpus, data: Data) -> dict[str, tuple[int, int]]:
    """The bounds of all three parts; those that are not given are cut from the end of train."""
    parts = dict(corpus.given)
    for split, fraction in (("test", data.test_fraction), ("validation", data.validation_fraction)):
        if split not in parts:
            begin, end = parts["train"]
            cut = end - round((end - begin) * fraction)
            parts["train"], parts[split] = (begin, cut), (cut, end)
    return parts


def _unknown(corpus: Corpus, ids: np.ndarray, parts: Mapping[str, tuple[int, int]]) -> list[str]:
    """A warning for each part with much that is unknown to the train part."""
    found = []
    for split in ("validation", "test"):
        begin, end = parts[split]
        places = begin + np.flatnonzero(ids[begin:end] == characters.UNKNOWN)
        if len(places) > 0.001 * (end - begin):
            different = "".join(dict.fromkeys(corpus.text[place] for place in places))
            more = " ..." if len(different) > _UNKNOWN_SHOWN else ""
            found.append(
                f"{100 * len(places) / (end - begin):.3g} % of the {split} part are characters "
                f"that the train part has too rarely to be learned ({len(different):,} different "
                f"ones: {different[:_UNKNOWN_SHOWN]!r}{more}); they count as one, 'unknown'."
            )
    return found


def _fingerprint(text: str, parts: Mapping[str, tuple[int, int]]) -> str:
    sha256 = hashlib.sha256(repr(sorted(parts.items())).encode())
    for start in range(0, len(text), _CHUNK):
        sha256.update(text[start : start + _CHUNK].encode("utf-8", "surrogatepass"))
    return sha256.hexdigest()
