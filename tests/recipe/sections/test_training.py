"""Keys of training: defaults, what they take, and what contradicts each other."""

import pydantic
import pytest

from dlcli.recipe.sections.training import Training


def test_defaults():
    assert Training().model_dump() == {
        "epochs": 10,
        "batch_size": 64,
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "momentum": 0.0,
        "nesterov": False,
        "beta_1": 0.9,
        "weight_decay": 0.0,
        "gradient_clip_norm": None,
        "gradient_clip_value": None,
        "gradient_accumulation_steps": 1,
        "schedule": "constant",
        "warmup_epochs": 0.0,
        "decay_factor": 0.1,
        "decay_epochs": 10,
        "decay_at_epochs": (),
        "min_learning_rate": 0.0,
        "ema_momentum": None,
        "label_smoothing": 0.0,
        "class_weights": "none",
        "monitor": "auto",
        "batch_norm_statistics": "auto",
        "early_stopping_epochs": "auto",
        "refit": False,
        "max_minutes": None,
        "precision": "float32",
        "compile": "none",
        "intra_op_threads": None,
        "checkpoint_minutes": 5.0,
        "checkpoint_steps": None,
        "histograms": False,
        "seed": 0,
    }


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("epochs", [1], [0, None, "auto"]),
        ("batch_size", [1], [0, None, "auto"]),
        ("learning_rate", [1e-9, 10], [0, -1e-3]),
        ("momentum", [0, 0.99], [-0.1, 1]),
        ("beta_1", [0, 0.99], [-0.1, 1]),
        ("weight_decay", [0, 1], [-1e-9]),
        ("gradient_clip_norm", [None, 1e-3], [0, -1]),
        ("gradient_clip_value", [None, 1e-3], [0, -1]),
        ("gradient_accumulation_steps", [1], [0, None]),
        ("warmup_epochs", [0, 0.5], [-0.5]),
        ("decay_factor", [0.01, 0.99], [0, 1]),
        ("decay_epochs", [1], [0]),
        ("decay_at_epochs", [[], [0.5, 3]], [[0], 3, None]),
        ("min_learning_rate", [0, 1e-4], [-1e-9]),
        ("ema_momentum", [None, 0.999], [0, 1]),
        ("label_smoothing", [0, 0.99], [-0.1, 1]),
        ("class_weights", ["none", "balanced"], [None, {"a": 2}]),
        ("monitor", ["auto", "accuracy"], ["", None]),
        ("batch_norm_statistics", ["auto", "estimated", "moving"], ["batch"]),
        ("early_stopping_epochs", [None, "auto", 1], [0, "never"]),
        ("max_minutes", [None, 0.5], [0, -1]),
        ("precision", ["auto", "float32", "mixed_bfloat16", "mixed_float16"], ["float16"]),
        ("compile", ["auto", "none", "xla"], [True, None]),
        ("intra_op_threads", [None, "auto", 1], [0]),
        ("checkpoint_minutes", [0.1], [0, None]),
        ("checkpoint_steps", [None, 1], [0]),
        ("seed", [0, 2**31 - 1], [-1, 2**31]),
    ],
)
def test_keys(takes, key, accepted, refused):
    takes(Training, key, accepted, refused)


@pytest.mark.parametrize("key", ["optimizer", "schedule"])
def test_a_choice_is_refused_in_capitals(takes, key):
    choices = Training.model_json_schema()["properties"][key]["enum"]
    takes(Training, key, choices, [choice.upper() for choice in choices])


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"gradient_clip_norm": 1.0, "gradient_clip_value": 1.0}, "gradients are clipped one way"),
        ({"learning_rate": 0.1, "min_learning_rate": 0.1}, "less than learning_rate, which is 0.1"),
        ({"decay_at_epochs": (3.0, 3.0)}, "each epoch must be later than the one before it"),
    ],
)
def test_what_contradicts_each_other_is_refused(keys, message):
    with pytest.raises(pydantic.ValidationError, match=message):
        Training(**keys)
    for key, value in keys.items():
        if key != "decay_at_epochs":
            Training(**{"learning_rate": 0.2, key: value})


def test_what_is_just_free_of_contradiction_is_taken():
    Training(learning_rate=0.1, min_learning_rate=0.0999)
    Training(decay_at_epochs=(3.0, 3.5))
