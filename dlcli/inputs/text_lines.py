"""Files with a text a line, of any size: looked through once, then read from any line on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dlcli.errors import DataError
from dlcli.inputs import text_files
from dlcli.shown import display_name

_LINES_A_PLACE = 65_536
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class TextLines:
    """Lines that were counted. An empty line is a text too, but for what follows the last one.

    Args:
        path: what to read, UTF-8; perhaps gzipped.
        places: the byte at which each 65,536th line begins.
        spool: keeps a temporary file at `path`.
    """

    path: Path
    shown: str
    num_lines: int
    places: tuple[int, ...]
    spool: text_files.Spool | None = field(default=None, repr=False)
    codec: str = "utf-8"
    notes: tuple[str, ...] = ()

    def lines(self, first: int = 0) -> Iterator[str]:
        """The lines from one on, without their ends."""
        place = first // _LINES_A_PLACE
        with text_files.opened(self.path, self.shown, "texts") as file:
            file.seek(self.places[place])
            for number, line in enumerate(file, place * _LINES_A_PLACE):
                if number >= first:
                    yield line.decode().replace("\r\n", "\n").removesuffix("\n")


def survey(item: str, encoding: str = "auto", preferred: str = "") -> TextLines:
    """Count the lines of a file.

    Args:
        item: its path; "-" is standard input.
        encoding, preferred: see `dlcli.inputs.text_files.decoded`.

    Raises:
        DataError: it is missing, cannot be read, is no text, or is empty.
    """
    path = Path(item)
    shown = "standard input" if item == "-" else display_name(path)
    spool = text_files.standard_input() if item == "-" else text_files.piped(path)
    text = text_files.utf8(spool.path if spool else path, encoding, shown, "texts", preferred)
    spool = text.spool or spool
    path = spool.path if spool else path
    if old_mac := text_files.with_line_feeds(path, shown):
        spool, path = old_mac, old_mac.path
    num_lines, places = 0, []
    with text_files.opened(path, shown, "texts") as file:
        place = len(_MARK) if file.read(len(_MARK)) == _MARK else 0
        file.seek(place)
        for line in file:
            if num_lines % _LINES_A_PLACE == 0:
                places.append(place)
            place += len(line)
            num_lines += 1
    if not num_lines:
        raise DataError(f"{shown} is empty.", "Give a text a line.")
    encoding = text.encoding.codec
    return TextLines(path, shown, num_lines, tuple(places), spool, encoding, text.encoding.notes)
