"""The bytes and the text of files, whatever their encoding."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

from dlcli.errors import DataError

_SAMPLE = 1_000_000  # bytes that tell GB18030 from Western text

_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def content(path: Path, shown: str, expected: str) -> bytes:
    """The bytes of a file, unpacked if they are gzipped.

    Args:
        path: the file.
        shown: what to call it in an error.
        expected: what it should be, such as "a table".

    Raises:
        DataError: it is missing, damaged or cannot be read.
    """
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    except FileNotFoundError:
        raise DataError(f"there is no file {shown}.", "Check the path.") from None
    except IsADirectoryError:
        raise DataError(f"{shown} is a folder. Expected {expected}.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{shown} is a damaged gzip file: {error}.") from None
    except OSError as error:
        raise DataError(f"{shown} cannot be read: {error.strerror or error}.") from None


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
        if b"\0" in data[:1_000_000] and not data.startswith(_UNICODE_MARKS):
            raise DataError(
                f"{shown} is no text: it holds zero bytes.",
                "Save it as plain text, such as UTF-8; or name its encoding, such as "
                "data.encoding=utf-16-le.",
            )
        encoding = _detected(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise DataError(
            f"data.encoding is '{encoding}', which Python does not know.",
            "Expected auto, utf-8, gb18030, latin-1, or another codec of Python.",
        ) from None
    except UnicodeError as error:
        position = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise DataError(
            f"{shown} is not {encoding} text{position}.",
            "Name its encoding, such as data.encoding=gb18030 or latin-1.",
        ) from None


def _detected(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if _decodes(data, "utf-8"):
        return "utf-8"
    # In GB18030 a common character is two bytes above 127. In Western text such a byte is one
    # letter with an accent, and a letter without one follows, which GB18030 has for rare ones.
    found = re.findall(rb"[\x81-\xfe](?:[0-9][\x81-\xfe][0-9]|[\x40-\xfe])", data[:_SAMPLE])
    num_rare = sum(len(character) == 2 and character[1] < 128 for character in found)
    if num_rare <= 0.2 * len(found) and _decodes(data, "gb18030"):
        return "gb18030"
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
