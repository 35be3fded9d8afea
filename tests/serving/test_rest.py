"""The predict protocol of TensorFlow Serving: requests to examples, answers to documents."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from dlcli.serving import rest
from dlcli.serving.errors import RequestError

PIXELS = np.arange(12, dtype=np.uint8).reshape(2, 2, 3, 1) * 20


def png(pixels):
    content = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1)).save(content, "PNG")
    return {"b64": base64.b64encode(content.getvalue()).decode()}


def read(request, predictor):
    return rest.examples_of(request, predictor.metadata)


@pytest.mark.parametrize(
    ("request_", "is_rows"),
    [
        ({"instances": PIXELS.tolist()}, True),
        ({"instances": [{"image": each} for each in PIXELS.tolist()]}, True),
        ({"inputs": PIXELS.tolist()}, False),
        ({"inputs": {"image": PIXELS.tolist()}, "signature_name": "serving_default"}, False),
        ({"signature_name": "encoded", "instances": [png(each) for each in PIXELS]}, True),
        (
            {
                "signature_name": "encoded",
                "instances": [{"image_bytes": png(each)} for each in PIXELS],
            },
            True,
        ),
        (
            {
                "signature_name": "encoded",
                "inputs": {"image_bytes": [png(each) for each in PIXELS]},
            },
            False,
        ),
    ],
)
def test_pictures_in_rows_and_columns_as_arrays_and_as_files(known, request_, is_rows):
    raw, rows = read(request_, known.image())
    assert rows is is_rows
    assert raw.dtype == np.uint8
    assert np.array_equal(raw, PIXELS)


@pytest.mark.parametrize(
    "request_",
    [
        {
            "instances": [
                {"Age": 3, "home_town": "Köln"},
                {"Age": float("nan"), "home_town": {"b64": base64.b64encode(b"city").decode()}},
            ]
        },
        {"inputs": {"Age": [3, float("nan")], "home_town": ["Köln", "city"]}},
    ],
)
def test_columns_of_a_table_by_their_keys(known, request_):
    raw, _ = read(rest.parse(json.dumps(request_).encode()), known.table())
    assert raw["Age"].dtype == np.float32
    assert np.array_equal(raw["Age"], [3, np.nan], equal_nan=True)
    assert raw["home_town"].tolist() == ["Köln", "city"]


def test_texts_are_characters_whatever_their_bytes(known):
    half, bad = "half \ud83d", {"b64": base64.b64encode(b"bad \xff").decode()}
    raw, _ = read({"instances": ["é", half, bad]}, known.text())
    assert raw.tolist() == ["é", "half ?", "bad �"]


ROW = {"Age": 1, "home_town": "x"}
BAD = [
    ("image", {}, "neither 'instances' nor 'inputs'"),
    ("image", {"instances": [], "inputs": []}, "both 'instances' and 'inputs'"),
    ("image", {"instances": []}, "no examples"),
    ("image", {"inputs": []}, "no examples"),
    ("image", {"instances": 3}, "'instances' is a number. Expected a list"),
    ("image", {"instances": [[[1]]]}, r"shape \(1, 1, 1\). Expected uint8 of the shape \(batch, 2"),
    ("image", {"instances": [[[1, 2], [3]]]}, "ragged"),
    ("image", {"instances": (PIXELS + 0.5).tolist()}, "whole numbers from 0 to 255"),
    ("image", {"instances": (PIXELS.astype(int) + 100).tolist()}, "holds 320"),
    ("image", {"instances": (PIXELS.astype(int) - 1).tolist()}, "holds -1"),
    ("image", {"instances": [None]}, "something else than whole numbers"),
    ("image", {"instances": [{"picture": 1}]}, "instance 0 lacks 'image'"),
    ("image", {"instances": [{"image_bytes": {"b64": ""}}]}, 'say "signature_name": "encoded"'),
    ("image", {"signature_name": "encode", "instances": [1]}, "Did you mean 'encoded'"),
    ("image", {"signature_name": 3, "instances": [1]}, "no signature 3"),
    ("image", {"signature_name": "encoded", "instances": ["x"]}, "is a plain string"),
    ("image", {"signature_name": "encoded", "instances": [{"b64": "ä"}]}, "is no base64"),
    ("image", {"signature_name": "encoded", "instances": [3]}, "is a number. Expected a string"),
    ("table", {"instances": [3]}, "instance 0 is a number. Expected an object with 'Age', 'home"),
    ("table", {"instances": [ROW, {"Age": 1}]}, "instance 1 lacks 'home_town'"),
    ("table", {"instances": [{**ROW, "age": 1}]}, "'age', which is no input.* mean 'Age'"),
    ("table", {"instances": [{**ROW, "Age": "3"}]}, "something else than numbers.*is NaN"),
    ("table", {"instances": [{**ROW, "Age": None}]}, "something else than numbers.*is NaN"),
    ("table", {"instances": [{**ROW, "Age": True}]}, "something else than numbers"),
    ("table", {"inputs": [1]}, "'inputs' is a list. Expected an object"),
    ("table", {"inputs": {"Age": 1, "home_town": ["x"]}}, "'Age' is a number. Expected a list"),
    ("table", {"inputs": {"Age": [1, 2], "home_town": ["x"]}}, "Age 2, home_town 1"),
    ("text", {"instances": [None]}, "value 0 of 'text' is null. Expected a string"),
    ("series", {"instances": [[1, 2]]}, r"the shape \(1, 2\). Expected float32 of the shape"),
]


@pytest.mark.parametrize(("kind", "request_", "message"), BAD, ids=[each[2] for each in BAD])
def test_what_is_wrong_is_said(known, kind, request_, message):
    with pytest.raises(RequestError, match=message) as caught:
        read(request_, getattr(known, kind)())
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[]", "is a list. Expected a JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"instances": [' + b"9" * 5000 + b"]}", "is no JSON"),
    ],
)
def test_a_body_that_is_no_object(body, message):
    with pytest.raises(RequestError, match=message):
        rest.parse(body)


def test_two_outputs_are_named_and_one_is_not(known):
    answers = np.array([[0.1, 0.9], [1, 0]], np.float32)
    classes = known.image().metadata
    assert rest.answer(answers, classes, is_rows=True) == {
        "predictions": [
            {"probabilities": [0.1, 0.9], "class_name": "bright"},
            {"probabilities": [1, 0], "class_name": "dark"},
        ]
    }
    assert rest.answer(answers, classes, is_rows=False) == {
        "outputs": {
            "probabilities": [[0.1, 0.9], [1, 0]],
            "class_name": ["bright", "dark"],
        }
    }
    rents = np.array([[3.3], [4]], np.float32)
    number = known.table().metadata
    assert rest.answer(rents, number, is_rows=True) == {"predictions": [[3.3], [4]]}
    assert rest.answer(rents, number, is_rows=False) == {"outputs": [[3.3], [4]]}


def test_a_running_text_has_an_answer_at_every_step(known):
    letters = known.corpus()
    given = rest.answer(letters.predict_batch(["ab"]), letters.metadata, is_rows=True)
    assert given["predictions"][0]["class_name"] == ["b", "c"]


def test_numbers_beyond_float32_come_and_go_in_all_their_digits(known):
    predictor = known.table()
    columns = predictor.metadata["input"]["columns"]
    [key] = [column["key"] for column in columns if column["kind"] == "number"]
    entry = {"name": key, "key": key, "offset": 1e9, "scale": 1.0}
    output = {"name": "y", "key": 0, "offset": 1e9, "scale": 1.0}
    document = {**predictor.metadata, "affine": {"inputs": [entry], "outputs": [output]}}
    row = {
        column["key"]: 1_000_000_001 if column["kind"] == "number" else "city" for column in columns
    }
    raw, _ = rest.examples_of({"instances": [row]}, document)
    assert raw[key].dtype == np.float64
    assert raw[key].tolist() == [1_000_000_001]
    signature = rest.description("m", document)["metadata"]["signature_def"]["signature_def"]
    assert signature["serving_default"]["inputs"][key]["dtype"] == "DT_DOUBLE"
    assert {each["dtype"] for each in signature["serving_default"]["outputs"].values()} <= {
        "DT_DOUBLE",
        "DT_FLOAT",
        "DT_STRING",
    }
    answers = np.array([[1_000_000_000.125]])
    assert rest.answer(answers, {**document, "class_names": []}, True) == {
        "predictions": [[1_000_000_000.125]]
    }
