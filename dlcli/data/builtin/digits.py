"""Handwritten digits, 1,797 pictures of 8 x 8 pixels, bundled with scikit-learn.

Source: UCI Optical Recognition of Handwritten Digits (Alpaydin and Kaynak, 1998), test part.
"""

from __future__ import annotations

import numpy as np

from dlcli.data import DataSet, built_in_images, splits
from dlcli.recipe.sections.image import Files, Form

KIND = "image"

_BRIGHTEST = 16  # the pixels are 0 to 16


def load(task: str, data: Files, preprocessing: Form) -> DataSet:
    """Load the digits, named `digits[0]` to `digits[1796]`, all splits cut by the seed."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pictures = np.rint(bunch.images * (255 / _BRIGHTEST)).astype(np.uint8)  # (1797, 8, 8)
    targets = bunch.target.astype(np.int32)
    names = [f"digits[{index}]" for index in range(len(targets))]
    seed = data.split_seed
    rest, test = splits.stratified(targets, data.test_fraction, seed, min_kept=2)
    train, validation = splits.stratified(targets[rest], data.validation_fraction, seed)
    rows = (rest[train], rest[validation], test)
    class_names = tuple("0123456789")
    return built_in_images.dataset(pictures, targets, rows, names, class_names, preprocessing)
