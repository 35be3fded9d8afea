"""The bytes and the text of files, whatever their encoding."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import itertools
import os
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar, cast

from dlcli import files
from dlcli.errors import DataError
from dlcli.inputs import encodings
from dlcli.shown import display_name

_BLOCK = 2**20
_HEAD = 64  # bytes, of which a picture has a zero somewhere
_AS_UTF8 = ("utf-8", "ascii")
_PICTURE_MARKS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x0cjP")
_DESCRIBED = {"a table": "a table: CSV, TSV, JSON lines or Parquet"}


def content(path: Path, shown: str, expected: str) -> bytes:
    """The bytes of a file, unpacked if they are gzipped.

    Args:
        expected: what it should be, such as "a table".

    Raises:
        DataError: it is missing, damaged or cannot be read.
    """
    with _explained(shown, expected):
        check_no_device(path, shown, expected)
        data = path.read_bytes()
        _check_no_picture(data[:_HEAD], shown, expected)
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


@contextlib.contextmanager
def opened(path: Path, shown: str, expected: str) -> Iterator[BinaryIO]:
    """Open a file for reading its bytes in order, unpacked if they are gzipped; see `content`."""
    check_no_device(path, shown, expected)
    with _explained(shown, expected), path.open("rb") as file:
        head = file.peek(_HEAD)[:_HEAD]
        _check_no_picture(head, shown, expected)
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(file) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield file


def check_no_device(path: Path, shown: str, expected: str) -> None:
    """See that a file has an end; a terminal has one too.

    Raises:
        DataError: it is a device, such as /dev/zero.
    """
    try:
        mode = path.stat().st_mode
        is_input = stat.S_ISCHR(mode) and os.path.samestat(path.stat(), os.fstat(0))
    except (OSError, ValueError):
        return
    if (stat.S_ISCHR(mode) and not is_input) or stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
        raise DataError(f"{shown} is a device, and no file. Expected {expected}.")


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
    """A temporary file, for what cannot be read twice or not as it is; it goes with the object."""

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


def piped(path: Path, expected: str = "a file") -> Spool | None:
    """All of a pipe, which can be read only once; None of another file."""
    if not files.is_special(path):
        return None
    check_no_device(path, display_name(path), expected)
    spool = Spool(path.suffix)
    with path.open("rb") as pipe:
        spool.fill(pipe)
    return spool


def with_line_feeds(path: Path, shown: str) -> Spool | None:
    """A copy of a UTF-8 text whose lines end as on old Macs; None of another text."""
    with opened(path, shown, "a text") as file:
        head = file.read(_BLOCK)
        if b"\r" not in head or b"\n" in head:
            return None
        spool = Spool()
        while head:
            spool.file.write(head.replace(b"\r", b"\n"))
            head = file.read(_BLOCK)
    spool.file.flush()
    return spool


@dataclass(frozen=True)
class Encoding:
    """What a text is encoded in.

    Args:
        codec: of Python.
        notes: a sentence on it where it was guessed and was not to be expected; else none.
    """

    codec: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Utf8:
    """A text that is UTF-8.

    Args:
        spool: a copy that is, if the file is not; either may begin with a byte order mark.
    """

    spool: Spool | None
    encoding: Encoding


_Blocks = Callable[[], Iterator[bytes]]
Found = TypeVar("Found", bound="Encoding | None")


def utf8(path: Path, encoding: str, shown: str, expected: str, preferred: str = "") -> Utf8:
    """Make sure that a text of any size is UTF-8, in little memory.

    Args:
        encoding, preferred: see `decoded`.
        expected: see `content`.

    Raises:
        DataError: see `content` and `decoded`.
    """
    blocks = partial(_file_blocks, path, shown, expected)
    found = _one(_encodings([(shown, blocks)], encoding, preferred))
    if found.codec in _AS_UTF8:
        return Utf8(None, found)
    spool = Spool(path.name.removesuffix(".gz"))
    decoder = codecs.getincrementaldecoder(found.codec)()
    for block in itertools.chain(blocks(), [b""]):
        text = decoder.decode(block, final=not block)
        spool.file.write(text.encode("utf-8", "surrogatepass"))
    spool.file.flush()
    return Utf8(spool, found)


def decoded(data: bytes, encoding: str, shown: str, preferred: str = "") -> tuple[str, Encoding]:
    """The text of a file, without a byte order mark, and its encoding.

    Args:
        encoding: a codec of Python. "auto": UTF-16 or UTF-32 by its mark or its zero bytes, else
            UTF-8, else the code page that fits best.
        preferred: the code page to take where it fits as well as any other.

    Raises:
        DataError: it is not text of that encoding; of "auto", of none.
    """
    found = _one(_encodings([(shown, partial(_memory_blocks, data))], encoding, preferred))
    return data.decode(found.codec).removeprefix("\ufeff"), found


def read_all(
    files: Sequence[tuple[Path, str]], encoding: str, expected: str, preferred: str = ""
) -> tuple[list[str | DataError], Encoding]:
    """The texts of files: those that are not Unicode are taken to be of one encoding.

    Args:
        files: each with what to call it in an error.
        encoding, preferred: see `decoded`.
        expected: see `content`.

    Returns:
        The text of each, or why it cannot be read; and the encoding of those that are not UTF-8,
        if there are any.
    """
    sources = [(name, partial(_file_blocks, path, name, expected)) for path, name in files]
    texts: list[str | DataError] = []
    special = Encoding("utf-8")
    for (path, name), found in zip(files, _encodings(sources, encoding, preferred), strict=True):
        if isinstance(found, DataError):
            texts.append(found)
            continue
        if found.codec not in _AS_UTF8 and (found.notes or special.codec == "utf-8"):
            special = found
        text = content(path, name, expected).decode(found.codec)
        texts.append(text.removeprefix("\ufeff"))
    return texts, special


def _one(found: list[Encoding | DataError]) -> Encoding:
    (only,) = found
    if isinstance(only, DataError):
        raise only
    return only


def _file_blocks(path: Path, shown: str, expected: str) -> Iterator[bytes]:
    with opened(path, shown, expected) as file:
        while block := file.read(_BLOCK):
            yield block


def _memory_blocks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _BLOCK):
        yield data[start : start + _BLOCK]


def _encodings(
    sources: Sequence[tuple[str, _Blocks]], encoding: str, preferred: str
) -> list[Encoding | DataError]:
    """The encoding of each of several texts, or why there is none.

    Args:
        sources: what to call each, and what gives its bytes, as often as they are wanted.
        encoding, preferred: see `decoded`.
    """
    if encoding != "auto":
        try:
            codec = codecs.lookup(encoding).name
            "".encode(codec)
        except LookupError:
            raise _unknown(encoding) from None
        return [_caught(partial(_checked, shown, blocks, codec)) for shown, blocks in sources]
    found: list[Encoding | DataError | None] = [
        _caught(partial(_unicode, shown, blocks)) for shown, blocks in sources
    ]
    others = [place for place, each in enumerate(found) if each is None]
    if others:
        evidence = encodings.Evidence()
        for place in others:
            _collect(evidence, sources[place][1])
        guess = encodings.guess(evidence, _code_page(preferred))
        for place in others:
            shown, blocks = sources[place]
            found[place] = _caught(partial(_legacy, shown, blocks, guess))
        _note(guess, [(sources[place][0], place) for place in others], found)
    return cast("list[Encoding | DataError]", found)


def _caught(function: Callable[[], Found]) -> Found | DataError:
    try:
        return function()
    except DataError as error:
        return error


def _unicode(shown: str, blocks: _Blocks) -> Encoding | None:
    """The encoding of a text in Unicode; None of another.

    Raises:
        DataError: it is no text, or damaged behind its byte order mark.
    """
    head = next(blocks(), b"")
    codec = encodings.unicode_codec(head)
    if codec:
        _checked(shown, blocks, codec)
        _check_is_text(head, codec, shown)
        has_mark = head.startswith(tuple(mark for mark, _ in encodings.MARKS))
        note = f"{shown} has no byte order mark and is read as {codec}, by its zero bytes."
        return Encoding(codec, () if has_mark else (note,))
    _check_no_zeros(head, shown)
    codec = encodings.shifted_codec(head)
    if codec and _first_bad(blocks, codec) is None:
        note = (
            f"{shown} is read as {codec}, by its escape sequences. If that is wrong: "
            "data.encoding=utf-8"
        )
        return Encoding(codec, (note,))
    if _first_bad(blocks, "utf-8") is not None:
        return None
    _check_is_text(head, "utf-8", shown)
    return Encoding("utf-8")


def _legacy(shown: str, blocks: _Blocks, guess: encodings.Guess | None) -> Encoding:
    """The encoding of a text that is not Unicode, as it was guessed.

    Raises:
        DataError: it is UTF-8 but for a few bytes, or the guess does not fit.
    """
    place = _first_bad(blocks, "utf-8") or 0
    where = _place(blocks, place)
    if guess is None:
        raise DataError(
            f"the encoding of {shown} is unknown: {where} is not UTF-8, and no other encoding "
            "gives plausible words.",
            "Convert it to UTF-8, or name its encoding, such as data.encoding=cp1251.",
        )
    if guess.is_damaged_utf8:
        raise DataError(
            f"{shown} is UTF-8 with errors: {where} is not valid.",
            "Correct it; or, if the file is not UTF-8, name its encoding, such as "
            "data.encoding=cp1252.",
        )
    for codec in guess.codecs:
        if _first_bad(blocks, codec) is None:
            _check_is_text(next(blocks()), codec, shown)
            return Encoding(codecs.lookup(codec).name)
    codec = guess.codecs[0]
    where = _place(blocks, _first_bad(blocks, codec) or 0)
    raise DataError(
        f"{shown} looks like {guess.described()}, but {where} is not.",
        f"Correct it, or name the encoding, such as data.encoding={guess.other or 'latin-1'}.",
    )


def _note(
    guess: encodings.Guess | None,
    others: Sequence[tuple[str, int]],
    found: list[Encoding | DataError | None],
) -> None:
    """Write a sentence on the guess into the first encoding that was guessed."""
    read = [(shown, place) for shown, place in others if isinstance(found[place], Encoding)]
    if not guess or not read or guess.is_expected:
        return
    shown, place = read[0]
    more = "" if len(read) == 1 else f" and {len(read) - 1:,} more files"
    verb = "is" if len(read) == 1 else "are"
    codec = cast(Encoding, found[place]).codec
    note = (
        f"{shown}{more} {verb} not UTF-8 and {verb} read as {guess.described()}, for example "
        f"'{guess.example}'. If that is wrong, name the encoding, such as "
        f"data.encoding={guess.other or 'utf-8'}."
    )
    found[place] = Encoding(codec, (note,))


def _collect(evidence: encodings.Evidence, blocks: _Blocks) -> None:
    pieces = blocks()
    block, is_first = next(pieces, b""), True
    while block:
        following = next(pieces, b"")
        if not evidence.add(block, is_first=is_first, is_last=not following):
            return
        block, is_first = following, False


def _code_page(preferred: str) -> str:
    """The name of an encoding in which each byte is a character or a part of one, or ""."""
    try:
        name = codecs.lookup(preferred).name if preferred else ""
    except LookupError:
        return ""
    return "" if name.startswith("utf") or name in _AS_UTF8 else name


def _checked(shown: str, blocks: _Blocks, codec: str) -> Encoding:
    place = _first_bad(blocks, codec)
    if place is not None:
        raise DataError(
            f"{shown} is not {codec} text: {_place(blocks, place)} is not valid.",
            "Correct it, or name the encoding, such as data.encoding=cp1252, or "
            "data.encoding=auto to find it out.",
        )
    return Encoding(codec)


def _first_bad(blocks: _Blocks, codec: str) -> int | None:
    """The offset of the first byte that is not of an encoding."""
    decoder = codecs.getincrementaldecoder(codec)()
    read = 0
    for block in itertools.chain(blocks(), [b""]):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return read - held + error.start
        except UnicodeError:  # UTF-16 without the mark that it needs
            return read
        read += len(block)
    return None


def _place(blocks: _Blocks, offset: int) -> str:
    """A byte and where it is, to name it in an error."""
    line, read = 1, 0
    for block in blocks():
        if offset < read + len(block):
            line += block[: offset - read].count(b"\n")
            return f"the byte 0x{block[offset - read]:02x} at offset {offset:,} (line {line:,})"
        line += block.count(b"\n")
        read += len(block)
    return f"its end, at offset {read:,},"


def _check_is_text(head: bytes, codec: str, shown: str) -> None:
    text = codecs.getincrementaldecoder(codec)().decode(head, final=False)
    share = encodings.bad_share(text)
    if share > encodings.MAX_BAD:
        raise DataError(
            f"{shown} is no text: read as {codec}, {100 * share:.2g} % of its characters are "
            f"control, unassigned or replacement characters. Expected at most "
            f"{100 * encodings.MAX_BAD:g} %.",
            "Name its encoding, such as data.encoding=cp1251 or utf-16-le; a name is not checked.",
        )


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
    if b"\0" in head:
        raise DataError(
            f"{shown} is no text: it holds zero bytes.",
            "Save it as plain text, such as UTF-8; or name its encoding, such as "
            "data.encoding=utf-16-le.",
        )


def _unknown(encoding: str) -> DataError:
    return DataError(
        f"data.encoding is '{encoding}', which Python does not know.",
        "Expected auto, utf-8, cp1252, gb18030, or another codec of Python.",
    )
