"""Pictures that come as one array: what the built-in sets of images share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from dlcli.data import DataSet, DataSpec, Split, Splits, image_cache
from dlcli.errors import DataError
from dlcli.recipe.sections.image import Form


def dataset(
    pictures: np.ndarray,
    targets: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray],
    names: Sequence[str],
    class_names: tuple[str, ...],
    form: Form,
) -> DataSet:
    """Bring pictures to the recipe's size and put them into splits.

    Args:
        pictures: uint8 (num_pictures, height, width).
        targets: (num_pictures,) int32 class indices.
        rows: positions of the train, validation and test split.

    Raises:
        DataError: a label is out of range.
    """
    # A label out of range is silent NaN under XLA and on a GPU.
    for split, positions in zip(("train", "validation", "test"), rows, strict=True):
        labels = targets[positions]
        bad = positions[(labels < 0) | (labels >= len(class_names))]
        if len(bad):
            raise DataError(
                f"the {split} split holds label {targets[bad[0]]} ({names[bad[0]]}); expected 0 to "
                f"{len(class_names) - 1}."
            )
    sha256 = hashlib.sha256(pictures.data)
    sha256.update(targets.data)
    fingerprint = sha256.hexdigest()
    inputs = image_cache.fitted(
        pictures,
        fingerprint,
        image_size=form.image_size,
        color_mode=form.color_mode,
        resize=form.resize,
    )
    train, validation, test = (Split(inputs, targets, positions, names) for positions in rows)
    return DataSet(
        Splits(train, validation, test),
        DataSpec(
            input_shape=inputs.shape[1:],
            input_dtype="uint8",
            class_names=class_names,
            fingerprint=fingerprint,
        ),
    )
