"""How far apart two sets of pictures are, without any network that was trained.

The Frechet distance between two sets (Heusel et al., 2017, "GANs trained by a two time-scale
update rule", section 3) compares mean and covariance of features. In place of a network that
was trained on photographs, the features are those of one random convolution: the responses of
fixed random filters, rectified, and averaged over the regions of a grid. They need no data, no
labels and no download, are the same everywhere, and no generator was trained against them.
Such filters alone carry most of what an untrained network tells (Saxe et al., 2011, "On random
weights and unsupervised feature learning").

A set of few pictures is some way from any other: distances are to be compared at equal numbers.
"""

from __future__ import annotations

import itertools

import numpy as np

from dlcli.inputs import noise

NUM_FILTERS = 16
GRID = 4  # regions a side
_CHUNK = 256  # pictures at a time


def filters(picture_shape: tuple[int, int, int]) -> np.ndarray:
    """The filters for pictures of a shape (height, width, channels).

    Returns:
        float32 (size, size, channels, NUM_FILTERS); each sums to 0 and has length 1, so that
        no filter answers to plain brightness.
    """
    height, width, channels = picture_shape
    size = min(5 if min(height, width) >= 16 else 3, height, width)
    drawn = noise.normal(size * size * channels, NUM_FILTERS, seed=0).astype(np.float64)
    drawn = drawn.reshape(size, size, channels, NUM_FILTERS)
    drawn -= drawn.mean(axis=(0, 1, 2))
    length = np.sqrt(np.square(drawn).sum(axis=(0, 1, 2)))
    kernels: np.ndarray = (drawn / np.maximum(length, 1e-12)).astype(np.float32)
    return kernels


def regions(size: int) -> list[slice]:
    """The regions that a side of `size` responses is cut into."""
    edges = np.linspace(0, size, min(GRID, size) + 1).round().astype(int)
    return [slice(start, end) for start, end in itertools.pairwise(edges)]


def features(pictures: np.ndarray) -> np.ndarray:
    """Features of pictures.

    Args:
        pictures: (num_pictures, height, width, channels), 0 to 255.

    Returns:
        float64 (num_pictures, num_features).
    """
    kernels = filters(pictures.shape[1:])
    size = kernels.shape[0]
    matrix = kernels.transpose(2, 0, 1, 3).reshape(-1, NUM_FILTERS)
    found = []
    for start in range(0, len(pictures), _CHUNK):
        pixels = pictures[start : start + _CHUNK].astype(np.float32) / 255
        windows = np.lib.stride_tricks.sliding_window_view(pixels, (size, size), axis=(1, 2))
        responses = np.maximum(windows.reshape(*windows.shape[:3], -1) @ matrix, 0)
        _, height, width, _ = responses.shape
        cells = [
            responses[:, rows, columns].mean(axis=(1, 2))
            for rows in regions(height)
            for columns in regions(width)
        ]
        found.append(np.concatenate(cells, axis=1).astype(np.float64))
    return np.concatenate(found)


def moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (num_features,) and covariance (num_features, num_features) of features."""
    mean = values.mean(axis=0)
    centred = values - mean
    return mean, centred.T @ centred / len(values)


def distance(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> float:
    """The Frechet distance between two normal distributions (Dowson and Landau, 1982).

    Args:
        one, other: mean and covariance, as `moments` gives them.

    Returns:
        At least 0, which equal distributions have; NaN where a moment is not finite.
    """
    (mean, covariance), (other_mean, other_covariance) = one, other
    if not all(np.isfinite(values).all() for values in (*one, *other)):
        return float("nan")
    scales, directions = np.linalg.eigh(covariance)
    root = (directions * np.sqrt(np.maximum(scales, 0))) @ directions.T
    products = np.linalg.eigvalsh(root @ other_covariance @ root)
    found = (
        np.square(mean - other_mean).sum()
        + np.trace(covariance)
        + np.trace(other_covariance)
        - 2 * np.sqrt(np.maximum(products, 0)).sum()
    )
    return max(float(found), 0.0)
