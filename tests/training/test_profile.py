"""A profiled training ends as any other, and its times add up."""

import json

import pytest

from dlcli.proof import comparison
from dlcli.recipe import schema
from dlcli.training import profile, run

TINY = ("training.epochs=2", "model.filters=[2]", "model.dense_units=[4]", "model.dropout=0.2")


def train(folder, name, events=lambda event: None, stop=lambda: False, profiled=True):
    return run.train(
        schema.load("digits-cnn", list(TINY)),
        "digits-cnn",
        folder,
        name=name,
        profiled=profiled,
        events=events,
        stop=stop,
    )


def test_a_profile_changes_no_bit_and_adds_up_and_leaves_a_trace(tmp_path):
    plain = train(tmp_path, "plain", profiled=False).run
    profiled = train(tmp_path, "profiled").run
    compared = comparison.compare(plain, profiled)
    assert {each.what: each.differences for each in compared if each.differences} == {}
    assert not plain.profile.exists()

    document = json.loads(profiled.profile.read_text())
    assert document["steps"] == 2 * 21
    parts = document["parts"]
    assert sum(parts.values()) == pytest.approx(document["seconds"], abs=0.01)
    assert parts[profile.BUILDING] > parts[profile.STEP] > 0
    assert 0 < parts[profile.FINISHING] < document["seconds"]
    assert parts["the rest"] < 0.3 * document["seconds"]
    [trace] = profiled.tensorboard.glob("train/plugins/profile/*/*.xplane.pb")
    assert trace.stat().st_size > 1000
    assert not list(plain.tensorboard.glob("train/plugins"))


def test_a_training_that_is_stopped_has_a_profile_and_the_rest_has_its_own(tmp_path):
    steps = []
    stopped = train(
        tmp_path,
        "stopped",
        events=lambda event: steps.append(getattr(event, "step", 0)),
        stop=lambda: max(steps) >= 7,
    )
    assert stopped.metrics is None
    first = json.loads(stopped.run.profile.read_text())
    assert 7 <= first["steps"] < 21
    result = run.resume(stopped.run, profiled=True, events=lambda event: None, stop=lambda: False)
    second = json.loads(result.run.profile.read_text())
    assert first["steps"] + second["steps"] == 2 * 21


def test_a_trace_that_cannot_be_written_warns_once_and_training_goes_on(tmp_path, monkeypatch):
    import tensorflow as tf

    def fail(*_):
        raise tf.errors.PermissionDeniedError(None, None, "no permission for the counters")

    monkeypatch.setattr(tf.profiler.experimental, "start", fail)
    warnings = []
    result = train(
        tmp_path, "run", events=lambda event: warnings.append(getattr(event, "message", ""))
    )
    assert result.metrics is not None
    assert [each for each in warnings if each] == [
        "the trace of the steps cannot be written (no permission for the counters); "
        "training goes on."
    ]
