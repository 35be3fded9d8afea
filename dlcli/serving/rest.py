"""The predict protocol of TensorFlow Serving's REST interface.

Rows:    {"instances": [an example, or an object of its named inputs, ...]}
         -> {"predictions": [an answer, or an object of its named outputs, ...]}
Columns: {"inputs": values of all examples, or an object of them by name}
         -> {"outputs": the same of the answers}

A single output is not named. Bytes are {"b64": "..."}. Numbers that are not finite are NaN,
Infinity and -Infinity, which strict JSON does not have.
https://www.tensorflow.org/tfx/serving/api_rest
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli import catalog, kinds
from dlcli.inputs import columns as input_columns
from dlcli.inputs import images
from dlcli.inputs.examples import Examples
from dlcli.serving import signatures
from dlcli.serving.errors import bad_request
from dlcli.serving.signatures import CLASS_NAME, DEFAULT, ENCODED, IMAGE_BYTES, Signature, Tensor

VERSION = "1"

_TYPES = {"float32": "DT_FLOAT", "float64": "DT_DOUBLE", "uint8": "DT_UINT8", "string": "DT_STRING"}


def parse(body: bytes, origin: object = "http://HOST:PORT/") -> dict[str, Any]:
    """Read a request's JSON object.

    Args:
        origin: address of the server, with a slash at its end.

    Raises:
        RequestError: it is none.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        if isinstance(error, UnicodeDecodeError):
            raise bad_request(
                "the request is no JSON: it is no text. Expected JSON, or a file as a form: "
                f"curl -F file=@photo.jpg {origin}predict"
            ) from None
        raise bad_request(f"the request is no JSON: {reason}.") from None
    if not isinstance(document, dict):
        raise bad_request(f"the request is {_named(document)}. Expected a JSON object.")
    return document


def examples_of(request: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[Examples, bool]:
    """The raw examples of a request.

    Returns:
        The examples, as `dlcli.artifacts.Predictor` takes them, at least one; and whether the
        request has rows.

    Raises:
        RequestError: it does not fit the signature.
    """
    signature_name = request.get("signature_name", "") or DEFAULT
    signature = _signature(signature_name, signatures.of(document))
    is_rows = "instances" in request
    if is_rows == ("inputs" in request):
        raise bad_request(
            f"the request has {'both' if is_rows else 'neither'} 'instances' "
            f"{'and' if is_rows else 'nor'} 'inputs'. Expected 'instances' with a list of "
            "examples, or 'inputs' with the values of all examples by name."
        )
    columns = (
        _columns_of_rows(request["instances"], signature)
        if is_rows
        else _columns(request["inputs"], signature)
    )
    named = {name: _values(columns[name], spec, name) for name, spec in signature.inputs.items()}
    sizes = {name: len(values) for name, values in named.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise bad_request(f"the inputs differ in their number of examples: {told}.")
    if not next(iter(sizes.values())):
        raise bad_request("the request has no examples. Expected at least one.")
    if signature_name == ENCODED:
        return _decoded(named[IMAGE_BYTES], document), is_rows
    texts = {
        name: _texts(values) if values.dtype == object else values for name, values in named.items()
    }
    if "columns" in document["input"]:
        return input_columns.as_known(texts, document["input"]["columns"]), is_rows
    return next(iter(texts.values())), is_rows


def answer(answers: np.ndarray, document: Mapping[str, Any], is_rows: bool) -> dict[str, Any]:
    """The document of a response.

    Args:
        answers: float (batch, ...).
        is_rows: whether the request had rows.
    """
    output = kinds.output_of(document["task"])
    outputs = {output.tensor: _numbers(answers)}
    if output.names_class:
        names = np.array(document["class_names"], object)
        outputs[CLASS_NAME] = names[answers.argmax(axis=-1)].tolist()
    if len(outputs) == 1:
        return {"predictions" if is_rows else "outputs": next(iter(outputs.values()))}
    if not is_rows:
        return {"outputs": outputs}
    rows = zip(*outputs.values(), strict=True)
    return {"predictions": [dict(zip(outputs, row, strict=True)) for row in rows]}


def status() -> dict[str, Any]:
    """What `GET /v1/models/NAME` answers."""
    available = {
        "version": VERSION,
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }
    return {"model_version_status": [available]}


def description(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """What `GET /v1/models/NAME/metadata` answers."""
    described = {
        key: {
            "inputs": {name: _info(spec, name) for name, spec in signature.inputs.items()},
            "outputs": {name: _info(spec, name) for name, spec in signature.outputs.items()},
            "method_name": "tensorflow/serving/predict",
            "defaults": {},
        }
        for key, signature in signatures.of(document).items()
    }
    return {
        "model_spec": {"name": name, "signature_name": "", "version": VERSION},
        "metadata": {"signature_def": {"signature_def": described}},
    }


def _info(spec: Tensor, name: str) -> dict[str, Any]:
    sizes = [{"size": str(size), "name": ""} for size in spec.shape]
    shape = {"dim": sizes, "unknown_rank": False}
    return {"dtype": _TYPES[spec.dtype], "tensor_shape": shape, "name": f"{name}:0"}


def _signature(name: Any, known: Mapping[str, Signature]) -> Signature:
    if not isinstance(name, str) or name not in known:
        raise bad_request(
            f"there is no signature {name!r}. Expected one of: {', '.join(known)}."
            f"{catalog.did_you_mean(str(name), list(known))}"
        )
    return known[name]


def _columns_of_rows(rows: Any, signature: Signature) -> dict[str, list[Any]]:
    """The values of each input, one a row."""
    if not isinstance(rows, list):
        raise bad_request(f"'instances' is {_named(rows)}. Expected a list of examples.")
    names = list(signature.inputs)
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for place, row in enumerate(rows):
        if len(names) == 1 and not (isinstance(row, dict) and set(row) != {"b64"}):
            columns[names[0]].append(row)
            continue
        if not isinstance(row, dict):
            raise bad_request(
                f"instance {place} is {_named(row)}. Expected an object with {_listed(names)}."
            )
        _check_names(row, names, f"instance {place}")
        for name in names:
            columns[name].append(row[name])
    return columns


def _columns(inputs: Any, signature: Signature) -> dict[str, Any]:
    names = list(signature.inputs)
    if len(names) == 1 and not (isinstance(inputs, dict) and set(inputs) != {"b64"}):
        return {names[0]: inputs}
    if not isinstance(inputs, dict):
        raise bad_request(
            f"'inputs' is {_named(inputs)}. Expected an object with {_listed(names)}."
        )
    _check_names(inputs, names, "'inputs'")
    return inputs


def _check_names(given: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for name in names:
        if name not in given:
            raise bad_request(f"{where} lacks {name!r}. Expected {_listed(names)}.{_hint(given)}")
    if len(given) == len(names):  # all of them, and so no other
        return
    for name in given:
        if name not in names:
            raise bad_request(
                f"{where} has {name!r}, which is no input. Expected {_listed(names)}."
                f"{catalog.did_you_mean(name, list(names))}"
            )


def _hint(given: Mapping[str, Any]) -> str:
    if IMAGE_BYTES in given:
        return f' For encoded pictures say "signature_name": "{ENCODED}".'
    return ""


def _listed(names: Sequence[str]) -> str:
    """Names in a sentence; of very many, the first."""
    shown = ", ".join(repr(name) for name in names[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown


def _values(given: Any, spec: Tensor, name: str) -> np.ndarray:
    """The values of one input: numbers of its dtype, or objects of str and bytes."""
    if not isinstance(given, list):
        raise bad_request(f"{name!r} is {_named(given)}. Expected a list, one value an example.")
    if spec.dtype == "string":
        strings = np.empty(len(given), object)
        strings[:] = [_string(value, name, place) for place, value in enumerate(given)]
        return strings
    try:
        array = np.array(given) if given else np.empty((0, *spec.shape[1:]), spec.dtype)
    except ValueError:
        raise bad_request(
            f"{name!r} is ragged: its lists differ in length. {_expected(spec)}"
        ) from None
    wanted = "iu" if spec.dtype == "uint8" else "iuf"
    if array.dtype.kind not in wanted:
        what = "whole numbers from 0 to 255" if spec.dtype == "uint8" else "numbers"
        raise bad_request(
            f"{name!r} holds something else than {what}. {_expected(spec)}"
            + (" A number that is missing is NaN." if spec.dtype.startswith("float") else "")
        )
    if not _fits(array.shape, spec.shape):
        raise bad_request(f"{name!r} has the shape {_shown(array.shape)}. {_expected(spec)}")
    if spec.dtype == "uint8" and array.size and not 0 <= array.min() <= array.max() <= 255:
        outside = array.min() if array.min() < 0 else array.max()
        raise bad_request(f"{name!r} holds {outside}. Expected whole numbers from 0 to 255.")
    with np.errstate(over="ignore"):  # a number that float32 does not hold is infinite
        return array.astype(spec.dtype)


def _fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        size in {-1, given} for given, size in zip(shape, wanted, strict=True)
    )


def _expected(spec: Tensor) -> str:
    what = "strings" if spec.dtype == "string" else spec.dtype
    return f"Expected {what} of the shape {_shown(spec.shape)}."


def _shown(shape: Sequence[int]) -> str:
    sizes = ["batch" if not place and size == -1 else str(size) for place, size in enumerate(shape)]
    return f"({', '.join(sizes)})"


def _string(value: Any, name: str, place: int) -> str | bytes:
    if isinstance(value, dict) and set(value) == {"b64"} and isinstance(value["b64"], str):
        try:
            return base64.b64decode(value["b64"], validate=True)
        except (binascii.Error, ValueError):
            raise bad_request(f"value {place} of {name!r} is no base64.") from None
    if not isinstance(value, str):
        raise bad_request(
            f"value {place} of {name!r} is {_named(value)}. Expected a string, or an object "
            'with "b64".'
        )
    return value


def _texts(values: np.ndarray) -> np.ndarray:
    """Strings as text; what is no UTF-8 becomes the mark that the tokenizer knows."""
    texts = np.empty(len(values), object)
    texts[:] = [
        value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else value.encode("utf-8", "replace").decode()  # JSON can hold half a character
        for value in values
    ]
    return texts


def _decoded(files: np.ndarray, document: Mapping[str, Any]) -> np.ndarray:
    form, pictures = images.form_of(document), []
    for place, data in enumerate(files):
        if not isinstance(data, bytes):
            raise bad_request(
                f"value {place} of {IMAGE_BYTES!r} is a plain string. Expected the picture's "
                'file as {"b64": "..."}.'
            )
        pictures.append(images.decode(data, f"picture {place}", **form))
    return np.stack(pictures)


def _numbers(answers: np.ndarray) -> Any:
    """Answers as lists; each float32 with the digits that it knows, and no others."""
    return answers.astype(np.str_).astype(np.float64).tolist()


def _named(value: Any) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = ((str, "a string"), (int | float, "a number"), (list, "a list"), (dict, "an object"))
    return next(words for kind, words in kinds if isinstance(value, kind))
