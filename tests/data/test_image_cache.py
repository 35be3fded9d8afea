"""The cache of decoded pictures: hits, misses, kills, neighbours, limits and memory."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcli.data import array_cache, image_cache
from dlcli.data.image_cache import DecodedImages
from dlcli.errors import DataError, DlcliError, UsageError
from dlcli.events import Event
from dlcli.inputs import images

SIZE = (4, 4)


def cache_folder() -> Path:
    return Path(os.environ["XDG_CACHE_HOME"]) / "dlcli" / "images"


def entries() -> list[str]:
    return sorted(path.name for path in cache_folder().iterdir())


def draw(root: Path, count: int, size: int = 4) -> list[str]:
    root.mkdir(parents=True, exist_ok=True)
    names = [f"{index:05}.png" for index in range(count)]
    for index, name in enumerate(names):
        Image.new("RGB", (size, size), (index % 256, index // 256, 7)).save(root / name)
    return names


def decode(root: Path, names: list[str], **options: Any) -> DecodedImages:
    form: dict[str, Any] = {"image_size": SIZE, "color_mode": "rgb", "resize": "stretch"}
    return image_cache.decoded(root, names, **{**form, **options})


@pytest.fixture
def decoded_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were really decoded."""
    real, names = images.examine, []

    def spy(data: bytes, name: str, **form: Any) -> tuple[np.ndarray, images.Facts]:
        names.append(name)
        return real(data, name, **form)

    monkeypatch.setattr(images, "examine", spy)
    return names


def test_each_picture_stands_in_its_row(tmp_path: Path) -> None:
    names = draw(tmp_path, 300)
    decoded = decode(tmp_path, names)
    assert decoded.pixels.shape == (300, 4, 4, 3)
    assert isinstance(decoded.pixels, np.memmap)
    assert not decoded.pixels.flags.writeable
    assert decoded.pixels[299, 0, 0].tolist() == [43, 1, 7]
    for row, name in enumerate(names):
        expected = images.read(tmp_path / name, image_size=SIZE, color_mode="rgb", resize="crop")
        np.testing.assert_array_equal(decoded.pixels[row], expected)


def test_a_second_load_decodes_nothing(tmp_path: Path, decoded_names: list[str]) -> None:
    names = draw(tmp_path, 5)
    (tmp_path / names[3]).write_bytes(b"")
    first = decode(tmp_path, names)
    assert sorted(decoded_names) == names
    second = decode(tmp_path, names)
    assert sorted(decoded_names) == names
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert first.fingerprint == second.fingerprint
    assert first.bad_files == second.bad_files == {3: "the file is empty"}
    assert first.pixels[3].max() == 0


def test_what_changes_the_pixels_is_decoded_again(
    tmp_path: Path, decoded_names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, copy = tmp_path / "a", tmp_path / "b"
    names = draw(root, 2)
    shutil.copytree(root, copy)
    decode(root, names)
    changes: list[Callable[[], object]] = [
        lambda: decode(root, names[:1]),
        lambda: decode(root, names, image_size=(4, 5)),
        lambda: decode(root, names, color_mode="grayscale"),
        lambda: decode(root, names, resize="pad"),
        lambda: decode(copy, names),
    ]
    for change in changes:
        decoded_names.clear()
        change()
        assert decoded_names
    conditions: list[Callable[[], object]] = [
        lambda: os.utime(root / names[0], (1, 1)),
        lambda: monkeypatch.setattr(images, "DECODER_VERSION", 999),
        lambda: monkeypatch.setattr("PIL.__version__", "999"),
    ]
    for condition in conditions:
        decoded_names.clear()
        condition()
        decode(root, names)
        assert decoded_names


def test_a_changed_file_of_the_same_size_and_time_is_noticed(tmp_path: Path) -> None:
    """Which `cp -p` and some archives make of a new file."""
    names = ["a.ppm"]
    Image.new("RGB", (4, 4), "red").save(tmp_path / "a.ppm")
    status = (tmp_path / "a.ppm").stat()
    assert decode(tmp_path, names).pixels[0, 0, 0].tolist() == [255, 0, 0]
    Image.new("RGB", (4, 4), "blue").save(tmp_path / "a.ppm")
    os.utime(tmp_path / "a.ppm", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert decode(tmp_path, names).pixels[0, 0, 0].tolist() == [0, 0, 255]


def test_the_fingerprint_is_of_the_good_files(tmp_path: Path) -> None:
    names = draw(tmp_path, 3)
    (tmp_path / names[1]).write_bytes(b"no picture")
    expected = hashlib.sha256()
    for name in (names[0], names[2]):
        content = (tmp_path / name).read_bytes()
        expected.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    assert decode(tmp_path, names).fingerprint == expected.hexdigest()


def test_progress_is_told_of_every_file_once(tmp_path: Path) -> None:
    names = draw(tmp_path, 100)
    calls: list[tuple[int, int]] = []
    decode(tmp_path, names, events=lambda event: calls.append((event.done, event.total)))
    assert calls == [(32, 100), (64, 100), (96, 100), (100, 100)]
    calls.clear()
    decode(tmp_path, names, events=lambda event: calls.append((event.done, event.total)))
    assert calls == []


def test_an_interrupt_leaves_nothing_and_ends_soon(tmp_path: Path) -> None:
    names = draw(tmp_path, 500)

    def interrupt(event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode(tmp_path, names, events=interrupt)
    assert entries() == []
    assert decode(tmp_path, names).bad_files == {}


DECODE = """
import sys
from pathlib import Path
from dlcli.data import image_cache

def progress(event):
    print(event.done, flush=True)
    if "stop" in sys.argv:
        sys.stdin.read()

root = Path(sys.argv[1])
decoded = image_cache.decoded(
    root, sorted(path.name for path in root.iterdir()),
    image_size=(4, 4), color_mode="rgb", resize="stretch", events=progress,
)
print(decoded.fingerprint, int(decoded.pixels.sum()), flush=True)
sys.stdin.read()
"""


def start(root: Path, *how: str) -> subprocess.Popen[str]:
    """A process that decodes a folder, prints its progress and waits with the result.

    Args:
        how: "stop" to wait at the first progress instead.
    """
    return subprocess.Popen(
        [sys.executable, "-c", DECODE, root, *how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_process_leaves_nothing_that_is_taken_for_whole(tmp_path: Path) -> None:
    names = draw(tmp_path, 2000)
    with start(tmp_path, "stop") as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert [Path(name).suffix for name in entries()] == [".lock", ".partial"]
    draw(tmp_path / "another", 1)
    decode(tmp_path / "another", ["00000.png"])
    assert [Path(name).suffix for name in entries()] == [""]  # the leftovers are gone
    assert decode(tmp_path, names).pixels[1999, 0, 0].tolist() == [1999 % 256, 7, 7]


def test_of_two_processes_one_decodes_and_both_get_it(tmp_path: Path) -> None:
    draw(tmp_path, 600)
    with start(tmp_path) as first, start(tmp_path) as second:
        outputs = [process.communicate("")[0].splitlines() for process in (first, second)]
    assert outputs[0][-1] == outputs[1][-1]
    assert sorted(len(lines) > 1 for lines in outputs) == [False, True]
    assert len(entries()) == 1


@pytest.mark.parametrize("damage", ["array.npy", "description.json"])
@pytest.mark.parametrize("how", ["cut", "empty", "removed"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, damage: str, how: str) -> None:
    names = draw(tmp_path, 3)
    expected = decode(tmp_path, names).pixels.copy()
    (path,) = cache_folder().glob(f"*/{damage}")
    content = path.read_bytes()
    if how == "removed":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) - 1] if how == "cut" else b"")
    np.testing.assert_array_equal(decode(tmp_path, names).pixels, expected)


def test_the_least_recently_used_entries_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = draw(tmp_path, 10)
    one = 10 * 16 * 3 + 128 + 200  # pixels, header, about the description
    monkeypatch.setenv("DLCLI_CACHE_GB", str(2.5 * one / 1e9))
    keys = []
    for resize in ("stretch", "crop", "stretch", "pad"):
        decode(tmp_path, names, resize=resize)
        keys += [key for key in entries() if key not in keys]
        time.sleep(0.01)  # the time of use is a file's time
    stretch, crop, pad = keys
    assert entries() == sorted([stretch, pad])
    assert crop not in entries()


def test_an_entry_in_use_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = draw(tmp_path / "a", 3)
    draw(tmp_path / "b", 3)
    monkeypatch.setenv("DLCLI_CACHE_GB", "0")
    with start(tmp_path / "a") as process:
        assert process.stdout
        while len(process.stdout.readline().split()) < 2:
            pass
        kept = decode(tmp_path / "b", names)  # the newest is never removed
        assert len(entries()) == 2
        process.communicate("")
    decode(tmp_path / "b", names, resize="pad")
    assert len(entries()) == 2  # the first is gone, `kept` is still mapped
    view = kept.pixels[1:]
    del kept
    decode(tmp_path / "b", names, resize="crop")
    assert len(entries()) == 2  # a view of it keeps it as well
    assert view.shape == (2, 4, 4, 3)
    del view
    decode(tmp_path / "b", names, color_mode="grayscale")
    assert len(entries()) == 1


def test_a_limit_that_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLCLI_CACHE_GB", "lots")
    with pytest.raises(UsageError, match=r"DLCLI_CACHE_GB is 'lots'\. Expected a number"):
        decode(tmp_path, draw(tmp_path, 1))


def test_a_cache_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DlcliError, match=r"file/dlcli/images cannot be used: Not a dir") as caught:
        decode(tmp_path / "a", draw(tmp_path / "a", 1))
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_a_disk_that_fills_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    names = draw(tmp_path, 3)
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(DlcliError, match="dlcli/images cannot be used: No space left"):
            decode(tmp_path, names)
    assert entries() == []


def test_a_disk_that_is_too_small_is_known_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded_names: list[str]
) -> None:
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real._replace(free=10))
    with pytest.raises(DlcliError, match=r"has 0 MB free; the data takes 4,027 MB there"):
        decode(tmp_path, draw(tmp_path, 20), image_size=(8192, 8192))
    assert decoded_names == []


def test_a_failing_disk_stops_and_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = draw(tmp_path, 3)

    def broken(path: Path) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", broken)
        with pytest.raises(DataError, match=r"00000\.png cannot be read .*Input/output error"):
            decode(tmp_path, names)
    assert decode(tmp_path, names).bad_files == {}


def test_a_relative_cache_folder_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the XDG Base Directory specification asks."""
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    decode(tmp_path / "a", draw(tmp_path / "a", 1))
    assert len(list((tmp_path / "home" / ".cache" / "dlcli" / "images").iterdir())) == 1


def test_memory_does_not_grow_with_the_number_of_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At no time are more decoded pictures alive than there are threads."""
    alive, most, lock = 0, 0, threading.Lock()

    class Counted(np.ndarray):
        def __del__(self) -> None:
            nonlocal alive
            with lock:
                alive -= 1

    def examine_counted(data: bytes, name: str, **form: Any) -> tuple[np.ndarray, images.Facts]:
        nonlocal alive, most
        with lock:
            alive += 1
            most = max(most, alive)
        return np.zeros((*SIZE, 3), np.uint8).view(Counted), images.Facts()

    monkeypatch.setattr(images, "examine", examine_counted)
    names = draw(tmp_path, 1)
    decode(tmp_path, names * 2000)
    assert alive == 0
    assert 1 <= most <= image_cache.num_threads()


def test_small_built_in_sets_stay_in_memory_and_large_ones_are_mapped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (20, 8, 8), np.uint8)

    def fit(size: tuple[int, int]) -> np.ndarray:
        return image_cache.fitted(
            pictures, "abc", image_size=size, color_mode="rgb", resize="stretch"
        )

    in_memory = fit((9, 9))
    assert not isinstance(in_memory, np.memmap)
    monkeypatch.setattr(image_cache, "MAX_IN_MEMORY", 1000)
    mapped = fit((9, 9))
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(in_memory, mapped)
    expected = images.fit(pictures[7], image_size=(9, 9), color_mode="rgb", resize="stretch")
    np.testing.assert_array_equal(mapped[7], expected)


def test_pictures_of_the_right_size_and_colour_are_not_copied() -> None:
    pictures = np.zeros((3, 8, 8), np.uint8)
    fitted = image_cache.fitted(
        pictures, "abc", image_size=(8, 8), color_mode="grayscale", resize="stretch"
    )
    assert fitted.shape == (3, 8, 8, 1)
    assert fitted.base is pictures


def test_rows_left_out_are_zero() -> None:
    def fill(write_row: array_cache.WriteRow) -> dict[str, Any]:
        write_row(1, np.array([5, 6], np.uint8))
        return {"made": "here"}

    array, description = array_cache.fetch("images", "key", (3, 2), fill)
    assert array.tolist() == [[0, 0], [5, 6], [0, 0]]
    assert description == {"made": "here"}
