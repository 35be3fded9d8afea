"""Pictures are made, not predicted."""

from __future__ import annotations

from dlcli.errors import UsageError


def refusal() -> UsageError:
    """Why nothing is predicted, of inputs as of splits, and what to do instead."""
    return UsageError(
        "this model makes pictures of noise; there is nothing to predict.",
        "Make some: dlcli generate RUN --count 64 --output pictures.png",
    )
