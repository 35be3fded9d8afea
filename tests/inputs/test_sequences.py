"""Whole series in tables: what is no step is left out, and steps go by their names."""

import numpy as np
import pytest

from dlcli.errors import DataError
from dlcli.inputs import sequences

NUM_ROWS = 12


def write(path, header, rows):
    lines = [*([",".join(header)] if header else []), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(first, label=True):
    """Rows with something in front: a class, and three steps that are no whole numbers."""
    return [
        [
            first(row),
            *(["ab"[row % 2]] if label else []),
            *(row + step / 4 + 0.1 for step in (1, 2, 3)),
        ]
        for row in range(NUM_ROWS)
    ]


def metadata(steps=("t0", "t1", "t2"), exclude=()):
    form = {
        "label": None, "exclude": list(exclude), "steps": list(steps), "shape": [3, 1],
        "reading": {"missing_values": [""]},
    }  # fmt: skip
    return {"input": form, "recipe": {"data": {"features": None}}}


@pytest.mark.parametrize(
    ("name", "first"),
    [("id", lambda row: 7.5), ("Sample", str), ("key", lambda row: row + 100),
     ("n", lambda row: 9000 - 37 * row), ("who", "p{}".format)],
)  # fmt: skip
def test_a_column_that_names_the_series_is_no_step(tmp_path, name, first):
    path = write(tmp_path / "t.csv", [name, "label", "t0", "t1", "t2"], rows(first))
    found = sequences.read(path, None, {}, needs_labels=True)
    assert found.columns == ("t0", "t1", "t2")
    assert found.values[0].tolist() == pytest.approx(np.array([[0.35], [0.6], [0.85]]))
    assert found.reading["exclude"] == (name,)
    assert f"the column '{name}' of " in found.notes[0]
    assert "data.exclude" in found.notes[0]


def test_the_user_decides_what_a_step_is(tmp_path):
    path = write(tmp_path / "t.csv", ["id", "label", "t0", "t1", "t2"], rows(str))
    chosen = sequences.read(path, None, {}, needs_labels=True, features=["id", "t1"])
    assert (chosen.columns, chosen.notes) == (("id", "t1"), ())
    left = sequences.read(path, None, {}, needs_labels=True, exclude=["id", "t0"])
    assert (left.columns, left.notes) == (("t1", "t2"), ())
    with pytest.raises(DataError, match="has no column 't9'"):
        sequences.read(path, None, {}, needs_labels=True, exclude=["t9"])


def test_a_step_that_is_named_unlike_the_others_is_reported(tmp_path):
    names = [f"t{number}" for number in range(9)]
    values = [["ab"[row % 2], row // 4, *range(row, row + 9)] for row in range(NUM_ROWS)]
    path = write(tmp_path / "t.csv", ["label", "subject", *names], values)
    (note,) = sequences.read(path, None, {}, needs_labels=True).notes
    assert note.startswith("subject in ")
    assert "is taken for steps like t8, though named otherwise." in note
    assert "'data.exclude=[subject]'" in note
    left = sequences.read(path, None, {}, needs_labels=True, exclude=["subject"])
    assert (left.columns, left.notes) == (tuple(names), ())


def test_whole_numbers_that_count_like_their_neighbours_are_steps(tmp_path):
    path = write(tmp_path / "t.csv", [], [["ab"[n % 2], n, n + 1, n + 2] for n in range(12)])
    found = sequences.read(path, None, {}, needs_labels=True)
    assert (found.values[3][:, 0].tolist(), found.notes) == ([3, 4, 5], ())


def test_steps_go_by_the_names_that_a_model_was_trained_with(tmp_path):
    path = write(tmp_path / "t.csv", ["t2", "t0", "t1", "x"], [[2, 0, 1, 9]])
    found = sequences.read_for(path, metadata(), needs_labels=False)
    assert found.values[0][:, 0].tolist() == [0, 1, 2]
    assert found.notes[0].endswith("t.csv has columns that are no steps of the model: x.")
    path = write(tmp_path / "t.csv", ["t1", "t2"], [[1, 2]])
    with pytest.raises(
        DataError, match=r"lacks 1 of the 3 steps that the model was trained on: t0"
    ):
        sequences.read_for(path, metadata(), needs_labels=False)
    path = write(tmp_path / "t.csv", ["a", "b", "c"], [[0, 1, 2]])
    (note,) = sequences.read_for(path, metadata(), needs_labels=False).notes
    assert "are not named as those that the model was trained on (a, not t0)" in note


def test_other_lengths_than_a_model_was_trained_on_are_said(tmp_path):
    path = write(tmp_path / "t.csv", ["t0", "t1"], [[0, 1], [2, 3]])
    (note,) = sequences.read_for(path, metadata(), needs_labels=False).notes
    assert note.endswith("t.csv has 2 steps; the longest that the model was trained on had 3. They "
                         "are taken to end early.")  # fmt: skip
    path = write(tmp_path / "t.csv", [], [[0, 1, 2, 3.5, 4.5]] * 2)
    (note,) = sequences.read_for(path, metadata(steps=()), needs_labels=False).notes
    assert note.startswith("2 series of ")
    assert note.endswith(
        "are longer than the 3 steps that the model reads; the rest of them is not read."
    )


def test_names_read_as_a_row_name_the_key_of_the_header(tmp_path):
    path = write(tmp_path / "t.csv", ["a", "b", "c"], [[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]])
    model = metadata(steps=())
    model["input"]["reading"]["header"] = False
    with pytest.raises(DataError, match="row 1: 'column_1' is 'a', which is no number") as caught:
        sequences.read_for(path, model, needs_labels=False)
    assert caught.value.hint.endswith("data.header=true")
    found = sequences.read_for(path, model | {"set": {"header": True}}, needs_labels=False)
    assert found.values[0][:, 0].tolist() == [0.5, 1.5, 2.5]


def test_a_file_without_a_header_has_the_layout_of_the_training_data(tmp_path):
    model = metadata(steps=(), exclude=["column_2"])
    path = write(tmp_path / "t.csv", [], [["1", "77", 0.5, 1.5, 2.5], ["2", "78", 3.5, 4.5, 5.5]])
    found = sequences.read_for(path, model, needs_labels=False)
    assert (found.labels, found.values[0][:, 0].tolist()) == (("1", "2"), [0.5, 1.5, 2.5])
    path = write(tmp_path / "t.csv", [], [[0.5, 1.5, 2.5]])
    found = sequences.read_for(path, model, needs_labels=False)
    assert (found.values[0][:, 0].tolist(), found.notes) == ([0.5, 1.5, 2.5], ())
