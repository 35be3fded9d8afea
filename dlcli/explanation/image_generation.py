"""Pictures are made of noise: there is no input whose parts could be named."""

from __future__ import annotations

from dlcli.errors import UsageError


def refusal() -> UsageError:
    """Why nothing is explained, and what to do instead."""
    return UsageError(
        "this model makes pictures of noise, and no part of the noise has a meaning that an "
        "explanation could name.",
        "Look at what it makes: dlcli generate RUN --count 64 --output pictures.png",
    )
