"""What is offered next fits what was trained and written."""

import pytest

from dlcli import kinds
from dlcli.cli.screens import next_commands


@pytest.mark.parametrize(
    ("path", "task", "command"),
    [
        ("model.tflite", "text-generation", "dlcli generate model.tflite"),
        ("model.onnx", "text-generation", "dlcli generate model.onnx"),
        ("model.onnx", "image-generation", "dlcli generate model.onnx"),
        ("model.onnx", "of another version", "dlcli predict model.onnx YOUR-FILE"),
        ("model.onnx", None, "dlcli predict model.onnx YOUR-FILE"),
        ("model.keras", "table-regression", "dlcli predict model.keras YOUR-FILE"),
    ],
)
def test_an_exported_file_is_used_by_the_command_that_can(path, task, command):
    assert next_commands.of_exported(path, task) == [f"dlcli evaluate {path}", command]


def test_a_run_that_writes_text_is_asked_for_one():
    assert "dlcli generate mine --length 1000" in next_commands.of_completed(
        "mine", "text-generation"
    )


@pytest.mark.parametrize("task", kinds.tasks())
def test_a_model_that_makes_something_is_not_asked_for_predictions(task):
    for commands in (
        next_commands.of_completed("RUN", task),
        next_commands.of_exported("F.keras", task),
    ):
        makes = any(command.startswith("dlcli generate ") for command in commands)
        predicts = any(command.startswith("dlcli predict ") for command in commands)
        assert (makes, predicts) == ((True, False) if "generation" in task else (False, True))


@pytest.mark.parametrize(
    ("flip", "accuracy", "is_said"),
    [(True, 0.5, True), (True, 1.0, False), (False, 0.5, False)],
)
def test_a_run_that_learned_nothing_from_mirrored_images_names_the_override(
    flip, accuracy, is_said
):
    metrics = {
        "monitor": "accuracy",
        "test": {"accuracy": accuracy, "examples": 100},
        "baselines": [{"name": "majority class", "accuracy": 0.5}],
    }
    recipe = {"augmentation": {"horizontal_flip": flip}}
    hint = next_commands.mirroring_hint(metrics, recipe)
    assert ("augmentation.horizontal_flip=false" in hint) is is_said
    assert next_commands.mirroring_hint(metrics, {}) == ""
