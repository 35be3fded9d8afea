"""What the name of a table's file says."""

from __future__ import annotations

from pathlib import Path

SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson", ".json", ".parquet")


def is_table(path: Path) -> bool:
    """Whether a file's name is that of a table, gzipped or not."""
    return suffix(path.name) in SUFFIXES


def suffix(name: str) -> str:
    """The suffix of a file's name in lower case, not counting .gz."""
    return Path(name.lower().removesuffix(".gz")).suffix


def separator(given: str, name: str) -> str:
    """The name of the separator that is meant, or "auto", by the recipe and the file's name."""
    if given == "auto" and suffix(name) in {".tsv", ".tab"}:
        return "tab"
    return given
