"""The epoch that is kept is the one with the lowest validation loss, not a lucky accuracy."""

import csv
import json

import numpy as np
import pytest

from dlcli.errors import RecipeError
from dlcli.recipe import schema
from dlcli.training import run

OVERRIDES = [
    "data.target=outcome",
    "training.epochs=12",
    "training.schedule=constant",
    "training.learning_rate=1e-2",
    "model.units=[16]",
]


@pytest.fixture(scope="module")
def patients(tmp_path_factory):
    """Three measurements and an outcome that mostly follows from them."""
    generator = np.random.default_rng(3)
    rows = generator.normal([120, 70, 32], [30, 13, 7], (200, 3)).round(1)
    score = (rows - rows.mean(axis=0)) @ [0.04, 0.01, 0.1]
    ill = generator.random(200) < 1 / (1 + np.exp(-score))
    path = tmp_path_factory.mktemp("tables") / "patients.csv"
    lines = [
        f"{a},{b},{c},{'ill' if y else 'well'}" for (a, b, c), y in zip(rows, ill, strict=True)
    ]
    path.write_text("\n".join(["glucose,pressure,bmi,outcome", *lines]), encoding="utf-8")
    return path


def train(path, folder, *overrides):
    loaded = schema.load("table-mlp", [f'data.source="{path}"', *OVERRIDES, *overrides])
    done = run.train(loaded, "table-mlp", folder, events=lambda event: None, stop=lambda: False).run
    rows = list(csv.DictReader(done.history.read_text(encoding="utf-8").splitlines()))
    return json.loads(done.metrics.read_text(encoding="utf-8")), rows


def test_the_loss_chooses_unless_the_recipe_says_accuracy(patients, tmp_path):
    metrics, rows = train(patients, tmp_path / "auto")
    losses = [float(row["val_loss"]) for row in rows]
    assert metrics["best_epoch"] == 1 + int(np.argmin(losses))
    assert metrics["chosen_by"] == {
        "metric": "loss",
        "higher_is_better": False,
        "validation": min(losses),
    }
    assert metrics["monitor"] == "accuracy"  # what the result is judged by

    by_accuracy, rows = train(patients, tmp_path / "accuracy", "training.monitor=accuracy")
    best = max(rows, key=lambda row: (float(row["val_accuracy"]), -float(row["val_loss"])))
    assert by_accuracy["best_epoch"] == int(best["epoch"]) < metrics["best_epoch"]


def test_an_unknown_monitor_is_refused_before_the_data_is_read(tmp_path):
    with pytest.raises(RecipeError, match="has no metric 'rmse'"):
        train(tmp_path / "missing.csv", tmp_path, "training.monitor=rmse")
    assert not list(tmp_path.iterdir())
