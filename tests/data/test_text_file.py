"""A user's texts: tables, folders of tables, folders of text files."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dlcli import data
from dlcli.data import DataSet
from dlcli.errors import DataError, UsageError
from dlcli.recipe import schema


def load(source: object, *overrides: str) -> DataSet:
    return data.load(schema.load("text-bilstm", [f'data.source="{source}"', *overrides]))


def make(num_rows: int = 60) -> pl.DataFrame:
    """Reviews, each other than the others, a third of them bad."""
    label = ["bad" if row % 3 == 0 else "good" for row in range(num_rows)]
    texts = [f"It was {word}, schön {row}" for row, word in enumerate(label)]
    return pl.DataFrame({"text": texts, "label": label})


def sizes(dataset: DataSet) -> list[int]:
    return [len(split) for split in vars(dataset.splits).values()]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    make().write_csv(path)
    return path


def test_texts_are_split_by_class(table: Path) -> None:
    dataset = load(table)
    assert sizes(dataset) == [43, 5, 12]
    rows = np.concatenate([split.rows for split in vars(dataset.splits).values()])
    assert sorted(rows) == list(range(60))
    spec = dataset.spec
    assert (spec.text, spec.target, spec.class_names) == ("text", "label", ("bad", "good"))
    assert (spec.input_shape, spec.input_dtype, spec.warnings) == ((), "string", ())
    texts, targets = dataset.splits.test.gather(np.arange(3))
    assert texts.dtype == object
    assert all(spec.class_names[target] in text for text, target in zip(texts, targets))  # noqa: B905
    assert targets.dtype == np.int32
    assert dataset.splits.train.names[4] == "reviews.csv row 5"


@pytest.mark.parametrize("suffix", ["tsv", "jsonl", "parquet", "csv.gz"])
def test_the_same_texts_in_another_format_are_the_same_data(tmp_path, table, suffix: str) -> None:
    path, frame = tmp_path / f"other.{suffix}", make()
    if suffix == "tsv":
        frame.write_csv(path, separator="\t")
    elif suffix == "jsonl":
        frame.write_ndjson(path)
    elif suffix == "parquet":
        frame.write_parquet(path)
    else:
        path.write_bytes(gzip.compress(table.read_bytes()))
    assert load(path).spec.fingerprint == load(table).spec.fingerprint


@pytest.mark.parametrize("encoding", ["gb18030", "latin-1", "utf-16"])
def test_encodings_are_detected_or_given(tmp_path: Path, table: Path, encoding: str) -> None:
    frame = make()
    if encoding == "gb18030":
        frame = frame.with_columns(text=pl.col("text").str.replace("schön", "大小"))
    path = tmp_path / "other.csv"
    path.write_bytes(frame.write_csv().encode(encoding))
    found, given = load(path), load(path, f"data.encoding={encoding}")
    assert found.spec.fingerprint == given.spec.fingerprint
    assert found.splits.train.inputs[7] == frame["text"][7]


def test_newlines_in_quotes_and_files_that_never_quote(tmp_path: Path) -> None:
    lines = [f'"one\ntwo, {row}",{row % 2}\n' for row in range(20)]
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(lines))
    assert load(tmp_path / "a.csv").splits.train.inputs[3] == "one\ntwo, 3"
    lines = [f'a "quote\t{row % 2}\n' for row in range(20)]
    (tmp_path / "b.tsv").write_text("".join(lines))
    roles = ("data.text=column_1", "data.label=column_2")
    assert load(tmp_path / "b.tsv", "data.quote=none", *roles).splits.train.inputs[3] == 'a "quote'
    assert load(tmp_path / "b.tsv", *roles).splits.train.inputs[3] == 'a "quote'
    (tmp_path / "b.tsv").write_text("".join(lines).replace('a "quote', '"a" quote'))
    with pytest.raises(DataError) as caught:
        load(tmp_path / "b.tsv", *roles)
    assert caught.value.hint == "If the file never quotes its cells: data.quote=none"


def test_roles_are_named_or_follow_from_the_names(tmp_path: Path, table: Path) -> None:
    path = tmp_path / "t.csv"
    make().rename({"label": "class"}).write_csv(path)
    assert load(path).spec.target == "class"  # the only one beside the text
    make().rename({"text": "review"}).write_csv(path)
    assert load(path).spec.text == "review"
    frame = make().rename({"text": "review", "label": "stars"}).with_columns(id=pl.int_range(60))
    frame.write_csv(path)
    with pytest.raises(DataError, match=r"which column of .*t\.csv holds the texts\?") as caught:
        load(path)
    assert caught.value.hint == (
        "Name them: data.text=review data.label=stars; or, if the first line is no header: "
        "data.header=false"
    )
    frame.with_columns(empty=pl.lit(None, pl.String)).write_csv(path)
    with pytest.raises(DataError) as caught:
        load(path)
    assert "data.label=stars;" in caught.value.hint  # not the column with fewer values yet
    assert load(path, "data.text=review", "data.label=stars").spec.target == "stars"
    with pytest.raises(DataError, match=r"which column of .* holds the labels\?") as caught:
        load(path, "data.text=review")
    assert caught.value.hint == "Name it: data.label=stars"
    with pytest.raises(DataError, match=r"no column 'reveiw'\. Did you mean 'review'\? It has: "):
        load(path, "data.text=reveiw", "data.label=stars")
    with pytest.raises(DataError, match=r"data\.text and data\.label both name the column 'id'"):
        load(path, "data.text=id", "data.label=id")


def test_a_text_that_says_none_is_no_gap_and_empty_ones_are_counted(tmp_path: Path) -> None:
    frame = make().with_columns(
        text=pl.when(pl.int_range(60) < 2).then(pl.lit("")).otherwise(pl.col("text"))
    )
    frame = frame.with_columns(
        text=pl.when(pl.int_range(60) == 5).then(pl.lit("None")).otherwise(pl.col("text")),
        label=pl.when(pl.int_range(60) == 7).then(pl.lit(None)).otherwise(pl.col("label")),
    )
    frame.write_csv(tmp_path / "t.csv")
    dataset = load(tmp_path / "t.csv")
    assert dataset.spec.warnings == (
        "1 row is left out: it lacks 'label'.",
        "2 texts are empty: the model learns to answer them too.",
    )
    assert sum(sizes(dataset)) == 59
    assert dataset.splits.train.inputs[[0, 5]].tolist() == ["", "None"]


def test_a_test_file_without_labels_is_left_out(tmp_path: Path) -> None:
    make().write_csv(tmp_path / "train.csv")
    make().drop("label").write_csv(tmp_path / "test.csv")
    dataset = load(tmp_path)
    assert sum(sizes(dataset)) == 60
    assert dataset.spec.warnings[0].startswith("test.csv is left out: it has no column 'label'. ")


def test_texts_of_train_in_test_are_counted(tmp_path: Path) -> None:
    make().write_csv(tmp_path / "train.csv")
    test = make()[:7].with_columns(pl.col("text").str.replace(" ", "  "))
    test.write_csv(tmp_path / "test.csv")
    dataset = load(tmp_path)
    assert sizes(dataset) == [54, 6, 7]
    assert dataset.spec.warnings == (
        "7 of the 7 test texts also occur in the training split, so the result is too optimistic "
        "(for example, test.csv row 1 and train.csv row 1).",
    )


def test_equal_texts_are_cut_into_one_split(tmp_path: Path) -> None:
    copies = make().with_columns(pl.col("text") + " ")
    pl.concat([make(), copies, copies]).write_csv(tmp_path / "t.csv")
    dataset = load(tmp_path / "t.csv")
    assert sizes(dataset) == pytest.approx([130, 14, 36], abs=6)
    texts = [
        {text.strip() for text in split.inputs[split.rows]}
        for split in vars(dataset.splits).values()
    ]
    assert sum(map(len, texts)) == 60
    (warning,) = dataset.spec.warnings
    assert warning.startswith(
        "120 texts are identical to others; copies are kept in the same split, and the test split"
    )


def test_accents_are_composed(tmp_path: Path) -> None:
    lines = [f"Cafe\u0301 {row},{row % 2}\n" for row in range(20)]
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(lines), encoding="utf-8")
    assert load(tmp_path / "t.csv").splits.train.inputs[0] == "Caf\u00e9 0"


def write_folder(root: Path, frame: pl.DataFrame) -> None:
    for row, (text, label) in enumerate(frame.rows()):
        (root / label).mkdir(parents=True, exist_ok=True)
        (root / label / f"{row}.txt").write_text(text, encoding="utf-8")


def test_a_folder_of_text_files(tmp_path: Path) -> None:
    write_folder(tmp_path, make())
    (tmp_path / "good" / "1.txt").write_bytes("schön".encode("latin-1"))
    (tmp_path / "good" / "photo.jpg").write_bytes(b"")
    dataset = load(tmp_path)
    assert sizes(dataset) == [43, 5, 12]
    assert dataset.spec.class_names == ("bad", "good")
    assert dataset.splits.train.names[0] == "bad/0.txt"
    place = list(dataset.splits.train.names).index("good/1.txt")
    assert dataset.splits.train.inputs[place] == "schön"
    assert dataset.spec.bad_files == (("good/photo.jpg", "it is none of .txt, .text, .md"),)


def test_a_folder_of_text_files_with_splits(tmp_path: Path) -> None:
    write_folder(tmp_path / "train", make())
    write_folder(tmp_path / "test", make()[:20])
    assert sizes(load(tmp_path)) == [54, 6, 20]
    (tmp_path / "test" / "odd").mkdir()
    (tmp_path / "test" / "odd" / "1.txt").write_text("odd")
    with pytest.raises(DataError, match=r"the test split of .* holds the class 'odd'"):
        load(tmp_path)


def test_a_class_that_a_given_split_lacks_is_said(tmp_path: Path) -> None:
    write_folder(tmp_path / "train", make())
    write_folder(tmp_path / "test", make().filter(pl.col("label") == "good"))
    assert load(tmp_path).spec.warnings[0] == "no text of the test split is of the class 'bad'."


def test_a_test_folder_of_texts_without_classes_is_left_out(tmp_path: Path) -> None:
    write_folder(tmp_path / "train", make())
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "1.txt").write_text("a film", encoding="utf-8")
    dataset = load(tmp_path)
    assert len(dataset.splits.test)
    assert "test/ is left out: it holds 1 file and no class folders" in dataset.spec.warnings[0]


def test_folders_of_texts_that_look_like_groups_are_refused(tmp_path: Path) -> None:
    for fold in ("fold_0", "fold_1"):
        write_folder(tmp_path / fold, make())
    with pytest.raises(DataError, match="they look like groups") as caught:
        load(tmp_path)
    assert "data.folders=classes" in caught.value.hint
    assert load(tmp_path, "data.folders=classes").spec.class_names == ("fold_0", "fold_1")


def test_tables_count_more_than_folders_beside_them(tmp_path: Path) -> None:
    write_folder(tmp_path / "images", make()[:4])
    make().write_csv(tmp_path / "train.csv")
    assert load(tmp_path).splits.train.name(0).startswith("train.csv row ")


def test_folders_that_are_not_understood(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no table named after a split"):
        load(tmp_path)
    (tmp_path / "good").mkdir()
    with pytest.raises(DataError, match="holds no text files of a class"):
        load(tmp_path)
    with pytest.raises(DataError, match=r"there is no file .*nothing\.csv"):
        load(tmp_path / "nothing.csv")
    make().with_columns(label=pl.lit("same")).write_csv(tmp_path / "t.csv")
    with pytest.raises(DataError, match="has one value only, 'same'"):
        load(tmp_path / "t.csv")
    make()[:2].vstack(make()[3:6]).write_csv(tmp_path / "t.csv")
    with pytest.raises(DataError, match="too few rows with label = 'bad'"):
        load(tmp_path / "t.csv")
    with pytest.raises(UsageError, match="the data set 'digits' is of the kind 'image'"):
        load("digits")


def test_own_texts_are_measured_by_the_model_s_classes(table: Path, tmp_path: Path) -> None:
    loaded = schema.load("text-bilstm", [f'data.source="{table}"'])
    metadata = {"input": {"text": "text"}, "class_names": ["bad", "good"], "target": "label"}
    own = tmp_path / "own.csv"
    own.write_text("label,text\ngood,fine\nodd,x\nbad,\n,y\n")
    split, left_out = data.load_own(loaded, str(own), metadata)
    texts, targets = split.gather(np.arange(len(split)))
    assert (texts.tolist(), targets.tolist()) == (["fine", ""], [1, 0])
    assert left_out == (
        ("own.csv row 2", "'label' is 'odd', which is none of the model's classes: bad, good"),
        ("own.csv row 4", "'label' is missing"),
    )
    write_folder(tmp_path / "folder" / "train", make())
    write_folder(tmp_path / "folder" / "test", make()[:9])
    split, left_out = data.load_own(loaded, str(tmp_path / "folder"), metadata)
    assert (len(split), left_out) == (9, ())
    own.write_text("label,review\ngood,fine\n")
    with pytest.raises(DataError, match=r"own\.csv has no column 'text'"):
        data.load_own(loaded, str(own), metadata)


@pytest.mark.shared_data
def test_imdb_is_that_of_keras(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(shared_data / "keras"))
    dataset = load("imdb")
    assert sizes(dataset) == [22_500, 2_500, 25_000]
    first = dataset.splits.train.inputs[0]
    assert first.startswith("bromwell high is a cartoon comedy it ran at the same time as some")
    test = dataset.splits.test
    assert np.bincount(test.targets[test.rows]).tolist() == [12_500, 12_500]
    assert test.name(0) == "imdb-test[0]"


@pytest.mark.shared_data
def test_real_files(shared_data: Path) -> None:
    news = load(shared_data / "text" / "ag_news")
    assert sizes(news) == [6_185, 687, 7_600]
    assert (news.spec.text, news.spec.target) == ("text", "class")
    assert news.spec.class_names == ("1", "2", "3", "4")
    roles = ("data.text=column_1", "data.label=column_2", "data.quote=none")
    sentiment = load(shared_data / "text" / "sst2", *roles)
    assert sizes(sentiment) == [6_920, 872, 1_821]
    films = load(shared_data / "text" / "imdb_raw")
    assert sizes(films) == [4_500, 500, 5_000]
    assert films.spec.class_names == ("neg", "pos")


@pytest.mark.parametrize(
    ("content", "what"),
    [("It was\nthe best, of times\n", r"is ragged: line 2"), ("It was\nthe best\n", "has one col")],
)
def test_a_book_in_place_of_a_table_is_told(tmp_path: Path, content: str, what: str) -> None:
    path = tmp_path / "book.txt"
    path.write_text(content)
    with pytest.raises(DataError, match=rf"{what}.* Expected a table with a column of") as caught:
        load(path)
    assert caught.value.hint.endswith(f": dlcli train char-lstm --data {path}")


def test_accents_of_labels_are_one_class_in_one_file_and_in_two(tmp_path: Path) -> None:
    composed, apart = "Caf\u00e9", "Cafe\u0301"

    def write(path: Path, *labels: str) -> None:
        rows = [f"{path.name} {row},{labels[row % len(labels)]}" for row in range(40)]
        path.write_text("text,label\n" + "\n".join(rows), encoding="utf-8")

    write(tmp_path / "t.csv", composed, apart, composed, "bar")
    assert load(tmp_path / "t.csv").spec.class_names == (composed, "bar")
    folder = tmp_path / "splits"
    folder.mkdir()
    write(folder / "train.csv", composed, "bar")
    write(folder / "test.csv", apart, "bar")
    dataset = load(folder)
    assert dataset.spec.class_names == (composed, "bar")
    assert np.bincount(dataset.splits.test.targets[dataset.splits.test.rows]).tolist() == [20, 20]


def test_a_table_of_labels_and_texts_without_names_keeps_its_first_row(tmp_path: Path) -> None:
    path = tmp_path / "SMSCollection"
    rows = make().rows()
    path.write_text("".join(f"{label}\t{text}\n" for text, label in rows), encoding="utf-8")
    dataset = load(path)
    assert sum(sizes(dataset)) == len(rows)
    assert (dataset.spec.text, dataset.spec.target) == ("column_2", "column_1")
    assert dataset.spec.inferred["text"] == "column_2"
    assert dataset.spec.inferred["label"] == "column_1"
    assert "If that is wrong: data.text=column_1 data.label=column_2" in dataset.spec.warnings[0]


def test_a_fasttext_file_is_read_and_measured(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    lines = [f"__label__{label} {text}\n" for text, label in make().rows()]
    path.write_text("".join(lines), encoding="utf-8")
    dataset = load(path)
    assert sizes(dataset) == [43, 5, 12]
    assert dataset.spec.class_names == ("bad", "good")
    assert dataset.splits.train.inputs[0] == "It was bad, schön 0"
    metadata = {
        "task": "text-classification",
        "input": {"text": "text", "kind": "text"},
        "target": "label",
        "class_names": ["bad", "good"],
    }
    split, bad = data.load_own(schema.load("text-mean", []), str(path), metadata)
    assert (len(split), bad) == (60, ())
    path.write_text("".join([*lines, "__label__a __label__b two\n"]), encoding="utf-8")
    with pytest.raises(DataError, match=r"line 61 has 2 classes: a, b"):
        load(path)


def test_a_table_of_one_column_is_told(tmp_path: Path) -> None:
    make().select("text").rename({"text": "review"}).write_csv(tmp_path / "a.csv")
    with pytest.raises(DataError, match=r"has one column, 'review'\. Expected one of texts and"):
        load(tmp_path / "a.csv")


def test_names_in_a_hint_can_be_typed(tmp_path: Path) -> None:
    make().rename({"text": "the text, raw", "label": "v1: class"}).write_csv(tmp_path / "a.csv")
    with pytest.raises(DataError, match=r"None is named text") as caught:
        load(tmp_path / "a.csv")
    assert caught.value.hint.startswith(
        """Name them: 'data.text="the text, raw"' 'data.label="v1: class"'"""
    )


def test_text_files_of_one_code_page_are_read_alike(tmp_path: Path) -> None:
    for row in range(30):
        folder, text = ("good", "хорошо") if row % 2 else ("bad", "ужасно плохо")
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{row}.md").write_bytes(f"{text} {row}".encode("cp1251"))
    spec = load(tmp_path).spec
    assert spec.inferred["encoding"] == "cp1251"
    assert "and 29 more files are not UTF-8 and are read as cp1251" in spec.warnings[0]
