"""Image files."""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.data import image_listing
from dlcli.errors import DataError
from dlcli.events import Events, Warned, ignore, warn
from dlcli.inputs import images
from dlcli.inputs.folders import list_files
from dlcli.prediction.source import Batch, Part, Source, digest
from dlcli.shown import display_name


def source(
    predictor: Predictor, inputs: Sequence[str], texts: Sequence[str], events: Events = ignore
) -> Source:
    """Image files in the order given; "-" is one image on standard input."""
    files = expand(inputs, events)
    form = images.form_of(predictor.metadata)

    def read_one(file: str) -> tuple[np.ndarray, images.Facts] | DataError:
        try:
            if file == "-":
                return images.examine(sys.stdin.buffer.read(), "standard input", **form)
            path = Path(file)
            return images.examine(images.read_bytes(path), display_name(path), **form)
        except DataError as error:
            return error

    def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
        with ThreadPoolExecutor() as pool:
            for start in range(first, stop, batch_size):
                batch = files[start : min(start + batch_size, stop)]
                found = list(pool.map(read_one, batch))
                good = [each for each in found if not isinstance(each, DataError)]
                for _, facts in good:
                    warn(events, images.cautions(facts, form))
                yield Batch(
                    [display_name(file) for file in batch],
                    np.stack([pixels for pixels, _ in good]) if good else None,
                    {
                        place: each.message
                        for place, each in enumerate(found)
                        if isinstance(each, DataError)
                    },
                )

    return Source((Part(len(files), read),), lambda: digest(*map(_state, files)))


def _state(file: str) -> str:
    """A file's name, size and time: a copy of it that is not the same differs in one of them."""
    try:
        status = Path(file).stat()
    except OSError:
        return file
    return f"{file}\0{status.st_size}\0{status.st_mtime_ns}"


def expand(inputs: Sequence[str], events: Events = ignore) -> list[str]:
    """Files of the inputs: a folder stands for the images in it, a pattern for what it matches.

    Raises:
        DataError: a folder holds no image.
    """
    sources: list[str] = []
    for item in inputs:
        path = Path(item)
        if item == "-" or path.is_file():
            sources.append(item)
        elif path.is_dir():
            found, others = list[Path](), list[Path]()
            for file in list_files(path):
                (found if images.is_image_file(file) else others).append(file)
            if not found:
                raise image_listing.no_images(path, "Give images, or a folder of them.")
            if others:
                note = (
                    f"{display_name(path)} holds {len(others):,} "
                    f"{'file that is' if len(others) == 1 else 'files that are'} left out, such as "
                    f"{display_name(others[0])}: {image_listing.no_image(others[0])}."
                )
                events(Warned(note))
            sources += map(str, found)
        elif glob.has_magic(item) and (matches := sorted(glob.glob(item, recursive=True))):
            sources += matches
        else:
            sources.append(item)  # a missing file becomes a row with its error
    return sources
