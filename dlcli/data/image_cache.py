"""Pictures decoded once, into a memory-mapped array of the user's cache folder.

`array_cache` keeps the arrays; here is what goes into one and what its key is.
Memory does not grow with the number of pictures: each thread holds one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import PIL

from dlcli.data import array_cache
from dlcli.devices import local
from dlcli.errors import DataError
from dlcli.events import Decoded, Events, ignore
from dlcli.inputs import images

MAX_IN_MEMORY = 2**30
"""Bytes up to which pictures of a built-in data set stay out of the cache."""

_MAX_THREADS = 16
_FILES_A_TASK = 32
# What a disk or a full table of open files says; the picture itself may be sound.
_PASSING_ERRORS = {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE, errno.ENFILE}


@dataclass(frozen=True)
class DecodedImages:
    """Pictures of one size and colour mode.

    Args:
        pixels: uint8 (num_files, height, width, channels), 0 to 255; read-only;
            zeros where a file is bad.
        bad_files: position of each file that is no usable picture, with the reason.
        fingerprint: sha256 of the names and contents of the good files.
        copies: position of each file whose picture an earlier file has -> the first of these.
            Pictures of one colour are no copies of each other, unless their files are equal.
        levels: position of each picture of 16 bits a channel -> its largest value.
        hidden_on: position of each picture with transparency -> the backgrounds that hide it.
        num_frames: position of each picture of one colour -> its frames or pages.
    """

    pixels: np.ndarray
    bad_files: dict[int, str]
    fingerprint: str
    copies: dict[int, int]
    levels: dict[int, int]
    hidden_on: dict[int, list[images.Background]]
    num_frames: dict[int, int]


def decoded(
    root: Path, names: Sequence[str], *, events: Events = ignore, **form: Unpack[images.Form]
) -> DecodedImages:
    """Decode files, or open what was decoded before.

    An unchanged file is known by its path, size and times; nothing is read again.

    Args:
        names: path of each file relative to the root, at least one.

    Raises:
        DataError: the disk fails while a file is read.
        DlcliError: the cache folder is full or cannot be written.
    """

    def fill(write_row: array_cache.WriteRow) -> dict[str, Any]:
        return _decode_all(root, names, form, write_row, events)

    files = [(name, *_state(root / name)) for name in names]
    pixels, description = array_cache.fetch(
        "images",
        _key(os.fspath(root.resolve()), files, form),
        (len(names), *form["image_size"], images.num_channels(form["color_mode"])),
        fill,
    )
    by_position = {
        name: {int(position): value for position, value in description[name].items()}
        for name in ("bad_files", "copies", "levels", "hidden_on", "num_frames")
    }
    return DecodedImages(pixels, fingerprint=description["fingerprint"], **by_position)


def fitted(pictures: np.ndarray, fingerprint: str, **form: Unpack[images.Fit]) -> np.ndarray:
    """Bring the pictures of a built-in data set to the recipe's size and colour mode.

    Args:
        pictures: uint8 (num_examples, height, width), 0 to 255.

    Returns:
        uint8 (num_examples, height, width, channels), 0 to 255; memory-mapped
        if it has more than MAX_IN_MEMORY bytes.

    Raises:
        DlcliError: the cache folder is full or cannot be written.
    """
    shape = (len(pictures), *form["image_size"], images.num_channels(form["color_mode"]))
    if (*pictures.shape, 1) == shape:
        return pictures[..., np.newaxis]

    def fill(write_row: array_cache.WriteRow) -> dict[str, Any]:
        for position, picture in enumerate(pictures):
            write_row(position, images.fit(picture, **form))
        return {}

    if math.prod(shape) > MAX_IN_MEMORY:
        return array_cache.fetch("images", _key(fingerprint, [], form), shape, fill)[0]
    array = np.empty(shape, np.uint8)
    fill(array.__setitem__)
    return array


def num_threads() -> int:
    """How many pictures are decoded at a time: one a processor that this process may use."""
    return min(_MAX_THREADS, local.num_processors())


@dataclass(frozen=True)
class _Read:
    """What one file gave.

    Args:
        content: sha256 of the file; empty if it is bad.
        identity: equal for files with the same picture.
    """

    content: bytes
    identity: bytes = b""
    reason: str = ""
    facts: images.Facts = field(default_factory=images.Facts)


def _key(origin: str, files: Sequence[tuple[Any, ...]], form: images.Fit) -> str:
    versions = [images.DECODER_VERSION, PIL.__version__]
    return hashlib.sha256(json.dumps([versions, origin, files, form]).encode()).hexdigest()


def _state(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    # The change time too: `cp -p` and unpacked archives set the modification time back.
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _decode_all(
    root: Path,
    names: Sequence[str],
    form: images.Form,
    write_row: array_cache.WriteRow,
    events: Events,
) -> dict[str, Any]:
    """Decode every file into its row.

    Returns:
        The description of the cache entry: the fingerprint, and what is said of some files, by
        position.
    """

    def decode_some(start: int) -> list[_Read]:
        return [
            _decode_one(root, names[position], position, form, write_row)
            for position in range(start, min(start + _FILES_A_TASK, len(names)))
        ]

    description: dict[str, dict[int, Any]] = {
        name: {} for name in ("bad_files", "copies", "levels", "hidden_on", "num_frames")
    }
    fingerprint, firsts = hashlib.sha256(), dict[bytes, int]()
    position = 0
    threads = ThreadPoolExecutor(num_threads(), "decode")
    try:
        for results in threads.map(decode_some, range(0, len(names), _FILES_A_TASK)):
            for read in results:
                if read.reason:
                    description["bad_files"][position] = read.reason
                else:
                    fingerprint.update(os.fsencode(names[position]) + b"\0" + read.content)
                    _note(description, position, read, firsts)
                position += 1
            events(Decoded(position, len(names)))
    finally:
        # After an error or Ctrl-C: the rest of a large folder is not waited for.
        threads.shutdown(cancel_futures=True)
    return {**description, "fingerprint": fingerprint.hexdigest()}


def _note(
    description: dict[str, dict[int, Any]], position: int, read: _Read, firsts: dict[bytes, int]
) -> None:
    """Note what is said of a good file; most have nothing."""
    facts = read.facts
    if (first := firsts.setdefault(read.identity, position)) != position:
        description["copies"][position] = first
    if facts.level:
        description["levels"][position] = facts.level
    if facts.hidden_on:
        description["hidden_on"][position] = facts.hidden_on
    if facts.is_blank:
        description["num_frames"][position] = facts.num_frames


def _decode_one(
    root: Path, name: str, position: int, form: images.Form, write_row: array_cache.WriteRow
) -> _Read:
    try:
        data = images.read_bytes(root / name)
        pixels, facts = images.examine(data, name, **form)
    except images.ImageError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _PASSING_ERRORS:
            raise DataError(error.message, "Is the disk sound, and still there?") from None
        return _Read(b"", reason=error.reason)
    write_row(position, pixels)
    content = hashlib.sha256(data).digest()
    # Of dark pictures of 16 bits and of hidden ones too little is left to compare.
    is_poor = facts.is_blank or facts.hidden_on or images.bit_depth_for(facts.level) < 16
    identity = content if is_poor else hashlib.sha256(pixels.data).digest()
    return _Read(content, identity, facts=facts)
