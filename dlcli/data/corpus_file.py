"""A user's own running text: one file, or a folder of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlcli.data import DataSet, Split, language_modeling, splits, table_file
from dlcli.data.language_modeling import Corpus
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import tables, text_files
from dlcli.inputs.characters import Alphabet
from dlcli.recipe.sections.language_modeling import Data, Preprocessing
from dlcli.shown import display_name

MAX_BYTES = 1_000_000_000
"""Of all files together: the text is held in memory."""
_EXPECTED = "Give a text file, or a folder of text files."


def load(task: str, data: Data, preprocessing: Preprocessing, events: Events = ignore) -> DataSet:
    """Load a text file, or a folder of them in the order of their names.

    In a folder, files or folders named train, val and test are these parts; with train and
    val alone, val is the test part. What is not given is cut from the end of train. See
    `dlcli.data.protocols.Source`.
    """
    source = Path(data.source or "").expanduser()
    given = _given(source) if source.is_dir() else {"train": [source]}
    read = _read(source, given, preprocessing.sequence_length, data.encoding)
    return table_file.noted(language_modeling.dataset(read, data, preprocessing), [read])


def load_whole(
    source: Path,
    task: str,
    data: Data,
    preprocessing: Preprocessing,
    metadata: dict[str, Any],
    events: Events = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """See `dlcli.data.protocols.Source`; the class names are the known characters."""
    source = source.expanduser()
    given = _given(source) if source.is_dir() else {"train": [source]}
    encoding, preferred = tables.encoding_for(metadata)
    files = {"test": given.get("test", given["train"])}
    read = _read(source, files, preprocessing.sequence_length, encoding, preferred)
    warn(events, read.notes)
    ids = Alphabet(metadata["class_names"]).encode(read.text)
    split = language_modeling.windows(read, ids, (0, len(read.text)), preprocessing, "test")
    return split, read.bad_files


def _given(folder: Path) -> dict[str, list[Path]]:
    """The files of each part, by their names; all of them as "train" where none is named so."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        split = splits.NAMES.get(path.name.partition(".")[0].lower())
        if split:
            found.setdefault(split, []).extend(_files(path) if path.is_dir() else [path])
    if "train" not in found:
        found = {"train": _files(folder)}
    if "validation" in found and "test" not in found:
        found["test"] = found.pop("validation")
    return found


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _read(
    source: Path,
    files: dict[str, list[Path]],
    sequence_length: int,
    encoding: str,
    preferred: str = "",
) -> Corpus:
    """Read the files of all parts into one text; what is no text in a folder is left out."""
    shown = display_name(source)
    num_bytes = sum(
        path.stat().st_size for paths in files.values() for path in paths if path.exists()
    )
    if num_bytes > MAX_BYTES:
        raise DataError(
            f"{shown} has {num_bytes / 1e6:,.0f} MB of text. Expected at most "
            f"{MAX_BYTES / 1e6:,.0f} MB, as it is held in memory.",
            "Give a part of it.",
        )
    pieces: list[str] = []
    given: dict[str, tuple[int, int]] = {}
    bad: list[tuple[str, str]] = []
    total = 0
    named = [
        (path, display_name(path.relative_to(source) if path != source else path))
        for paths in files.values()
        for path in paths
    ]
    found, codec = text_files.read_all(named, encoding, "a text", preferred)
    read = iter(found)
    for split, paths in files.items():
        begin = total
        for path in paths:
            name = display_name(path.relative_to(source) if path != source else path)
            try:
                text = _text(next(read), name)
            except DataError as error:
                if path == source:
                    raise
                bad.append((name, error.message))
                continue
            pieces.append(text)
            total += len(text)
        if total == begin:
            part = "" if len(files) == 1 else f"the {split} part of "
            such = f": {bad[-1][1].removesuffix('.')}" if bad else ""
            raise DataError(f"{part}{shown} holds no text files{such}.", _EXPECTED)
        given[split] = (begin, total)
    num_files = sum(map(len, files.values()))
    if total <= sequence_length and len(bad) > num_files / 2:
        raise DataError(
            f"{shown} holds hardly any text: {len(bad):,} of its {num_files:,} files are no text "
            f"files, and the rest has {total:,} characters. {bad[0][1]}",
            _EXPECTED,
        )
    reading = {"encoding": codec.codec}
    return Corpus("".join(pieces), shown, given, tuple(bad), reading, codec.notes)


def _text(text: str | DataError, shown: str) -> str:
    """The text of one file, with line feeds at the ends of its lines."""
    if isinstance(text, DataError):
        raise text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(f"{shown} is empty.", "Is it the right file?")
    return text
