"""A run is trained again from what it recorded, and what differs is told."""

import json
import shutil

import pytest

from dlcli import files
from dlcli.errors import UsageError
from dlcli.proof import reproduction
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir


@pytest.fixture
def original(trained_run, tmp_path):
    shutil.copytree(trained_run.path, tmp_path / "runs" / "mine")
    return RunDir(tmp_path / "runs" / "mine")


def reproduce(original, stop=lambda: False):
    events = []
    result = reproduction.reproduce(original, original.path.parent, events=events.append, stop=stop)
    return result, [each.message for each in events if type(each).__name__ == "Warned"]


def test_on_the_same_machine_it_is_equal_to_the_bit(original):
    result, warnings = reproduce(original)
    assert (result.equal, result.changes, warnings) == (True, (), [])
    assert len(result.compared) == 8
    assert result.run.name == "mine-reproduced"
    document = json.loads(result.run.metadata.read_text())
    assert document == json.loads(original.metadata.read_text())


def test_what_differs_is_told_and_the_command_exits_with_1(original, run_cli):
    text = original.recipe.read_text()
    original.recipe.write_text(text.replace("dropout: 0.3", "dropout: 0.2"))
    document = documents.read_json(original.environment)
    files.write_json(original.environment, {**document, "keras": "3.15.0"})

    result = run_cli("reproduce", "mine", "--runs-dir", original.path.parent, "--json")

    assert result.code == 1
    printed = json.loads(result.stdout)
    assert printed["schema"] == "dlcli.reproduce/1"
    assert printed["equal"] is False
    assert printed["changed"] == [{"name": "keras", "before": "3.15.0", "after": document["keras"]}]
    differences = {each["what"]: each["differences"] for each in printed["compared"]}
    assert differences["history.csv"][0].startswith("epoch 1: loss ")
    assert "arrays, by" in differences["weights of model.keras"][0]


def test_one_that_was_stopped_goes_on_and_a_completed_one_stays(original):
    stopped, _ = reproduce(original, stop=lambda: True)
    assert (stopped.compared, stopped.equal) == (None, False)
    again, _ = reproduce(original)
    assert again.run.name == stopped.run.name == "mine-reproduced"
    assert again.equal
    third, _ = reproduce(original, stop=lambda: True)
    assert third.run.name == "mine-reproduced-2"


def test_a_run_that_went_on_under_other_conditions_is_told_of(original):
    document = documents.read_json(original.environment)
    changes = [{"step": 12, "created": "", "changed": ["keras: 1 -> 2"]}]
    files.write_json(original.environment, {**document, "changes": changes})
    _, warnings = reproduce(original, stop=lambda: True)
    assert warnings == [
        "run mine went on under other conditions from step 12, which is not repeated."
    ]


def test_a_run_that_is_not_completed_is_refused(original):
    original.metrics.unlink()
    with pytest.raises(UsageError, match="run mine is not completed"):
        reproduce(original)
