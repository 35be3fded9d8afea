"""The names that a `.keras` file may hold are those that the families give, all of them."""

import importlib.util
import json
from pathlib import Path

import keras
import pytest

from dlcli import kinds, tasks
from dlcli.artifacts import contents
from dlcli.artifacts.known_names import KNOWN
from dlcli.errors import RecipeError
from dlcli.recipe import schema

# The made-up data and the building of a family from it are those of the families' own tests.
_PATH = Path(__file__).parents[1] / "models" / "test_families.py"
_SPEC = importlib.util.spec_from_file_location("families", _PATH)
families = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(families)

# Of keys whose values cannot be counted: one that builds what the default does not.
NUMBERS = {
    "model.l2": "0.1",
    "model.dropout": "0.1",
    "model.dense_units": "[4]",
    "model.dense_dropout": "0.1",
    "model.recurrent_dropout": "0.1",
    "model.moving_average": "null",
    "model.stem_strides": "2",
    "preprocessing.clip": "3.0",
    "embedding.size": "4",
    "embedding.dropout": "0.1",
    "embedding.token_dropout": "0.1",
    "embedding.bigram_buckets": "7",
}
# Read by the data, not by the model.
_OF_DATA = ("color_mode", "resize", "fail", "split", "truncation", "moving_windows")


def overrides_of(task, family, tried):
    """Lists of overrides: none, and each value of each key.

    Args:
        tried: activations and initialisers that another family was built with: what they are
            called in a configuration does not depend on the family.
    """
    yield ()
    for key in schema.described_keys(task, family):
        section, _, name = key.name.partition(".")
        if section not in {"preprocessing", "model", "embedding"} or name == "family":
            continue
        for value in key.values or ((NUMBERS[key.name],) if key.name in NUMBERS else ()):
            is_of_data = {name, value} & set(_OF_DATA)
            # The statistics of pictures are numbers in a layer that series have as well.
            of_pictures = (
                key.name == "preprocessing.scaling" and kinds.for_task(task).name == "image"
            )
            if value == key.default or is_of_data or of_pictures:
                continue
            if name in {"activation", "kernel_initializer"}:
                if value in tried:
                    continue
                tried.add(value)
            yield (f"{key.name}={value}",)


@pytest.mark.slow
def test_the_known_names_are_those_of_every_family_with_every_option():
    found, tried = {}, set()
    for task, family in families.CASES:
        for overrides in overrides_of(task, family, tried):
            # A text that is written step by step is read from one end only, and says so.
            try:
                model = tasks.end_to_end(*families.build_core(task, family, *overrides))
            except RecipeError:
                continue
            config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
            for module, name in contents.names(config):
                found.setdefault(module, set()).add(name)
            keras.backend.clear_session()
    assert found == {module: set(names) for module, names in KNOWN.items()}


@pytest.mark.parametrize("task", kinds.tasks())
def test_a_model_of_each_task_is_known(task, tmp_path):
    family = schema.families_for(task)[-1]
    path = tmp_path / "model.keras"
    tasks.end_to_end(*families.build_core(task, family)).save(path)
    contents.check(path)
