"""Tables of file names and labels."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcli import data
from dlcli import recipe as recipes
from dlcli.data import DataSet
from dlcli.errors import DataError


def draw(root: Path, count: int, suffix: str = ".png") -> list[str]:
    root.mkdir(parents=True, exist_ok=True)
    names = [f"{place:03}{suffix}" for place in range(count)]
    for place, name in enumerate(names):
        pixels = np.random.default_rng(place).integers(0, 256, (6, 6, 3), np.uint8)
        Image.fromarray(pixels).save(root / name)
    return names


def load(source: Path, *overrides: str) -> DataSet:
    form = ["preprocessing.image_size=[4, 4]", f"data.source={source}"]
    return data.load(recipes.load("digits-cnn", [*form, *overrides]))


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
    assert sizes(load(table)) == [14, 2, 4]


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
    recipe = recipes.load("digits-cnn", ["data.file=filename", "data.label=label"])
    split, bad_files = data.load_own(recipe, str(table), {"class_names": ["disc", "bar"]})
    assert split.targets.tolist() == [1, 0] * 3
    assert bad_files == ()
    with pytest.raises(DataError, match="the class 'bar', which the model does not know"):
        data.load_own(recipe, str(table), {"class_names": ["disc", "ring"]})
