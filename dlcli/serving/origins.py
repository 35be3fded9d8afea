"""Who may ask the server: programs that call it by its own name, and pages that it sent.

A web page of a stranger can make a browser ask a server of this computer: from another origin, or,
once the stranger's name points to this computer (DNS rebinding), under the stranger's name. The
headers `Origin` and `Host` tell both, as a page cannot change them.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from dlcli.serving import errors
from dlcli.serving.errors import RequestError

ANY = "*"


def check(host: str, allowed: Iterable[str]) -> Callable[[Headers], None]:
    """The check of a request's headers.

    Args:
        host: the name or address that is served on.
        allowed: names by which the server may be called beside this one, addresses, `localhost` and
            the name of this computer, and whose pages may ask it; `*` for any.

    Returns:
        A function that raises `RequestError` where a request is not to be answered.
    """
    given = {name.strip("[]").lower().rstrip(".") for name in allowed}
    names = given | {host.lower(), "localhost", socket.gethostname().lower()}

    def may_be(name: str) -> bool:
        return ANY in names or name in names or name.endswith(".localhost") or _is_address(name)

    def checked(headers: Headers) -> None:
        called, origin = headers.get("host", ""), headers.get("origin")
        # Programs of HTTP/1.0 name no host; browsers always do.
        if called and not may_be(_host(f"//{called}")):
            raise _refused(
                f"the server is called '{called}', which is none of its names",
                f"--allow-host {_host(f'//{called}') or 'NAME'}",
            )
        if origin is None or ANY in names or _host(origin) in given:
            return
        if origin.lower().partition("://")[2] != called.lower():
            raise _refused(
                f"the request comes from a page of '{origin}', not of this server",
                f"--allow-host {_host(origin) or 'NAME'}",
            )

    return checked


class KnownHosts:
    """An ASGI application that answers only who may ask.

    Args:
        check: what `check` gave.
        answer: of an error, the response to send.
    """

    def __init__(
        self,
        app: ASGIApp,
        check: Callable[[Headers], None],
        answer: Callable[[RequestError], ASGIApp],
    ) -> None:
        self._app, self._check, self._answer = app, check, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            try:
                self._check(Headers(scope=scope))
            except RequestError as error:
                await self._answer(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _refused(what: str, option: str) -> RequestError:
    return errors.forbidden(f"{what}. If it may be, start the server with {option}.")


def _host(address: str) -> str:
    """The name in an address, without its port; "" where there is none."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    """Whether a name is an address: no stranger's name then points to this computer."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
