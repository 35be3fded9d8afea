"""A run goes on to the end that it would have had, or says why it cannot."""

import json
import shutil

import pytest

from dlcli import files
from dlcli.errors import DlcliError, RecipeError, UsageError
from dlcli.recipe import schema
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir
from dlcli.training import checkpoints, environment, record, run

OVERRIDES = [
    "training.epochs=2",
    "training.checkpoint_steps=5",
    "model.filters=[4]",
    "model.dense_units=[8]",
]


def make(folder, name, stop=lambda: False, events=lambda event: None):
    loaded = schema.load("digits-cnn", OVERRIDES)
    return run.train(loaded, "digits-cnn", folder, name=name, events=events, stop=stop)


def resume(resumed, *overrides, allow_changed=False):
    events = []
    result = run.resume(
        resumed,
        overrides=overrides,
        allow_changed=allow_changed,
        events=events.append,
        stop=lambda: False,
    )
    return result, [each.message for each in events if type(each).__name__ == "Warned"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make(tmp_path_factory.mktemp("runs"), "whole").run


@pytest.fixture(scope="module")
def stopped_once(tmp_path_factory):
    """Stopped in the middle of the first epoch."""
    steps = []
    result = make(
        tmp_path_factory.mktemp("runs"),
        "stopped",
        events=lambda event: steps.append(getattr(event, "step", 0)),
        stop=lambda: max(steps) >= 8,
    )
    assert result.metrics is None
    return result.run


@pytest.fixture
def stopped(stopped_once, tmp_path):
    shutil.copytree(stopped_once.path, tmp_path / "stopped")
    return RunDir(tmp_path / "stopped")


def test_nothing_changed_goes_on_without_a_word_to_the_same_end(stopped, whole):
    result, warnings = resume(stopped)
    assert warnings == []
    assert result.run.history.read_bytes() == whole.history.read_bytes()
    assert result.run.metrics.read_bytes() == whole.metrics.read_bytes()
    assert "changes" not in json.loads(stopped.environment.read_text())


def test_a_changed_recipe_is_named_and_refused(stopped):
    text = stopped.recipe.read_text()
    stopped.recipe.write_text(text.replace("learning_rate: 0.002", "learning_rate: 0.001"))
    before = stopped.recipe.read_text()
    with pytest.raises(UsageError) as caught:
        resume(stopped)
    assert caught.value.exit_code == 2
    assert caught.value.message == (
        "run stopped cannot go on to the same end, as this has changed:\n"
        "  training.learning_rate: 0.002 -> 0.001"
    )
    assert "--allow-changed" in caught.value.hint
    assert stopped.recipe.read_text() == before
    assert not stopped.metrics.exists()


def test_an_override_that_changes_the_result_is_refused_and_the_recipe_stays(stopped):
    before = stopped.recipe.read_text()
    with pytest.raises(UsageError, match=r"training\.epochs: 2 -> 3"):
        resume(stopped, "training.epochs=3")
    assert stopped.recipe.read_text() == before


def test_an_override_that_leaves_the_result_alone_is_taken(stopped, whole):
    result, warnings = resume(stopped, "training.checkpoint_steps=1000")
    assert warnings == []
    assert "checkpoint_steps: 1000" in stopped.recipe.read_text()
    assert result.run.metrics.read_bytes() == whole.metrics.read_bytes()


def test_what_changed_can_be_allowed_is_told_and_recorded(stopped):
    step = checkpoints.newest_step(stopped.checkpoints)
    result, warnings = resume(stopped, "training.epochs=3", allow_changed=True)
    assert warnings == ["going on although this has changed: training.epochs: 2 -> 3"]
    assert result.metrics["epochs"] == 3
    assert "epochs: 3" in stopped.recipe.read_text()
    [change] = json.loads(stopped.environment.read_text())["changes"]
    assert change["step"] == step
    assert change["changed"] == ["training.epochs: 2 -> 3"]


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_a_constant_learning_rate_that_may_change_is_taken(tmp_path, precision):
    overrides = [*OVERRIDES, "training.schedule=constant", f"training.precision={precision}"]
    loaded = schema.load("digits-cnn", overrides)
    stopped = run.train(
        loaded, "digits", tmp_path, events=lambda event: None, stop=lambda: True
    ).run
    resume(stopped, "training.learning_rate=0.0005", allow_changed=True)
    header, *rows = stopped.history.read_text().splitlines()
    column = header.split(",").index("learning_rate")
    assert [float(row.split(",")[column]) for row in rows] == [pytest.approx(0.0005)] * 2


def test_other_versions_and_another_machine_are_named_and_refused(stopped, monkeypatch):
    versions = {**environment.versions(), "keras": "9.9.9"}
    monkeypatch.setattr(environment, "versions", lambda: versions)
    monkeypatch.setattr(environment, "device", lambda num_used=1: "another one")
    with pytest.raises(UsageError, match=r"keras: \S+ -> 9\.9\.9\n  device: CPU .+ -> another one"):
        resume(stopped)


def test_other_data_is_named_and_refused(stopped, monkeypatch):
    from dlcli.data.builtin import digits

    load = digits.load

    def altered(*arguments):
        dataset = load(*arguments)
        object.__setattr__(dataset.spec, "fingerprint", "0" * 64)
        return dataset

    monkeypatch.setattr(digits, "load", altered)
    with pytest.raises(UsageError, match=r"data\.fingerprint: [0-9a-f]{12} -> 000000000000"):
        resume(stopped)


def test_a_network_of_another_shape_cannot_be_gone_on_with(stopped):
    with pytest.raises(
        UsageError, match=r"kernel has the shape \(3, 3, 1, 4\) in it; \(3, 3, 1, 6\)"
    ):
        resume(stopped, "model.filters=[6]", allow_changed=True)
    with pytest.raises(UsageError, match=r"it holds \d+ arrays; \d+ are expected"):
        resume(stopped, "model.filters=[4, 4]", allow_changed=True)
    with pytest.raises(RecipeError, match="does not fit an input"):
        resume(stopped, "model.filters=[4, 4, 4, 4, 4]", allow_changed=True)


def test_another_batch_size_begins_the_epoch_anew_and_later_checkpoints_stay(stopped):
    step = checkpoints.newest_step(stopped.checkpoints)
    result, _ = resume(stopped, "training.batch_size=256", allow_changed=True)
    assert result.metrics["epochs"] == 2
    # After the steps of 64 examples, 2 epochs of 6 steps of 256.
    assert checkpoints.newest_step(stopped.checkpoints) == step + 2 * 6


def test_a_completed_run_takes_no_overrides(trained_run):
    with pytest.raises(UsageError, match="is completed; its recipe can no longer be changed"):
        resume(trained_run, "training.epochs=30", allow_changed=True)


def test_before_the_first_checkpoint_a_run_begins_under_what_is_there_now(stopped, whole):
    shutil.rmtree(stopped.checkpoints)
    document = json.loads(stopped.environment.read_text())
    files.write_json(stopped.environment, {**document, "keras": "0.0.0"})
    result, warnings = resume(stopped)
    assert warnings == []
    assert result.run.metrics.read_bytes() == whole.metrics.read_bytes()
    assert json.loads(stopped.environment.read_text())["keras"] == document["keras"]
    assert json.loads(stopped.environment.read_text())["recipe"] == "digits-cnn"


def test_a_damaged_newest_checkpoint_is_told_and_the_end_is_the_same(stopped, whole):
    files = sorted(stopped.checkpoints.iterdir())
    assert len(files) == 2
    files[-1].write_bytes(files[-1].read_bytes()[:-100])
    result, warnings = resume(stopped)
    assert len(warnings) == 1
    assert f"{files[-1].name} is damaged" in warnings[0]
    assert warnings[0].endswith(f"{files[0].name} is used.")
    assert result.run.history.read_bytes() == whole.history.read_bytes()
    assert result.run.metrics.read_bytes() == whole.metrics.read_bytes()


def test_a_disk_that_is_full_for_a_checkpoint_leaves_the_one_before(tmp_path, whole, monkeypatch):
    write, written = checkpoints.write, []

    def full_after_the_first(*arguments):
        if written:
            raise OSError(28, "No space left on device")
        written.append(write(*arguments))
        return written[0]

    monkeypatch.setattr(checkpoints, "write", full_after_the_first)
    seen = []
    result = make(tmp_path, "full", events=seen.append)
    warnings = {each.message for each in seen if type(each).__name__ == "Warned"}
    assert warnings == {"the checkpoint cannot be written (No space left on device)."}
    assert result.run.metrics.read_bytes() == whole.metrics.read_bytes()
    assert [path.name for path in result.run.checkpoints.iterdir()] == ["step-000000005.npz"]

    monkeypatch.undo()
    result.run.metrics.unlink()
    resumed, _ = resume(result.run)
    assert resumed.run.metrics.read_bytes() == whole.metrics.read_bytes()


def test_a_history_that_could_not_be_written_is_there_in_the_end(stopped, whole, monkeypatch):
    write_csv, calls = record._write_csv, []

    def full_at_first(path, rows):
        calls.append(path.name)
        if len(calls) <= 3:  # at the end of each epoch, and at the end of all
            raise OSError(28, "No space left on device")
        write_csv(path, rows)

    monkeypatch.setattr(record, "_write_csv", full_at_first)
    with pytest.raises(DlcliError, match="the disk is full; the model is trained"):
        resume(stopped)
    monkeypatch.undo()
    assert not stopped.history.exists()
    result, _ = resume(stopped)
    assert result.run.history.read_bytes() == whole.history.read_bytes()


def test_a_report_that_a_kill_prevented_is_written_and_told(whole, tmp_path):
    shutil.copytree(whole.path, tmp_path / "killed")
    killed = RunDir(tmp_path / "killed")
    killed.report.unlink()
    result, warnings = resume(killed)
    assert warnings == ["the training ended without its report: it is written now."]
    assert killed.report.stat().st_size > 1000
    assert result.metrics == documents.read_json(whole.metrics)
