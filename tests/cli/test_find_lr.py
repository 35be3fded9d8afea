"""dlcli find-lr, as a user types it."""

import json

import pytest
from PIL import Image

TINY = ("digits-cnn", "model.filters=[2]", "model.dense_units=[4]", "training.batch_size=256")


def test_a_suggestion_is_ready_to_paste_and_no_run_is_left(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run_cli("find-lr", *TINY, "--steps", 40)
    assert result.code == 0, result.stderr
    assert "\n    loss\n" in f"\n{result.stdout}"
    assert "The smoothed loss fell fastest at " in result.stdout
    [override] = [line.strip() for line in result.stdout.splitlines() if "training." in line]
    assert [path.name for path in tmp_path.iterdir()] == ["digits-cnn-learning-rates.png"]
    with Image.open(tmp_path / "digits-cnn-learning-rates.png") as image:
        assert image.width > 500
    assert 1e-6 < float(override.removeprefix("training.learning_rate=")) < 10


def test_json_has_the_curve_and_the_override(run_cli, tmp_path):
    plot = tmp_path / "rates.png"
    result = run_cli("find-lr", *TINY, "--steps", 40, "--plot", plot, "--json")
    document = json.loads(result.stdout)
    assert result.stderr == ""
    assert document["schema"] == "dlcli.find-lr/1"
    assert document["override"] == f"training.learning_rate={document['suggestion']:.1e}"
    assert len(document["rates"]) == len(document["losses"]) == len(document["smoothed"])
    assert plot.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("digits-cnn", "--lowest", "1", "--highest", "0.1"), "Expected positive rates"),
        (("digits-cnn", "--plot", "nowhere/x.png"), "there is no folder nowhere for --plot."),
        (("digits-cnn", "--steps", "3"), "3 is not in the range"),
        (("digits-cn",), "Did you mean 'digits-cnn'?"),
    ],
)
def test_a_mistake_ends_in_a_sentence(run_cli, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = run_cli("find-lr", *arguments)
    assert (result.code, result.stdout) == (2, "")
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_plot_that_cannot_be_written_is_told_before_the_sweep(run_cli, tmp_path, monkeypatch):
    from dlcli import files

    result = run_cli("find-lr", *TINY, "--plot", tmp_path)
    assert (result.code, result.stdout) == (2, "")
    assert f"Error: --plot names a folder: {tmp_path}." in result.stderr

    def refuse(folder):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(files, "check_writable", refuse)
    plot = tmp_path / "rates.png"
    result = run_cli("find-lr", *TINY, "--plot", plot)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: the plot {plot} cannot be written: Read-only file system.\n"
        "Name another file: --plot FILE\n"
    )


def test_a_plot_that_fails_in_the_end_does_not_cost_the_suggestion(run_cli, tmp_path, monkeypatch):
    from dlcli.evaluation import plots

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plots, "learning_rates", full)
    plot = tmp_path / "rates.png"
    result = run_cli("find-lr", *TINY, "--steps", 40, "--plot", plot)
    assert result.code == 2
    assert "training.learning_rate=" in result.stdout
    assert "Plot:" not in result.stdout
    assert f"Error: the plot {plot} cannot be written: No space left on device." in result.stderr
    result = run_cli("find-lr", *TINY, "--steps", 40, "--plot", plot, "--json")
    assert result.code == 2
    assert json.loads(result.stdout)["plot"] is None
    assert "No space left on device" in result.stderr
