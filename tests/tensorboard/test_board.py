"""What a run promises to show in TensorBoard is in its event files."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.util import tensor_util

from dlcli.proof import comparison
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir
from dlcli.tensorboard import classification, examples, settings
from dlcli.tensorboard.budget import Budget
from dlcli.tensorboard.event_files import EventFiles
from dlcli.training import run

TINY = ("training.epochs=2", "model.filters=[4]", "model.dense_units=[8]", "model.dropout=0.2")


class Log:
    """The event files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.events = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
        self.tags = set(self.events.Tags()["tensors"])

    def values(self, tag: str) -> tuple[list[int], list]:
        """Steps and values of a tag."""
        found = self.events.Tensors(tag)
        arrays = [tensor_util.make_ndarray(event.tensor_proto) for event in found]
        return [event.step for event in found], arrays

    def scalars(self, tag: str) -> tuple[list[int], list[float]]:
        steps, values = self.values(tag)
        return steps, [float(value) for value in values]

    def picture(self, tag: str) -> Image.Image:
        """The last picture of a tag, decoded."""
        width, height, png = self.values(tag)[1][-1]
        image = Image.open(io.BytesIO(png))
        assert image.size == (int(width), int(height))
        return image

    def text(self, tag: str) -> str:
        return self.values(tag)[1][-1].item().decode()

    def plugin(self, tag: str) -> str:
        return self.events.SummaryMetadata(tag).plugin_data.plugin_name


def logs_of(made: RunDir) -> dict[str, Log]:
    folders = [made.tensorboard, *(each for each in made.tensorboard.iterdir() if each.is_dir())]
    return {folder.name: Log(folder) for folder in folders}


def train(folder: Path, name: str, recipe_name: str, *overrides: str, **keywords) -> RunDir:
    loaded = schema.load(recipe_name, list(overrides))
    keywords = {"events": lambda event: None, "stop": lambda: False} | keywords
    return run.train(loaded, recipe_name, folder, name=name, **keywords).run


@pytest.fixture(scope="module")
def logs(trained_run):
    return logs_of(trained_run)


@pytest.fixture
def unlimited(monkeypatch):
    """Show everything after every epoch, whatever it costs."""
    monkeypatch.setattr(Budget, "allows", lambda *_: True)


def test_train_and_validation_share_their_tags_so_that_one_chart_shows_both(logs, trained_run):
    rows = trained_run.history.read_text().splitlines()[1:]
    for split, column in (("train", 2), ("validation", 4)):
        steps, losses = logs[split].scalars("loss")
        assert steps == [1, 2]
        assert losses == pytest.approx([float(row.split(",")[column]) for row in rows])
        assert len(logs[split].scalars("accuracy")[1]) == 2


def test_learning_rate_speed_memory_and_gradients_are_there(logs):
    train = logs["train"]
    assert train.scalars("training/learning_rate")[1][-1] == 0
    assert min(train.scalars("speed/images_per_second")[1]) > 0
    assert min(train.scalars("speed/epoch_seconds")[1]) > 0
    assert 0.1 < train.scalars("memory/process_gb")[1][-1] < 100
    assert 0 < train.scalars("training/gradient_norm")[1][0] < 1000


@pytest.mark.parametrize("split", ["validation", "test"])
def test_answers_to_both_splits_are_shown(logs, split):
    log = logs[split]
    for tag in ("confusion_matrix", "curves", "examples/worst", "examples/spread"):
        assert log.plugin(tag) == "images"
        # Something is drawn: no picture of one colour.
        assert len(log.picture(tag).convert("L").getcolors()) > 5
    assert all(0 <= log.scalars(f"f1/{digit}")[1][0] <= 1 for digit in range(10))
    assert log.text("per_class").startswith("class | precision | recall | F1 | examples\n")
    for name in ("all classes", *map(str, range(10))):
        assert log.plugin(f"precision_recall/{name}") == "pr_curves"
        [counts] = log.values(f"precision_recall/{name}")[1]
        true, false, not_false, not_true, precision, recall = counts
        assert np.ptp(true + false + not_false + not_true) == 0
        assert np.all(np.diff(recall) <= 0)
        assert recall[0] == 1
        assert 0 <= precision.min() <= precision.max() <= 1


def test_the_graph_has_a_node_a_layer_that_says_what_it_gives(logs):
    nodes = {node.name: node for node in logs["tensorboard"].events.Graph().node}
    [first, second] = [node for node in nodes.values() if node.op == "Conv2D"]
    assert first.attr["filters"].s == b"32"
    assert [dim.size for dim in first.attr["_output_shapes"].list.shape[0].dim] == [-1, 26, 26, 32]
    assert all(source in nodes for node in nodes.values() for source in node.input)
    assert any(name.startswith("preprocessor/") for name in nodes)

    def before(name: str) -> set[str]:
        return {name}.union(*(before(source) for source in nodes[name].input))

    assert {first.name, second.name, "preprocessor/image"} <= before("probabilities")


def test_runs_compare_by_their_recipe_and_best_figures(logs, trained_run):
    log = logs["result"]
    content = log.events.SummaryMetadata(hparams_metadata.SESSION_START_INFO_TAG).plugin_data
    start = hparams_metadata.parse_session_start_info_plugin_data(content.content)
    assert start.group_name == "trained"
    assert start.hparams["training.epochs"].number_value == 2
    assert start.hparams["model.filters"].string_value == "32, 64"
    assert "training.checkpoint_minutes" not in start.hparams
    assert hparams_metadata.SESSION_END_INFO_TAG in log.tags
    assert log.scalars("best/accuracy")[1][-1] == max(logs["validation"].scalars("accuracy")[1])
    assert 0.5 < log.scalars("test/accuracy")[1][0] <= 1
    assert log.scalars("training_minutes")[1][0] > 0
    assert "custom_scalars__config__" in logs["tensorboard"].tags
    assert "family: cnn" in logs["tensorboard"].text("recipe")


def test_keys_that_have_their_default_are_left_out_unless_runs_are_compared_by_them():
    found = settings.of_recipe(schema.load("digits-cnn", ["training.weight_decay=0.01"]))
    assert found["training.weight_decay"] == 0.01
    assert found["augmentation.rotation"] == 10
    assert found["model.dense_units"] == "128"
    assert not {"augmentation.hue", "training.momentum", "data.test_fraction"} & set(found)


def test_the_projector_has_a_vector_a_label_and_a_picture_of_each_example(trained_run):
    folder = trained_run.tensorboard
    vectors = np.loadtxt(folder / "examples.tsv")
    header, *labels = (folder / "examples-labels.tsv").read_text(encoding="utf-8").splitlines()
    assert vectors.shape == (359, 128)
    assert header == "class\tpredicted\tright\texample"
    assert len(labels) == 359
    shares = [label.split("\t")[2] == "right" for label in labels]
    accuracy = float(np.mean(shares))
    metrics = Log(folder / "result").scalars("test/accuracy")[1][0]
    assert accuracy == pytest.approx(metrics)
    with Image.open(folder / "examples.png") as sprite:
        assert sprite.size == (19 * 48, 19 * 48)
    configuration = (folder / "projector_config.pbtxt").read_text(encoding="utf-8")
    assert 'metadata_path: "examples-labels.tsv"' in configuration


def test_texts_show_their_words(tmp_path, unlimited):
    good, bad = ("fine great", "lovely warm"), ("dull bad", "poor cold")
    rows = [f"a {word} film {n}\tgood" for n in range(20) for word in good]
    rows += [f"a {word} film {n}\tbad" for n in range(20) for word in bad]
    path = tmp_path / "texts.tsv"
    path.write_text("text\tlabel\n" + "\n".join(rows) + "\n", encoding="utf-8")
    made = train(
        tmp_path,
        "words",
        "text-attention",
        f'data.source="{path}"',
        *("training.epochs=2", "model.units=[4]", "model.attention_units=4", "embedding.size=6"),
    )
    logs = logs_of(made)
    assert logs["test"].picture("attention").width > 400
    assert (
        logs["test"].text("examples/spread").startswith("truth | prediction | probability | text\n")
    )
    words = (made.tensorboard / "words-labels.tsv").read_text(encoding="utf-8").splitlines()
    assert words[:2] == ["word\tplace by frequency", "a\t1"]
    assert np.loadtxt(made.tensorboard / "words.tsv").shape == (len(words) - 1, 6)


def test_rows_of_a_table_and_forecasts_stand_beside_the_truth(tmp_path, unlimited):
    made = train(tmp_path, "table", "line-linear", "training.epochs=2")
    logs = logs_of(made)
    heading, _, *rows = logs["test"].text("examples/worst").splitlines()
    assert heading == "truth | prediction | error | x"
    assert len(rows) == 16
    assert logs["validation"].picture("truth_and_prediction").width > 300
    assert logs["validation"].values("truth_and_prediction")[0] == [1, 2]
    tiny = ("training.epochs=2", "model.units=[2]")
    made = train(tmp_path, "series", "mackey-glass-lstm", *tiny)
    logs = logs_of(made)
    assert logs["validation"].picture("forecast").width > 600
    assert logs["validation"].values("forecast")[0] == [1, 2]
    assert logs["test"].picture("forecast").width > 600


def test_sequences_are_drawn(tmp_path, unlimited):
    made = train(tmp_path, "waves", "waves-lstm", "training.epochs=2", "model.units=[2]")
    assert logs_of(made)["test"].picture("examples/spread").width > 600


def test_what_is_shown_changes_no_bit_of_the_training(tmp_path, monkeypatch):
    monkeypatch.setattr(Budget, "allows", lambda *_: False)
    plain = train(tmp_path, "plain", "digits-cnn", *TINY)
    monkeypatch.setattr(Budget, "allows", lambda *_: True)
    steps = []
    stopped = train(
        tmp_path,
        "shown",
        "digits-cnn",
        *TINY,
        "training.histograms=true",
        events=lambda event: steps.append(type(event).__name__),
        stop=lambda: "EpochEnded" in steps and steps[-1] == "StepsDone",
    )
    assert not stopped.metrics.exists()
    shown = run.resume(stopped, events=lambda event: None, stop=lambda: False).run
    compared = comparison.compare(plain, shown)
    different = {each.what: each.differences for each in compared if each.differences}
    assert set(different) <= {"recipe"}

    log, plain_log = Log(shown.tensorboard / "train"), Log(plain.tensorboard / "train")
    assert not any(tag.startswith(("weights/", "gradients/")) for tag in plain_log.tags)
    for kind in ("weights", "gradients"):
        steps, buckets = log.values(f"{kind}/conv2d/kernel")
        assert steps == [1, 2]
        assert buckets[0][:, 2].sum() == 3 * 3 * 1 * 4
    assert log.scalars("loss")[0] == [1, 2]
    assert Log(shown.tensorboard / "validation").values("confusion_matrix")[0] == [1, 2]


def test_a_run_that_goes_on_takes_back_what_it_writes_again(tmp_path):
    for first_step, steps in ((0, (1, 2, 3)), (2, (2, 3, 4))):
        files = EventFiles(tmp_path, first_step, pytest.fail)
        for step in steps:
            files.scalar("train", "loss", float(step), step)
        files.close()
    assert Log(tmp_path / "train").scalars("loss") == ([1, 2, 3, 4], [1, 2, 3, 4])


def test_a_budget_makes_the_interval_as_long_as_the_cost():
    budget = Budget(share=0.01, start=0, guess=1)
    assert not budget.allows(99)
    assert budget.allows(100)
    with budget.spent():
        pass
    assert budget.allows(101)  # it turned out to cost nothing


def test_positives_are_counted_from_their_threshold_on():
    counts = classification.counts_at_thresholds(
        np.array([True, True, False]), np.array([0.5, 1.0, 0.25], np.float32)
    )
    assert counts[:4, 0].tolist() == [2, 1, 0, 0]
    assert counts[:4, 50].tolist() == [2, 0, 1, 0]
    assert counts[:4, 100].tolist() == [1, 0, 1, 1]
    assert counts[4:, 25].tolist() == [pytest.approx(2 / 3), 1]


def test_what_a_user_wrote_means_nothing_in_a_table():
    assert examples.cell("a | *b*\n<c>") == r"a \| \*b\* \<c\>"
    assert len(examples.cell("x" * 500)) == 200
