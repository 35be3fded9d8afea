"""Addresses of this computer: to take one, to find free ones, to write one for a browser."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack

from dlcli.errors import UsageError

# What stands for all addresses of the computer, and how a program on it reaches one of them.
ALL = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def bind(host: str, port: int) -> socket.socket:
    """Take an address; nobody can connect to it yet.

    Args:
        port: 0 for any that is free.

    Raises:
        UsageError: there is no such host.
        OSError: the port is taken or not allowed.
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
        raise
    return bound


def url(host: str, port: int) -> str:
    """The address for a browser, which may be on another computer where `host` is in `ALL`."""
    shown = socket.gethostname() if host in ALL else host
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def free_local(number: int) -> tuple[str, ...]:
    """Addresses, host:port, for programs of this computer alone that nothing listens on."""
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in listening:
            one.bind(("127.0.0.1", 0))
        return tuple(f"127.0.0.1:{one.getsockname()[1]}" for one in listening)


def _no_such_host(host: str, reason: str) -> UsageError:
    return UsageError(
        f"'{host}' is no address of this computer: {reason}.",
        "127.0.0.1 serves this computer only, 0.0.0.0 the whole network.",
    )
