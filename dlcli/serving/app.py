"""The routes of the server."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from dlcli.serving import errors, generation, metrics, origins, own_inputs, page, rest
from dlcli.serving.deadline import Deadline
from dlcli.serving.endpoint import (
    Endpoint,
    Gate,
    Limits,
    check_json,
    error_response,
    json_response,
)
from dlcli.serving.metrics import Metrics
from dlcli.serving.model import Model
from dlcli.serving.values import changed

_MOST_FILES = 1000
_PIECE_SECONDS = 0.05

Wanted = TypeVar("Wanted", bound=BaseModel)


def build(
    model: Model,
    limits: Limits,
    counted: Metrics,
    host: str = "localhost",
    allowed: Iterable[str] = (),
) -> Starlette:
    """The application; it closes the model when it ends.

    Args:
        host, allowed: see `dlcli.serving.origins.check`.
    """
    gate = Gate(limits)
    counted.describe(
        model.name, model.metadata["task"], lambda: model.depth, lambda: gate.under_way
    )
    form_page = page.build(model, limits)

    async def show_page(request: Request) -> Response:
        return Response(form_page.content, media_type="text/html", headers=form_page.headers)

    async def health(request: Request) -> Response:
        return json_response({"status": "ok"})

    async def show_metrics(request: Request) -> Response:
        return Response(counted.exposition(), headers={"content-type": metrics.CONTENT_TYPE})

    async def status(request: Request) -> Response:
        _check_model(request, model.name)
        return json_response(rest.status())

    async def metadata(request: Request) -> Response:
        _check_model(request, model.name)
        return json_response(rest.description(model.name, model.metadata))

    async def serving_predict(request: Request, deadline: Deadline) -> Response:
        _check_model(request, model.name)
        check_json(request.headers, request.base_url)
        body = await request.body()

        def work() -> Response:
            with model.until(deadline) as predictor:
                raw, is_rows = rest.examples_of(rest.parse(body, request.base_url), model.metadata)
                answers = predictor.predict_batch(raw)
                return json_response(rest.answer(answers, model.metadata, is_rows))

        return await gate.in_thread(work)

    async def predict(request: Request, deadline: Deadline) -> Response:
        read = await _own_inputs(request, limits)

        def work() -> Response:
            with model.until(deadline) as predictor:
                inputs, files = read()
                found = own_inputs.predict(predictor, inputs, files, deadline.check)
                return json_response(changed(found, _finite))

        return await gate.in_thread(work)

    async def generate(request: Request, deadline: Deadline) -> Response:
        check_json(request.headers, request.base_url)
        body = await request.body()
        if not (model.output.makes_images or model.writes_text):
            raise errors.bad_request(_no_generator(model))
        values = rest.parse(body, request.base_url)
        if model.output.makes_images:
            return await gate.in_thread(lambda: _pictures(model, values, deadline))
        wanted = _validated(generation.Text, values)
        unknown, characters = generation.text(model.until(deadline), wanted)
        if wanted.stream:
            headers = {"dlcli-seed": str(wanted.seed), "x-content-type-options": "nosniff"}
            return StreamingResponse(
                iterate_in_threadpool(_pieces(characters, limits.timeout)),
                media_type="text/plain",
                headers=headers,
            )
        made = await gate.in_thread(lambda: "".join(characters))
        return json_response(
            {
                "schema": "dlcli.generate/1",
                "prompt": wanted.prompt,
                "text": made,
                "temperature": wanted.temperature,
                "top_k": wanted.top_k,
                "seed": wanted.seed,
                "unknown_in_prompt": list(unknown),
            }
        )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        model.close()

    def post(path: str, name: str, answer: Callable[[Request, Deadline], Any]) -> Route:
        return Route(path, Endpoint(name, answer, gate, counted), methods=["POST"])

    def get(path: str, answer: Callable[[Request], Any]) -> Route:
        return Route(path, answer, methods=["GET"])

    models = "/v1/models/{name}"
    version = f"{models}/versions/{{version}}"
    return Starlette(
        routes=[
            get("/", show_page),
            get("/healthz", health),
            get("/metrics", show_metrics),
            post("/predict", "predict", predict),
            post("/generate", "generate", generate),
            *(
                post(f"{path}:predict", "tensorflow_serving", serving_predict)
                for path in (models, version)
            ),
            *(get(f"{path}/metadata", metadata) for path in (models, version)),
            *(get(path, status) for path in (models, version)),
        ],
        exception_handlers={
            HTTPException: _no_such_page,
            errors.RequestError: lambda _, error: error_response(error.status, error.message),
        },
        middleware=[
            Middleware(
                origins.KnownHosts,
                check=origins.check(host, allowed),
                answer=lambda error: error_response(error.status, error.message),
            )
        ],
        lifespan=lifespan,
    )


def _check_model(request: Request, name: str) -> None:
    """See that the model is asked for, and its version."""
    asked = request.path_params["name"]
    if request.method == "GET" and asked.endswith(":predict"):
        raise errors.wrong_method(f"{request.url.path} answers a POST with examples, no GET.")
    if asked != name:
        raise errors.not_found(f"there is no model '{asked}' here. There is '{name}'.")
    version = request.path_params.get("version", rest.VERSION)
    if version != rest.VERSION:
        raise errors.not_found(
            f"there is no version '{version}' of '{name}' here. There is version {rest.VERSION}."
        )


async def _no_such_page(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    if status == 405:
        allowed = (getattr(error, "headers", None) or {}).get("Allow", "another method")
        return error_response(
            status,
            f"{request.method} is not for {request.url.path}. Expected {allowed}; "
            f"{request.base_url} has commands to copy.",
        )
    if status == 404:
        known = "/, /predict, /generate, /healthz, /metrics, /v1/models/NAME"
        return error_response(
            status, f"there is nothing at {request.url.path}. There is: {known} and what it has."
        )
    return error_response(status, str(getattr(error, "detail", error)))


async def _own_inputs(
    request: Request, limits: Limits
) -> Callable[[], tuple[own_inputs.Inputs, list[own_inputs.File]]]:
    """What a form or a JSON object has for `dlcli predict`, to be read in a thread."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        check_json(request.headers, request.base_url)
        body, origin = await request.body(), request.base_url
        return lambda: (_validated(own_inputs.Inputs, rest.parse(body, origin)), [])
    most = int(limits.max_request_mb * 1e6)
    async with request.form(max_files=_MOST_FILES, max_part_size=most) as form:
        values: dict[str, Any] = {}
        files = []
        for name, value in form.multi_items():
            if name == "file" and isinstance(value, UploadFile):
                files.append(own_inputs.File(value.filename or "file", await value.read()))
            elif name == "text" and isinstance(value, str):
                values.setdefault("texts", []).append(value)
            elif name == "top_k":
                values["top_k"] = value
            else:
                raise errors.bad_request(
                    f"the form has a field '{name}' that is not understood. Expected files named "
                    "'file' (curl -F file=@NAME), or 'text', or 'top_k'."
                )
    return lambda: (_validated(own_inputs.Inputs, values), files)


def _validated(kind: type[Wanted], values: Any) -> Wanted:
    """Values as a request's object."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields)
            raise errors.bad_request(f"'{where}' is not understood. Expected: {known}.") from None
        reason = first["msg"][0].lower() + first["msg"][1:]
        raise errors.bad_request(f"'{where}' does not fit: {reason}.") from None


def _pictures(model: Model, values: Any, deadline: Deadline) -> Response:
    wanted = _validated(generation.Pictures, values)
    with model.until(deadline) as predictor:
        sheet = generation.pictures(predictor, wanted)
    return Response(sheet, media_type="image/png", headers={"dlcli-seed": str(wanted.seed)})


def _no_generator(model: Model) -> str:
    if model.output.continues_text:
        return (
            f"{model.file} would read all of a text again for each new character. Serve the run, "
            "its .keras or its .tflite file to generate text."
        )
    return f"'{model.name}' is a model of {model.metadata['task']}; it generates nothing."


def _pieces(characters: Iterator[str], seconds: float) -> Iterator[str]:
    """Characters as they come, but not each on its own."""
    piece, sent = "", time.monotonic()
    try:
        for character in characters:
            piece += character
            if time.monotonic() - sent > _PIECE_SECONDS:
                yield piece
                piece, sent = "", time.monotonic()
    except TimeoutError:
        raise errors.too_late(seconds) from None
    yield piece


def _finite(value: Any) -> Any:
    """What browsers read: null for what JSON has no number for."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
