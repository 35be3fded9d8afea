"""The process that serves: its address, its start and its orderly end."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette

from dlcli import addresses
from dlcli.errors import UsageError

_GRACE_SECONDS = 5  # beyond the time that a request may take
_FIRST_FREE_PORT = 1024  # those below are for root


def bind(host: str, port: int) -> socket.socket:
    """Take an address; nobody can connect to it yet.

    Args:
        host: a name or an address of this computer.
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
    """The address for a browser.

    Args:
        bound: what `bind` gave.
        host: as it was asked for.
    """
    return addresses.url(host, bound.getsockname()[1])


def predict_url(address: str, name: str) -> str:
    """Where a model answers in TensorFlow Serving's protocol."""
    return f"{address}v1/models/{quote(name)}:predict"


def serve(app: Starlette, bound: socket.socket, timeout: float, ready: Callable[[], None]) -> None:
    """Serve until a signal ends it; what is under way then is finished.

    Args:
        app: what `dlcli.serving.app.build` gave.
        bound: what `bind` gave.
        timeout: seconds that a request may take.
        ready: called when clients can connect.
    """
    # What is wrong with a form is told to its sender.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    config = configured(app, timeout)
    bound.listen(config.backlog)
    ready()
    uvicorn.Server(config).run(sockets=[bound])


def configured(app: Starlette, timeout: float) -> uvicorn.Config:
    """How uvicorn serves an application; see `serve`."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
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
