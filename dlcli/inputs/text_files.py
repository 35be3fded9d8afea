"""The bytes and the text of files, whatever their encoding."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import re
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from dlcli.errors import DataError

_SAMPLE = 1_000_000  # bytes that tell GB18030 from Western text

_BLOCK = 2**20
_HEAD = 64  # bytes, of which a picture has a zero somewhere
_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PICTURE_MARKS = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\0\0\0\x0cjP",
)
_DESCRIBED = {"a table": "a table: CSV, TSV, JSON lines or Parquet"}


def content(path: Path, shown: str, expected: str) -> bytes:
    """The bytes of a file, unpacked if they are gzipped.

    Args:
        path: the file.
        shown: what to call it in an error.
        expected: what it should be, such as "a table".

    Raises:
        DataError: it is missing, damaged or cannot be read.
    """
    with _explained(shown, expected):
        data = path.read_bytes()
        _check_no_picture(data[:_HEAD], shown, expected)
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


@contextlib.contextmanager
def opened(path: Path, shown: str, expected: str) -> Iterator[BinaryIO]:
    """Open a file for reading its bytes in order, unpacked if they are gzipped; see `content`."""
    with _explained(shown, expected), path.open("rb") as file:
        head = file.peek(_HEAD)[:_HEAD]
        _check_no_picture(head, shown, expected)
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(file) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield file


@contextlib.contextmanager
def _explained(shown: str, expected: str) -> Iterator[None]:
    """Turn what the system says of a file into an error that names it."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"there is no file {shown}.", "Check the path.") from None
    except IsADirectoryError:
        raise DataError(f"{shown} is a folder. Expected {expected}.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{shown} is a damaged gzip file: {error}.") from None
    except OSError as error:
        raise DataError(f"{shown} cannot be read: {error.strerror or error}.") from None


class Spool:
    """A temporary file, for what cannot be read twice or not as it is; it goes with the object.

    Args:
        suffix: of its name.
    """

    def __init__(self, suffix: str = "") -> None:
        self.file: IO[bytes] = tempfile.NamedTemporaryFile(prefix="dlcli-", suffix=suffix)  # noqa: SIM115
        self.path = Path(self.file.name)

    def fill(self, source: Any) -> None:
        """Copy all of a binary file."""
        shutil.copyfileobj(source, self.file, _BLOCK)
        self.file.flush()


def standard_input() -> Spool:
    """All of standard input: what comes by a pipe can be read only once."""
    spool = Spool()
    spool.fill(sys.stdin.buffer)
    return spool


def utf8(path: Path, encoding: str, shown: str, expected: str) -> Spool | None:
    """Make sure that a text of any size is UTF-8, in little memory.

    Args:
        path: the file, perhaps gzipped.
        encoding: see `decoded`, which finds the same.
        shown: what to call it in an error.
        expected: see `content`.

    Returns:
        None if it is, a byte order mark before it or not; else a copy that is.

    Raises:
        DataError: see `content` and `decoded`.
    """
    with opened(path, shown, expected) as file:
        head = file.read(_SAMPLE)
    if encoding == "auto":
        _check_no_zeros(head, shown)
        choices = ["utf-8", "cp1252", "latin-1"]
        if head.startswith(_UNICODE_MARKS):
            choices = ["utf-16"]
        elif _looks_chinese(head):
            choices.insert(1, "gb18030")
    else:
        try:
            choices = [codecs.lookup(encoding).name]
        except LookupError:
            raise _unknown(encoding) from None
    for choice in choices:
        spool = Spool(path.name.removesuffix(".gz")) if choice not in {"utf-8", "ascii"} else None
        try:
            with opened(path, shown, expected) as file:
                text = io.TextIOWrapper(file, choice, newline="")
                while block := text.read(_BLOCK):
                    if spool:
                        spool.file.write(block.encode())
        except UnicodeError:
            continue
        if spool:
            spool.file.flush()
        return spool
    raise _undecodable(shown, encoding if encoding != "auto" else choices[-1])


def decoded(data: bytes, encoding: str, shown: str) -> str:
    """The text of a file.

    Args:
        data: its bytes.
        encoding: a codec of Python. "auto": UTF-16 by its mark, else UTF-8, else GB18030
            where the text looks Chinese, else Windows-1252 (of which Latin-1 is part).
        shown: what to call it in an error.

    Raises:
        DataError: it is not text of that encoding.
    """
    if encoding == "auto":
        _check_no_zeros(data[:_SAMPLE], shown)
        encoding = _detected(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise _unknown(encoding) from None
    except UnicodeError as error:
        position = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise _undecodable(shown, encoding, position) from None


def _check_no_picture(head: bytes, shown: str, expected: str) -> None:
    is_picture = (
        head.startswith(_PICTURE_MARKS)
        or head[4:12] in (b"ftypavif", b"ftypheic")
        or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
    )
    if is_picture and b"\0" in head:
        raise DataError(
            f"{shown} is a picture. Expected {_DESCRIBED.get(expected, expected)}.",
            "Give another file, or use a recipe or a run of pictures.",
        )


def _check_no_zeros(head: bytes, shown: str) -> None:
    if b"\0" in head and not head.startswith(_UNICODE_MARKS):
        raise DataError(
            f"{shown} is no text: it holds zero bytes.",
            "Save it as plain text, such as UTF-8; or name its encoding, such as "
            "data.encoding=utf-16-le.",
        )


def _unknown(encoding: str) -> DataError:
    return DataError(
        f"data.encoding is '{encoding}', which Python does not know.",
        "Expected auto, utf-8, gb18030, latin-1, or another codec of Python.",
    )


def _undecodable(shown: str, encoding: str, position: str = "") -> DataError:
    return DataError(
        f"{shown} is not {encoding} text{position}.",
        "Name its encoding, such as data.encoding=gb18030 or latin-1.",
    )


def _detected(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if _decodes(data, "utf-8"):
        return "utf-8"
    if _looks_chinese(data[:_SAMPLE]) and _decodes(data, "gb18030"):
        return "gb18030"
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _looks_chinese(sample: bytes) -> bool:
    # In GB18030 a common character is two bytes above 127. In Western text such a byte is one
    # letter with an accent, and a letter without one follows, which GB18030 has for rare ones.
    found = re.findall(rb"[\x81-\xfe](?:[0-9][\x81-\xfe][0-9]|[\x40-\xfe])", sample)
    num_rare = sum(len(character) == 2 and character[1] < 128 for character in found)
    return bool(num_rare <= 0.2 * len(found))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
