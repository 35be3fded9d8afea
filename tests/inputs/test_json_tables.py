"""Tables in JSON: what makes a table of many times the size of its file."""

import json
from pathlib import Path

import pytest

from dlcli.errors import DataError
from dlcli.inputs import json_tables, tables, text_files


def lines(rows):
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def test_rows_with_a_key_each_are_refused_before_there_is_a_table(monkeypatch):
    monkeypatch.setattr(json_tables, "_read", lambda *_: pytest.fail("a table was built"))
    data = lines({f"key {place}": 1} for place in range(4000))
    with pytest.raises(DataError, match="sent has 4,000 different keys in 4,000 rows"):
        json_tables.rows(data, "sent")


def test_rows_in_which_some_keys_are_missing_are_read():
    rows = [{"a": place, "b": '"x": 1', **({"c": 1} if place == 7 else {})} for place in range(50)]
    assert json_tables.rows(lines(rows), "sent").shape == (50, 3)
    wide = [{f"column {each}": place for each in range(1000)} for place in range(3)]
    assert json_tables.rows(lines(wide), "sent").shape == (3, 1000)


def test_lists_that_are_nested_deeply_are_told():
    deep = b"[" * 200_000 + b"]" * 200_000
    with pytest.raises(DataError, match="sent is not JSON"):
        json_tables.lines_of_list(deep, "sent")
    with pytest.raises(DataError, match="sent is not JSON lines"):
        json_tables.rows(b'{"a": ' + deep + b"}", "sent")


@pytest.mark.parametrize("name", ["/dev/zero", "link.csv"])
def test_a_device_is_told_and_not_read(tmp_path, name):
    path = Path(name)
    if not path.is_absolute():
        path = tmp_path / name
        path.symlink_to("/dev/zero")
    for read in (
        lambda: tables.read(path),
        lambda: text_files.content(path, "it", "a text"),
        lambda: text_files.piped(path),
    ):
        with pytest.raises(DataError, match="is a device, and no file"):
            read()
