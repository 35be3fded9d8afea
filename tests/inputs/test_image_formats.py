"""What a file is by its first bytes."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcli.inputs import image_formats


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    box = b"ftyp" + major + bytes(4) + b"".join(compatible)
    return struct.pack(">I", 4 + len(box)) + box


@pytest.mark.parametrize(
    ("head", "name"),
    [
        *((ftyp(brand, b"mif1", b"heic"), "a HEIC picture") for brand in (b"heic", b"heix")),
        *((ftyp(brand, b"mif1", b"heic"), "a HEIC picture") for brand in (b"heim", b"heis")),
        *((ftyp(brand, b"msf1", b"hevc"), "a HEIC picture") for brand in (b"hevc", b"hevx")),
        *((ftyp(brand), "a HEIC picture") for brand in (b"mif1", b"mif2", b"msf1", b"miaf")),
        (ftyp(b"avif", b"mif1", b"miaf"), "an AVIF picture"),
        (ftyp(b"mif1", b"avif", b"miaf"), "an AVIF picture"),
        (ftyp(b"jxl ", b"jxl "), "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\xff\x0a\x00", "a JPEG XL picture"),
        (ftyp(b"isom", b"mp42"), "a video (MP4 or QuickTime)"),
        (b"\xff\xd8\xff\xf7", "a JPEG-LS picture"),
        (bytes(128) + b"DICM", "a DICOM file"),
        (b"8BPS\0\1", "a Photoshop file"),
        (b"%PDF-1.7", "a PDF document"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b'<?xml version="1.0"?>\n<svg width="1">', "an SVG drawing"),
        (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer, in place of"),
        (b"P7\nWIDTH 4", "a PAM picture"),
        (b"PF\n4 4\n-1.0\n", "a PFM picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "an EPS drawing"),
        (b'{"error": "not found"}', "a text file"),
        ("Grüße aus Köln".encode(), "a text file"),
        (b"an archive\0\1\2", ""),
        (b"hello", ""),
        (b"", ""),
    ],
)
def test_a_file_is_named_by_its_first_bytes(head: bytes, name: str) -> None:
    found = image_formats.name(head)
    assert found.startswith(name)
    assert bool(found) == bool(name)


def test_a_numpy_array_is_named() -> None:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    assert image_formats.name(file.getvalue()) == "a NumPy array (.npy)"


@pytest.mark.parametrize("image_format", ["ICO", "PCX", "TGA", "ICNS", "DDS", "QOI", "SGI"])
def test_other_formats_of_pillow_are_named(image_format: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, image_format)
    head = file.getvalue()[: image_formats.HEAD_BYTES]
    assert f" {image_format} picture" in image_formats.name(head)
    assert not image_formats.is_picture(head)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "PPM"])
def test_what_is_read_is_a_picture_without_a_suffix(image_format: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, image_format)
    head = file.getvalue()[: image_formats.HEAD_BYTES]
    assert image_formats.is_picture(head)
    assert image_formats.is_read(head)


@pytest.mark.parametrize(
    "head", [b"", b"BMW and others", b"P5 is a road", bytes(128) + b"DICM", ftyp(b"isom"), b"GIF"]
)
def test_what_is_no_picture(head: bytes) -> None:
    assert not image_formats.is_picture(head)


def test_a_heic_picture_is_one_that_is_not_read() -> None:
    assert image_formats.is_picture(ftyp(b"heic"))
    assert not image_formats.is_read(ftyp(b"heic"))


def test_a_device_has_no_head(tmp_path: Path) -> None:
    (tmp_path / "endless.jpg").symlink_to("/dev/zero")
    assert image_formats.head_of(tmp_path / "endless.jpg") == b""


def test_a_progressive_picture_that_lacks_a_scan_is_told_from_a_whole_one() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", progressive=True)
    whole = file.getvalue()
    assert image_formats.has_all_scans(whole[:-2])
    assert not image_formats.has_all_scans(whole[: whole.rindex(b"\xff\xda")])
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG")
    assert image_formats.has_all_scans(file.getvalue()[:-2])
