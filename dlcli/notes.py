"""Notes: one-line sentences about a user's files that a user should read, such as a guess."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[str], None]


def ignore(note: str) -> None:
    """Take a note that nobody reads."""
