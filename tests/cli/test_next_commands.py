"""What is offered after a training and an export fits the task."""

import pytest

from dlcli import sections
from dlcli.cli import next_commands


@pytest.mark.parametrize("task", sections.TASKS)
def test_a_model_that_makes_something_is_not_asked_for_predictions(task):
    for commands in (next_commands.of_completed("RUN", task), next_commands.of_artifact("F", task)):
        makes = any(command.startswith("dlcli generate ") for command in commands)
        predicts = any(command.startswith("dlcli predict ") for command in commands)
        assert (makes, predicts) == ((True, False) if "generation" in task else (False, True))


def test_an_unknown_task_is_predicted():
    assert next_commands.of_artifact("model.tflite", None) == [
        "dlcli evaluate model.tflite",
        "dlcli predict model.tflite YOUR-FILE",
    ]


def test_a_file_without_steps_says_what_follows_a_text():
    commands = next_commands.of_artifact("exports/model.onnx", "text-generation")
    assert commands[1] == 'dlcli predict exports/model.onnx --text "TEXT"'
