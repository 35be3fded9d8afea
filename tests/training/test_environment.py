"""What a run says of the machine that it is trained on."""

import pytest
import tensorflow as tf

from dlcli.training import environment


@pytest.mark.parametrize(
    ("visible", "used", "expected"),
    [
        (4, 1, "A GPU (1 of 4 used)"),
        (1, 1, "A GPU (1 of 4 used)"),  # hidden by a training that was started
        (2, 2, "A GPU (2 of 4 used)"),
        (4, 4, "A GPU"),
    ],
)
def test_a_device_is_called_the_same_before_and_after_training_hides_others(
    monkeypatch, visible, used, expected
):
    gpus = [object()] * 4
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: gpus[:visible])
    details = {"device_name": "A GPU"}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    assert environment.device(used) == expected


def test_a_training_on_parts_of_the_cpu_names_no_gpu(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [object()])
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: [])
    assert environment.device().startswith("CPU (")
