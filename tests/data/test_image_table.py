"""Tables of file names and labels."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcli import data
from dlcli.data import DataSet
from dlcli.errors import DataError
from dlcli.recipe import schema


def draw(root: Path, count: int, suffix: str = ".png") -> list[str]:
    root.mkdir(parents=True, exist_ok=True)
    names = [f"{place:03}{suffix}" for place in range(count)]
    for place, name in enumerate(names):
        pixels = np.random.default_rng(place).integers(0, 256, (6, 6, 3), np.uint8)
        Image.fromarray(pixels).save(root / name)
    return names


def load(source: Path, *overrides: str) -> DataSet:
    form = ["preprocessing.image_size=[4, 4]", f"data.source={source}"]
    return data.load(schema.load("digits-cnn", [*form, *overrides]))


def sizes(dataset: DataSet) -> list[int]:
    return [len(split) for split in vars(dataset.splits).values()]


def write(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def labelled(names: list[str]) -> list[str]:
    return [f"{name},{('bar', 'disc')[place % 2]}" for place, name in enumerate(names)]


@pytest.mark.parametrize("folder", ["", "images"])
@pytest.mark.parametrize("as_folder", [False, True])
def test_a_table_names_files_and_classes(tmp_path: Path, folder: str, as_folder: bool) -> None:
    names = draw(tmp_path / folder, 20)
    table = write(tmp_path / "labels.csv", "filename,label", labelled(names))
    dataset = load(tmp_path if as_folder else table)
    assert dataset.spec.class_names == ("bar", "disc")
    assert sizes(dataset) == [14, 2, 4]
    assert dataset.spec.inferred["file"] == "filename"
    assert dataset.spec.inferred["label"] == "label"
    assert (
        "files are named by the column 'filename', classes by 'label'."
        in (dataset.spec.warnings[0])
    )
    for split in vars(dataset.splits).values():
        for position in range(len(split)):
            place = int(Path(split.name(position)).stem)
            assert split.targets[split.rows[position]] == place % 2


def test_names_may_lack_the_suffix_and_other_columns_may_stand_beside(tmp_path: Path) -> None:
    names = [Path(name).stem for name in draw(tmp_path / "train", 20, ".jpg")]
    draw(tmp_path / "test", 3, ".jpg")
    rows = [f"{row},{place}" for place, row in enumerate(labelled(names))]
    table = write(tmp_path / "train.csv", "id,breed,age", rows)
    splits = load(table).splits
    assert [len(split) for split in vars(splits).values()] == [14, 2, 4]
    assert all(name.startswith("train/") for name in splits.train.names)


def test_a_column_tells_the_splits(tmp_path: Path) -> None:
    names = draw(tmp_path, 20)
    splits = ["train"] * 12 + ["val"] * 4 + ["test"] * 4
    rows = [f"{row},{split}" for row, split in zip(labelled(names), splits, strict=True)]
    assert sizes(load(write(tmp_path / "all.csv", "file,class,split", rows))) == [12, 4, 4]


def test_what_cannot_be_used_is_reported(tmp_path: Path) -> None:
    names = draw(tmp_path, 12)
    rows = [*labelled(names), "gone.png,bar", f"{names[0]},disc", f"{names[1]},disc"]
    table = write(tmp_path / "labels.csv", "file,label", rows)
    assert load(table).spec.bad_files == (
        ("labels.csv row 13", "there is no file 'gone.png'"),
        ("labels.csv row 14", "it is of the class 'bar' and of 'disc'"),
    )


def test_the_columns_can_be_named(tmp_path: Path) -> None:
    names = draw(tmp_path, 12)
    rows = [f"{row},{place % 3}" for place, row in enumerate(labelled(names))]
    table = write(tmp_path / "labels.csv", "file,shape,size", rows)
    with pytest.raises(DataError, match=r"not clear which column .* file, shape, size") as caught:
        load(table)
    assert caught.value.hint == "Name it with data.label=COLUMN."
    assert load(table, "data.label=shape").spec.class_names == ("bar", "disc")
    assert load(table, "data.label=size").spec.class_names == ("0", "1", "2")


def test_a_name_of_several_files_is_refused(tmp_path: Path) -> None:
    names = draw(tmp_path / "train", 8)
    draw(tmp_path / "test", 8)
    write(tmp_path / "labels.csv", "id,label", labelled([name[:-4] for name in names]))
    with pytest.raises(DataError, match=r"'000' may be any of test/000.png, train/000.png in"):
        load(tmp_path)
    write(tmp_path / "labels.csv", "id,label", labelled([f"train/{name}" for name in names]))
    assert sum(sizes(load(tmp_path))) == 8
    draw(tmp_path, 8)  # beside the table: these are meant
    write(tmp_path / "labels.csv", "id,label", labelled(names))
    assert load(tmp_path).splits.train.name(0) in names


def test_of_two_columns_of_file_names_the_one_of_most_values_counts(tmp_path: Path) -> None:
    for place, name in enumerate(draw(tmp_path, 12)):
        (tmp_path / name).rename(tmp_path / f"{place}.png")
    rows = [f"{place % 2},{place}" for place in range(12)]
    write(tmp_path / "labels.csv", "kind,id", rows)
    assert load(tmp_path).spec.inferred["file"] == "id"


def test_labels_are_equal_however_they_are_spelled(tmp_path: Path) -> None:
    spelled = ["caf\u00e9", "cafe\u0301", " caf\u00e9 ", "th\u00e9", "Th\u00e9"]
    names = draw(tmp_path, 25)
    rows = [f"{name},{spelled[place % 5]}" for place, name in enumerate(names)]
    spec = load(write(tmp_path / "labels.csv", "file,label", rows)).spec
    assert spec.class_names == ("Th\u00e9", "caf\u00e9", "th\u00e9")
    assert "are one class" in spec.warnings[1]
    assert spec.warnings[2].endswith("are classes of their own.")
    rows = [f"{name},{('1', '1.0', '0')[place % 3]}" for place, name in enumerate(names)]
    assert load(write(tmp_path / "labels.csv", "file,label", rows)).spec.class_names == ("0", "1")


def test_file_names_agree_whatever_system_wrote_them(tmp_path: Path) -> None:
    for place, name in enumerate(draw(tmp_path, 8)):
        (tmp_path / name).rename(tmp_path / f"e\u0301{place}.png")
    rows = [f"\u00e9{place}.png,{place % 2}" for place in range(8)]
    assert sum(sizes(load(write(tmp_path / "labels.csv", "file,label", rows)))) == 8


def test_folders_of_splits_in_the_names_are_told(tmp_path: Path) -> None:
    rows = []
    for place, split in enumerate(["train", "test"] * 8):
        draw(tmp_path / split, place // 2 + 1)
        rows.append(f"{split}/{place // 2:03}.png,{('bar', 'disc')[place // 2 % 2]}")
    table = write(tmp_path / "labels.csv", "file,label", rows)
    assert "lie in test/, train/ and are split anew" in load(table).spec.warnings[1]
    rows = [f"{row},{row.split('/')[0]}" for row in rows]
    table = write(tmp_path / "labels.csv", "file,label,split", rows)
    assert len(load(table).spec.warnings) == 2  # of the columns, and of equal images


def test_a_folder_says_that_its_table_names_no_files(tmp_path: Path) -> None:
    names = draw(tmp_path / "images", 8)
    table = write(tmp_path / "labels.csv", "file,label", labelled([f"x{name}" for name in names]))
    with pytest.raises(DataError, match=r"No column of labels.csv holds the names of files"):
        load(tmp_path)
    with pytest.raises(DataError, match=r"names no image of a class \(for example, labels.csv row"):
        load(table, "data.file=file")


def test_a_folder_whose_table_has_several_columns_of_classes(tmp_path: Path) -> None:
    rows = [f"{row},x" for row in labelled(draw(tmp_path / "images", 8))]
    write(tmp_path / "labels.csv", "file,shape,colour", rows)
    with pytest.raises(
        DataError, match=r"not clear which column of .*labels.csv holds the classes"
    ):
        load(tmp_path)


def test_a_table_without_file_names_is_sent_to_table_recipes(tmp_path: Path) -> None:
    table = write(tmp_path / "iris.csv", "width,label", ["1,a", "2,b"])
    with pytest.raises(DataError, match=r"no column of .* holds the names of files") as caught:
        load(table)
    assert "table-mlp" in caught.value.hint


def test_class_folders_come_before_a_table(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        draw(tmp_path / name, 5)
    write(tmp_path / "labels.csv", "file,label", ["cat/000.png,x", "dog/000.png,y"])
    assert load(tmp_path).spec.class_names == ("cat", "dog")


def test_a_model_is_measured_on_a_table(tmp_path: Path) -> None:
    names = draw(tmp_path, 6)
    table = write(tmp_path / "labels.csv", "path,what", labelled(names))
    recipe = schema.load("digits-cnn", ["data.file=filename", "data.label=label"])
    split, bad_files = data.load_own(recipe, str(table), {"class_names": ["disc", "bar"]})
    assert split.targets.tolist() == [1, 0] * 3
    assert bad_files == ()
    with pytest.raises(DataError, match="'what' is 'bar', which is none of the model's classes"):
        data.load_own(recipe, str(table), {"class_names": ["disc", "ring"]})
