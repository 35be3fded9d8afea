"""Batches are a function of seed, epoch and step; only those of the train split are varied."""

import numpy as np

from dlcli.data import Split
from dlcli.recipe.sections.image import Augmentation
from dlcli.training import pipeline

PIXELS = np.random.default_rng(0).integers(0, 256, (10, 6, 6, 3), np.uint8)
SPLIT = Split(PIXELS, np.arange(10, dtype=np.int32), np.arange(10), [""] * 10)
VARIED = Augmentation(horizontal_flip=True, crop=0.5, rotation=20, saturation=0.5, hue=0.1)


def batches(options=VARIED, **changes):
    keywords = {"batch_size": 4, "seed": 0, "epoch": 0, **changes}
    found = list(pipeline.train_batches(SPLIT, None, options, **keywords))
    return [raw.numpy() for raw, _ in found], [targets.numpy() for _, targets in found]


def test_every_example_of_an_epoch_is_varied_once():
    raw, targets = map(np.concatenate, batches())
    assert sorted(targets) == list(range(10))
    assert not np.array_equal(raw, PIXELS[targets])
    assert [len(batch) for batch in batches()[0]] == [4, 4, 2]


def test_an_epoch_repeats_to_the_bit_from_any_step():
    whole, rest = batches()[0], batches(first_step=1)[0]
    assert all(map(np.array_equal, whole[1:], rest))


def test_epochs_and_seeds_vary_an_example_in_other_ways():
    def of_first(**changes):
        raw, targets = map(np.concatenate, batches(**changes))
        return raw[targets.argmin()]

    assert not np.array_equal(of_first(), of_first(epoch=1))
    assert not np.array_equal(of_first(), of_first(seed=1))


def test_what_is_measured_is_never_varied():
    found = list(pipeline.evaluation_batches(SPLIT, None, batch_size=4))
    assert np.array_equal(np.concatenate([raw for raw, _ in found]), PIXELS)
    assert np.array_equal(np.concatenate([targets for _, targets in found]), np.arange(10))
