"""What `dlcli predict` takes, sent to the server: files, texts, rows of a table; and numbers.

They become the files and texts of `dlcli.prediction`, which prepares them as on the command line.
Numbers alone, which a series or a history is as well, need no file.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from dlcli import prediction
from dlcli.artifacts import Predictor
from dlcli.errors import DlcliError
from dlcli.events import Event, Events, Warned
from dlcli.inputs import columns, forecasts, json_tables, sequences, series, tables
from dlcli.inputs.affine import LARGEST_NUMBER
from dlcli.inputs.forecasts import Forecast
from dlcli.inputs.series import Series
from dlcli.inputs.ts_files import WholeSeries
from dlcli.prediction import sequence as of_sequence
from dlcli.prediction import series as of_series
from dlcli.prediction.prediction import Prediction
from dlcli.serving.errors import bad_request

TOP_K = 3

_TAKES = {
    "image": ("files",),
    "table": ("files", "rows"),
    "text": ("files", "rows", "texts"),
    "corpus": ("files", "texts"),
    "series": ("files", "rows", "values"),
    "sequence": ("files", "rows", "values"),
    "pictures": (),
}
_ROWS = "rows.jsonl"
_VALUES = "'values'"
_LONGEST_NAME = 100  # bytes, the suffix among them
# What unpacks to a multiple of its size: the limit of a request would be none.
_PACKED = {b"\x1f\x8b": "gzipped", b"PAR1": "a Parquet file"}


class Inputs(BaseModel):
    """The JSON object of a request.

    Args:
        texts: texts themselves.
        rows: of a table, each its columns by name; what is missing is null, empty or left out.
        values: numbers alone, null where one is missing: a history of one column, or a list a
            step with a number a column; whole series of one channel, or one series as a list a
            step with a number a channel.
        top_k: classes an answer.
    """

    model_config = ConfigDict(extra="forbid")

    texts: list[str] = []
    rows: list[dict[str, str | int | float | bool | None]] = []
    values: list[float | None] | list[list[float | None]] = []
    top_k: int = Field(default=TOP_K, ge=1)


@dataclass(frozen=True)
class File:
    """A file that was sent.

    Args:
        name: as its sender calls it.
        content: its bytes.
    """

    name: str
    content: bytes


def predict(
    predictor: Predictor,
    inputs: Inputs,
    files: Sequence[File],
    check: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Predict what was sent.

    Args:
        predictor: any but of pictures.
        inputs: texts and rows.
        files: as `dlcli predict` takes them.
        check: called between the answers; what it raises ends the work.

    Returns:
        The document of `dlcli predict --json`; of one series also its `history`, the end of
        what the forecast follows.

    Raises:
        RequestError: nothing was sent, or nothing of it can be read.
    """
    form = predictor.metadata["input"]
    _check_kinds(inputs, files, form["kind"])
    if inputs.values:
        return _predict_values(predictor, inputs, check)
    _check_size(inputs.rows)
    for place, row in enumerate(inputs.rows, 1):
        if all(_is_missing(value, form) for value in row.values()):
            raise bad_request(f"row {place} has no values.")
    with tempfile.TemporaryDirectory(prefix="dlcli-serve-") as folder:
        paths = [_write(file, Path(folder, str(place))) for place, file in enumerate(files)]
        if inputs.rows:
            lines = "".join(f"{json.dumps(row)}\n" for row in inputs.rows)
            paths.append(_write(File(_ROWS, lines.encode()), Path(folder, "rows")))
        notes: list[str] = []
        try:
            answers = prediction.predict_inputs(
                predictor,
                [str(path) for path in paths],
                None,
                inputs.top_k,
                inputs.texts,
                _into(notes),
            )
            document = _document(answers, notes, check)
            if form["kind"] == "series" and len(paths) == 1:
                document["history"] = _history(paths[0], predictor.metadata)
        except DlcliError as error:
            raise bad_request(_without(folder, error.message)) from None
    answered: dict[str, Any] = _without(folder, document)
    _refuse_errors_alone(answered)
    return answered


def _predict_values(
    predictor: Predictor, inputs: Inputs, check: Callable[[], None]
) -> dict[str, Any]:
    """Predict numbers alone; see `predict`."""
    form, notes = predictor.metadata["input"], list[str]()
    try:
        if form["kind"] == "series":
            forecast = forecasts.from_metadata(predictor.metadata["forecast"])
            names = [column.name for column in forecast.columns]
            read = series.counted(_steps(inputs.values, names, "columns"), names)
            answers = of_series.following(predictor, read, _VALUES)
            document = _document(answers, notes, check)
            document["history"] = {"label": "row", **_end(read, forecast, form["shape"][0])}
            return document
        num_steps, num_channels = form["shape"]
        if num_channels == 1:
            nested = any(isinstance(each, list) for each in inputs.values)
            given = cast(list[Any], inputs.values if nested else [inputs.values])
            several = [_steps(each, ["values"], "channels") for each in given]
        else:
            channels = [f"channel {place}" for place in range(1, num_channels + 1)]
            several = [_steps(inputs.values, channels, "channels")]
        found = WholeSeries(
            tuple(several), (), tuple(f"series {place}" for place in range(1, len(several) + 1))
        )
        found = sequences.with_lengths_noted(found, num_steps, _VALUES)
        source = of_sequence.of_series(predictor, [found], [_VALUES], _into(notes))
        parts = prediction.predict(predictor, source, top_k=inputs.top_k)
        document = _document((one for part in parts for one in part.predictions()), notes, check)
    except DlcliError as error:
        raise bad_request(error.message) from None
    _refuse_errors_alone(document)
    return document


def _into(notes: list[str]) -> Events:
    """What keeps the sentences of warnings."""

    def keep(event: Event) -> None:
        if isinstance(event, Warned):
            notes.append(event.message)

    return keep


def _document(
    answers: Iterable[Prediction], notes: Sequence[str], check: Callable[[], None]
) -> dict[str, Any]:
    """The document of answers, and of what was noted meanwhile."""
    found = []
    for item in answers:
        found.append(prediction.document(item))
        check()
    document: dict[str, Any] = {"schema": "dlcli.predict/1", "predictions": found}
    if notes:
        document["warnings"] = list(dict.fromkeys(notes))
    return document


def _refuse_errors_alone(document: Mapping[str, Any]) -> None:
    if all("error" in each for each in document["predictions"]):
        raise bad_request(document["predictions"][0]["error"])


def _steps(values: Sequence[Any], names: Sequence[str], what: str) -> np.ndarray:
    """The steps of a series, float64 (num_steps, num_columns), NaN where a value is missing.

    Args:
        values: a number a step where there is one column, else a list of them.
        names: of the columns.
        what: what they are called.

    Raises:
        RequestError: a step has other columns, or a number is too large.
    """
    rows = [each if isinstance(each, list) else [each] for each in values]
    if not rows:
        raise bad_request(f"{_VALUES} has a series without values.")
    for place, row in enumerate(rows, 1):
        if len(row) != len(names):
            listed = columns.names_shown(names)
            raise bad_request(
                f"{_VALUES} has {len(row)} numbers in step {place}; the model has {len(names)} "
                f"{what}: {listed}."
            )
    array = np.array(rows, np.float64)
    if len(large := np.argwhere(np.abs(array) > LARGEST_NUMBER)):
        raise bad_request(
            f"{_VALUES} has {array[tuple(large[0])]:g} in step {large[0][0] + 1}; the largest "
            f"number that is read is {LARGEST_NUMBER:g}."
        )
    return array


def _check_kinds(inputs: Inputs, files: Sequence[File], kind: str) -> None:
    """See that something was sent, and that the model takes it."""
    sent = {
        "files": files,
        "rows": inputs.rows,
        "texts": inputs.texts,
        "values": inputs.values,
    }
    takes = _TAKES[kind]
    if not takes:
        raise bad_request("this model makes pictures of noise. Ask for some at /generate.")
    expected = {
        "files": "files in a form's 'file' fields",
        "rows": "a JSON object with 'rows'",
        "texts": "a JSON object with 'texts'",
        "values": "numbers as its 'values'",
    }
    wanted = f"Expected {', or '.join(expected[name] for name in takes)}."
    if inputs.values and sum(map(bool, sent.values())) > 1:
        raise bad_request(f"the request has more than {_VALUES}. Send them alone.")
    if not any(sent.values()):
        raise bad_request(f"the request has nothing to predict. {wanted}")
    for name, given in sent.items():
        if given and name not in takes:
            raise bad_request(f"this model takes no {name}. {wanted}")


def _check_size(rows: Sequence[Mapping[str, Any]]) -> None:
    """See that rows make a table of about their own size, before there is one."""
    names = {name for row in rows for name in row}
    problem = json_tables.too_sparse(len(rows), len(names), sum(map(len, rows)))
    if problem:
        raise bad_request(f"'rows' {problem}")


def _is_missing(value: Any, form: Mapping[str, Any]) -> bool:
    return value is None or (
        isinstance(value, str) and value.strip() in form["reading"]["missing_values"]
    )


def _write(file: File, folder: Path) -> Path:
    """Write a file into a folder of its own, under its name as far as it is one.

    Raises:
        RequestError: it may unpack to any size.
    """
    name = "".join(c if c.isprintable() else "_" for c in Path(file.name).name)
    name = name.encode()[-_LONGEST_NAME:].decode(errors="ignore")
    for mark, what in _PACKED.items():
        if file.content.startswith(mark):
            raise bad_request(f"{name} is {what}. Send it unpacked, tables as CSV.")
    folder.mkdir()
    path = folder / (name if name not in {"", ".", ".."} else "file")
    path.write_bytes(file.content)
    return path


def _without(folder: str, value: Any) -> Any:
    """A document in which files have the names that their sender gave them."""
    if isinstance(value, str):
        return re.sub(rf"{re.escape(folder)}/\w+/", "", value)
    if isinstance(value, list):
        return [_without(folder, each) for each in value]
    if isinstance(value, dict):
        return {key: _without(folder, each) for key, each in value.items()}
    return value


def _history(path: Path, document: Mapping[str, Any]) -> dict[str, Any]:
    """The end of a series that a forecast follows: its times, and the values of its targets."""
    forecast = forecasts.from_metadata(document["forecast"])
    form = document["input"]
    frame = tables.read(path, **tables.number_reading_for(document), keep_empty=True).frame
    read = series.history(frame, forecast, document.get("set", {}), path.name)
    return _end(read, forecast, form["shape"][0])


def _end(read: Series, forecast: Forecast, num_steps: int) -> dict[str, Any]:
    """The last steps of a series: their times, and the values of the targets."""
    last = slice(-num_steps, None)
    values = {
        target.name: [
            None if np.isnan(value) else float(str(value))
            for value in read.column(target.name)[last]
        ]
        for target in forecast.targets
        if target.name in read.names
    }
    return {"times": read.written()[last], "values": values}
