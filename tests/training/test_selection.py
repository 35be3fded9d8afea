"""What chooses the epoch to keep, and when a training may stop before its end."""

import pytest

from dlcli.errors import RecipeError
from dlcli.recipe import schema
from dlcli.training import selection


def resolved(name, *overrides):
    told = []
    loaded = schema.load(name, overrides)
    return selection.resolve(loaded.task, loaded.training, told.append), told


@pytest.mark.parametrize(
    ("name", "monitor"),
    [
        ("iris-mlp", "loss"),
        ("digits-cnn", "loss"),
        ("california-mlp", "rmse"),
        ("series-lstm", "scaled_mse"),
        ("char-lstm", "loss"),
        ("digits-gan", "frechet_distance"),
    ],
)
def test_auto_takes_the_loss_of_classes_and_the_error_of_numbers(name, monitor):
    assert resolved(name)[0].monitor == monitor


def test_a_metric_of_the_task_is_taken_and_another_is_refused_with_the_names():
    assert resolved("iris-mlp", "training.monitor=accuracy")[0].monitor == "accuracy"
    with pytest.raises(
        RecipeError,
        match=r"no metric 'acuracy'\. Expected auto, or one of: loss, accuracy\. "
        r"Did you mean 'accuracy'\?",
    ):
        resolved("iris-mlp", "training.monitor=acuracy")


@pytest.mark.parametrize(
    ("overrides", "epochs"),
    [
        (["training.schedule=constant"], 10),
        (["training.schedule=plateau", "training.decay_epochs=4"], 18),
        (["training.schedule=one-cycle"], None),
        (["training.schedule=cosine"], None),
        (["training.schedule=exponential"], None),
        (["training.schedule=step"], None),
        (["training.schedule=cosine", "training.early_stopping_epochs=3"], 3),
        (["training.schedule=constant", "training.early_stopping_epochs=null"], None),
    ],
)
def test_only_a_schedule_without_an_end_of_its_own_stops_early_by_default(overrides, epochs):
    training, told = resolved("iris-mlp", *overrides)
    assert training.early_stopping_epochs == epochs
    assert [choice.key for choice in told] == ["training.early_stopping_epochs"] * (
        epochs in {10, 18}
    )


def test_early_stopping_that_cannot_take_place_is_not_told():
    training, told = resolved("iris-mlp", "training.schedule=constant", "training.epochs=10")
    assert (training.early_stopping_epochs, told) == (10, [])


@pytest.mark.parametrize(
    "name",
    [
        "mnist-cnn",
        "mnist-cnn-deep",
        "mnist-cnn-small",
        "mnist-mlp",
        "digits-cnn",
        "char-lstm",
        "char-lstm-last-step",
        "imdb-bilstm",
        "text-bilstm",
        "series-lstm",
        "image-convnet",
        "image-resnet",
        "text-attention",
        "text-transformer",
        "mnist-gan",
        "line-linear",
        "california-linear",
        "table-linear",
        "series-linear",
        "digits-logistic",
        "breast-cancer-logistic",
    ],
)
def test_documented_recipes_are_trained_to_their_end(name):
    assert resolved(name)[0].early_stopping_epochs is None
