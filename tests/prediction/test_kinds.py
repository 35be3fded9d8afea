"""Every kind of input comes out in order, with its name, its error and what is true of it."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dlcli import prediction
from dlcli.data import Split
from dlcli.errors import DataError, UsageError

AWKWARD = ["", "café", "cafe\u0301", "😀 ok", "字" * 3, "word " * 10_000, " a\u2028b "]


def _predictor(kind: str, answer, class_names=("short", "long"), **form):
    metadata = {
        "task": "text-generation" if kind == "corpus" else f"{kind}-classification",
        "class_names": list(class_names),
        "input": {"kind": kind, "shape": [], **form},
    }
    return SimpleNamespace(metadata=metadata, predict_batch=answer)


def _by_length(raw: np.ndarray) -> np.ndarray:
    lengths = np.array([len(text) for text in raw], np.float32)
    return np.stack([1 / (1 + lengths), lengths / (1 + lengths)], axis=1)


def test_texts_of_every_source_are_the_same_texts(tmp_path: Path) -> None:
    predictor = _predictor("text", _by_length, text="text", reading={"missing_values": [""]})
    lines = tmp_path / "texts.txt"
    lines.write_text("\r\n".join(AWKWARD) + "\r\n", encoding="utf-8", newline="")
    packed = tmp_path / "texts.txt.gz"
    packed.write_bytes(gzip.compress("\n".join(AWKWARD).encode()))
    table = tmp_path / "texts.csv"
    rows = "".join(f'{place},"{text}"\n' for place, text in enumerate(AWKWARD))
    table.write_text("id,text\n" + rows, encoding="utf-8")
    found = list(prediction.predict_inputs(predictor, [str(lines), str(packed)], None, 2, AWKWARD))
    count = len(AWKWARD)
    assert len(found) == 3 * count
    assert [item.input for item in found[count:][:2]] == [f"{lines} line 1", f"{lines} line 2"]
    answers = [dict(item.classes) for item in found]
    assert answers[:count] == answers[count : 2 * count] == answers[2 * count :]
    assert answers[1] == answers[2]  # an accent is one with its letter
    rows = list(prediction.predict_inputs(predictor, [str(table)], None, 2))
    assert [item.cells["id"] for item in rows] == [str(place) for place in range(count)]
    stripped = [dict(item.classes)["short"] for item in rows]
    assert stripped[:5] == [answer["short"] for answer in answers[:5]]
    limited = prediction.predict_inputs(predictor, [str(lines)], 2, 1, AWKWARD)
    assert [item.input for item in limited] == ["", "café"]


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("note.md", b"great\nawful\n", 2),
        ("a.log", b"great\nawful\n", 2),
        ("UPPER.TXT", b"great\nawful\n", 2),
        ("mac.txt", b"great\rawful\r", 2),
        ("u16.txt", "great\nawful".encode("utf-16"), 2),
        ("separators.txt", "a\u2028b\nc\x85d\ne\x0bf\n".encode(), 3),
        ("table", b"id,text\n1,great\n2,awful\n", 2),
        ("rows", b'{"text": "great"}\n', 1),
        ("labelled.txt", b"__label__pos great\n__label__neg awful\n", 2),
    ],
)
def test_lines_and_tables_are_told_apart(tmp_path, name, content, count) -> None:
    predictor = _predictor("text", _by_length, text="text", reading={"missing_values": [""]})
    (tmp_path / name).write_bytes(content)
    found = list(prediction.predict_inputs(predictor, [str(tmp_path / name)], None, 2))
    assert len(found) == count
    if count == 2:
        assert [dict(item.classes)["short"] for item in found] == pytest.approx([1 / 6] * 2)


def test_a_model_of_tables_without_names_reads_such_a_table_of_any_name(tmp_path) -> None:
    reading = {"missing_values": [""], "header": False, "separator": "tab"}
    predictor = _predictor("text", _by_length, text="column_2", reading=reading)
    (tmp_path / "collection").write_text("ham\tgreat\nspam\tawful\n")
    found = list(prediction.predict_inputs(predictor, [str(tmp_path / "collection")], None, 2))
    assert [item.cells["column_1"] for item in found] == ["ham", "spam"]


@pytest.mark.parametrize("kind", ["text", "corpus"])
def test_the_encoding_of_lines_is_the_model_s_told_or_set(tmp_path: Path, kind: str) -> None:
    predictor = _predictor(kind, _by_length, text="text")
    (tmp_path / "a.txt").write_bytes(b"\xe0\xe3\xe5\xed\n\xeb\xe7\xe5\xec\n")
    path, told = str(tmp_path / "a.txt"), []
    assert len(list(prediction.predict_inputs(predictor, [path], None, 2, events=told.append))) == 2
    assert "is read as cp1251 (Cyrillic)" in told.pop().message
    predictor.metadata["recipe"] = {"data": {"encoding": "cp1255"}}
    list(prediction.predict_inputs(predictor, [path], None, 2, events=told.append))
    assert "is read as cp1255 (Hebrew)" in told.pop().message
    predictor.metadata["set"] = {"encoding": "cp1255"}
    list(prediction.predict_inputs(predictor, [path], None, 2, events=told.append))
    assert not told


def test_a_text_in_place_of_a_file_is_told_how_it_is_given() -> None:
    predictor = _predictor("text", _by_length, text="text", reading={"missing_values": [""]})
    with pytest.raises(DataError) as told:
        list(prediction.predict_inputs(predictor, ["it's a nice film"], None, 2))
    assert told.value.hint == """If it is a text: --text 'it'"'"'s a nice film'"""


def test_what_follows_a_text_is_said_of_its_last_character(tmp_path: Path) -> None:
    def answer(raw: np.ndarray) -> np.ndarray:
        steps = max(map(len, raw))
        return np.stack([np.eye(2, dtype=np.float32)[np.arange(steps) % 2] for _ in raw])

    predictor = _predictor("corpus", answer, class_names=("a", "b"))
    path = tmp_path / "texts.txt"
    path.write_text("x\n\nxy\n", encoding="utf-8")
    found = list(prediction.predict_inputs(predictor, [str(path)], None, 1))
    assert [item.input for item in found] == ["x", "", "xy"]
    assert [item.error for item in found] == ["", "the text is empty", ""]
    assert [item.classes[:1] for item in found] == [(("a", 1.0),), (), (("b", 1.0),)]


def test_series_with_gaps_are_refused_where_the_model_says_so(tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    path.write_text("label,a,b\nup,1,2\ndown,,1\nup,3,4\n", encoding="utf-8")
    predictor = _predictor(
        "sequence", lambda raw: np.tile([[0.25, 0.75]], (len(raw), 1)), shape=[2, 1],
        label="label", reading={}, missing="fail",
    )  # fmt: skip
    predictor.metadata["recipe"] = {"data": {}}
    found = list(prediction.predict_inputs(predictor, [str(path)], None, 1))
    assert [item.error for item in found] == ["", "values are missing", ""]
    assert [item.true_class for item in found] == ["up", "", "up"]


def test_a_split_knows_what_is_true() -> None:
    split = Split(
        np.array(["a", "bb", "ccc"], object), np.array([0, 1, 1]), np.array([2, 0]), "xyz"
    )
    predictor = _predictor("text", _by_length)
    found = list(prediction.predict_split(predictor, split, None, 1))
    assert [(item.input, item.true_class) for item in found] == [("z", "long"), ("x", "short")]
    predictor.metadata |= {"task": "table-regression", "class_names": []}
    (item,) = prediction.predict_split(predictor, split, 1, 1)
    assert (item.value, item.true_value) == (0.25, 1.0)


def test_of_equal_probabilities_the_lower_class_comes_first() -> None:
    names = [f"class {index:02}" for index in range(40)]  # more than a sort handles in place
    likely = np.full((3, 40), 0.01, np.float32)
    likely[0, 7] = 0.61
    likely[1, [38, 5, 21]] = 0.2
    split = Split(np.array(["a"] * 3, object), np.zeros(3, np.int32), np.arange(3), "xyz")
    predictor = _predictor("text", lambda raw: likely[: len(raw)], class_names=names)
    found = list(prediction.predict_split(predictor, split, None, 40))
    orders = [[names.index(name) for name, _ in item.classes] for item in found]
    others = [sorted(set(range(40)) - {*first}) for first in ([7], [5, 21, 38], [])]
    assert orders == [[7, *others[0]], [5, 21, 38, *others[1]], others[2]]


def test_a_text_for_a_model_of_tables_is_refused(classifier) -> None:
    with pytest.raises(UsageError, match="--text is given, and this model takes no texts"):
        prediction.open_inputs(classifier, [], ["hello"])


def test_the_batch_size_is_a_rule_of_the_model() -> None:
    expected = {(28, 28, 1): (32, 256), (64, 64, 3): (32, 64), (1024, 1024, 3): (1, 1)}
    for shape, sizes in expected.items():
        predictor = _predictor("image", None)
        predictor.metadata["input"]["shape"] = shape
        assert prediction.batch_size.of(predictor) == sizes[0]
        predictor.runs_in_tensorflow = True
        assert prediction.batch_size.of(predictor) == sizes[1]
    assert prediction.batch_size.of(_predictor("table", None, columns=[{}] * 1000)) == 1024
