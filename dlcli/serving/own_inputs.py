"""What `dlcli predict` takes, sent to the server: files, texts, rows of a table.

They become the files and texts of `dlcli.prediction`, which prepares them as on the command line.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from dlcli import prediction
from dlcli.artifacts import Predictor
from dlcli.errors import DlcliError
from dlcli.inputs import forecasts, json_tables, series, tables
from dlcli.serving.errors import bad_request

TOP_K = 3

_TAKES = {
    "image": ("files",),
    "table": ("files", "rows"),
    "text": ("files", "rows", "texts"),
    "corpus": ("files", "texts"),
    "series": ("files", "rows"),
    "sequence": ("files", "rows"),
    "pictures": (),
}
_ROWS = "rows.jsonl"
_LONGEST_NAME = 100
# What unpacks to a multiple of its size: the limit of a request would be none.
_PACKED = {b"\x1f\x8b": "gzipped", b"PAR1": "a Parquet file"}


class Inputs(BaseModel):
    """The JSON object of a request.

    Args:
        texts: texts themselves.
        rows: of a table, each its columns by name; what is missing is null, empty or left out.
        top_k: classes an answer.
    """

    model_config = ConfigDict(extra="forbid")

    texts: list[str] = []
    rows: list[dict[str, str | int | float | bool | None]] = []
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
            found = []
            for item in prediction.predict_inputs(
                predictor,
                [str(path) for path in paths],
                None,
                inputs.top_k,
                inputs.texts,
                notes.append,
            ):
                found.append(prediction.document(item))
                check()
            document: dict[str, Any] = {"schema": "dlcli.predict/1", "predictions": found}
            if notes:
                document["warnings"] = notes
            if form["kind"] == "series" and len(paths) == 1:
                document["history"] = _history(paths[0], predictor.metadata)
        except DlcliError as error:
            raise bad_request(_without(folder, error.message)) from None
    answered: dict[str, Any] = _without(folder, document)
    if all("error" in each for each in answered["predictions"]):
        raise bad_request(answered["predictions"][0]["error"])
    return answered


def _check_kinds(inputs: Inputs, files: Sequence[File], kind: str) -> None:
    """See that something was sent, and that the model takes it."""
    sent = {"files": files, "rows": inputs.rows, "texts": inputs.texts}
    takes = _TAKES[kind]
    if not takes:
        raise bad_request("this model makes pictures of noise. Ask for some at /generate.")
    expected = {
        "files": "files in a form's 'file' fields",
        "rows": "a JSON object with 'rows'",
        "texts": "a JSON object with 'texts'",
    }
    wanted = f"Expected {', or '.join(expected[name] for name in takes)}."
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
    name = "".join(c if c.isprintable() else "_" for c in Path(file.name).name)[-_LONGEST_NAME:]
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
    names = [column.name for column in forecast.columns]
    read = series.history(frame, forecast, document.get("set", {}), path.name)
    last = slice(-form["shape"][0], None)
    values = {
        target.name: [
            None if np.isnan(value) else float(str(value))
            for value in read.column(target.name)[last]
        ]
        for target in forecast.targets
        if target.name in names
    }
    return {"times": read.written()[last], "values": values}
