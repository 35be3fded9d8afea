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
    folders = [
        trained_run.tensorboard,
        *filter(lambda p: p.is_dir(), trained_run.tensorboard.iterdir()),
    ]
    return {folder.name: events(folder) for folder in folders}


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


def test_learning_rate_speed_memory_and_gradients_are_there(logs):
    assert scalars(logs["train"], "training/learning_rate")[1][-1] == 0
    assert min(scalars(logs["train"], "speed/images_per_second")[1]) > 0
    assert 0.1 < scalars(logs["train"], "memory/process_gb")[1][-1] < 100
    assert 0 < scalars(logs["train"], "training/gradient_norm")[1][0] < 1000
