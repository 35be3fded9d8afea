"""Outputs are complete, in order, and the same whatever stopped them on their way."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from dlcli import prediction
from dlcli.errors import RunBusyError, UsageError
from dlcli.events import Event
from dlcli.prediction import output_file, writing

BATCH = 8  # as in conftest
_KILLS = 4


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_an_output_that_was_stopped_ends_as_one_that_was_not(
    write, classifier, table, tmp_path, format
) -> None:
    whole, parts = tmp_path / f"whole.{format}", tmp_path / f"parts.{format}"
    assert write(classifier, table, whole, format=format) == writing.Written(50, 1)
    for rows in (8, 24, 40):
        done = write(classifier, table, parts, format=format, stop_after=rows)
        assert (done.num_rows, done.is_complete) == (rows, False)
        assert not parts.exists()
        with output_file.partial_of(parts).open("a") as file:
            file.write("half a row that the journal does not kn")
    done = write(classifier, table, parts, format=format)
    assert done == writing.Written(50, 1, True, 40)
    assert parts.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [table.name, whole.name, parts.name]
    )


def test_a_table_keeps_its_columns_in_every_format(
    write, classifier, table, tmp_path: Path
) -> None:
    for suffix in ("csv", "jsonl", "parquet"):
        write(classifier, table, tmp_path / f"a.{suffix}", format=suffix)
    frame = pl.read_csv(tmp_path / "a.csv", infer_schema=False)
    assert frame.columns == [
        "id", "x", "city", "class", "predicted_y", "probability", "predicted_y_2",
        "probability_2", "error",
    ]  # fmt: skip
    assert frame["id"].to_list() == [str(row) for row in range(50)]
    assert frame["class"][20] == "plain" or frame["class"][20] == "two\nlines, quoted"
    assert frame["error"][13] == "'x' is 'many', which is no number"
    assert frame.row(13)[4:8] == (None,) * 4
    parquet = pl.read_parquet(tmp_path / "a.parquet")
    assert parquet.columns == frame.columns
    assert parquet.select(frame.columns[:5]).equals(frame.select(frame.columns[:5]))
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    best = [line["classes"][0]["probability"] if "classes" in line else None for line in lines]
    assert parquet["probability"].to_list() == best
    assert [line["columns"]["class"] for line in lines] == frame["class"].to_list()


def test_numbers_have_the_digits_of_a_float32(write, regressor, table, tmp_path: Path) -> None:
    write(regressor, table, tmp_path / "a.csv")
    frame = pl.read_csv(tmp_path / "a.csv", infer_schema=False)
    assert frame.columns[4:] == ["predicted_y", "error"]
    assert frame["predicted_y"].to_list()[:3] == ["0.0", "0.143", "0.286"]


def test_another_job_is_refused_with_what_changed(write, classifier, table, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write(classifier, table, path, stop_after=8)
    before = output_file.partial_of(path).read_bytes()
    with table.open("a") as file:
        file.write("50,1,Köln,new\n")
    with pytest.raises(UsageError, match=r"begun by another job: the inputs were others\."):
        write(classifier, table, path)
    with pytest.raises(UsageError, match=r"the inputs were others; --limit was not given\."):
        write(classifier, table, path, limit=10)
    assert output_file.partial_of(path).read_bytes() == before
    assert write(classifier, table, path, restart=True, bounds=(0, 51)).num_rows == 51


def test_a_complete_file_stays_until_the_next_is_complete(
    write, classifier, table, tmp_path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine")
    write(classifier, table, path, stop_after=8)
    assert path.read_text() == "mine"
    write(classifier, table, path)
    assert path.read_text().startswith("id,x,city")


def test_two_processes_do_not_write_one_output(write, classifier, table, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with output_file.partial_of(path).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(RunBusyError, match=r"another process is writing .*a\.csv"):
            write(classifier, table, path)


def test_a_kill_between_the_name_and_the_end_of_the_journal(
    write, classifier, table, tmp_path: Path, monkeypatch
) -> None:
    path = tmp_path / "a.csv"
    for name in ("replace", "unlink"):
        with monkeypatch.context() as patch:
            # `write_json` renames too.
            real = os.replace if name == "replace" else None

            def killed(*paths, real=real, **options):
                if real and paths[-1] != path:
                    return real(*paths)
                raise KeyboardInterrupt

            patch.setattr(os if real else Path, name, killed)
            with pytest.raises(KeyboardInterrupt):
                write(classifier, table, path)
        assert write(classifier, table, path) == writing.Written(50, 1, True, 50)
        assert len(pl.read_csv(path, infer_schema=False)) == 50
        assert not output_file.journal_of(path).exists()


def test_a_batch_is_cut_alike_wherever_reading_begins(classifier, table) -> None:
    source = prediction.open_inputs(classifier, [str(table), str(table)])
    seen = {}
    for start, stop in ((0, 100), (3, 60), (51, 97)):
        names = []
        for batch, first, last in source.batches(start, stop, BATCH):
            key = batch.names[0], source.parts[0].size
            assert seen.setdefault((key, len(names) + start), list(batch.names)) == batch.names
            names += batch.names[first:last]
        expected = [f"{table} row {row % 50 + 1}" for row in range(start, stop)]
        assert names == expected


KILLED = """
import sys, time
sys.path[:0] = [{folder!r}, {root!r}]
from pathlib import Path
import conftest
from dlcli.prediction import output_file
output_file._SECONDS_A_SYNC = 0.02
class Slow(conftest.Rule):
    def predict_batch(self, raw):
        time.sleep(0.005)
        return super().predict_batch(raw)
done = conftest.write_output(
    Slow(["yes", "no"]), Path({table!r}), Path({target!r}), bounds=(0, {rows}), format={format!r}
)
print(done.num_before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_killed_at_random_moments_no_row_is_lost_or_double(
    write, classifier, tmp_path: Path, format: str
) -> None:
    rows, seed = 4000, 7
    table = tmp_path / "rows.csv"
    lines = [f'{row},{row / 7:.3f},Köln,"a\nb"' for row in range(rows)]
    table.write_text("id,x,city,class\n" + "\n".join(lines) + "\n", encoding="utf-8")
    whole, target = tmp_path / f"whole.{format}", tmp_path / f"killed.{format}"
    write(classifier, table, whole, bounds=(0, rows), format=format)
    code = KILLED.format(
        folder=str(Path(__file__).parent),
        root=str(Path(__file__).parents[2]),
        table=str(table),
        target=str(target),
        rows=rows,
        format=format,
    )
    moments = random.Random(seed)
    before = []  # rows that the last run found
    for kill in range(_KILLS + 1):
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        journal = output_file.read_journal(target)
        least = journal["rows"] if journal else 0
        while (
            kill < _KILLS and process.poll() is None
        ):  # until rows have been added, and then some moments more
            now = output_file.read_journal(target)
            if now and now["rows"] > least:
                time.sleep(moments.uniform(0, 0.3))
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.01)
        out, error = process.communicate()
        if process.returncode == 0:
            before.append(int(out))
            break
        assert process.returncode == -signal.SIGKILL, error
    assert before
    assert before[0] > 0  # the last run went on
    assert target.read_bytes() == whole.read_bytes()


def test_a_user_s_cells_are_written_back_unchanged(write, classifier, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    rows = ["007,1.50,Rom, spaced ", "8,?,Köln,NA", ' 9,-0.500,,"a\nb"', "10,1e3,Ulm,None", ",,,"]
    path.write_text("id,x,city,note\n" + "\n".join(rows) + "\n", encoding="utf-8")
    classifier.metadata["input"]["reading"] = {"missing_values": ["", "?", "NA", "None"]}
    write(classifier, path, tmp_path / "a.csv", bounds=(0, 4))
    written = (tmp_path / "a.csv").read_text(encoding="utf-8").split("\n", 1)[1]
    for row in rows[:4]:
        assert f"{row}," in written
    frame = pl.DataFrame({"x": [1.5], "city": ["Köln"], "is_new": [True]})
    frame.write_parquet(tmp_path / "own.parquet")
    write(classifier, tmp_path / "own.parquet", tmp_path / "b.parquet", format="parquet")
    found = pl.read_parquet(tmp_path / "b.parquet")
    assert found.select("x", "city", "is_new").equals(frame)


def test_what_a_model_does_not_know_is_said_once_for_all_files(classifier, tmp_path: Path) -> None:
    columns = classifier.metadata["input"]["columns"]
    columns[0] |= {"minimum": 0.0, "maximum": 10.0}
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x,city\n1,Rom\n5000,Köln\n")
    notes: list[Event] = []
    found = prediction.predict_inputs(
        classifier,
        [str(tmp_path / name) for name in ("a.csv", "b.csv")],
        None,
        2,
        events=notes.append,
    )
    assert len(list(found)) == 4
    assert [note.message for note in notes] == [
        "2 of 4 values of 'x' are far outside those of the training, 0 to 10, such as 5000.",
        "2 of 4 values of 'city' are categories that the model does not know, such as 'Rom'; it "
        "takes them all for one.",
    ]


def test_a_file_with_decimal_commas_is_read_by_a_model_that_knew_none(
    classifier, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("x;city\n0,5;Köln\n1,25;Köln\n")
    notes: list[Event] = []
    source = prediction.open_inputs(classifier, [str(tmp_path / "a.csv")], events=notes.append)
    ((batch, _, _),) = source.batches(0, 2, 8)
    assert batch.raw["x"].tolist() == [0.5, 1.25]
    note = notes[-1].message
    assert note.startswith("the numbers of 'x' are read with a decimal comma: '0,5' is 0.5.")
