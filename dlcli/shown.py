"""Names and messages for people: what would move a cursor, or cannot be seen, is escaped.

Files, columns, classes and runs are named by others. A name that holds the codes of a terminal, or
a line end, could hide or forge what is printed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

# Control characters, other line ends, what turns the direction of writing, halves of characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def escaped(text: str, keep: str = "") -> str:
    r"""A text in which whatever is no plain character is written as in Python: `\n`, `\x1b`.

    Args:
        text: of any origin.
        keep: such characters that stay.
    """
    return _UNSAFE.sub(
        lambda found: found[0] if found[0] in keep else found[0].encode("unicode_escape").decode(),
        text,
    )


def name(text: str) -> str:
    """A name in a table or a heading; one that is escaped, or that nobody sees, has quotes."""
    safe = escaped(text)
    return text if safe == text and text.strip() else f"'{safe}'"


def display_name(path: Path | str) -> str:
    """A path as text that can be printed, also when its name is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")
