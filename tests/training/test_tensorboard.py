"""What a run promises to show in TensorBoard is in its event files."""

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util


def events(folder):
    accumulator = EventAccumulator(str(folder), size_guidance={"tensors": 0, "images": 0})
    accumulator.Reload()
    return accumulator


@pytest.fixture(scope="module")
def logs(trained_run):
    return {split: events(trained_run.tensorboard / split) for split in ("train", "validation")}


def scalars(accumulator, tag):
    values = accumulator.Tensors(tag)
    return [event.step for event in values], [
        float(tensor_util.make_ndarray(event.tensor_proto)) for event in values
    ]


def test_train_and_validation_share_their_tags_so_that_one_chart_shows_both(logs, trained_run):
    rows = trained_run.history.read_text().splitlines()[1:]
    for split, column in (("train", 2), ("validation", 4)):
        steps, losses = scalars(logs[split], "loss")
        assert steps == [1, 2]
        assert losses == pytest.approx([float(row.split(",")[column]) for row in rows])
        assert len(scalars(logs[split], "accuracy")[1]) == 2


def test_learning_rate_and_throughput_are_there(logs):
    assert scalars(logs["train"], "learning_rate")[1][-1] == 0
    assert min(scalars(logs["train"], "images_per_second")[1]) > 0


def test_sample_images_confusion_matrix_and_graph_are_there(logs):
    assert {"examples/train", "confusion_matrix/test"} <= set(logs["train"].Tags()["tensors"])
    assert logs["train"].Tags()["graph"]
    nodes = {node.name for node in logs["train"].Graph().node}
    assert any("conv2d" in name for name in nodes)
