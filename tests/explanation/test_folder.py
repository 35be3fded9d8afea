"""Pictures get names that can be read, and replace nothing."""

import numpy as np
import pytest

from dlcli.errors import UsageError
from dlcli.explanation import folder
from dlcli.explanation.attribution import Attribution, Explanation
from dlcli.prediction.regression import Prediction


def test_names_have_numbers_and_what_can_be_read():
    inputs = ["photos/a cat.JPG", "It never gets dull!", "...", "a.b.csv row 3"]
    assert folder.names(inputs) == ["01-a-cat", "02-It-never-gets-dull", "03", "04-a.b.csv-row-3"]
    assert folder.names(["x"] * 100)[0] == "001-x"
    assert len(folder.names(["x" * 500])[0]) == 63


def test_a_folder_with_files_is_refused(tmp_path):
    folder.check(tmp_path)
    folder.check(tmp_path / "new")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="holds files already, and nothing is replaced"):
        folder.check(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        folder.check(tmp_path / "file")
    with pytest.raises(UsageError, match="cannot be made"):
        folder.make(tmp_path / "file" / "below")


def test_a_run_has_its_own_folder_and_each_call_another(tmp_path):
    assert folder.default(tmp_path / "model.keras").parent == tmp_path / "explanations"
    (tmp_path / "recipe.yaml").write_text("")
    first = folder.default(tmp_path)
    first.mkdir(parents=True)
    assert first.parent == tmp_path / "explanations"
    assert folder.default(tmp_path) != first


def test_arrays_have_the_names_of_their_methods(tmp_path):
    attribution = Attribution("grad-cam", np.ones((2, 2)), "x", details={"maps": np.zeros(3)})
    path = tmp_path / "a.npz"
    folder.write_arrays(Explanation(Prediction("n", 1.0), attributions=[attribution]), path)
    with np.load(path) as arrays:
        assert {name: arrays[name].shape for name in arrays} == {
            "grad_cam": (2, 2), "grad_cam_maps": (3,)
        }  # fmt: skip
