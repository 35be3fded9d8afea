"""Several devices and workers train what one device trains, and go on when one is lost."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from dlcli.devices import distribution
from dlcli.devices.addresses import free_local
from dlcli.devices.cluster import Cluster
from dlcli.devices.local import Devices, parse
from dlcli.devices.replicas import Replicas
from dlcli.errors import RecipeError, UsageError
from dlcli.proof import comparison
from dlcli.recipe.schema import load
from dlcli.runs.run_dir import RunDir
from dlcli.training import checkpoints

# Networks with all that replicas could do otherwise, and batches that they cannot share evenly.
CNN = (
    "digits-cnn",
    "training.epochs=10",  # one is killed long before the end
    "training.batch_size=99",
    "model.filters=[4]",
    "model.dense_units=[8]",
)
TRAIN_ALL = """
import sys
from pathlib import Path
from dlcli import tensorflow_setup
tensorflow_setup.prepare(False)
from dlcli.devices import local
from dlcli.recipe import schema
from dlcli.training import run
texts = Path(sys.argv[2]) / "texts.csv"
recipes = {
    "cnn": ["digits-cnn", "training.batch_size=99", "model.filters=[4]", "model.dense_units=[8]",
        "model.normalization=batch", "model.dropout=0",
        "training.gradient_clip_norm=0.5"],
    "text": ["text-bilstm", f"data.source={texts}", "data.text=text", "data.label=label",
        "preprocessing.sequence_length=8", "model.units=[4]", "model.dropout=0",
        "model.recurrent_dropout=0", "model.dense_units=[]", "model.dense_dropout=0",
        "embedding.size=4", "training.batch_size=9"],
    "table": ["iris-mlp", "training.batch_size=25", "model.dropout=0",
        "training.gradient_clip_norm=0.5"],
}
for name, (base, *overrides) in recipes.items():
    run.train(
        schema.load(base, [*overrides, "training.epochs=2",
            "training.precision=float32",
            "training.optimizer=sgd"]),  # Adam makes steps of rounding where gradients are 0
        name, Path(sys.argv[2]), name=f"{name}-{sys.argv[1][-1]}",
        devices=local.parse(sys.argv[1]), events=lambda event: None, stop=lambda: False,
    )
"""
DRAW = """
from dlcli import tensorflow_setup
tensorflow_setup.prepare(False)
import keras, numpy as np, tensorflow as tf
from dlcli.devices import distribution
from dlcli.devices.local import Devices
with distribution.started(Devices(2, on_cpu=True), None, lambda event: None) as replicas:
    with replicas.scope():
        inputs = keras.Input((100,))
        core = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Dropout(0.5)(inputs)))
        core.compile("sgd", loss="mse", jit_compile=False)
    replicas.prepare(core, ((np.ones((2, 100), "f"), np.ones((2, 1), "f")),))
    dropout = core.layers[1]
    def draw_one():
        return dropout(tf.ones((1, 100)), training=True)
    draw = tf.function(lambda: replicas.strategy.run(draw_one))
    first, second = (part.numpy() for part in replicas.strategy.experimental_local_results(draw()))
    assert not np.array_equal(first, second), "both replicas drew the same mask"
    states = replicas.strategy.experimental_local_results(dropout.seed_generator.state.value)
    assert np.array_equal(states[0].numpy(), states[1].numpy()), "their states differ"
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", Devices(2)), ("all", Devices(None)), ("cpu:2", Devices(2, on_cpu=True))],
)
def test_devices_are_a_number_all_or_parts_of_the_cpu(text, expected):
    assert parse(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize("text", ["0", "-1", "gpu", "cpu:", "cpu:0", "two", ""])
def test_other_devices_are_refused(text):
    with pytest.raises(UsageError, match="Expected a number of GPUs, 'all'"):
        parse(text)


def test_more_gpus_than_there_are_are_refused_with_what_works(run_cli):
    done = run_cli("train", "digits-cnn", "--devices", "64")
    assert done.code == 2
    assert "--devices 64 is given" in done.stderr
    assert "--devices cpu:64" in done.stderr


class Several(Replicas):
    """Replicas whose number alone matters."""

    def __init__(self):
        super().__init__()
        self.num_replicas = 4


@pytest.mark.parametrize(
    ("recipe", "override", "message"),
    [
        ("digits-cnn", "training.batch_size=3", "is 3, and 4 devices share each batch"),
        ("digits-cnn", "training.compile=xla", "compiles the steps of one device"),
        ("digits-gan", "training.epochs=1", "trains two networks in turn"),
    ],
)
def test_what_several_devices_cannot_train_is_refused(recipe, override, message):
    loaded = load(recipe, [override])
    with pytest.raises(RecipeError, match=message):
        distribution.fit(loaded.task, loaded.training, Several(), lambda event: None)


@pytest.mark.parametrize("size", [1, 3, 4, 10])
def test_the_shares_of_all_workers_are_the_batch(size):
    import tensorflow as tf

    shares = []
    for worker in range(2):
        replicas = Several()
        replicas.strategy, replicas.worker, replicas.num_local = object(), worker, 2
        shares += [part.numpy().tolist() for part in replicas.shares()(tf.range(size))]
    assert [row for share in shares for row in share] == list(range(size))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.slow
def test_two_devices_equal_one(tmp_path, run_process):
    rows = [f"{word} film {index},{word}" for index in range(60) for word in ("good", "bad")]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    for devices in ("1", "cpu:2"):
        done = run_process(devices, tmp_path, python=("-c", TRAIN_ALL))
        assert done.code == 0, done.stderr
    for name in ("cnn", "text", "table"):
        one, two = (weights(RunDir(tmp_path / f"{name}-{count}")) for count in (1, 2))
        assert len(one) == len(two) > 0
        far = max(np.abs(a - b).max() for a, b in zip(one, two, strict=True))
        assert far < 1e-6, (name, far)


@pytest.mark.slow
def test_replicas_draw_other_masks_from_the_same_state(run_process):
    done = run_process(python=("-c", DRAW))
    assert done.code == 0, done.stderr


@pytest.mark.slow
def test_two_workers_equal_two_devices_and_go_on_when_one_is_killed(tmp_path, run_process):
    # One thread an operation: with more, products are summed in another order.
    command = (*CNN, "training.intra_op_threads=1", "training.checkpoint_steps=5")
    two_devices = run_process(
        *("train", *command, "--runs-dir", tmp_path, "--name", "devices", "--devices", "cpu:2")
    )
    assert two_devices.code == 0, two_devices.stderr
    whole, killed = RunDir(tmp_path / "whole"), RunDir(tmp_path / "killed")
    assert codes(start_workers(command, whole)) == [0, 0]
    left, right = (
        checkpoints.read_newest(run.checkpoints, pytest.fail).arrays
        for run in (RunDir(tmp_path / "devices"), whole)
    )
    assert {k: v.tobytes() for k, v in left.items()} == {k: v.tobytes() for k, v in right.items()}

    workers = start_workers(command, killed)
    while not list(killed.checkpoints.glob("step-*")):
        assert workers[0].poll() is None, workers[0].communicate()
        time.sleep(0.05)
    workers[1].kill()
    assert codes(workers) == [75, -signal.SIGKILL]
    assert not killed.metrics.exists()
    assert codes(start_workers(command, killed)) == [0, 0]
    differing = [each for each in comparison.compare(whole, killed) if each.differences]
    assert differing == []


def start_workers(command, run, num_workers=2):
    """Workers of this machine, on ports that are free now."""
    addresses = free_local(num_workers)
    place = ("--runs-dir", str(run.path.parent), "--name", run.name, "--go-on", "--quiet")
    return [
        subprocess.Popen(
            [sys.executable, "-m", "dlcli", "train", *command, *place],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TF_CONFIG": Cluster(addresses, index, "TF_CONFIG").tf_config()},
        )
        for index in range(num_workers)
    ]


def codes(workers):
    try:
        return [(worker.communicate(timeout=300), worker.returncode)[1] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()


def weights(run):
    found = checkpoints.read_newest(run.checkpoints, pytest.fail).arrays
    return [array for name, array in found.items() if name.startswith("core-")]
