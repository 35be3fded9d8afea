"""Untrained models of every kind of data and family, small enough to be made in a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from dlcli import kinds, preprocessing, tasks
from dlcli.artifacts.keras_file import KerasPredictor
from dlcli.data import DataSpec, Split
from dlcli.inputs.characters import RESERVED_NAMES
from dlcli.inputs.columns import Column
from dlcli.inputs.forecasts import Forecast, SeriesColumn
from dlcli.inputs.frequencies import Frequency
from dlcli.recipe import schema

CLASSES = ("cat", "dog", "猫")
SMALL = {
    "cnn": ["model.filters=[4]", "model.dense_units=[8]"],
    "resnet": ["model.filters=[4]", "model.num_blocks=1"],
    "mlp": ["model.units=[8]"],
    "recurrent": ["model.units=[4]"],
    "attention": ["model.units=[4]", "model.attention_units=4"],
    "transformer": ["model.units=8", "model.num_heads=2", "model.feed_forward_units=8"],
}


def images(task: str) -> tuple[DataSpec, Any]:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 12, 12, 1), np.uint8)
    return DataSpec((12, 12, 1), "uint8", CLASSES, ""), pixels


def tables(task: str) -> tuple[DataSpec, Any]:
    """A number with a gap and three categories."""
    columns = (Column("age", "age", "number"), Column("town", "town", "category"))
    examples = {
        "age": np.array([3, 1, np.nan, 2] * 2, np.float32),
        "town": np.array(["Bonn", "Ulm", "Köln", "Ulm"] * 2, object),
    }
    class_names = CLASSES if task == "table-classification" else ()
    return DataSpec(
        (), "", class_names, "", columns=columns, target="price", target_mean=5.0, target_std=2.0
    ), examples


def texts(task: str) -> tuple[DataSpec, Any]:
    written = np.array(["a b c d", "E, f 猫", "b a c , e d f 猫 a b", ""] * 2, object)
    return DataSpec((), "string", CLASSES, "", text="text", target="label"), written


def corpora(task: str) -> tuple[DataSpec, Any]:
    written = np.array(["abcdefgh", "hgfabc", "aa", "x"] * 2, object)
    return DataSpec((), "string", (*RESERVED_NAMES, *"abcdefgh"), ""), written


def series(task: str) -> tuple[DataSpec, Any]:
    """Ten steps of two columns, of which both are forecast for three steps."""
    columns = (SeriesColumn("load", 5.0, 2.0), SeriesColumn("wind", -1.0, 0.5))
    forecast = Forecast(columns, columns, 3, ("time",), ("number",), Frequency("number", 1))
    windows = np.random.default_rng(0).normal(2, 2, (8, 10, 2)).astype(np.float32)
    windows[1, 3:5, 0] = np.nan
    return DataSpec((10, 2), "float32", (), "", series=forecast, target="load, wind"), windows


def sequences(task: str) -> tuple[DataSpec, Any]:
    """Series of up to ten steps and two channels, with ends of their own."""
    values = np.random.default_rng(0).normal(2, 2, (8, 10, 2)).astype(np.float32)
    for place, length in enumerate([10, 7]):
        values[place, length:] = np.nan
    return DataSpec((10, 2), "float32", CLASSES, ""), values


def noise(task: str) -> tuple[DataSpec, Any]:
    drawn = np.random.default_rng(0).normal(size=(8, 16)).astype(np.float32)
    return DataSpec((16,), "float32", (), "", picture_shape=(16, 16, 1)), drawn


MADE_UP = {
    "language_modeling": corpora,
    "image": images,
    "image_generation": noise,
    "sequence": sequences,
    "series": series,
    "table": tables,
    "text": texts,
}


@pytest.fixture(scope="session")
def made() -> Callable[..., tuple[KerasPredictor, Split]]:
    """Make an untrained predictor, and examples that it takes."""

    def make(task: str, family: str, *overrides: str) -> tuple[KerasPredictor, Split]:
        keras.utils.set_random_seed(0)
        kind = kinds.for_task(task).name
        chosen = [f"task={task}", f"model={{family: {family}}}", *SMALL.get(family, ()), *overrides]
        if kind == "text":
            chosen += ["preprocessing.sequence_length=8", "preprocessing.min_token_count=1"]
        loaded = schema.load(kinds.for_task(task).example_recipe, chosen)
        spec, examples = MADE_UP[kind](task)
        count = 8
        targets = np.zeros(count, np.int32 if spec.class_names else np.float32)
        output = kinds.output_of(task)
        if output.has_several_classes:
            targets = np.zeros((count, len(CLASSES)), np.uint8)
        if kind == "series":
            targets = np.zeros((count, 3, 2), np.float32)
        if kind == "language_modeling":
            is_last = "preprocessing.predict=last-step" in overrides
            targets = np.full(count if is_last else (count, 1), 2, np.int32)
        split = Split(examples, targets, np.arange(count), [f"example {n}" for n in range(count)])
        preprocessor = preprocessing.adapt(loaded, split, spec)
        core = tasks.build_core(loaded, preprocessor, spec, "float32")
        metadata = {
            "format": "dlcli/1",
            "task": task,
            "input": preprocessing.describe(loaded, spec, preprocessor),
            "class_names": list(spec.class_names),
            "target": spec.target,
            **({"forecast": spec.forecast.document()} if spec.series else {}),
            "recipe": loaded.model_dump(mode="json"),
            **({"thresholds": [0.5] * len(CLASSES)} if output.has_several_classes else {}),
        }
        return KerasPredictor(tasks.end_to_end(preprocessor, core), metadata), split

    return make
