"""One kind of request: admitted, read, answered, counted, each within its limits."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from dlcli.errors import DlcliError
from dlcli.serving import errors
from dlcli.serving.deadline import Deadline
from dlcli.serving.errors import RequestError
from dlcli.serving.metrics import Metrics

LOG = logging.getLogger("dlcli.serving")

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What a request may take.

    Args:
        max_request_mb: megabytes of a request.
        timeout: seconds until an answer.
    """

    max_request_mb: float = 32.0
    max_queue: int = 128
    timeout: float = 30.0


class Gate:
    """Counts the requests under way, and turns away those that are too many.

    Each has a thread of its own.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.under_way = 0
        self._threads = CapacityLimiter(limits.max_queue)

    def __enter__(self) -> None:
        if self.under_way >= self.limits.max_queue:
            raise errors.busy(self.limits.max_queue)
        self.under_way += 1

    def __exit__(self, *exception: object) -> None:
        self.under_way -= 1

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do what blocks in a thread; one whose time is over is left to itself."""
        return await to_thread.run_sync(work, limiter=self._threads, abandon_on_cancel=True)


class Endpoint:
    """An ASGI application that answers one kind of request.

    Args:
        answer: a request and its deadline to the response.
    """

    def __init__(
        self,
        name: str,
        answer: Callable[[Request, Deadline], Awaitable[Response]],
        gate: Gate,
        metrics: Metrics,
    ) -> None:
        self._name, self._answer, self._gate, self._metrics = name, answer, gate, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever goes wrong becomes an answer too."""
        began = time.monotonic()
        headers = Headers(scope=scope)
        body = _Body(receive, headers, self._gate.limits.max_request_mb)
        request = Request(scope, body.receive)
        outcome, has_begun = "ok", False

        async def told(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            with self._gate:
                response = await self._while_waited_for(request, body)
                await response(scope, receive, told)
        except ClientDisconnect:
            outcome = "disconnected"
        except RequestError as error:
            outcome = error.outcome
            if not has_begun:  # else the connection breaks off, as the answer does
                await body.drain(self._gate.limits.timeout)
                await error_response(error.status, error.message)(scope, receive, send)
        finally:
            self._metrics.count_request(self._name, outcome, time.monotonic() - began)

    async def _while_waited_for(self, request: Request, body: _Body) -> Response:
        """The response to a request; the work on it ends when its sender has gone."""
        deadline = Deadline(self._gate.limits.timeout)
        answer = asyncio.ensure_future(self._answered(request, deadline))
        gone = asyncio.ensure_future(body.gone())
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ClientDisconnect
            return answer.result()
        finally:
            gone.cancel()
            if not answer.done():
                deadline.give_up()
                answer.cancel()

    async def _answered(self, request: Request, deadline: Deadline) -> Response:
        """The response to a request."""
        seconds = self._gate.limits.timeout
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(request, deadline)
        except TimeoutError:
            deadline.give_up()
            raise errors.too_late(seconds) from None
        except DlcliError as error:
            raise errors.bad_request(error.message) from None
        except HTTPException as error:  # what a form's parser stumbles over
            raise errors.bad_request(f"{error.detail}") from None
        except (RequestError, ClientDisconnect):
            raise
        # A server goes on after a fault of one request.
        except Exception as error:
            LOG.error(
                "Error: unexpected %s at %s: %s",
                type(error).__name__,
                request.url.path,
                error,
                exc_info=LOG.isEnabledFor(logging.DEBUG),
            )
            raise RequestError(
                500,
                f"unexpected {type(error).__name__}: {error}. This is a fault of dlcli; the "
                "server's terminal says more with --debug.",
                "failed",
            ) from None


class _Body:
    """A request's body as it comes in, up to a limit in megabytes."""

    def __init__(self, receive: Receive, headers: Headers, limit: float) -> None:
        self._receive, self._headers, self._limit = receive, headers, limit
        announced = headers.get("content-length", "")
        self._is_announced = announced.isdigit() and int(announced) > limit * 1e6
        self._num_bytes = 0
        self._complete = False
        self._is_read = asyncio.Event()

    async def receive(self) -> Message:
        """The next message, for `starlette.requests.Request`."""
        if self._is_announced:
            raise errors.too_large(self._limit)
        message = await self._next()
        if self._num_bytes > self._limit * 1e6:
            raise errors.too_large(self._limit)
        return message

    async def gone(self) -> None:
        """Wait until the client has gone, once all is read."""
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def drain(self, seconds: float) -> None:
        """Read the rest, for some seconds: a client that still sends would not see the answer."""
        if "expect" in self._headers:  # it waits for leave to send, and is not to be given it
            return
        try:
            async with asyncio.timeout(seconds):
                while not self._complete:
                    await self._next()
        except TimeoutError:
            pass

    async def _next(self) -> Message:
        message = await self._receive()
        self._num_bytes += len(message.get("body", b""))
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        if self._complete:
            self._is_read.set()
        return message


def json_response(document: Any, status: int = 200) -> Response:
    """A document as JSON, in which numbers that are not finite are NaN and Infinity."""
    content = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, media_type="application/json")


def error_response(status: int, message: str) -> Response:
    """An error as TensorFlow Serving says it."""
    response = json_response({"error": message}, status)
    if status == 503:
        response.headers["retry-after"] = "1"
    return response


def check_json(headers: Headers, origin: object) -> None:
    """See that a request says that it is JSON, which no page of a stranger can say.

    Args:
        origin: address of the server, with a slash at its end.

    Raises:
        RequestError: it does not.
    """
    given = headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and "+json" in kind):
        said = f"the request is of the type '{given}'" if given else "the request names no type"
        raise errors.wrong_type(
            f"{said}. Expected JSON with the header 'Content-Type: application/json' (curl -H "
            "'Content-Type: application/json' -d ...), or a file as a form: "
            f"curl -F file=@NAME {origin}predict"
        )
