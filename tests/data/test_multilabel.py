"""Several labels in a cell: what separates them, what is unknown, how splits are cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from dlcli import data
from dlcli.data import splits, targets
from dlcli.data.targets import Column, multilabel
from dlcli.errors import DataError
from dlcli.recipe import schema
from dlcli.recipe.sections.section import Split

WORDS = ("ball", "soup", "map")


def column(*cells: str | None, separator: str = "auto", **options: str) -> Column:
    series = pl.Series("labels", cells, pl.String)
    return Column(series, "t.csv", "text-multilabel", separator=separator, **options)


def fitted(*cells: str | None, separator: str = "auto", **options: str) -> targets.Fitted:
    every = {"train": np.arange(len(cells))}
    return multilabel.fit(column(*cells, separator=separator, **options), every)


def texts(path: Path, rows: list[tuple[str, str]]) -> Path:
    pl.DataFrame(rows, ["text", "labels"], orient="row").write_csv(path)
    return path


def numbered(count: int = 40) -> list[tuple[str, str]]:
    """Texts, each with the words that its number has as binary digits."""
    return [
        (f"text {place} of", "|".join(word for bit, word in enumerate(WORDS) if place >> bit & 1))
        for place in range(count)
    ]


def images(folder: Path, labels: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    for place in range(len(labels)):
        pixels = np.random.default_rng(place).integers(0, 255, (6, 6, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{place}.png")
    frame = pl.DataFrame({"path": [f"{place}.png" for place in range(len(labels))], "x": labels})
    frame.rename({"x": "labels"}).write_csv(folder / "labels.csv")
    return folder


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (("a|b", "c;d", "a"), "|"),
        (("a; b", "a,c"), ";"),
        (("a, b c", "a"), ","),
        (("a  b", "a"), " "),
    ],
)
def test_the_separator_is_the_first_of_the_usual_ones(cells, separator):
    found = fitted(*cells)
    assert found.inferred == {"label_separator": separator}
    assert "labels in 'labels' are separated by" in found.notes[0]


def test_the_train_split_alone_tells_the_separator():
    given = {"train": np.array([0, 1]), "test": np.array([2])}
    with pytest.raises(DataError, match=r"the test split of t.csv holds the class 'a\|b'"):
        multilabel.fit(column("a;b", "a", "a|b"), given)


def test_labels_become_ones_in_the_order_of_their_names():
    found = fitted(" b | a ", "a||a", None, "", "c|b", separator="|")
    assert found.class_names == ("a", "b", "c")
    assert found.targets.dtype == np.uint8
    assert found.targets.tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 1, 1]]
    assert found.notes == ()


def test_labels_that_differ_in_case_alone_may_be_one():
    assert fitted("A|b", "a|B", "a", case="ignore").class_names == ("B", "a")
    assert len(fitted("A|b", "a|B").class_names) == 4


def test_numbers_keep_their_order():
    assert fitted("10|9", "9").class_names == ("9", "10")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (("a", "b"), r"no cell of 'labels' in t.csv holds several labels: none has one of '\|'"),
        (("", None), "no cell of 'labels'"),
    ],
)
def test_one_label_each_is_another_task(cells, message):
    with pytest.raises(DataError, match=message) as caught:
        fitted(*cells)
    assert "task=text-classification" in caught.value.hint


def test_a_split_without_any_label_teaches_nothing():
    with pytest.raises(DataError, match="no example of the train split"):
        fitted("", None, separator="|")


def test_rare_labels_are_named():
    found = fitted("a|b", "a|b", "a|b|c", "a|d")
    with pytest.raises(DataError, match=r"too rare: 'c' \(1\), 'd' \(1\)\. Expected each at least"):
        multilabel.require_enough(found, np.arange(4), 3, column("a|b"))


def test_labels_of_own_data_that_a_model_does_not_know():
    found, unfit = multilabel.read(column("a|b", "a|x", "", separator="|"), ["a", "b"])
    assert found.tolist() == [[1, 1], [1, 0], [0, 0]]
    assert unfit == {1: "'labels' holds 'x', which is none of the model's classes: a, b"}


def test_splits_keep_the_frequencies_of_all_labels():
    random = np.random.default_rng(0)
    found = (random.random((400, 5)) < [0.5, 0.3, 0.2, 0.05, 0.02]).astype(np.uint8)
    assert found.sum(axis=0).min() >= 3
    cut = Split(test_fraction=0.2, validation_fraction=0.25)
    rows = splits.completed({"train": np.arange(400)}, multilabel.strata(found), cut)
    for split, share in (("test", 0.2), ("validation", 0.2), ("train", 0.6)):
        counts = found[rows[split]].sum(axis=0)
        assert (counts > 0).all()
        assert np.abs(counts / found.sum(axis=0) - share).max() < 0.12, split


def test_examples_with_the_same_labels_are_one_stratum():
    found = np.array([[1, 1]] * 3 + [[0, 1]] * 4 + [[0, 0]] * 2, np.uint8)
    assert multilabel.strata(found).tolist() == [1] * 3 + [2] * 6
    assert multilabel.strata(found[:7]).tolist() == [1] * 3 + [2] * 4


def test_a_table_of_texts_is_cut_and_measured(tmp_path: Path) -> None:
    rows = numbered()
    path = texts(tmp_path / "t.csv", rows)
    recipe = schema.load("text-multilabel", [f"data.source={path}"])
    made = data.load(recipe)
    assert made.spec.class_names == ("ball", "map", "soup")
    assert made.spec.inferred["label_separator"] == "|"
    every = [made.splits.train, made.splits.validation, made.splits.test]
    assert sum(map(len, every)) == 40  # those without a label too
    for split in every:
        assert (split.targets[split.rows].sum(axis=0) > 0).all()
    own = texts(tmp_path / "own.csv", [("a", "ball|map"), ("b", ""), ("c", "ball|cup")])
    metadata = {
        "class_names": list(made.spec.class_names),
        "target": "labels",
        "input": {"text": "text", "reading": {}},
    }
    recipe = schema.load("text-multilabel", ["data.label_separator='|'"])
    found, left_out = data.load_own(recipe, str(own), metadata)
    assert found.targets[found.rows].tolist() == [[1, 1, 0], [0, 0, 0]]
    assert [name for name, _ in left_out] == ["own.csv row 3"]


def test_lines_of_fasttext_may_have_several_labels(tmp_path: Path) -> None:
    lines = [
        " ".join([*(f"__label__{label}" for label in labels.split("|") if label), text])
        for text, labels in numbered()
    ]
    path = tmp_path / "t.txt"
    path.write_text("\n".join(["__label__ball __label__a,b first text", *lines, *lines[:3]]))
    path.write_text(path.read_text().replace("__label__a,b ", "__label__map "))
    made = data.load(schema.load("text-multilabel", [f"data.source={path}"]))
    assert made.spec.class_names == ("ball", "map", "soup")
    assert made.spec.inferred["label_separator"] == " "
    with pytest.raises(DataError, match="line 1 has 2 classes"):
        data.load(schema.load("text-mean", [f"data.source={path}"]))


def test_a_table_of_images_is_cut_and_measured(tmp_path: Path) -> None:
    folder = images(tmp_path / "images", [labels for _, labels in numbered(32)])
    recipe = schema.load(
        "image-multilabel", [f"data.source={folder}", "preprocessing.image_size=[6, 6]"]
    )
    made = data.load(recipe)
    assert made.spec.class_names == ("ball", "map", "soup")
    assert made.spec.inferred["label_separator"] == "|"
    assert made.splits.train.targets.shape == (32, 3)
    assert sum(map(len, (made.splits.train, made.splits.validation, made.splits.test))) == 32
    own = images(tmp_path / "own", ["ball|map", ""])
    recipe = schema.load("image-multilabel", ["data.label_separator='|'"])
    metadata = {"class_names": list(made.spec.class_names)}
    found, _ = data.load_own(recipe, str(own), metadata)
    assert found.targets.tolist() == [[1, 1, 0], [0, 0, 0]]
    images(tmp_path / "own", ["ball|cup"])
    with pytest.raises(DataError, match=r"row 1: 'labels' holds 'cup', which is none of the model"):
        data.load_own(recipe, str(own), metadata)


def test_a_label_in_too_few_images_is_named(tmp_path: Path) -> None:
    folder = images(tmp_path / "images", ["a|b"] * 8 + ["a|rare"])
    with pytest.raises(DataError, match=r"too few readable images of the class 'rare'.*: 1\."):
        data.load(schema.load("image-multilabel", [f"data.source={folder}"]))


@pytest.mark.parametrize("kind", ["image", "text"])
def test_class_folders_hold_one_class_each(tmp_path: Path, kind: str) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text("a text")
        Image.new("RGB", (4, 4)).save(tmp_path / name / "1.png")
    with pytest.raises(DataError, match="has one class for each example") as caught:
        data.load(schema.load(f"{kind}-multilabel", [f"data.source={tmp_path}"]))
    assert f"task={kind}-classification" in caught.value.hint


@pytest.mark.parametrize(("recipe", "source"), [("image", "digits"), ("text", "imdb")])
def test_built_in_sets_have_one_class_each(recipe: str, source: str) -> None:
    with pytest.raises(DataError, match=f"'{source}' has one class for each example"):
        data.load(schema.load(f"{recipe}-multilabel", [f"data.source={source}"]))
