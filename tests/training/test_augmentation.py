"""Augmentation changes images by their own draws, and only as told."""

import numpy as np
import pytest
import tensorflow as tf

from dlcli.recipe.sections.image import Augmentation
from dlcli.training import augmentation

MIDDLE = np.full((1, augmentation.NUM_DRAWS), 0.5, np.float32)


def images(count=4, size=9, channels=1):
    return np.random.default_rng(0).integers(0, 256, (count, size, size, channels), np.uint8)


def draws(**values):
    """Draws in the middle, where nothing changes, but for those named."""
    row = MIDDLE.copy()
    for name, value in values.items():
        row[0, augmentation.DRAWS.index(name)] = value
    return row


def augmented(raw, row, **options):
    options = Augmentation(**options)
    return augmentation.augment(tf.constant(raw), tf.constant(row), options).numpy()


ALL = {
    "shift": 0.3, "rotation": 90.0, "zoom": 0.3,
    "brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.5,
}  # fmt: skip
LUMA = np.array([0.299, 0.587, 0.114])


def test_defaults_need_no_augmentation():
    assert not augmentation.is_needed(Augmentation())
    assert augmentation.is_needed(Augmentation(shift=0.1))


@pytest.mark.parametrize("channels", [1, 3])
def test_draws_in_the_middle_change_nothing(channels):
    raw = images(1, channels=channels)
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


def test_a_crop_of_nothing_changes_nothing():
    raw = images(1)
    assert np.array_equal(augmented(raw, draws(crop_area=0.0), crop=0.75), raw)


@pytest.mark.parametrize(("y", "x"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_the_largest_crop_fills_the_image_with_one_corner(y, x):
    quarters = np.array([[10, 90], [170, 250]], np.uint8).repeat(8, 0).repeat(8, 1)
    row = draws(crop_area=1.0, crop_y=float(y), crop_x=float(x))
    cropped = augmented(quarters[None, :, :, None], row, crop=0.75)[0, :, :, 0]
    # Half of the height and of the width: that quarter, and where it borders on another.
    inner = cropped[
        (slice(2, None), slice(None, -2))[1 - y], (slice(2, None), slice(None, -2))[1 - x]
    ]
    assert (inner == quarters[-y, -x]).all()


def test_crops_stay_inside_and_vary_in_aspect():
    ramp = np.arange(64, dtype=np.uint8) * 4
    raw = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], np.uint8(0)), axis=-1)[None]
    rows = np.random.default_rng(2).random((200, augmentation.NUM_DRAWS), np.float32)
    cropped = augmented(raw.repeat(200, 0), rows, crop=0.6).astype(int)
    height = (cropped[:, -1, 32, 0] - cropped[:, 0, 32, 0]) / 252
    width = (cropped[:, 32, -1, 1] - cropped[:, 32, 0, 1]) / 252
    assert ((height * width > 0.37) & (height * width <= 1)).all()
    assert (height.max(), width.max()) <= (1, 1)
    aspects = width / height
    assert aspects.min() < 0.85
    assert aspects.max() > 1.18
    assert ((aspects > 0.73) & (aspects < 1.37)).all()


def test_no_saturation_is_gray_of_the_same_luma():
    raw = images(1, channels=3)
    gray = augmented(raw, draws(saturation=0.0), saturation=1.0)
    assert np.abs(gray - (raw @ LUMA)[..., None]).max() <= 1


def test_a_turn_of_the_hue_keeps_the_luma_and_turns_back():
    raw = np.random.default_rng(0).integers(100, 156, (1, 9, 9, 3)).astype(np.uint8)
    there = augmented(raw, draws(hue=1.0), hue=0.25)
    back = augmented(there, draws(hue=0.0), hue=0.25)
    assert np.abs(there @ LUMA - raw @ LUMA).max() <= 1
    assert np.abs(there.astype(int) - raw).max() > 10
    assert np.abs(back.astype(int) - raw).max() <= 2


def test_gray_images_have_no_colour_to_change():
    raw = images(1, channels=1)
    assert np.array_equal(augmented(raw, draws(hue=1.0), saturation=1.0, hue=0.5), raw)


def test_each_image_has_its_own_change():
    raw = images(64, channels=3)
    rows = np.random.default_rng(1).random((64, augmentation.NUM_DRAWS), np.float32)
    together = augmented(raw, rows, crop=0.5, **ALL)
    alone = np.concatenate(
        [augmented(raw[i : i + 1], rows[i : i + 1], crop=0.5, **ALL) for i in range(64)]
    )
    # The last bit of a cosine may depend on its place in the batch, and a rounding on that.
    differences = np.abs(together.astype(int) - alone)
    assert differences.max() <= 1
    assert (differences > 0).mean() < 1e-3


@pytest.mark.parametrize(
    "names",
    [
        ("left", "right"),
        ("stop", "turn_left", "turn_right"),
        ("Arrow Left", "Arrow Right"),
        ("leftward", "rightward"),
        ("eye_L", "eye_R"),
        ("clockwise", "counterclockwise"),
        ("izquierda", "derecha"),
        ("левый", "правый"),
        ("左", "右"),
        ("a", "b", "c", "d"),
        ("ręka lewa", "ręka prawa"),
        ("vlevo", "vpravo"),
        ("vänster", "höger"),
        ("يسار", "يمين"),
        ("बाएँ", "दाएँ"),
        ("trái", "phải"),
        ("arrow ⬅", "arrow ➡"),
        ("OD", "OS"),
    ],
)
def test_names_of_two_sides_mirror_each_other(names):
    found = augmentation.mirrored(names)
    assert found is not None
    assert set(found) <= set(names)


@pytest.mark.parametrize(
    "names",
    [("cat", "dog"), ("left", "middle"), ("bright", "dark"), ("l", "m"), ("daisy", "rose"), ()],
)
def test_other_names_do_not(names):
    assert augmentation.mirrored(names) is None
