"""The process that serves: its address, its start and its orderly end."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import threading
from collections.abc import Callable
from types import FrameType
from urllib.parse import quote

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from dlcli.devices import addresses
from dlcli.errors import UsageError

_GRACE_SECONDS = 5  # beyond the time that a request may take
_HEADERS_SECONDS = 10.0
_FIRST_FREE_PORT = 1024  # those below are for root


def bind(host: str, port: int) -> socket.socket:
    """Take an address; nobody can connect to it yet.

    Args:
        port: 0 for any that is free.

    Raises:
        UsageError: there is no such host, or the port is taken or not allowed.
    """
    try:
        return addresses.bind(host, port)
    except OSError as error:
        only_root = " Ports below 1024 are for root." if 0 < port < _FIRST_FREE_PORT else ""
        raise UsageError(
            f"port {port} of {host} cannot be used: {error.strerror}."
            + (only_root if error.errno in {errno.EACCES, errno.EPERM} else ""),
            "Choose another one with --port; --port 0 takes one that is free.",
        ) from None


def url(bound: socket.socket, host: str) -> str:
    """The address for a browser."""
    return addresses.url(host, bound.getsockname()[1])


def predict_url(address: str, name: str) -> str:
    """Where a model answers in TensorFlow Serving's protocol."""
    return f"{address}v1/models/{quote(name)}:predict"


def serve(app: ASGIApp, bound: socket.socket, timeout: float, ready: Callable[[], None]) -> None:
    """Serve until a signal ends it; what is under way then is finished.

    The process ends in any case within `timeout` and twice `_GRACE_SECONDS`.

    Args:
        timeout: seconds that a request may take.
        ready: called when clients can connect.
    """
    # What is wrong with a form is told to its sender.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    config = configured(app, timeout)
    bound.listen(config.backlog)
    ready()
    server = uvicorn.Server(config)
    stop = server.handle_exit

    def stop_in_time(number: int, frame: FrameType | None) -> None:
        last = threading.Timer(timeout + 2 * _GRACE_SECONDS, os._exit, (128 + number,))
        last.daemon = True
        last.start()
        stop(number, frame)

    server.handle_exit = stop_in_time  # type: ignore[method-assign, assignment]
    server.run(sockets=[bound])


class _TimedHeaders(H11Protocol):
    """A connection that is closed where the headers of a request do not come in time."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget()

    def _watch(self) -> None:
        """Run a clock as long as headers are waited for."""
        if self.transport.is_closing() or self.conn.their_state is not h11.IDLE:
            self._forget()
        elif self._late is None:
            self._late = self.loop.call_later(_HEADERS_SECONDS, self.transport.close)

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def configured(app: ASGIApp, timeout: float) -> uvicorn.Config:
    """How uvicorn serves an application; see `serve`."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=_TimedHeaders,
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        # It would log the end of a client's connection with a traceback.
        log_level="critical",
        timeout_graceful_shutdown=int(timeout) + _GRACE_SECONDS,
    )
