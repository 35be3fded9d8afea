"""The form page: one HTML document, with what it shows of the model, that asks nobody else."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import quote

from dlcli.inputs import forecasts, frequencies
from dlcli.serving.endpoint import Limits
from dlcli.serving.model import Model

_CLASSES_NAMED = 4  # in a sentence
_COLUMNS_IN_EXAMPLE = 3
_STEPS_IN_EXAMPLE = 3
_NUMBERS_IN_EXAMPLE = 24  # at most
_ORIGIN = "{origin}"  # the page puts its own address there


@dataclass(frozen=True)
class Page:
    """A page as it is sent.

    Args:
        content: HTML.
        headers: of the response.
    """

    content: bytes
    headers: Mapping[str, str]


def build(model: Model, limits: Limits) -> Page:
    """The page of a model."""
    style, script, frame = (_part(f"page.{suffix}") for suffix in ("css", "js", "html"))
    described = json.dumps(describe(model, limits), ensure_ascii=False)
    content = (
        frame.replace("{{style}}", style)
        .replace("{{script}}", script)
        .replace("{{title}}", html.escape(model.name))
        # A name that ends the element would end it.
        .replace("{{model}}", described.replace("<", "\\u003c"))
    )
    policy = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        "cache-control": "no-cache",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return Page(content.encode("utf-8", "replace"), headers)


def describe(model: Model, limits: Limits) -> dict[str, Any]:
    """What the page knows of the model."""
    document = model.metadata
    form = document["input"]
    described: dict[str, Any] = {
        "name": model.name,
        "file": model.file,
        "kind": model.kind,
        "writesText": model.writes_text,
        "does": _sentence(model),
        "target": document.get("target") or "",
        "maxRequestMb": limits.max_request_mb,
        "examples": [{"title": title, "command": command} for title, command in _examples(model)],
    }
    if model.kind == "table":
        described["columns"] = [
            {key: column[key] for key in ("name", "kind", "categories")}
            for column in form["columns"]
        ]
        described["required"] = form["missing"] == "fail"
    if model.kind == "series":
        forecast = document["forecast"]
        described["steps"] = form["shape"][0]
        described["horizon"] = forecast["horizon"]
        described["columns"] = len(forecast["columns"])
        names = [column["name"] for column in forecast["columns"]]
        described["time"] = forecasts.from_metadata(forecast).time_label
        described["header"] = [*forecasts.from_metadata(forecast).time, *names]
    if model.kind == "sequence":
        described["steps"], described["channels"] = form["shape"]
    return described


def _sentence(model: Model) -> str:
    """What the model does, for people."""
    document = model.metadata
    form, target = document["input"], document.get("target") or "a number"
    match model.kind:
        case "image":
            return f"Says what a picture shows: {_classes(document['class_names'])}."
        case "text":
            return f"Says what a text is: {_classes(document['class_names'])}."
        case "sequence":
            return f"Says what a series is: {_classes(document['class_names'])}."
        case "table":
            count = len(form["columns"])
            given = f"from {count} columns" if count > 1 else f"from {form['columns'][0]['name']}"
            classes = document["class_names"]
            return f"Predicts {target} {given}" + (f": {_classes(classes)}." if classes else ".")
        case "series":
            forecast = document["forecast"]
            names = ", ".join(each["name"] for each in forecast["targets"])
            words = frequencies.from_metadata(forecast).words()
            steps = "step" if forecast["horizon"] == 1 else "steps"
            each = f", {words} each" if forecast["time"] else ""
            return f"Forecasts {names} {forecast['horizon']} {steps} ahead{each}."
        case "corpus":
            return "Goes on with a text." if model.writes_text else "Says what character is next."
    return "Makes pictures of noise."


def _classes(names: Sequence[str]) -> str:
    if len(names) > _CLASSES_NAMED:
        return f"one of {len(names)} classes"
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


_JSON = "-H 'Content-Type: application/json'"


def _examples(model: Model) -> list[tuple[str, str]]:
    """Commands that ask the server from a shell, each with its title."""
    form = model.metadata["input"]
    serving = f"{_ORIGIN}/v1/models/{quote(model.name)}:predict"
    rest = "TensorFlow Serving's protocol"
    match model.kind:
        case "image":
            picture = '{"image_bytes": {"b64": "\'$(base64 < photo.jpg | tr -d "\\n")\'"}}'
            return [
                ("A file", f"curl -F file=@photo.jpg {_ORIGIN}/predict"),
                (
                    rest,
                    f'curl {serving} {_JSON} -d \'{{"signature_name": "encoded", "instances": '
                    f"[{picture}]}}'",
                ),
            ]
        case "table":
            row = {
                column["name"]: 1.0 if column["kind"] == "number" else _first(column["categories"])
                for column in form["columns"][:_COLUMNS_IN_EXAMPLE]
            }
            keys = {
                column["key"]: 1.0 if column["kind"] == "number" else _first(column["categories"])
                for column in form["columns"]
            }
            return [
                ("Rows of a file", f"curl -F file=@rows.csv {_ORIGIN}/predict"),
                ("A row", _post(f"{_ORIGIN}/predict", {"rows": [row]})),
                (rest, _post(serving, {"instances": [keys]})),
            ]
        case "text":
            text = "It never gets dull."
            return [
                ("A text", _post(f"{_ORIGIN}/predict", {"texts": [text]})),
                (rest, _post(serving, {"instances": [text]})),
            ]
        case "series" | "sequence":
            steps = form["shape"][0] if model.kind == "series" else _STEPS_IN_EXAMPLE
            width = form["shape"][1]
            values = [1.0] * steps if width == 1 else [[1.0] * width] * steps
            numbers = _post(f"{_ORIGIN}/predict", {"values": values})
            return [
                ("A file", f"curl -F file=@history.csv {_ORIGIN}/predict"),
                *([("Numbers", numbers)] if steps * width <= _NUMBERS_IN_EXAMPLE else []),
            ]
        case "corpus":
            wanted = {"prompt": "The ", "length": 200, "temperature": 0.7, "seed": 1}
            writes = [("More of a text", _post(f"{_ORIGIN}/generate", wanted))]
            return (writes if model.writes_text else []) + [
                ("The next character", _post(f"{_ORIGIN}/predict", {"texts": ["The "]}))
            ]
    wanted = {"count": 16, "seed": 1}
    return [("A sheet of pictures", _post(f"{_ORIGIN}/generate", wanted) + " -o pictures.png")]


def _post(address: str, document: dict[str, Any]) -> str:
    return f"curl {address} {_JSON} -d {shlex.quote(json.dumps(document, ensure_ascii=False))}"


def _first(categories: Sequence[str]) -> str:
    return categories[0] if categories else ""


def _part(name: str) -> str:
    return resources.files("dlcli.serving").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
