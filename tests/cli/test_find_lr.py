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
