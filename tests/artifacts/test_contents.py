"""A `.keras` file that is not of dlcli's making is refused before Keras reads it."""

import json
import shutil
import zipfile

import h5py
import pytest

from dlcli import artifacts
from dlcli.artifacts import contents
from dlcli.errors import ArtifactError


def altered(source, target, config=lambda document: None, **members):
    """A copy of a `.keras` file with another configuration, and with other or more members."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == contents.CONFIG:
                document = json.loads(content)
                config(document)
                content = json.dumps(document)
            if name not in members:
                new.writestr(name, content)
        for name, content in members.items():
            new.writestr(name, content)
    return target


def with_layer(**entry):
    def add(document):
        document["config"]["layers"].append({"config": {"name": "x"}, **entry})

    return add


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"module": "keras.layers", "class_name": "Lambda"}, "keras.layers.Lambda"),
        ({"module": "keras.layers", "class_name": "TFSMLayer"}, "keras.layers.TFSMLayer"),
        (
            {"module": "keras.utils", "class_name": "function", "config": "get_file"},
            "keras.utils.get_file",
        ),
        ({"class_name": "__lambda__", "config": {"value": "4wE="}}, "__lambda__"),
        # What is registered wins over the name beside it.
        (
            {"module": "keras.layers", "class_name": "Dense", "registered_name": "evil>Layer"},
            r"keras.layers.Dense \(evil>Layer\)",
        ),
        ({"module": "os", "class_name": "Dense", "registered_name": None}, "os.Dense"),
        ({"module": ["keras"], "class_name": {"Dense": 1}, "registered_name": []}, "keras"),
    ],
)
def test_a_name_that_no_model_of_dlcli_has_is_refused(trained_run, tmp_path, entry, named):
    path = altered(trained_run.model, tmp_path / "model.keras", with_layer(**entry))
    with pytest.raises(ArtifactError, match=f"names .*{named}.*which no model of dlcli") as caught:
        artifacts.load(path)
    assert "--trust" in caught.value.hint


def test_a_name_deep_in_the_arguments_of_a_layer_is_refused(trained_run, tmp_path):
    def hide(document):
        hidden = {"module": "keras.layers", "class_name": "Lambda", "config": {}}
        document["config"]["layers"][0]["config"]["initializer"] = [{"x": hidden}]

    path = altered(trained_run.model, tmp_path / "model.keras", hide)
    with pytest.raises(ArtifactError, match=r"keras\.layers\.Lambda"):
        artifacts.load(path)


def test_what_unpacks_to_far_more_than_it_is_is_refused(trained_run, tmp_path):
    path = altered(trained_run.model, tmp_path / "model.keras", **{"assets/x": bytes(10**6)})
    with pytest.raises(ArtifactError, match=r"bytes of assets/x that unpack to 1,000,000;"):
        artifacts.load(path)


def test_weights_that_are_larger_than_their_file_are_refused(trained_run, tmp_path):
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file.create_dataset("a/b", shape=(10**9,), dtype="float32", chunks=(1000,))
    content = (tmp_path / "weights.h5").read_bytes()
    path = altered(trained_run.model, tmp_path / "model.keras", **{contents.WEIGHTS: content})
    with pytest.raises(ArtifactError, match=r"of model.weights.h5 that unpack to 4,000,000,000;"):
        artifacts.load(path)


def test_trust_loads_what_keras_can(trained_run, tmp_path):
    def replace(document):
        for each in document["config"]["layers"]:
            if each["class_name"] == "Functional":
                for layer in each["config"]["layers"]:
                    if layer["class_name"] == "Rescaling":
                        layer["config"]["activity_regularizer"] = None
                        layer["registered_name"] = "Rescaling"

    path = altered(trained_run.model, tmp_path / "model.keras", replace)
    shutil.copy(path, tmp_path / "again.keras")
    predictor = artifacts.load(path, trust=True)
    assert predictor.metadata["task"] == "image-classification"


def test_the_command_says_why_and_what_to_do(run_cli, trained_run, tmp_path):
    path = altered(
        trained_run.model,
        tmp_path / "model.keras",
        with_layer(module="keras.layers", class_name="Lambda"),
    )
    done = run_cli("predict", path, "--split", "test", "--limit", "1")
    assert done.code == 4
    assert f"{path} names keras.layers.Lambda, which no model of dlcli has" in done.stderr
    assert "say --trust. dlcli is no sandbox" in done.stderr


@pytest.mark.parametrize(
    "command", ["benchmark", "evaluate", "explain", "generate", "predict", "serve"]
)
def test_every_command_that_loads_takes_the_option_that_a_refusal_names(run_cli, command):
    assert "--trust" in run_cli(command, "--help").stdout
