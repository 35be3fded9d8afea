"""A comparison finds every byte that differs, and says where."""

import io
import json
import shutil
import zipfile

import h5py
import numpy as np
import pytest

from dlcli.errors import DlcliError
from dlcli.proof import comparison
from dlcli.runs.run_dir import RunDir
from dlcli.training import checkpoints


@pytest.fixture
def copy(trained_run, tmp_path):
    shutil.copytree(trained_run.path, tmp_path / "copy")
    return RunDir(tmp_path / "copy")


def differences(left, right):
    return {
        each.what: each.differences for each in comparison.compare(left, right) if each.differences
    }


def newest(run):
    return checkpoints.read_newest(run.checkpoints, pytest.fail)


def rewrite(run, arrays=(), position=()):
    """Write the newest checkpoint again with something changed in it."""
    before = newest(run)
    state = {**before.state, "position": {**before.state["position"], **dict(position)}}
    step = before.state["position"]["global_step"]
    checkpoints.write(run.checkpoints, step, {**before.arrays, **dict(arrays)}, state)


def test_a_copy_is_equal_and_everything_was_compared(trained_run, copy):
    compared = comparison.compare(trained_run, copy)
    assert [(each.what, each.unit, each.differences) for each in compared] == [
        ("history.csv", "epochs", ()),
        ("metrics.json", "figures", ()),
        ("weights of model.keras", "values", ()),
        ("answers to the test split", "values", ()),
        ("weights, random states, metric states", "values", ()),
        ("optimizer state", "values", ()),
        ("best weights", "values", ()),
        ("position of the last checkpoint", "figures", ()),
    ]
    counts = {each.what: each.count for each in compared}
    assert counts["history.csv"] == 2
    assert counts["weights of model.keras"] == counts["best weights"] == 225_034
    assert counts["optimizer state"] > 2 * 225_034
    compared_arrays = sum(each.count for each in compared[4:7])
    assert compared_arrays == sum(array.size for array in newest(trained_run).arrays.values())


def test_the_last_bit_of_one_weight_is_found(trained_run, copy):
    array = newest(copy).arrays["core-0"].copy()
    array.flat[7] = np.nextafter(array.flat[7], np.float32(9), dtype=np.float32)
    rewrite(copy, {"core-0": array})
    found = differences(trained_run, copy)
    assert list(found) == ["weights, random states, metric states"]
    [sentence] = found["weights, random states, metric states"]
    assert sentence.startswith("1 of ")
    assert sentence.endswith("at most (in core-0)")


@pytest.mark.parametrize(
    ("group", "what"), [("optimizer", "optimizer state"), ("best", "best weights")]
)
def test_each_group_of_arrays_is_told_apart(trained_run, copy, group, what):
    arrays = newest(copy).arrays
    name = [name for name in arrays if name.startswith(f"{group}-") and arrays[name].ndim][-1]
    rewrite(copy, {name: arrays[name] + 1})
    found = differences(trained_run, copy)
    assert list(found) == [what]
    assert "by 1 at most" in found[what][0]


def test_negative_zero_is_not_zero(trained_run, copy):
    for run, zero in ((trained_run, 0.0), (copy, -0.0)):
        assert comparison._arrays(
            "x", {"a": np.array([0.0])}, {"a": np.array([zero])}
        ).differences == (() if run is trained_run else ("1 of 1 arrays, by 0 at most (in a)",))


def test_time_is_not_compared_but_the_rest_of_the_position_is(trained_run, copy):
    rewrite(copy, position={"seconds": 1e6, "saving_seconds": 3, "epoch_seconds": 2})
    assert differences(trained_run, copy) == {}
    rewrite(copy, position={"best_epoch": 77})
    found = differences(trained_run, copy)
    assert found["position of the last checkpoint"][0].startswith("best_epoch 2 -> 77 (by ")


def test_the_first_epoch_and_metric_that_differ_are_named(trained_run, copy):
    lines = copy.history.read_text().splitlines()
    cells = lines[2].split(",")
    cells[-1] = str(float(cells[-1]) + 0.25)
    copy.history.write_text("\n".join([*lines[:2], ",".join(cells)]) + "\n")
    [sentence] = differences(trained_run, copy)["history.csv"]
    assert sentence.startswith("epoch 2: val_accuracy ")
    assert sentence.endswith("(by 0.25)")


def test_a_missing_epoch_and_a_mere_space_are_found(trained_run, copy):
    text = copy.history.read_text()
    copy.history.write_text("\n".join(text.splitlines()[:-1]) + "\n")
    assert differences(trained_run, copy)["history.csv"] == ("2 epochs -> 1 epochs",)
    copy.history.write_text(text + " ")
    assert differences(trained_run, copy)["history.csv"]


def test_a_figure_of_the_metrics_is_found_and_many_are_counted(trained_run, copy):
    metrics = json.loads(copy.metrics.read_text())
    metrics["test"]["confusion"] = [
        [number + 1 for number in row] for row in metrics["test"]["confusion"]
    ]
    copy.metrics.write_text(json.dumps(metrics))
    found = differences(trained_run, copy)["metrics.json"]
    assert found[0].startswith("test.confusion[0][0] ")
    assert found[-1] == "and 97 more"


def test_a_weight_of_the_model_is_found(trained_run, copy):
    with zipfile.ZipFile(copy.model) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(members["model.weights.h5"])
    names = []
    with h5py.File(weights, "r+") as file:
        file.visititems(
            lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None
        )
        file[names[0]][...] += 0.5
    members["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(copy.model, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    [sentence] = differences(trained_run, copy)["weights of model.keras"]
    assert sentence.endswith(f"by 0.5 at most (in {names[0]})")


def test_runs_without_checkpoints_are_compared_by_the_rest(trained_run, copy):
    shutil.rmtree(copy.checkpoints)
    assert [each.what for each in comparison.compare(trained_run, copy)] == [
        "history.csv",
        "metrics.json",
        "weights of model.keras",
        "answers to the test split",
    ]


def test_a_damaged_file_is_an_error_and_no_difference(trained_run, copy):
    copy.model.write_bytes(b"no zip")
    with pytest.raises(DlcliError, match=r"model\.keras cannot be read"):
        comparison.compare(trained_run, copy)
