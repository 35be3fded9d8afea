"""Shards are put together to the output of the whole, and nothing else."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.prediction import output_file, shards
from dlcli.prediction.merge import merge


def _shards(write, predictor, table, folder, format, count) -> list[Path]:
    paths = []
    for number in range(1, count + 1):
        shard = shards.Shard(number, count)
        paths.append(folder / f"part-{number}.{format}")
        write(
            predictor, table, paths[-1], format=format, shard=str(shard), bounds=shard.of(50),
            stop_after=5 if number == 2 else 10**9,
        )  # fmt: skip
        if number == 2 and not paths[-1].exists():  # stopped on its way, and gone on with
            write(predictor, table, paths[-1], format=format, shard=str(shard), bounds=shard.of(50))
    return paths


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("count", [1, 3, 60])
def test_merged_shards_are_the_whole(write, classifier, table, tmp_path, format, count) -> None:
    if count == 60 and format != "csv":
        pytest.skip("more shards than rows are tried once")
    whole, merged = tmp_path / f"whole.{format}", tmp_path / f"merged.{format}"
    write(classifier, table, whole, format=format)
    paths = _shards(write, classifier, table, tmp_path, format, count)
    written = merge(merged, paths[::-1])
    assert (written.num_rows, written.num_errors) == (50, 1)
    if format == "parquet":
        assert pl.read_parquet(merged).equals(pl.read_parquet(whole))
    else:
        assert merged.read_bytes() == whole.read_bytes()


def test_a_shard_that_is_done_is_not_done_again(write, classifier, table, tmp_path: Path) -> None:
    (path, *_) = _shards(write, classifier, table, tmp_path, "csv", 3)
    classifier.sizes.clear()
    done = write(classifier, table, path, shard="1/3", bounds=(0, 16))
    assert (done.num_rows, done.num_before, classifier.sizes) == (16, 16, [])


def test_what_does_not_belong_together_is_refused(write, classifier, table, tmp_path: Path) -> None:
    first, second, third = _shards(write, classifier, table, tmp_path, "csv", 3)
    target = tmp_path / "merged.csv"
    for paths, message in (
        ([first, third], r"shard 2/3 is missing"),
        ([first, second, third, second], r"shard 2/3 is given twice: .*part-2\.csv and .*part-2"),
        ([first, tmp_path / "none.csv"], r"there is no file .*none\.csv"),
        ([table], r"rows\.csv has no rows\.csv\.journal beside it"),
    ):
        with pytest.raises(DataError, match=message):
            merge(target, paths)
    with third.open("a") as file:
        file.write("one more\n")
    with pytest.raises(DataError, match=r"part-3\.csv is not the file that its journal tells of"):
        merge(target, [first, second, third])
    with table.open("a") as file:
        file.write("50,1,Köln,new\n")
    write(classifier, table, third, shard="3/3", bounds=(34, 51), restart=True)
    with pytest.raises(DataError, match=r"part-1\.csv is of another job than .*the inputs were"):
        merge(target, [third, first, second])
    assert not target.exists()
    assert not output_file.partial_of(target).exists()
