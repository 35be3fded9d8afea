"""Augmentation changes images by their own draws, and only as told."""

import numpy as np
import pytest
import tensorflow as tf

from dlcli.sections.image import Augmentation
from dlcli.training import augmentation

MIDDLE = np.full((1, augmentation.NUM_DRAWS), 0.5, np.float32)


def images(count=4, size=9, channels=1):
    return np.random.default_rng(0).integers(0, 256, (count, size, size, channels), np.uint8)


def draws(**values):
    """Draws in the middle, where nothing changes, but for those named."""
    names = ("flip", "shift_y", "shift_x", "angle", "zoom", "brightness", "contrast", "spare")
    row = MIDDLE.copy()
    for name, value in values.items():
        row[0, names.index(name)] = value
    return row


def augmented(raw, row, **options):
    options = Augmentation(**options)
    return augmentation.augment(tf.constant(raw), tf.constant(row), options).numpy()


ALL = {"shift": 0.3, "rotation": 90.0, "zoom": 0.3, "brightness": 0.5, "contrast": 0.5}


def test_defaults_need_no_augmentation():
    assert not augmentation.is_needed(Augmentation())
    assert augmentation.is_needed(Augmentation(shift=0.1))


def test_draws_in_the_middle_change_nothing():
    raw = images(1)
    assert np.array_equal(augmented(raw, draws(), **ALL), raw)


def test_flip_mirrors_half_of_the_draws():
    raw = images(1)
    assert np.array_equal(augmented(raw, draws(flip=0.2), horizontal_flip=True), raw[:, :, ::-1])
    assert np.array_equal(augmented(raw, draws(flip=0.8), horizontal_flip=True), raw)


def test_shift_moves_by_the_share_and_repeats_the_border():
    raw = images(1, size=10)
    moved = augmented(raw, draws(shift_x=1.0), shift=0.2)  # 2 pixels to the right
    assert np.array_equal(moved[:, :, 2:], raw[:, :, :-2])
    assert np.array_equal(moved[:, :, 0], raw[:, :, 0])
    moved = augmented(raw, draws(shift_y=0.0), shift=0.2)  # 2 pixels up
    assert np.array_equal(moved[:, :-2], raw[:, 2:])


def test_rotation_by_a_right_angle_is_exact():
    raw = images(1)
    turned = augmented(raw, draws(angle=1.0), rotation=90.0)
    assert np.array_equal(turned[0], np.rot90(raw[0], axes=(0, 1)))


def test_zoom_keeps_the_centre_and_widens_around_it():
    raw = np.zeros((1, 9, 9, 1), np.uint8)
    raw[:, 3:6, 3:6] = 200
    larger = augmented(raw, draws(zoom=1.0), zoom=0.5)
    smaller = augmented(raw, draws(zoom=0.0), zoom=0.5)
    assert larger[0, 4, 4, 0] == 200
    assert (larger > 0).sum() > (raw > 0).sum() > (smaller > 0).sum()


@pytest.mark.parametrize(("draw", "change"), [(1.0, 51), (0.0, -51)])
def test_brightness_adds_a_share_of_the_range_and_clips(draw, change):
    raw = images(1)
    expected = np.clip(raw.astype(int) + change, 0, 255)
    assert np.abs(augmented(raw, draws(brightness=draw), brightness=0.2) - expected).max() <= 1


def test_contrast_widens_around_the_mean():
    raw = np.array([100, 150], np.uint8).reshape(1, 1, 2, 1)
    changed = augmented(raw, draws(contrast=1.0), contrast=0.5)
    assert changed.ravel().tolist() == [88, 162]  # 125 -+ 37.5


def test_each_image_has_its_own_change():
    raw = images(64, channels=3)
    rows = np.random.default_rng(1).random((64, augmentation.NUM_DRAWS), np.float32)
    together = augmented(raw, rows, **ALL)
    alone = np.concatenate([augmented(raw[i : i + 1], rows[i : i + 1], **ALL) for i in range(64)])
    assert np.array_equal(together, alone)
