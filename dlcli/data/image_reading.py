"""Reading files of pictures: their form as the train split needs it, and what to say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data import copies, image_cache, splits
from dlcli.data.image_cache import DecodedImages
from dlcli.errors import DataError
from dlcli.events import Events, ignore
from dlcli.inputs import images
from dlcli.recipe.sections.image import Files, Form
from dlcli.shown import display_name

_MAX_NAMED = 5
_MOST_HIDDEN = 0.01  # of the train split, behind a white background
_MOST_DARK = 0.01  # of the images of 16 bits, that are nearly black


@dataclass(frozen=True)
class Pictures:
    """Pictures that were read.

    Args:
        names: path of each file, fit to be printed.
        bad_files: (name, reason) of all that is left out.
        inferred: keys of the recipe's `data` section that were found out.
    """

    decoded: DecodedImages
    names: Sequence[str]
    bad_files: tuple[tuple[str, str], ...]
    inferred: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> np.ndarray:
        """(num_files,) the same number for copies of one picture."""
        groups = np.arange(len(self.names))
        for position, first in self.decoded.copies.items():
            groups[position] = first
        return groups


def read(
    root: Path,
    names: Sequence[str],
    data: Files,
    form: Form,
    events: Events = ignore,
    strays: Sequence[tuple[str, str]] = (),
) -> Pictures:
    """Read files of pictures in the form that a recipe names; what it leaves open is as usual.

    Args:
        names: path of each relative to the root.
        data: says the bit depth and the background, and what to do about bad files.
        strays: (name, reason) of what is no picture.

    Raises:
        DataError: no file can be read, or one cannot and the recipe says to fail.
        DlcliError: the cache folder is full or cannot be written.
    """
    decoded = image_cache.decoded(
        root,
        names,
        image_size=form.image_size,
        color_mode=form.color_mode,
        resize=form.resize,
        bit_depth=16 if data.bit_depth == "auto" else data.bit_depth,
        background="white" if data.background == "auto" else data.background,
        events=events,
    )
    shown = [display_name(name) for name in names]
    unreadable = [(shown[position], reason) for position, reason in decoded.bad_files.items()]
    bad_files = sorted([*strays, *unreadable])
    if len(unreadable) == len(names):
        raise DataError(
            f"none of the {len(names)} image files in {display_name(root)} can be read:",
            listed=_first_of(unreadable),
        )
    if bad_files and data.on_bad_file == "fail":
        raise DataError(
            f"{display_name(root)} holds {len(bad_files)} bad files:",
            "Repair or remove them, or leave them out with data.on_bad_file=skip.",
            _first_of(bad_files),
        )
    return Pictures(decoded, shown, tuple(bad_files))


def completed(
    pictures: Pictures,
    given: Mapping[str, np.ndarray],
    strata: np.ndarray,
    data: Files,
    reread: Callable[[Files], Pictures],
) -> tuple[Pictures, dict[str, np.ndarray]]:
    """Cut the splits that are not given, and read again in the form that the train split needs.

    Args:
        given: split -> (num_examples,) positions of its good files.
        strata: (num_files,) integers from 0, by which splits are cut, such as class indices.
        reread: reads the same files by another section.

    Returns:
        The pictures, with all that was inferred and is to be said; and the rows of all splits.

    Raises:
        DataError: a class has too few examples.
    """
    rows = splits.completed(given, strata, data, pictures.groups)
    inferred, notes = _inferred(pictures.decoded, rows["train"], data)
    if inferred["bit_depth"] != 16 or inferred["background"] != "white":
        pictures = reread(data.model_copy(update=inferred))
    used = np.concatenate(list(rows.values())).tolist()
    notes += _on_depth(pictures.decoded.levels, used, inferred["bit_depth"])
    notes += notes_on(pictures, given, rows, strata)
    found = replace(
        pictures, inferred={**pictures.inferred, **inferred}, notes=(*pictures.notes, *notes)
    )
    return found, rows


def listed(reasons: Sequence[str]) -> str:
    """The reasons why files of a class cannot be read, in a sentence; "" if all can."""
    if not reasons:
        return ""
    found = "; ".join(f"{each} ({count:,})" for each, count in Counter(reasons).most_common(3))
    return f" {_files(len(reasons))} of it cannot be read: {found}."


def _inferred(
    decoded: DecodedImages, train: np.ndarray, data: Files
) -> tuple[dict[str, Any], list[str]]:
    """The form that the train split needs, and what to say of it."""
    inferred: dict[str, Any] = {"bit_depth": data.bit_depth, "background": data.background}
    rows, notes = set(train.tolist()), []
    if inferred["bit_depth"] == "auto":
        level = max((decoded.levels[row] for row in decoded.levels.keys() & rows), default=0)
        inferred["bit_depth"] = images.bit_depth_for(level)
        if inferred["bit_depth"] != 16:
            notes.append(
                f"the images with 16 bits per channel hold values up to {level:,}: they are read "
                f"as {inferred['bit_depth']} bits (data.bit_depth={inferred['bit_depth']})."
            )
    if inferred["background"] == "auto":
        counts = Counter(
            background
            for row in decoded.hidden_on.keys() & rows
            for background in decoded.hidden_on[row]
        )
        best = min(images.BACKGROUNDS, key=lambda background: counts[background])
        is_needed = counts["white"] > _MOST_HIDDEN * len(rows)
        inferred["background"] = best if is_needed else "white"
        if inferred["background"] != "white":
            notes.append(
                f"{_files(counts['white'], 'transparent image')} of the train split cannot be seen "
                f"on white: transparency is laid over {best} (data.background={best})."
            )
    return inferred, notes


def _on_depth(levels: Mapping[int, int], rows: Sequence[int], depth: images.BitDepth) -> list[str]:
    """Sentences about images of 16 bits per channel that do not fit the depth of all.

    Args:
        levels: position -> largest value, of these images.
    """
    of_16_bits = [levels[row] for row in rows if row in levels]
    notes = []
    if cut := sum(level >= 2**depth for level in of_16_bits):
        notes.append(
            f"{_files(cut, 'image')} {'holds' if cut == 1 else 'hold'} values above "
            f"{2**depth - 1:,}, the largest of {depth} bits, which are cut off."
        )
    dark = [level for level in of_16_bits if images.is_nearly_black(level, depth)]
    if len(dark) > _MOST_DARK * len(of_16_bits):
        notes.append(
            f"{len(dark):,} of {_files(len(of_16_bits), 'image')} with 16 bits per channel "
            f"{'holds' if len(dark) == 1 else 'hold'} values up to {max(dark):,} only and "
            f"{_are(len(dark))} nearly black when read as {depth} bits. To read all otherwise: "
            f"data.bit_depth={images.bit_depth_for(max(dark))}"
        )
    return notes


def notes_on(
    pictures: Pictures,
    given: Mapping[str, np.ndarray],
    rows: Mapping[str, np.ndarray],
    strata: np.ndarray,
) -> list[str]:
    """Sentences about blank pictures and about copies.

    Args:
        given: split -> (num_examples,) positions, before others were cut from train.
        rows: split -> (num_examples,) positions.
    """
    decoded, names, groups = pictures.decoded, pictures.names, pictures.groups
    used = np.zeros(len(names), bool)
    used[np.concatenate(list(rows.values()))] = True
    notes = []
    blank = {place: count for place, count in decoded.num_frames.items() if used[place]}
    if blank:
        notes.append(
            f"{len(blank):,} of {_files(int(used.sum()), 'image')} {_are(len(blank))} of a single "
            f"colour, such as {names[min(blank)]}."
        )
    if animated := sum(count > 1 for count in blank.values()):
        notes.append(
            f"of {_files(animated, 'file')} with several frames or pages the first one is blank, "
            "and only the first one is read."
        )
    across = [
        place
        for place, first in decoded.copies.items()
        if used[place] and strata[place] != strata[first]
    ]
    if across:
        first = across[0]
        notes.append(
            f"{_files(len(across), 'image')} {_are(len(across))} identical to one of another "
            f"class, such as {names[first]} and {names[decoded.copies[first]]}."
        )
    if "train" in rows:
        notes += copies.notes(groups, rows, given, names, "image")
    return notes


def _files(count: int, what: str = "file") -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _first_of(bad_files: Sequence[tuple[str, str]]) -> list[str]:
    """The first bad files, one a line."""
    lines = [f"{name}: {reason}" for name, reason in bad_files[:_MAX_NAMED]]
    if len(bad_files) > _MAX_NAMED:
        lines.append(f"and {len(bad_files) - _MAX_NAMED} more")
    return lines
