"""A refit trains the chosen number of epochs on train and validation together."""

import csv
import json

import numpy as np
import pytest

from dlcli import artifacts, events
from dlcli.proof import comparison
from dlcli.recipe import schema
from dlcli.training import checkpoints, run
from dlcli.training.loop import Loop

OVERRIDES = [
    "training.epochs=6",
    "training.refit=true",
    "training.batch_size=32",
    "training.checkpoint_steps=4",
    "training.learning_rate=0.05",
    "model.normalization=batch",
    "model.dropout=0.2",
]


def train(folder, name, stop=lambda: False, events=lambda event: None, overrides=()):
    loaded = schema.load("iris-mlp", [*OVERRIDES, *overrides])
    return run.train(loaded, "iris-mlp", folder, name=name, events=events, stop=stop)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    told = []
    result = train(tmp_path_factory.mktemp("runs"), "whole", events=told.append)
    return result.run, told


def rows(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_it_takes_both_splits_for_the_chosen_epochs_and_claims_no_validation(whole):
    done, told = whole
    metrics = json.loads(done.metrics.read_text())
    assert metrics["validation"] == {}
    assert metrics["refit"]["epochs"] == metrics["best_epoch"] == len(rows(done.refit))
    assert metrics["refit"]["examples"] == 120
    assert metrics["epochs"] == len(rows(done.history)) == 6
    assert not any(name.startswith("val_") for name in rows(done.refit)[0])
    assert metrics["chosen_by"]["metric"] == "loss"
    starts = [event for event in told if isinstance(event, events.Started)]
    assert [(each.num_train, each.num_validation, each.is_refit) for each in starts] == [
        (108, 12, False),
        (120, 0, True),
    ]


def test_a_schedule_that_ends_with_the_training_ends_with_the_refit(whole):
    done, _ = whole
    last = float(rows(done.refit)[-1]["learning_rate"])
    assert last == pytest.approx(0, abs=1e-9)


def test_the_saved_model_is_that_of_the_last_step_of_the_refit(whole):
    done, _ = whole
    checkpoint = checkpoints.read_newest(done.checkpoints, pytest.fail)
    saved = artifacts.load(done.model, trust=True).model.get_layer("core").get_weights()
    assert np.array_equal(saved[0], checkpoint.arrays["core-0"])
    best = [checkpoint.arrays[f"best-{index}"] for index in range(len(saved))]
    assert all(np.array_equal(a, b) for a, b in zip(saved, best, strict=True))


def test_it_begins_with_the_same_weights(monkeypatch, tmp_path):
    begun = []
    prepare = Loop.prepare

    def noted(loop):
        prepare(loop)
        begun.append(loop.core.get_weights())

    monkeypatch.setattr(Loop, "prepare", noted)
    train(tmp_path, "small", overrides=["training.epochs=1"])
    assert len(begun) == 2
    assert all(np.array_equal(a, b) for a, b in zip(*begun, strict=True))


@pytest.mark.parametrize("phase", [0, 1])
def test_it_goes_on_equal_to_the_bit_in_both_phases(whole, tmp_path, phase):
    seen = []

    def stop():
        starts = [place for place, each in enumerate(seen) if isinstance(each, events.Started)]
        steps = [each for each in seen if isinstance(each, events.StepsDone)]
        return len(starts) > phase and len(steps) > 0 and isinstance(seen[-1], events.StepsDone)

    stopped = train(tmp_path, "stopped", stop=stop, events=seen.append)
    assert stopped.stopped
    checkpoint = checkpoints.read_newest(stopped.run.checkpoints, pytest.fail)
    assert ("chosen" in checkpoint.state) is bool(phase)
    result = run.resume(stopped.run, events=lambda event: None, stop=lambda: False)
    assert result.metrics
    compared = comparison.compare(whole[0], stopped.run)
    assert [each.differences for each in compared] == [()] * len(compared)
    assert stopped.run.refit.read_bytes() == whole[0].refit.read_bytes()
