"""What goes wrong with a request, each kind with its HTTP status."""

from __future__ import annotations

from functools import partial


class RequestError(Exception):
    """A request that cannot be answered.

    Args:
        status: the HTTP status.
        message: what was received, what was expected, what to do: for the user.
        outcome: what the metrics count it as.
    """

    def __init__(self, status: int, message: str, outcome: str) -> None:
        super().__init__(message)
        self.status, self.message, self.outcome = status, message, outcome


# Each takes its message.
bad_request = partial(RequestError, 400, outcome="bad_request")
forbidden = partial(RequestError, 403, outcome="forbidden")
not_found = partial(RequestError, 404, outcome="not_found")
wrong_method = partial(RequestError, 405, outcome="bad_request")
wrong_type = partial(RequestError, 415, outcome="bad_request")


def too_large(limit: float) -> RequestError:
    """The request has more megabytes than are read."""
    return RequestError(
        413,
        f"the request is larger than {limit:g} MB, the most that this server reads. Send less at "
        "once, or start it with a larger --max-request-mb.",
        "too_large",
    )


def busy(most: int) -> RequestError:
    """As many requests are under way as may be."""
    return RequestError(
        503, f"the server is busy with {most} requests. Try again in a moment.", "busy"
    )


def too_late(seconds: float) -> RequestError:
    """There is no answer in time."""
    return RequestError(
        503,
        f"there was no answer within {seconds:g} seconds. Try again, with less at once, or start "
        "the server with a larger --timeout.",
        "timeout",
    )
