"""A benchmark: what a run stands for, what is measured of each artifact, and the gate."""

from pathlib import Path

import numpy as np
import pytest

from dlcli.benchmark import candidates, material, run
from dlcli.benchmark.run import Row
from dlcli.data import Split
from dlcli.errors import UsageError
from dlcli.events import Event, Warned, ignore

KEPT = Path(__file__).parents[1] / "kept" / "0.1" / "runs"


def measure(*paths, **options):
    chosen = {
        "batch_size": 8,
        "threads": 1,
        "trust": False,
        "events": ignore,
        **options,
    }
    return list(run.benchmark(paths, **chosen))


def test_a_run_is_its_model_and_its_exports_the_plain_ones_first(tflite_run):
    for name in ("model.int8.tflite", "rejected-model.tflite", "partial-model.tflite"):
        (tflite_run.exports / name).write_bytes((tflite_run.exports / "model.tflite").read_bytes())
    (tflite_run.exports / "model.tflite.json").write_text("{}")
    names = [path.name for path in candidates.of(tflite_run.path)]
    assert names == ["model.keras", "model.tflite", "model.int8.tflite"]


def test_a_file_is_itself(tflite_run):
    path = tflite_run.exports / "model.tflite"
    assert candidates.of(path) == [path]


def test_an_artifact_is_measured_without_tensorflow_and_a_damaged_one_has_its_reason(tflite_run):
    good, bad = tflite_run.exports / "model.tflite", tflite_run.exports / "model.onnx"
    bad.write_bytes(b"\x08\x0a\x12" + bytes(100))
    first, second = measure(bad, good, limit=50)
    assert "model.onnx" in first.error
    assert (first.value, first.single_ms) == (None, None)
    assert second.error == ""
    assert second.tensorflow is False
    assert (second.format, second.metric, second.examples) == ("tflite", "accuracy", 50)
    assert second.size == good.stat().st_size
    assert 0.5 < second.value <= 1
    assert second.change == 0
    assert 0 < second.single_ms <= second.single_p95_ms
    assert second.examples_per_second > 0
    # An interpreter with NumPy has more, and TensorFlow would have many times as much.
    assert 2e7 < second.peak_memory_bytes < 4e8


def test_an_artifact_away_from_its_run_is_measured_on_the_data_that_dlcli_brings(
    tflite_run, tmp_path
):
    copy = tmp_path / "model.tflite"
    copy.write_bytes((tflite_run.exports / "model.tflite").read_bytes())
    [row] = measure(copy, limit=20)
    assert (row.error, row.examples) == ("", 20)


def test_an_artifact_whose_data_are_gone_is_timed_on_random_inputs_and_says_why():
    told: list[Event] = []
    [row] = measure(KEPT / "table-regression" / "exports" / "model.tflite", events=told.append)
    assert (row.error, row.examples, row.value) == ("", None, None)
    assert row.single_ms > 0
    [note] = [event.message for event in told if isinstance(event, Warned)]
    assert note.startswith("times are those of random inputs: ")


@pytest.mark.parametrize("kind", ["image", "text", "table"])
def test_examples_reach_the_other_process_as_they_were(kind, tmp_path):
    inputs = {
        "image": np.arange(10, dtype=np.uint8).repeat(4).reshape(10, 2, 2, 1),
        "text": np.array([f"t{i}\0" for i in range(10)], object),
        "table": {"a": np.arange(10, dtype=np.float32), "b": np.array(list("abcdefghij"), object)},
    }[kind]
    split = Split(inputs, np.arange(10), np.array([9, 7, 5, 3, 1]), [""] * 10)
    assert material.save(tmp_path, split, limit=3) == 3
    again = material.read(tmp_path)
    raw, targets = again.gather(np.arange(3))
    assert targets.tolist() == [9, 5, 1]
    expected, _ = split.gather(np.array([0, 2, 4]))
    if kind == "table":
        assert {key: raw[key].tolist() for key in raw} == {
            key: expected[key].tolist() for key in expected
        }
    else:
        assert raw.tolist() == expected.tolist()


def made_up(metric="accuracy", value=0.97, ms=3.0, **fields):
    return Row("model.tflite", metric=metric, value=value, single_ms=ms, **fields)


@pytest.mark.parametrize(
    ("row", "bounds", "failures"),
    [
        (made_up(), {"min_metric": 0.97, "max_ms": 3.0}, ()),
        (made_up(), {"min_metric": 0.98, "max_ms": None}, ("accuracy 0.97 < 0.98",)),
        (made_up(), {"min_metric": None, "max_ms": 2.5}, ("3 ms > 2.5 ms",)),
        (made_up("rmse", 4.0), {"min_metric": 5.0, "max_ms": None}, ()),
        (made_up("rmse", 6.0), {"min_metric": 5.0, "max_ms": None}, ("rmse 6 > 5",)),
        (made_up(value=float("nan")), {"min_metric": 0.5, "max_ms": None}, ("accuracy nan < 0.5",)),
        (
            Row("model.onnx", error="damaged"),
            {"min_metric": None, "max_ms": 1.0},
            ("could not be measured",),
        ),
        (Row("model.onnx", error="damaged"), {"min_metric": None, "max_ms": None}, ()),
    ],
)
def test_a_row_names_the_conditions_that_it_does_not_meet(row, bounds, failures):
    assert run.judged(row, **bounds).failures == failures


def test_a_share_above_one_is_refused_before_anything_is_measured(tflite_run):
    path = tflite_run.exports / "model.tflite"
    with pytest.raises(UsageError, match="--min-metric 98 can never be met") as caught:
        run.check_bound([path], 98)
    assert "--min-metric 0.98" in caught.value.hint
    run.check_bound([path], 0.98)
    run.check_bound([path], None)
