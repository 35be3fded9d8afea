"""What the page of a model shows of its kind of data, one file for each; see `Form`.

`Form` is in `dlcli.serving.protocols`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from dlcli import kinds

ORIGIN = "{origin}"  # the page puts its own address there
PREDICT, GENERATE = f"{ORIGIN}/predict", f"{ORIGIN}/generate"
REST = "TensorFlow Serving's protocol"
JSON = "-H 'Content-Type: application/json'"

_CLASSES_NAMED = 4  # in a sentence
_NUMBERS_IN_EXAMPLE = 24  # at most


def post(address: str, document: dict[str, Any]) -> str:
    """A command that sends JSON."""
    return f"curl {address} {JSON} -d {shlex.quote(json.dumps(document, ensure_ascii=False))}"


def says(document: Mapping[str, Any], what: str, given: str) -> str:
    """What a model does: it says `what` its input is, or predicts a number from `given`."""
    if names := document["class_names"]:
        several = kinds.output_of(document["task"]).has_several_classes
        return f"Says {what}: {classes(names, several)}."
    return f"Predicts {document.get('target') or 'a number'} from {given}."


def classes(names: Sequence[str], several: bool = False) -> str:
    """The classes in a sentence, of which an input may have `several`."""
    if len(names) > _CLASSES_NAMED:
        return f"{'any' if several else 'one'} of {len(names)} classes"
    if several:
        return f"any of {', '.join(names)}"
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def examples_of_values(num_steps: int, num_columns: int) -> list[tuple[str, str]]:
    """Commands that send a file of a series, or its numbers where they are few."""
    values = [1.0] * num_steps if num_columns == 1 else [[1.0] * num_columns] * num_steps
    is_short = num_steps * num_columns <= _NUMBERS_IN_EXAMPLE
    return [
        ("A file", f"curl -F file=@history.csv {PREDICT}"),
        *([("Numbers", post(PREDICT, {"values": values}))] if is_short else []),
    ]
