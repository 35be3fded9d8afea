"""A folder of text files: one subfolder a class, perhaps inside train, val and test folders."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import polars as pl

from dlcli.data import class_folders
from dlcli.data.text import Texts
from dlcli.errors import DataError
from dlcli.inputs import text_files
from dlcli.inputs.folders import list_files
from dlcli.shown import display_name

SUFFIXES = (".txt", ".text", ".md")
_LAYOUT = "Give a folder with one subfolder of .txt files a class, such as reviews/good/1.txt."


def read(
    root: Path,
    encoding: str,
    preferred: str = "",
    *,
    are_classes: bool = False,
    known: Collection[str] = (),
) -> Texts:
    """Read a folder of text files, .txt, .text or .md, each also gzipped.

    Those that are not Unicode are taken to be of one encoding.

    Args:
        root: the folder; its subfolders, or those of its train, val and test folders, are the
            classes. With train and val alone, val is the test split.
        encoding, preferred: of the files; see `dlcli.inputs.text_files.decoded`.
        are_classes, known: see `dlcli.data.class_folders.layout`.

    Raises:
        DataError: it has another layout, or a file is not of that encoding.
    """
    layout = class_folders.layout(root, _is_text, are_classes=are_classes, known=known)
    root = layout.root
    folders = layout.folders or {"train": root}
    if "train" not in folders:
        raise DataError(
            f"{display_name(root)} holds {folders['test'].name}/ and nothing to train on. "
            "Expected train/ beside it.",
            _LAYOUT,
        )
    paths: list[Path] = []
    labels: list[str] = []
    names: list[str] = []
    bad_files: list[tuple[str, str]] = []
    given = {}
    for split, folder in folders.items():
        start = len(paths)
        for class_name, class_folder in class_folders.of(folder).items():
            for path in list_files(class_folder):
                name = display_name(path.relative_to(root))
                if not _is_text(path):
                    bad_files.append((name, f"it is none of {', '.join(SUFFIXES)}"))
                    continue
                paths.append(path)
                labels.append(class_name)
                names.append(name)
        given[split] = np.arange(start, len(paths))
        if not len(given[split]):
            raise DataError(f"{display_name(folder)} holds no text files of a class.", _LAYOUT)
    files = list(zip(paths, names, strict=True))
    found, codec = text_files.read_all(files, encoding, "a text", preferred)
    texts = []
    for text in found:
        if isinstance(text, DataError):
            raise text
        texts.append(text)
    return Texts(
        pl.Series("text", texts, pl.String),
        pl.Series("label", labels, pl.String),
        display_name(root),
        names,
        given,
        bad_files,
        {"encoding": codec.codec},
        (*layout.notes, *codec.notes),
    )


def _is_text(path: Path) -> bool:
    return Path(path.name.lower().removesuffix(".gz")).suffix in SUFFIXES
