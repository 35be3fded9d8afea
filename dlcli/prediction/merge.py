"""The outputs of shards, put together: equal, byte by byte, to the output of the whole."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dlcli import files
from dlcli.errors import DataError
from dlcli.prediction import output_file, shards
from dlcli.prediction.layout import ROW_GROUP, csv_header
from dlcli.prediction.writing import Written


def merge(target: Path, paths: Sequence[Path]) -> Written:
    """Merge the outputs of `dlcli predict --shard`.

    Args:
        paths: of all shards, in any order; beside each is its journal.

    Raises:
        DataError: a shard is missing, there twice, not complete, changed since, or of another
            job than the rest.
    """
    journals = {str(path): _journal(path) for path in paths}
    first = next(iter(journals.values()))
    for name, journal in journals.items():
        if sentences := output_file.changes(journal["job"], first["job"], but="shard"):
            raise DataError(
                f"{name} is of another job than {paths[0]}: {'; '.join(sentences)}.",
                "Predict all shards with one model, one set of inputs and the same options.",
            )
    ordered = shards.in_order([(str(path), journals[str(path)]["job"]["shard"]) for path in paths])
    num_rows = sum(journal["rows"] for journal in journals.values())
    num_errors = sum(journal["errors"] for journal in journals.values())
    if num_rows != first["job"]["num_inputs"]:
        raise DataError(
            f"the shards hold {num_rows:,} rows; there were {first['job']['num_inputs']:,} inputs."
        )
    with files.replacing(target) as aside:
        _join(aside, ordered, first["job"])
    return Written(num_rows, num_errors)


def _join(target: Path, names: Sequence[str], job: dict[str, Any]) -> None:
    if job["format"] == "parquet":
        import polars as pl

        pl.scan_parquet(list(names)).sink_parquet(target, row_group_size=ROW_GROUP)
        return
    header = csv_header(job["columns"]).encode() if job["format"] == "csv" else b""
    with target.open("wb") as file:
        file.write(header)
        for name in names:
            with Path(name).open("rb") as part:
                part.seek(len(header))
                shutil.copyfileobj(part, file, 2**20)


def _journal(path: Path) -> dict[str, Any]:
    """What the journal beside a shard says."""
    hint = "Give outputs of dlcli predict --shard, each with its .journal file beside it."
    if not path.is_file():
        raise DataError(f"there is no file {path}.", hint)
    journal = output_file.read_journal(path)
    if not journal or not journal["job"]["shard"]:
        raise DataError(f"{path} has no {output_file.journal_of(path).name} beside it.", hint)
    if path.stat().st_size != journal["file_bytes"]:
        raise DataError(
            f"{path} is not the file that its journal tells of: it has {path.stat().st_size:,} "
            f"bytes, not {journal['file_bytes']:,}.",
            f"Predict it again: --shard {journal['job']['shard']} --restart",
        )
    return journal
