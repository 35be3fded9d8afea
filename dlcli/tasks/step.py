"""One step of a trained core, its state an input and an output: what streaming is made of."""

from __future__ import annotations

import keras

from dlcli import catalog, tasks
from dlcli.data import DataSpec
from dlcli.models import RecurrentFamily
from dlcli.recipe.schema import Recipe

INPUT, OUTPUT = "token_ids", "probabilities"


def build(recipe: Recipe, preprocessor: keras.Model, spec: DataSpec) -> keras.Model:
    """Build the step of a text generator, without weights: those of its core fit in.

    Args:
        preprocessor: its layer "tokens" says how many there are.
        spec: its class names are the characters.

    Returns:
        A float32 model from a dict of `token_ids`, int32 (batch, 1), and each state by its
        name, float32 (batch, units), to one of `probabilities`, float32
        (batch, num_characters), and each state by the same name.

    Raises:
        RecipeError: the network cannot go step by step.
    """
    family: RecurrentFamily = catalog.family(recipe.model.family)
    arguments = recipe.model.arguments()
    tokens = keras.Input((1,), dtype="int32", name=INPUT)
    vectors = tasks.enter(tokens, recipe, preprocessor, spec).features
    states = {
        name: keras.Input((size,), name=name) for name, size in family.states(**arguments).items()
    }
    features, after = family.build_step(vectors, states, **arguments)
    outputs = tasks.head_of(recipe.task).head(features, spec)
    return keras.Model({INPUT: tokens, **states}, {OUTPUT: outputs, **after}, name="step")


def check(recipe: Recipe) -> None:
    """Refuse a network that cannot go step by step, before it is trained.

    Raises:
        RecipeError: its answer needs the steps to come, or all steps together.
    """
    family: RecurrentFamily = catalog.family(recipe.model.family)
    family.states(**recipe.model.arguments())


def of(model: keras.Model, recipe: Recipe, class_names: tuple[str, ...]) -> keras.Model:
    """The step of a trained end-to-end model, with its weights."""
    preprocessor, core = model.get_layer("preprocessor"), model.get_layer("core")
    step = build(recipe, preprocessor, DataSpec((), "", class_names, ""))
    step.set_weights(core.get_weights())
    return step
