"""What autotune measures, keeps and hands on to recipes that say auto."""

import json

import pytest

from dlcli import data
from dlcli.errors import DlcliError
from dlcli.recipe import schema
from dlcli.training import choices, tuned
from dlcli.training.choices import Device
from dlcli.tuning import autotune, speed

TINY = ("model.filters=[2]", "model.dense_units=[4]")


def load(*overrides):
    loaded = schema.load("digits-cnn", [*TINY, *overrides])
    return loaded, data.load(loaded)


def work_of(loaded, dataset):
    return tuned.work(loaded.task, loaded.model, loaded.training.batch_size, dataset.spec)


def fake(speeds):
    """In place of the processes: examples a second by the settings that differ from the first."""

    def measured(path, settings, seconds):
        changed = {
            key: value for key, value in settings.items() if value not in ("float32", "none", None)
        }
        speed = speeds.get(json.dumps(changed), 0.0)
        failure = "" if speed else "it failed"
        document = {"work": {"device": "CPU (2 cores)", "model": {}}}
        return autotune.Measured(settings, speed, failure), document

    return measured


def test_steps_are_measured_and_the_work_is_told():
    loaded, dataset = load()
    found, work = speed.measure(loaded, 0.2, lambda event: None)
    assert found > 10
    assert work.pop("precision") == "float32"
    assert work == work_of(loaded, dataset)


def test_a_setting_is_taken_when_it_is_clearly_faster(monkeypatch):
    monkeypatch.setattr(autotune.local, "num_processors", lambda: 2)
    speeds = {
        "{}": 100.0,
        '{"precision": "mixed_bfloat16"}': 150.0,
        '{"precision": "mixed_bfloat16", "intra_op_threads": 1}': 152.0,
    }
    monkeypatch.setattr(autotune, "_measured", fake(speeds))
    told = []
    found, chosen, path = autotune.tune(schema.load("digits-cnn"), 1.0, told.append)
    assert told == found
    assert [each.examples_per_second for each in found] == [100, 150, 0, 152]
    assert found[2].failure == "it failed"
    expected = {"precision": "mixed_bfloat16", "compile": "none", "intra_op_threads": None}
    assert chosen.settings == expected
    assert json.loads(path.read_text())["chosen"] == expected


def test_a_recipe_that_cannot_be_trained_is_an_error(monkeypatch):
    monkeypatch.setattr(autotune, "_measured", fake({}))
    with pytest.raises(DlcliError, match="it failed"):
        autotune.tune(schema.load("digits-cnn"), 1.0, lambda measured: None)


def test_auto_takes_what_was_found_for_the_same_work_only():
    loaded, dataset = load("training.precision=auto", "training.compile=auto")
    chosen = {"precision": "float32", "compile": "xla", "intra_op_threads": None}
    told = []
    bfloat16 = Device(("avx512_bf16",))
    tuned.write(work_of(loaded, dataset), chosen)
    resolved, _ = choices.resolve(loaded, dataset, told.append, bfloat16)
    assert (resolved.training.precision, resolved.training.compile) == ("float32", "xla")
    assert {each.reason for each in told} == {"measured by dlcli autotune"}
    other, _ = load("training.precision=auto", "training.compile=auto", "training.batch_size=32")
    resolved, _ = choices.resolve(other, dataset, told.append, bfloat16)
    assert resolved.training.precision == "mixed_bfloat16"


def test_threads_are_left_alone_where_nothing_was_found_and_cannot_change_in_a_process():
    loaded, dataset = load("training.intra_op_threads=auto")
    told = []
    resolved, _ = choices.resolve(loaded, dataset, told.append)
    assert resolved.training.intra_op_threads is None
    assert told[0].reason.startswith("dlcli autotune measured nothing")
    speed.measure(load()[0], 0.1, lambda event: None)  # TensorFlow has worked in this process
    with pytest.raises(DlcliError, match="cannot be changed in a process"):
        choices.set_threads(7)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"chosen": {}}', '{"chosen": 3}'])
def test_a_damaged_file_is_as_none(text):
    loaded, dataset = load()
    work = work_of(loaded, dataset)
    path = tuned.write(work, {})
    path.write_text(text)
    assert tuned.read(work) == {}
