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
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dlcli import kinds, prediction
from dlcli.artifacts import Predictor
from dlcli.errors import DlcliError
from dlcli.events import Event, Events, Warned
from dlcli.inputs import json_tables
from dlcli.kinds import Kind
from dlcli.prediction.protocols import Predicted
from dlcli.serving import protocols, values
from dlcli.serving.errors import bad_request

TOP_K = 3

_ROWS = "rows.jsonl"
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
    """A file that was sent."""

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
        check: called between the answers; what it raises ends the work.

    Returns:
        The document of `dlcli predict --json`; of one series also its `history`, the end of
        what the forecast follows.

    Raises:
        RequestError: nothing was sent, or nothing of it can be read.
    """
    form, task = predictor.metadata["input"], predictor.metadata["task"]
    kind = kinds.for_task(task)
    _check_kinds(inputs, files, kind)
    if inputs.values:
        return _predict_values(predictor, kind, inputs, check)
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
            if kinds.output_of(task).has_steps and len(paths) == 1:
                module: protocols.ForecastForm = kinds.module("serving.forms", kind)
                document["history"] = module.history(paths[0], predictor.metadata)
        except DlcliError as error:
            raise bad_request(_without(folder, error.message)) from None
    answered: dict[str, Any] = _without(folder, document)
    _refuse_errors_alone(answered)
    return answered


def _predict_values(
    predictor: Predictor, kind: Kind, inputs: Inputs, check: Callable[[], None]
) -> dict[str, Any]:
    """Predict numbers alone; see `predict`."""
    notes = list[str]()
    module: protocols.ValuesForm = kinds.module("serving.forms", kind)
    try:
        answers, history = module.predict_values(
            predictor, inputs.values, inputs.top_k, _into(notes)
        )
        document = _document(answers, notes, check)
    except DlcliError as error:
        raise bad_request(error.message) from None
    _refuse_errors_alone(document)
    return document | ({"history": history} if history else {})


def _into(notes: list[str]) -> Events:
    """What keeps the sentences of warnings."""

    def keep(event: Event) -> None:
        if isinstance(event, Warned):
            notes.append(event.message)

    return keep


def _document(
    answers: Iterable[Predicted], notes: Sequence[str], check: Callable[[], None]
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


def _check_kinds(inputs: Inputs, files: Sequence[File], kind: Kind) -> None:
    """See that something was sent, and that the model takes it."""
    sent = {"files": files, "rows": inputs.rows, "texts": inputs.texts, "values": inputs.values}
    try:
        kind.check("request")
    except DlcliError as error:
        raise bad_request(error.message) from None
    expected = {
        "files": "files in a form's 'file' fields",
        "rows": "a JSON object with 'rows'",
        "texts": "a JSON object with 'texts'",
        "values": "numbers as its 'values'",
    }
    wanted = f"Expected {', or '.join(expected[name] for name in kind.inputs)}."
    if inputs.values and sum(map(bool, sent.values())) > 1:
        raise bad_request(f"the request has more than {values.NAME}. Send them alone.")
    if not any(sent.values()):
        raise bad_request(f"the request has nothing to predict. {wanted}")
    for name, given in sent.items():
        if given and name not in kind.inputs:
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
    """Write a file into a folder of its own, under its name as far as it is one."""
    name = "".join(c if c.isprintable() else "_" for c in Path(file.name).name)
    name = name.encode()[-_LONGEST_NAME:].decode(errors="ignore")
    for mark, what in _PACKED.items():
        if file.content.startswith(mark):
            raise bad_request(f"{name} is {what}. Send it unpacked, tables as CSV.")
    folder.mkdir()
    path = folder / (name if name not in {"", ".", ".."} else "file")
    path.write_bytes(file.content)
    return path


def _without(folder: str, document: Any) -> Any:
    """A document in which files have the names that their sender gave them."""
    place = re.compile(rf"{re.escape(folder)}/\w+/")
    return values.changed(
        document, lambda value: place.sub("", value) if isinstance(value, str) else value
    )
