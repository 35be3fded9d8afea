"""The process that serves: its address, its start and its orderly end."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette

from dlcli.errors import UsageError

_GRACE_SECONDS = 5  # beyond the time that a request may take
_ANY_HOST = {"0.0.0.0", "::"}
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
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        bound = socket.socket(family, kind, protocol)
    except (socket.gaierror, UnicodeError) as error:
        raise _no_such_host(host, getattr(error, "strerror", None) or str(error)) from None
    try:
        # A port that was used a minute ago is free.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise _no_such_host(host, str(error.strerror)) from None
        only_root = " Ports below 1024 are for root." if 0 < port < _FIRST_FREE_PORT else ""
        raise UsageError(
            f"port {port} of {host} cannot be used: {error.strerror}."
            + (only_root if error.errno in {errno.EACCES, errno.EPERM} else ""),
            "Choose another one with --port; --port 0 takes one that is free.",
        ) from None
    return bound


def url(bound: socket.socket, host: str) -> str:
    """The address for a browser.

    Args:
        bound: what `bind` gave.
        host: as it was asked for.
    """
    shown = socket.gethostname() if host in _ANY_HOST else host
    port = bound.getsockname()[1]
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


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


def _no_such_host(host: str, reason: str) -> UsageError:
    return UsageError(
        f"'{host}' is no address of this computer: {reason}.",
        "127.0.0.1 serves this computer only, 0.0.0.0 the whole network.",
    )
