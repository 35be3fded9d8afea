"""What is served takes and answers what the SavedModel of the same model does."""

import numpy as np
import pytest

from dlcli import preprocessing, tasks
from dlcli.data import DataSpec, Split
from dlcli.inputs.columns import Column
from dlcli.recipe import schema

SEED = 0


def network(start, overrides, spec, train=None):
    """An untrained end-to-end model with its metadata."""
    import keras

    keras.utils.set_random_seed(SEED)
    loaded = schema.load(start, overrides)
    preprocessor = preprocessing.adapt(loaded, train, spec)
    core = tasks.build_core(loaded, preprocessor, spec, "float32")
    document = {
        "format": "dlcli/1",
        "task": loaded.task,
        "class_names": list(spec.class_names),
        "input": preprocessing.describe(loaded, spec, preprocessor),
        "target": spec.target,
        "recipe_name": start,
    }
    return tasks.end_to_end(preprocessor, core), document


@pytest.fixture(scope="module")
def pictures():
    spec = DataSpec((6, 8, 3), "uint8", ("cat", "狗"), "")
    return network("digits-logistic", ["preprocessing.color_mode=rgb"], spec)


@pytest.fixture(scope="module")
def rents():
    columns = (Column("Age", "Age", "number"), Column("home town", "home_town", "category"))
    examples = {
        "Age": np.array([3, 1, np.nan, 2] * 3, np.float32),
        "home_town": np.array(["Bonn", "Ulm", "Köln", ""] * 3, object),
    }
    spec = DataSpec((), "", (), "", columns=columns, target_mean=5.0, target_std=2.0)
    train = Split(examples, np.zeros(12), np.arange(12), [""] * 12)
    return network("table-linear", ["task=table-regression"], spec, train)


REQUESTS = {
    "pictures": {"image": (np.arange(288) % 256).reshape(2, 6, 8, 3).tolist()},
    "rents": {"Age": [3.0, float("nan")], "home_town": ["Köln", "Rom"]},
}
DTYPES = {"DT_FLOAT": "float32", "DT_UINT8": "uint8", "DT_STRING": "string"}


@pytest.mark.parametrize("name", REQUESTS)
def test_names_shapes_and_answers_are_those_of_the_saved_model(name, request, serve, tmp_path):
    import tensorflow as tf

    from dlcli import artifacts
    from dlcli.export import saved_model

    model, document = request.getfixturevalue(name)
    folder = tmp_path / "saved_model"
    saved_model.write(model, document, folder)
    loaded = tf.saved_model.load(str(folder))
    client = serve(artifacts.load(folder, trust=True), "m")

    described = client.get("v1/models/m/metadata").json["metadata"]["signature_def"]
    signatures = described["signature_def"]
    assert set(signatures) == set(loaded.signatures)
    for key, signature in loaded.signatures.items():
        for ours, theirs in (
            (signatures[key]["inputs"], signature.structured_input_signature[1]),
            (signatures[key]["outputs"], signature.structured_outputs),
        ):
            assert {
                each: (
                    DTYPES[info["dtype"]],
                    [int(size["size"]) for size in info["tensor_shape"]["dim"]],
                )
                for each, info in ours.items()
            } == {
                each: (spec.dtype.name, [size or -1 for size in spec.shape.as_list()])
                for each, spec in theirs.items()
            }

    columns = REQUESTS[name]
    specs = loaded.signatures["serving_default"].structured_input_signature[1]
    given = {key: tf.constant(values, specs[key].dtype) for key, values in columns.items()}
    expected = {
        key: [each.decode() for each in values.numpy()]
        if values.dtype == tf.string
        else values.numpy()
        for key, values in loaded.signatures["serving_default"](**given).items()
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    by_columns = client.post("v1/models/m:predict", {"inputs": columns}).json["outputs"]
    by_rows = client.post("v1/models/m/versions/1:predict", {"instances": rows}).json["predictions"]
    if len(expected) == 1:
        by_columns = dict.fromkeys(expected, by_columns)
        by_rows = [dict.fromkeys(expected, row) for row in by_rows]
    for key, values in expected.items():
        for answers in (by_columns[key], [row[key] for row in by_rows]):
            if key == "class_name":
                assert answers == values
            else:
                assert np.allclose(answers, values, atol=1e-6)
