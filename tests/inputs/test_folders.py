"""The files of a folder are listed in one order, each once."""

from pathlib import Path

import pytest

from dlcli.errors import DataError
from dlcli.inputs import folders


def test_links_are_followed_once_and_broken_ones_listed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "a")
    (tmp_path / "broken.png").symlink_to(tmp_path / "nowhere.png")
    found = [path.relative_to(tmp_path).as_posix() for path in folders.list_files(tmp_path)]
    assert found == ["a/1.png", "broken.png"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere cannot be listed: No such file or directory"):
        list(folders.list_files(tmp_path / "nowhere"))
