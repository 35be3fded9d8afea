"""A SavedModel serves with TensorFlow alone, in the formats of TensorFlow Serving's REST API.

Rows: {"instances": [one object of named values an example]}. Columns: {"inputs": {name: values}}.
A value whose name ends in _bytes is {"b64": ...}.
https://www.tensorflow.org/tfx/serving/api_rest
"""

import base64
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dlcli import data, preprocessing, tasks
from dlcli.data import DataSpec, Split
from dlcli.errors import ArtifactError
from dlcli.export import encoded, saved_model
from dlcli.inputs import images as pictures
from dlcli.inputs.columns import Column
from dlcli.recipe import schema

# A server: it knows TensorFlow and the requests, a line each, and neither Keras nor dlcli.
SERVER = """
import base64, json, sys
sys.modules["keras"] = sys.modules["dlcli"] = None
import tensorflow as tf

def decoded(value):
    if isinstance(value, list):
        return [decoded(each) for each in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value

def tensor(spec, values):
    assert spec.shape[0] is None, spec
    return tf.constant(decoded(values), spec.dtype)

for line in sys.stdin:
    folder, name, request = json.loads(line)
    model = tf.saved_model.load(folder)
    signature = model.signatures[name]
    specs = signature.structured_input_signature[1]
    if "instances" in request:
        rows = request["instances"]
        if len(specs) == 1 and not (isinstance(rows[0], dict) and set(rows[0]) == set(specs)):
            rows = [{next(iter(specs)): row} for row in rows]
        columns = {key: [row[key] for row in rows] for key in specs}
    else:
        columns = request["inputs"]
        if not isinstance(columns, dict):
            columns = {next(iter(specs)): columns}
    answer = signature(**{key: tensor(spec, columns[key]) for key, spec in specs.items()})
    print(json.dumps({
        "inputs": {key: [spec.dtype.name, spec.shape.as_list()] for key, spec in specs.items()},
        "outputs": {
            key: [value.decode() for value in values.numpy()] if values.dtype == tf.string
            else values.numpy().tolist()
            for key, values in answer.items()
        },
        "shapes": {
            key: spec.shape.as_list() for key, spec in signature.structured_outputs.items()
        },
    }), flush=True)
"""


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Send a request to a process that has TensorFlow alone, started once: that takes seconds."""
    errors = tmp_path_factory.mktemp("server") / "errors"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-P", "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as server,
    ):

        def ask(folder, request, signature="serving_default"):
            assert server.poll() is None, errors.read_text()
            server.stdin.write(json.dumps([str(folder), signature, request]) + "\n")
            server.stdin.flush()
            answer = server.stdout.readline()
            assert answer, errors.read_text()
            return json.loads(answer)

        yield ask


def document(kind, class_names, **described):
    return {
        "format": "dlcli/1",
        "task": f"{kind}-{'classification' if class_names else 'regression'}",
        "class_names": class_names,
        "input": {"kind": kind, "name": kind, **described},
    }


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A network of small pictures."""
    spec = DataSpec((6, 8, 3), "uint8", ("cat", "狗"), "")
    loaded = schema.load("digits-logistic", ["preprocessing.color_mode=rgb"])
    preprocessor = preprocessing.adapt(loaded, None, spec)
    model = tasks.end_to_end(preprocessor, tasks.build_core(loaded, preprocessor, spec, "float32"))
    folder = tmp_path_factory.mktemp("images") / "saved_model"
    described = document("image", ["cat", "狗"], shape=[6, 8, 3], resize="stretch")
    saved_model.write(model, described, folder)
    return model, folder


PIXELS = np.random.default_rng(0).integers(0, 256, (3, 6, 8, 3), np.uint8)


@pytest.mark.parametrize("form", ["rows", "named rows", "columns", "named columns"])
def test_pictures_as_arrays(images, serve, form):
    model, folder = images
    request = {
        "rows": {"instances": PIXELS.tolist()},
        "named rows": {"instances": [{"image": pixels} for pixels in PIXELS.tolist()]},
        "columns": {"inputs": PIXELS.tolist()},
        "named columns": {"inputs": {"image": PIXELS.tolist()}},
    }[form]
    served = serve(folder, request)
    expected = model.predict(PIXELS, verbose=0)
    assert served["inputs"] == {"image": ["uint8", [None, 6, 8, 3]]}
    assert served["shapes"] == {"probabilities": [None, 2], "class_name": [None]}
    assert np.allclose(served["outputs"]["probabilities"], expected, atol=1e-6)
    best = expected.argmax(axis=1)
    assert served["outputs"]["class_name"] == [("cat", "狗")[place] for place in best]


@pytest.mark.parametrize("form", ["rows", "columns"])
def test_pictures_as_files(images, serve, form):
    model, folder = images
    files = []
    for pixels in PIXELS:
        content = io.BytesIO()
        Image.fromarray(pixels).save(content, "PNG")
        files.append({"b64": base64.b64encode(content.getvalue()).decode()})
    request = (
        {"instances": [{"image_bytes": file} for file in files]}
        if form == "rows"
        else {"inputs": {"image_bytes": files}}
    )
    served = serve(folder, request, "encoded")
    assert served["inputs"] == {"image_bytes": ["string", [None]]}
    expected = model.predict(PIXELS, verbose=0)
    assert np.allclose(served["outputs"]["probabilities"], expected, atol=1e-6)


def written(content, image_format="PNG", **options):
    file = io.BytesIO()
    content.save(file, image_format, **options)
    return file.getvalue()


@pytest.mark.parametrize("background", ["white", "black"])
@pytest.mark.parametrize("channels", [1, 3])
def test_files_are_decoded_as_predict_does(channels, background):
    """Transparency, palettes, gray and bit depth; at the model's size nothing is resized."""
    color = np.random.default_rng(1).integers(0, 256, (6, 8, 3), np.uint8)
    opaque = np.random.default_rng(2).integers(0, 2, (6, 8), np.uint8) * 255
    transparent = Image.fromarray(np.dstack([color, opaque]))
    palette = Image.fromarray(color).quantize(8)
    deep = np.random.default_rng(3).integers(0, 4096, (6, 8), np.uint16)
    files = [
        written(Image.fromarray(color)),
        written(transparent),
        written(transparent.convert("LA")),
        written(transparent.convert("L")),
        written(palette),
        written(palette, transparency=3),
        written(transparent, "WEBP", lossless=True, exact=True),
        written(Image.fromarray(color), "BMP"),
        written(Image.fromarray(deep)),
    ]
    options = {
        "shape": [6, 8, channels],
        "color_mode": "rgb" if channels == 3 else "grayscale",
        "resize": "stretch",
        "bit_depth": 12,
        "background": background,
    }
    form = pictures.form_of({"input": options})
    for place, file in enumerate(files):
        np.testing.assert_array_equal(
            saved_model._decode(file, options), pictures.decode(file, "x", **form), str(place)
        )


@pytest.mark.parametrize("size", [(200, 40), (37, 211), (90, 60)])
@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_files_of_other_shapes_are_resized_as_predict_does(size, resize):
    coarse = np.random.default_rng(4).integers(0, 256, (5, 7, 3), np.uint8)
    file = written(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    options = {"shape": [32, 48, 3], "color_mode": "rgb", "resize": resize}
    found = saved_model._decode(file, options).numpy().astype(int)
    expected = pictures.decode(file, "x", **pictures.form_of({"input": options}))
    assert np.abs(found - expected).mean() < 2  # a pixel beside, it is 4 to 17


class Served:
    """A model of a mean colour, whose signature for files has a background of its own."""

    def __init__(self, background):
        self.background = background
        form = {"shape": [6, 8, 3], "color_mode": "rgb", "resize": "stretch"}
        self.metadata = {"task": "image-classification", "input": {"kind": "image", **form}}

    def predict_batch(self, raw):
        return raw.mean(axis=(1, 2)) / 255

    def predict_encoded(self, files):
        form = pictures.form_of(self.metadata) | {"background": self.background}
        return self.predict_batch(np.stack([pictures.decode(file, "x", **form) for file in files]))


def test_an_export_is_refused_if_files_are_answered_otherwise():
    encoded.check(Served("white"), PIXELS)
    with pytest.raises(ArtifactError, match=r"'encoded' differs from the model by .* 6 PNG files"):
        encoded.check(Served("black"), PIXELS)


@pytest.mark.parametrize("form", ["rows", "columns"])
@pytest.mark.parametrize("task", ["table-classification", "table-regression"])
def test_columns_of_a_table_by_their_names(task, form, serve, tmp_path):
    columns = (Column("Age", "Age", "number"), Column("home town", "home_town", "category"))
    examples = {
        "Age": np.array([3, 1, np.nan, 2] * 3, np.float32),
        "home_town": np.array(["Bonn", "Ulm", "Köln", ""] * 3, object),
    }
    class_names = ("no", "yes") if task.endswith("classification") else ()
    spec = DataSpec((), "", class_names, "", columns=columns, target_mean=5.0, target_std=2.0)
    loaded = schema.load("table-linear", [f"task={task}"])
    train = Split(examples, np.zeros(12), np.arange(12), [""] * 12)
    preprocessor = preprocessing.adapt(loaded, train, spec)
    model = tasks.end_to_end(preprocessor, tasks.build_core(loaded, preprocessor, spec, "float32"))
    folder = tmp_path / "saved_model"
    saved_model.write(model, document("table", list(class_names)), folder)

    given = {"Age": [3.0, 1.5], "home_town": ["Köln", "Rom"]}
    rows = [dict(zip(given, row, strict=True)) for row in zip(*given.values(), strict=True)]
    served = serve(folder, {"instances": rows} if form == "rows" else {"inputs": given})
    assert served["inputs"] == {"Age": ["float32", [None]], "home_town": ["string", [None]]}
    raw = {"Age": np.array(given["Age"], np.float32), "home_town": np.array(given["home_town"])}
    import tensorflow as tf

    expected = model({key: tf.constant(values) for key, values in raw.items()})
    name = "probabilities" if class_names else "prediction"
    assert np.allclose(served["outputs"][name], expected, atol=1e-6)
    assert ("class_name" in served["outputs"]) is bool(class_names)


def test_a_run_of_its_own_data_is_served(trained_run, serve, tmp_path):
    from dlcli.artifacts import keras_file

    predictor = keras_file.load(trained_run.model)
    folder = tmp_path / "saved_model"
    saved_model.write(predictor.model, predictor.metadata, folder)
    pixels = data.load(schema.load(str(trained_run.recipe))).splits.test.gather(np.arange(5))[0]
    served = serve(folder, {"instances": pixels.tolist()})
    expected = predictor.predict_batch(pixels)
    assert np.allclose(served["outputs"]["probabilities"], expected, atol=1e-6)
