"""What is offered next fits what was trained and written."""

import pytest

from dlcli.cli import next_commands


@pytest.mark.parametrize(
    ("path", "task", "command"),
    [
        ("model.tflite", "text-generation", "dlcli generate model.tflite"),
        ("model.onnx", "text-generation", 'dlcli predict model.onnx --text "TEXT"'),
        ("model.onnx", "image-generation", "dlcli generate model.onnx"),
        ("model.keras", "table-regression", "dlcli predict model.keras YOUR-FILE"),
    ],
)
def test_an_exported_file_is_used_by_the_command_that_can(path, task, command):
    assert next_commands.of_exported(path, task) == [f"dlcli evaluate {path}", command]


def test_a_run_that_writes_text_is_asked_for_one():
    assert "dlcli generate mine --length 1000" in next_commands.of_completed(
        "mine", "text-generation"
    )
