"""Files as fastText has them: a text per line, after its class as `__label__CLASS`.

Source: https://fasttext.cc/docs/en/supervised-tutorial.html
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import tables, text_files, text_lines

PREFIX = "__label__"
TEXT, LABEL = "text", "label"


def is_fasttext(path: Path) -> bool:
    """Whether a file begins with a class."""
    if not path.is_file():
        return False
    with text_files.opened(path, path.name, "a text") as file:
        head = file.read(len(PREFIX) + 3)
    return head.removeprefix(b"\xef\xbb\xbf").startswith(PREFIX.encode())


def read(path: Path, encoding: str, preferred: str = "", separator: str = "") -> tables.Contents:
    """Read a file into a table with the columns text and label.

    Args:
        encoding, preferred: see `dlcli.inputs.text_files.decoded`.
        separator: what joins the classes of a line in their column; "" allows one only.

    Raises:
        DataError: it cannot be read, or a line has several classes.
    """
    lines = text_lines.survey(str(path), encoding, preferred)
    texts: list[str] = []
    labels: list[str | None] = []
    for number, line in enumerate(lines.lines(), 1):
        found, text = split(line)
        if len(found) > 1 and not separator:
            raise DataError(
                f"{lines.shown} line {number} has {len(found)} classes: {', '.join(found)}. "
                "Expected one per text.",
                f"Keep one {PREFIX} per line.",
            )
        if found or text:
            texts.append(text)
            labels.append(separator.join(found) if found else None)
    frame = pl.DataFrame({TEXT: texts, LABEL: labels}, {TEXT: pl.String, LABEL: pl.String})
    return tables.Contents(frame, {"encoding": lines.codec}, lines.notes)


def split(line: str) -> tuple[list[str], str]:
    """The classes of a line, which may be none, and its text."""
    words = line.split()
    labels = [word for word in words if word.startswith(PREFIX)]
    if not labels:
        return [], line.strip()
    text = " ".join(word for word in words if not word.startswith(PREFIX))
    return [label.removeprefix(PREFIX) for label in labels], text
