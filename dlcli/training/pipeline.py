"""Batches: from an order of positions to what a training step takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli.data import Split
from dlcli.recipe.sections.image import Augmentation
from dlcli.training import augmentation, order

# Positions of a batch to those of each replica of this process.
Shares = Callable[[tf.Tensor], list[tf.Tensor]]


def train_batches(
    split: Split,
    preprocessor: keras.Model | None,
    options: Augmentation | None,
    *,
    batch_size: int,
    seed: int,
    epoch: int,
    first_step: int = 0,
    shares: Shares | None = None,
) -> tf.data.Dataset:
    """The batches of one epoch, from any step on.

    Args:
        preprocessor: raw examples to numbers; None where they are numbers already.
        options: augmentation, of images.
        batch_size: examples a batch; the last one of an epoch may be short.
        epoch: counted from 0.
        first_step: batches to leave out, without reading them.
        shares: cuts the positions of a batch for the replicas of this process, which read theirs
            alone; None for one device.

    Returns:
        Batches of (float32 (batch, ...), int32 (batch,)); with `shares` tuples of them.
    """
    split = _moved(split, seed, epoch)
    positions = order.permutation(seed, epoch, len(split))[first_step * batch_size :]
    if options is None or not augmentation.is_needed(options):
        return _batches(split, preprocessor, positions, batch_size, shares)

    def augment(raw: tf.Tensor, positions: tf.Tensor) -> tf.Tensor:
        draws = tf.numpy_function(
            lambda batch: order.uniform(seed, epoch, batch, augmentation.NUM_DRAWS),
            [positions],
            tf.float32,
        )
        draws.set_shape([None, augmentation.NUM_DRAWS])
        return augmentation.augment(raw, draws, options)

    return _batches(split, preprocessor, positions, batch_size, shares, augment)


def sample_batches(
    split: Split,
    preprocessor: keras.Model | None,
    num_examples: int,
    *,
    batch_size: int,
    seed: int,
    shares: Shares | None = None,
) -> tf.data.Dataset:
    """The batches of some examples of the train split, always the same, unaugmented.

    Args:
        num_examples: how many; the first ones of the first epoch, as a split's own order may be
            one of classes.
        split, preprocessor, batch_size, seed, shares: as for `train_batches`.
    """
    positions = order.permutation(seed, 0, len(split))[:num_examples]
    return _batches(split, preprocessor, positions, batch_size, shares)


def evaluation_batches(
    split: Split, preprocessor: keras.Model | None, *, batch_size: int, shares: Shares | None = None
) -> tf.data.Dataset:
    """The batches of a split in its own order, unaugmented."""
    return _batches(split, preprocessor, np.arange(len(split)), batch_size, shares)


def _moved(split: Split, seed: int, epoch: int) -> Split:
    """The split with its windows where they stand in an epoch, if it has any that move."""
    slack = getattr(split.inputs, "slack", 0)
    if not slack:
        return split
    # No example has this position, so the draw is none of theirs.
    draw = order.uniform(seed, epoch, np.array([len(split)]), 1).item()
    steps = int(draw * (slack + 1))
    return replace(split, inputs=split.inputs.moved(steps), targets=split.targets.moved(steps))


def _narrow(dtype: np.dtype) -> np.dtype:
    """The dtype of what `Split.gather_for_model` gives of an array."""
    return np.dtype(np.float32) if dtype == np.float64 else dtype


def _batches(
    split: Split,
    preprocessor: keras.Model | None,
    positions: np.ndarray,
    batch_size: int,
    shares: Shares | None = None,
    augment: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = None,
) -> tf.data.Dataset:
    inputs, truth = split.inputs, split.targets

    def prepare(positions: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        raw, targets = tf.numpy_function(
            split.gather_for_model, [positions], (_narrow(inputs.dtype), _narrow(truth.dtype))
        )
        raw.set_shape([None, *inputs.shape[1:]])
        targets.set_shape([None, *truth.shape[1:]])
        if augment:
            raw = augment(raw, positions)
        return preprocessor(raw) if preprocessor else raw, targets

    def prepare_batch(positions: tf.Tensor) -> Any:
        return tuple(map(prepare, shares(positions))) if shares else prepare(positions)

    dataset = tf.data.Dataset.from_tensor_slices(positions).batch(batch_size)
    dataset = dataset.map(prepare_batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return dataset.prefetch(tf.data.AUTOTUNE)
