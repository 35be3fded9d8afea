"""Every format takes and gives numbers in their units, however large their offset is."""

import numpy as np
import polars as pl
import pytest

from dlcli import artifacts, data, preprocessing, tasks
from dlcli.data import load_own
from dlcli.evaluation import evaluate
from dlcli.events import ignore
from dlcli.explanation.network import Network
from dlcli.export import onnx, saved_model, tflite
from dlcli.inputs import affine
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir
from dlcli.training import finish

OFFSET = 1_704_067_200
SHARES = np.random.default_rng(0).random(120)


def table():
    seconds = OFFSET + np.floor(600 * SHARES).astype(int)
    target = 1e9 + 10 * SHARES
    return pl.DataFrame({"time": seconds, "x": 1 - SHARES, "y": target}), (
        "table-linear",
        "task=table-regression",
        "data.target=y",
    )


def series():
    wave = np.sin(np.arange(120) / 3)
    return pl.DataFrame({"x": wave, "y": 1e9 + wave}), (
        "series-linear",
        "preprocessing.steps=6",
        "preprocessing.horizon=2",
    )


def sequences():
    frame = pl.DataFrame({f"step{step}": 1e9 + SHARES * step for step in range(5)})
    label = pl.Series("label", np.where(SHARES > 0.5, "up", "flat"))
    return frame.with_columns(label), ("sequence-lstm", "model.units=[4]")


@pytest.mark.parametrize(
    "make",
    [
        table,
        pytest.param(series, marks=pytest.mark.slow),
        pytest.param(sequences, marks=pytest.mark.slow),
    ],
)
def test_answers_are_those_of_the_model_in_units(make, tmp_path):
    pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    frame, (base, *options) = make()
    path = tmp_path / "data.csv"
    frame.write_csv(path)
    loaded = schema.load(base, [f'data.source="{path}"', *options])
    dataset = data.load(loaded)
    spec, test = dataset.spec, dataset.splits.test
    assert spec.affines
    preprocessor = preprocessing.adapt(loaded, dataset.splits.train, spec)
    core = tasks.build_core(loaded, preprocessor, spec, "float32")
    weights = [
        np.random.default_rng(place).normal(0, 0.1, each.shape).astype(np.float32)
        for place, each in enumerate(core.get_weights())
    ]
    run = RunDir(tmp_path)
    validation = dataset.splits.validation
    document = finish.save(run, loaded, base, preprocessor, spec, weights, validation, ignore)
    assert affine.from_metadata(document) == spec.affines

    core.set_weights(weights)
    numbers = preprocessing.numbers(loaded, test, preprocessor).inputs
    expected = spec.affines.answers(np.asarray(core(numbers, training=False)))
    spread = expected.std()
    model = artifacts.load(run.model)
    files = [run.model]
    for name, write in (("folder", saved_model), ("a.tflite", tflite), ("a.onnx", onnx)):
        write.write(model.model, document, tmp_path / name)
        files.append(tmp_path / name)
    for file in files:
        predictor = artifacts.load(file, trust=True)
        answers = evaluate.predict(predictor, test)
        assert answers.shape == expected.shape
        assert np.abs(answers - expected).max() < 1e-4 * spread, file
        own, _ = load_own(loaded, str(path), predictor.metadata)
        assert len(evaluate.predict(predictor, own)) == len(own)
    if "y" in frame.columns:
        assert abs(expected[..., -1].mean() - 1e9) < 100
        assert expected.dtype == np.float64
        # What explanations differentiate is in units as well.
        [output] = spec.affines.outputs
        network = Network(model.model, document)
        first = network.numbers(test.gather(np.array([0]))[0])
        ahead = np.concatenate([first, first + np.float32(0.01)])
        scores, gradients = network.gradient(first, ahead, output.place)
        assert scores[0] == pytest.approx(expected[0, ..., output.place].mean(), abs=1e-4 * spread)
        rise = 0.01 * gradients[0].sum()
        assert scores[1] - scores[0] == pytest.approx(rise, rel=0.02, abs=1e-4 * spread)
