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
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import PIL

from dlcli import devices
from dlcli.data import array_cache
from dlcli.errors import DataError
from dlcli.inputs import images

Progress = Callable[[int, int], None]
"""Is told the number of examples done and their total."""

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
    """

    pixels: np.ndarray
    bad_files: dict[int, str]
    fingerprint: str


def decoded(
    root: Path,
    names: Sequence[str],
    *,
    image_size: tuple[int, int],
    color_mode: images.ColorMode,
    resize: images.Resize,
    progress: Progress | None = None,
) -> DecodedImages:
    """Decode files, or open what was decoded before.

    An unchanged file is known by its path, size and times; nothing is read again.

    Args:
        root: the folder of the files.
        names: path of each file relative to the root, at least one.
        image_size: see `dlcli.inputs.images.read`, as the rest.
        progress: called now and then while files are decoded.

    Raises:
        DataError: the disk fails while a file is read.
        DlcliError: the cache folder is full or cannot be written.
    """
    form: _Form = {"image_size": image_size, "color_mode": color_mode, "resize": resize}

    def fill(write_row: array_cache.WriteRow) -> dict[str, Any]:
        return _decode_all(root, names, form, write_row, progress)

    files = [(name, *_state(root / name)) for name in names]
    pixels, description = array_cache.fetch(
        "images",
        _key(os.fspath(root.resolve()), files, form),
        (len(names), *image_size, images.num_channels(color_mode)),
        fill,
    )
    bad_files = {int(position): reason for position, reason in description["bad_files"].items()}
    return DecodedImages(pixels, bad_files, description["fingerprint"])


def fitted(
    pictures: np.ndarray,
    fingerprint: str,
    *,
    image_size: tuple[int, int],
    color_mode: images.ColorMode,
    resize: images.Resize,
) -> np.ndarray:
    """Bring the pictures of a built-in data set to the recipe's size and colour mode.

    Args:
        pictures: uint8 (num_examples, height, width), 0 to 255.
        fingerprint: of the pictures.
        image_size: see `dlcli.inputs.images.read`, as the rest.

    Returns:
        uint8 (num_examples, height, width, channels), 0 to 255; memory-mapped
        if it has more than MAX_IN_MEMORY bytes.

    Raises:
        DlcliError: the cache folder is full or cannot be written.
    """
    form: _Form = {"image_size": image_size, "color_mode": color_mode, "resize": resize}
    shape = (len(pictures), *image_size, images.num_channels(color_mode))
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
    return min(_MAX_THREADS, devices.num_processors())


class _Form(TypedDict):
    """What a picture is brought to: the keyword arguments of `images.decode`."""

    image_size: tuple[int, int]
    color_mode: images.ColorMode
    resize: images.Resize


def _key(origin: str, files: Sequence[tuple[Any, ...]], form: _Form) -> str:
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
    form: _Form,
    write_row: array_cache.WriteRow,
    progress: Progress | None,
) -> dict[str, Any]:
    """Decode every file into its row.

    Returns:
        The description of the cache entry: bad files by position, and the fingerprint.
    """

    def decode_some(start: int) -> list[tuple[bytes, str]]:
        """The sha256 of each file's content, and why it is bad or ""."""
        return [
            _decode_one(root, names[position], position, form, write_row)
            for position in range(start, min(start + _FILES_A_TASK, len(names)))
        ]

    bad_files: dict[int, str] = {}
    fingerprint = hashlib.sha256()
    position = 0
    threads = ThreadPoolExecutor(num_threads(), "decode")
    try:
        for results in threads.map(decode_some, range(0, len(names), _FILES_A_TASK)):
            for digest, reason in results:
                if reason:
                    bad_files[position] = reason
                else:
                    fingerprint.update(os.fsencode(names[position]) + b"\0" + digest)
                position += 1
            if progress:
                progress(position, len(names))
    finally:
        # After an error or Ctrl-C: the rest of a large folder is not waited for.
        threads.shutdown(cancel_futures=True)
    return {"bad_files": bad_files, "fingerprint": fingerprint.hexdigest()}


def _decode_one(
    root: Path, name: str, position: int, form: _Form, write_row: array_cache.WriteRow
) -> tuple[bytes, str]:
    try:
        data = images.read_bytes(root / name)
        write_row(position, images.decode(data, name, **form))
    except images.ImageError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _PASSING_ERRORS:
            raise DataError(error.message, "Is the disk sound, and still there?") from None
        return b"", error.reason
    return hashlib.sha256(data).digest(), ""
