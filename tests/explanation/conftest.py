"""Untrained models of every kind of data and family, small enough to be made in a moment."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

from dlcli import kinds, preprocessing, tasks
from dlcli.artifacts.keras_file import KerasPredictor
from dlcli.data import Split
from dlcli.recipe import schema
from tests import made_up

CLASSES = ("cat", "dog", "猫")
SMALL = {
    "cnn": ["model.filters=[4]", "model.dense_units=[8]"],
    "resnet": ["model.filters=[4]", "model.num_blocks=1"],
    "mlp": ["model.units=[8]"],
    "recurrent": ["model.units=[4]"],
    "attention": ["model.units=[4]", "model.attention_units=4"],
    "transformer": ["model.units=8", "model.num_heads=2", "model.feed_forward_units=8"],
}
SHORT = {"text": ["preprocessing.sequence_length=8", "preprocessing.min_token_count=1"]}


@pytest.fixture(scope="session")
def made() -> Callable[..., tuple[KerasPredictor, Split]]:
    """Make an untrained predictor, and examples that it takes."""

    def make(task: str, family: str, *overrides: str) -> tuple[KerasPredictor, Split]:
        keras.utils.set_random_seed(0)
        kind, output = kinds.tasks()[task]
        chosen = [f"task={task}", f"model={{family: {family}}}", *SMALL.get(family, ()), *overrides]
        loaded = schema.load(kind.example_recipe, [*chosen, *SHORT.get(kind.name, ())])
        spec, examples = made_up.of(task, CLASSES, (12, 12, 1))
        count = 8
        examples = made_up.first(examples, count)
        targets = np.zeros(count, np.int32 if output.has_classes else np.float32)
        if output.has_several_classes:
            targets = np.zeros((count, len(CLASSES)), np.uint8)
        if output.has_steps:
            targets = np.zeros((count, 3, 2), np.float32)
        if output.continues_text:
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
