"""The decoder of pictures: formats, orientation, sizes, and what it says of bad files."""

import io
import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from dlcli.errors import DataError
from dlcli.inputs import images

RGB_8: dict[str, Any] = {"image_size": (8, 8), "color_mode": "rgb", "resize": "stretch"}
GRAY_8 = {**RGB_8, "color_mode": "grayscale"}
ODD_AND_SOUND = [
    "dispose_none.gif",
    "exif_Portrait_8.jpg",
    "flower.webp",
    "hopper.bmp",
    "hopper.gif",
    "hopper.ppm",
    "hopper.webp",
    "hopper_bw_500.png",
    "hopper_gray.jpg",
    "hopper_orientation_6.jpg",
    "invalid-exif.jpg",
    "p_trns_single.png",
    "pil_sample_cmyk.jpg",
    "rgba16_animated.png",
    "transparent.png",
    pytest.param(
        "hopper.avif",
        marks=pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF"),
    ),
]
ODD_AND_BAD = {
    "DS_Store": "it is no JPEG, .* or too damaged to be told from one",
    "broken.png": "it begins like a PNG picture, but is damaged or of a kind that is not read",
    "decompression_bomb.gif": "its header claims 4364696535 pixels, and at most 120000000 are read",
    "truncated_jpeg.jpg": "the file ends before the picture is complete",
}


def encoded(picture: np.ndarray | Image.Image, image_format: str, **options: object) -> bytes:
    image = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def png(color_type: int, bit_depth: int, rows: np.ndarray, *before: bytes) -> bytes:
    """A PNG of a kind that Pillow does not write; rows (height, width[, channels])."""
    header = struct.pack(">IIBBBBB", rows.shape[1], rows.shape[0], bit_depth, color_type, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    end = (chunk(b"IHDR", header), *before, chunk(b"IDAT", content), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(end)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def noise(height: int = 8, width: int = 8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("image_format", ["PNG", "BMP", "PPM", "TIFF"])
def test_a_lossless_picture_of_the_right_size_is_unchanged(image_format: str) -> None:
    picture = noise()
    np.testing.assert_array_equal(
        images.decode(encoded(picture, image_format), "x", **RGB_8), picture
    )


def test_the_content_decides_the_format_and_not_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(noise(), "PNG"))
    np.testing.assert_array_equal(images.read(path, **RGB_8), noise())


@pytest.mark.parametrize("image_format", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_gives_the_upright_picture(orientation: int, image_format: str) -> None:
    upright = noise(8, 8)
    # What a camera held that way stores, from the definition of the EXIF tag.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if image_format == "WEBP" else {}
    data = encoded(np.ascontiguousarray(stored), image_format, exif=exif, **options)
    np.testing.assert_array_equal(images.decode(data, "x", **RGB_8), upright)


def test_a_turned_picture_is_resized_after_the_turn() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[:, :20] = 255  # left half white: the top half when upright
    pixels = images.decode(
        encoded(picture, "PNG", exif=exif), "x", image_size=(8, 4), color_mode="rgb", resize="crop"
    )
    assert pixels.shape == (8, 4, 3)
    assert pixels[:3].min() == 255
    assert pixels[5:].max() == 0


def test_damaged_exif_does_not_spoil_the_picture() -> None:
    data = encoded(noise(), "PNG", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff damaged")
    np.testing.assert_array_equal(images.decode(data, "x", **RGB_8), noise())


def test_transparency_is_laid_over_white() -> None:
    color = np.zeros((8, 8, 4), np.uint8)
    color[..., 0] = 200
    color[0, 0, 3], color[0, 1, 3], color[0, 2, 3] = 0, 255, 51  # a fifth
    pixels = images.decode(encoded(color, "PNG"), "x", **RGB_8)
    assert pixels[0, :3].tolist() == [[255, 255, 255], [200, 0, 0], [244, 204, 204]]
    gray = images.decode(encoded(color, "PNG"), "x", **GRAY_8)
    assert gray[0, 0, 0] == 255


@pytest.mark.parametrize("mode", ["P", "L", "LA", "RGB"])
def test_transparent_colours_of_every_mode_become_white(mode: str) -> None:
    image = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).convert(mode)
    if mode == "LA":
        image.putpixel((1, 0), (1, 0))
        data = encoded(image, "PNG")
    else:
        data = encoded(image, "PNG", transparency=(1, 1, 1) if mode == "RGB" else 1)
    assert images.decode(data, "x", **GRAY_8)[0, :3, 0].tolist() == [0, 255, 2]


def test_one_bit_pictures_are_black_and_white() -> None:
    image = Image.fromarray(np.eye(8, dtype=bool))
    np.testing.assert_array_equal(
        images.decode(encoded(image, "PNG"), "x", **GRAY_8)[..., 0], np.eye(8) * 255
    )


GRAY_16 = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)


@pytest.mark.parametrize(
    "data",
    [
        encoded(Image.fromarray(GRAY_16), "PNG"),
        encoded(Image.fromarray(GRAY_16), "TIFF"),
        b"P5 8 8 65535\n" + GRAY_16.astype(">u2").tobytes(),
    ],
    ids=["PNG", "TIFF", "PGM"],
)
def test_16_bit_gray_is_scaled_and_not_clipped(data: bytes) -> None:
    np.testing.assert_array_equal(images.decode(data, "x", **GRAY_8)[..., 0], GRAY_16 >> 8)


@pytest.mark.parametrize(("bit_depth", "top"), [(8, 255), (10, 1023), (12, 4095), (14, 16383)])
@pytest.mark.parametrize(
    "kind", ["PNG", "TIFF", "PGM", "PNG RGB", "TIFF RGB", "PNG RGBA", "PNG LA"]
)
def test_16_bits_of_which_few_are_used_fill_the_range(bit_depth: int, top: int, kind: str) -> None:
    gray = np.linspace(0, top, 64).astype(np.uint16).reshape(8, 8)
    opaque = np.full_like(gray, 65535)
    data = {
        "PNG": lambda: encoded(Image.fromarray(gray), "PNG"),
        "TIFF": lambda: encoded(Image.fromarray(gray), "TIFF"),
        "PGM": lambda: b"P5 8 8 65535\n" + gray.astype(">u2").tobytes(),
        "PNG RGB": lambda: png(2, 16, np.stack([gray] * 3, axis=-1).astype(">u2")),
        "TIFF RGB": lambda: tiff(np.stack([gray] * 3, axis=-1), photometric=2),
        "PNG RGBA": lambda: png(6, 16, np.stack([gray] * 3 + [opaque], axis=-1).astype(">u2")),
        "PNG LA": lambda: png(4, 16, np.stack([gray, opaque], axis=-1).astype(">u2")),
    }[kind]()
    pixels, facts = images.examine(data, "x", **GRAY_8, bit_depth=bit_depth)
    np.testing.assert_array_equal(pixels[..., 0], gray >> (bit_depth - 8))
    assert facts.level == top
    assert images.bit_depth_for(facts.level) == bit_depth
    # As usual it is the high byte that counts.
    np.testing.assert_array_equal(images.decode(data, "x", **GRAY_8)[..., 0], gray >> 8)


def test_a_pgm_that_names_its_maximum_is_scaled_by_it() -> None:
    gray = np.linspace(0, 4095, 64).astype(">u2").reshape(8, 8)
    pixels, facts = images.examine(b"P5 8 8 4095\n" + gray.tobytes(), "x", **GRAY_8, bit_depth=12)
    assert pixels.max() == 255
    assert facts.level == 0


def test_values_beyond_the_bit_depth_are_cut_off() -> None:
    pixels = images.decode(encoded(Image.fromarray(GRAY_16), "PNG"), "x", **GRAY_8, bit_depth=12)
    np.testing.assert_array_equal(pixels[..., 0], np.minimum(GRAY_16 >> 4, 255))


def tiff(
    rows: np.ndarray,
    photometric: int,
    color_map: tuple[int, ...] = (),
    more: dict[int, tuple[int, ...]] | None = None,
) -> bytes:
    """An uncompressed TIFF of kinds that Pillow does not write; more: further tags, of 16 bits."""
    channels = 1 if rows.ndim == 2 else rows.shape[2]
    tags: list[tuple[int, int, tuple[int, ...]]] = [
        (256, 4, (rows.shape[1],)),
        (257, 4, (rows.shape[0],)),
        (258, 3, (8 * rows.itemsize,) * channels),
        (259, 3, (1,)),
        (262, 3, (photometric,)),
        (273, 4, (8,)),
        (277, 3, (channels,)),
        (278, 4, (rows.shape[0],)),
        (279, 4, (rows.nbytes,)),
        *([(320, 3, color_map)] if color_map else []),
        *((tag, 3, values) for tag, values in (more or {}).items()),
    ]
    tags = sorted({tag: (tag, *rest) for tag, *rest in tags}.values())
    start = 8 + rows.nbytes
    extra, entries = b"", b""
    for tag, kind, values in tags:
        packed = struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(packed) > 4:
            place = start + 2 + 12 * len(tags) + 4 + len(extra)
            extra, packed = extra + packed, struct.pack("<I", place)
        entries += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    header = struct.pack("<2sHI", b"II", 42, start) + rows.tobytes()
    return header + struct.pack("<H", len(tags)) + entries + bytes(4) + extra


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_in_which_0_is_white_is_turned_over(dtype: type) -> None:
    top = np.iinfo(dtype).max
    gray = np.linspace(0, top, 64).astype(dtype).reshape(8, 8)
    inverted = images.decode(tiff(top - gray, photometric=0), "x", **GRAY_8)
    np.testing.assert_array_equal(inverted, images.decode(tiff(gray, photometric=1), "x", **GRAY_8))
    assert inverted[0, 0, 0] == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            tiff(np.zeros((8, 8), np.uint8), photometric=1, more={339: (2,)}),
            "signed integer pixels",
        ),
        (
            tiff(np.zeros((8, 8), np.uint16), photometric=1, more={339: (2,)}),
            "signed integer pixels",
        ),
        (
            tiff(np.zeros((8, 8, 3), np.uint8), photometric=2, more={254: (1,), 330: (0,)}),
            "a raw photo of a camera",
        ),
        (
            tiff(np.zeros((8, 8), np.uint16), photometric=1, more={339: (3,)}),
            "begins like a TIFF picture, but is damaged or of a kind that is not read",
        ),
    ],
    ids=["int8", "int16", "preview of a raw photo", "float16"],
)
def test_a_tiff_that_would_be_read_wrongly_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(images.ImageError, match=reason):
        images.decode(data, "x", **GRAY_8)


@pytest.mark.parametrize("order", ["<", ">"])
def test_planes_of_16_bits_are_refused(order: str) -> None:
    planes = np.moveaxis(noise().astype("<u2") * 257, -1, 0)
    places = tuple(8 + 128 * place for place in range(3))
    more = {273: places, 278: (8,), 279: (128,) * 3, 284: (2,)}
    data = tiff(planes.reshape(8, 8, 3), photometric=2, more=more)
    with pytest.raises(images.ImageError, match="channels of 16 bits lie in separate planes"):
        images.decode(data, "x", **RGB_8)


def test_a_tiff_of_packed_12_bits_names_its_maximum() -> None:
    gray = np.linspace(0, 4095, 64).astype(np.uint16).reshape(8, 8)
    pairs = gray.reshape(8, 4, 2).astype(np.uint32)
    packed = pairs[..., 0] << 12 | pairs[..., 1]  # 24 bits each
    rows = np.stack([packed >> 16, packed >> 8, packed], axis=-1).astype(np.uint8).reshape(8, 12)
    data = tiff(rows, photometric=1, more={256: (8,), 258: (12,)})
    for bit_depth in images.BIT_DEPTHS:
        pixels, facts = images.examine(data, "x", **GRAY_8, bit_depth=bit_depth)
        np.testing.assert_array_equal(pixels[..., 0], gray >> 4)
        assert facts.level == 0


@pytest.mark.parametrize("shift", [0, 3])
def test_a_bmp_of_16_bits_a_pixel_has_8_bits_a_channel(shift: int) -> None:
    red, green, blue = (np.moveaxis(noise() >> shift, -1, 0) >> 3).astype(np.uint16)
    rows = red << 11 | green << 6 | blue
    header = struct.pack("<IiiHHIIiiII", 40, 8, -8, 1, 16, 3, rows.nbytes, 0, 0, 0, 0)
    masks = struct.pack("<3I", 0xF800, 0x7E0, 0x1F)
    data = b"BM" + struct.pack("<IHHI", 66 + rows.nbytes, 0, 0, 66) + header + masks
    pixels, facts = images.examine(data + rows.tobytes(), "x", **RGB_8, bit_depth=12)
    assert np.abs(pixels.astype(int) - (noise() >> shift)).max() <= 8
    assert facts.level == 0


def test_a_jpeg_whose_end_became_zeros_is_refused() -> None:
    whole = encoded(noise(64, 64), "JPEG")
    broken = whole[:2000] + bytes(len(whole) - 2000)
    with pytest.raises(images.ImageError, match="the end of the file is filled with zeros"):
        images.decode(broken, "x", **RGB_8)
    images.decode(whole + bytes(4096), "x", **RGB_8)  # zeros behind the end


@pytest.mark.parametrize("factor", [1, 256])
def test_a_palette_of_8_bits_in_16_is_not_black(factor: int) -> None:
    shades = np.arange(256) * factor
    color_map = tuple(int(each) for each in np.concatenate([shades, shades[::-1], shades]))
    rows = np.arange(64, dtype=np.uint8).reshape(8, 8)
    pixels = images.decode(tiff(rows, photometric=3, color_map=color_map), "x", **RGB_8)
    np.testing.assert_array_equal(pixels, np.stack([rows, 255 - rows, rows], axis=-1))


@pytest.mark.parametrize("alpha", [0, 128])
def test_a_bmp_whose_alpha_is_0_throughout_has_none(alpha: int) -> None:
    color = np.dstack([noise()[..., ::-1], np.full((8, 8), alpha, np.uint8)])
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 56, 8, -8, 1, 32, 3, color.nbytes, 0, 0, 0, 0) + masks
    data = b"BM" + struct.pack("<IHHI", 70 + color.nbytes, 0, 0, 70) + header + color.tobytes()
    pixels = images.decode(data, "x", **RGB_8)
    if alpha:
        assert np.abs(pixels - (noise() / 2 + 127)).max() <= 2
    else:
        np.testing.assert_array_equal(pixels, noise())


@pytest.mark.parametrize(
    "metadata",
    [
        chunk(b"zTXt", b"Raw profile\0\0" + zlib.compress(bytes(2**21))),
        chunk(b"tEXt", b"Comment\0damaged")[:-4] + b"\0\0\0\0",
        chunk(b"iCCP", b"profile\0\0damaged")[:-4] + b"\0\0\0\0",
    ],
    ids=["large", "damaged text", "damaged profile"],
)
def test_what_a_png_holds_besides_pixels_does_not_matter(metadata: bytes) -> None:
    whole = encoded(noise(), "PNG")
    data = whole[:33] + metadata + whole[33:]
    np.testing.assert_array_equal(images.decode(data, "x", **RGB_8), noise())


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 30}])
def test_a_jpeg_without_its_end_mark_is_whole(options: dict[str, Any]) -> None:
    whole = encoded(noise(40, 40), "JPEG", **options)
    form = {**RGB_8, "image_size": (40, 40)}
    np.testing.assert_array_equal(
        images.decode(whole[:-2], "x", **form), images.decode(whole, "x", **form)
    )
    for length in (len(whole) - 40, len(whole) // 2):
        with pytest.raises(images.ImageError, match="ends before the picture is complete"):
            images.decode(whole[:length], "x", **form)


def test_a_background_shows_through() -> None:
    color = np.zeros((8, 8, 4), np.uint8)
    color[4:] = 255
    data = encoded(color, "PNG")
    on_white, facts = images.examine(data, "x", **RGB_8)
    assert on_white.min() == 255
    assert facts.hidden_on == ("white",)
    assert facts.is_blank
    on_black, facts = images.examine(data, "x", **RGB_8, background="black")
    assert on_black[0, 0, 0] == 0
    assert on_black[7, 7, 0] == 255
    assert facts.hidden_on == ("white",)
    assert not facts.is_blank
    assert images.decode(data, "x", **RGB_8, background="gray")[0, 0, 0] == 128


def test_frames_are_counted_where_the_first_is_blank() -> None:
    frames = [Image.new("RGB", (8, 8), "black"), Image.fromarray(noise())]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert images.examine(data, "x", **RGB_8)[1] == images.Facts(is_blank=True, num_frames=2)
    data = encoded(frames[1], "GIF", save_all=True, append_images=frames[:1])
    assert images.examine(data, "x", **RGB_8)[1] == images.Facts()


def test_16_bit_gray_may_have_a_transparent_value() -> None:
    transparent = chunk(b"tRNS", struct.pack(">H", int(GRAY_16[1, 1])))
    pixels = images.decode(png(0, 16, GRAY_16.astype(">u2"), transparent), "x", **GRAY_8)
    assert pixels[1, 1, 0] == 255
    assert pixels[1, 2, 0] == GRAY_16[1, 2] >> 8


def test_16_bit_colour_with_alpha_is_scaled_and_not_clipped() -> None:
    color = np.stack([GRAY_16, GRAY_16[::-1], GRAY_16.T, np.full_like(GRAY_16, 65535)], axis=-1)
    pixels = images.decode(png(6, 16, color.astype(">u2")), "x", **RGB_8)
    np.testing.assert_array_equal(pixels, color[..., :3] >> 8)


def test_cmyk_becomes_rgb() -> None:
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))  # magenta and yellow: red
    red = images.decode(encoded(image, "TIFF"), "x", **RGB_8)
    assert red[0, 0].tolist() == [255, 0, 0]


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert images.decode(data, "x", **RGB_8)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    ("resize", "expected_columns"),
    [
        # A white square of 8 x 8 between two black ones, 8 x 24, brought to 6 x 6.
        ("stretch", [0, 0, 255, 255, 0, 0]),
        ("crop", [255, 255, 255, 255, 255, 255]),
        ("pad", [0, 0, 255, 255, 0, 0]),
    ],
)
def test_another_aspect_ratio(resize: images.Resize, expected_columns: list[int]) -> None:
    picture = np.zeros((8, 24), np.uint8)
    picture[:, 8:16] = 255
    pixels = images.fit(picture, image_size=(6, 6), color_mode="grayscale", resize=resize)
    assert pixels.shape == (6, 6, 1)
    filled = pixels[2:4, :, 0] if resize == "pad" else pixels[..., 0]
    np.testing.assert_allclose(filled, np.tile(expected_columns, (len(filled), 1)), atol=64)
    if resize == "pad":
        assert pixels[:2].max() == pixels[4:].max() == 0


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (7, 13), (4096, 3)])
def test_extreme_shapes_are_met(size: tuple[int, int], resize: images.Resize) -> None:
    pixels = images.fit(
        np.full(size, 9, np.uint8), image_size=(5, 7), color_mode="rgb", resize=resize
    )
    assert pixels.shape == (5, 7, 3)
    assert pixels.max() == 9


def test_shrinking_is_antialiased() -> None:
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 255  # a filter that looks at 2 x 2 pixels only would show beats
    pixels = images.fit(stripes, image_size=(9, 9), color_mode="grayscale", resize="stretch")
    assert np.ptp(pixels) < 30


def test_gray_is_the_luma_of_the_colour() -> None:
    primaries = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    gray = images.fit(primaries, image_size=(1, 3), color_mode="grayscale", resize="stretch")
    assert gray.tolist() == [[[76], [150], [29]]]  # 0.299, 0.587, 0.114


def test_an_array_is_fitted_like_a_file_of_it() -> None:
    picture = noise(13, 31)
    for resize in ("stretch", "crop", "pad"):
        form: dict[str, Any] = {"image_size": (9, 5), "color_mode": "grayscale", "resize": resize}
        np.testing.assert_array_equal(
            images.fit(picture, **form), images.decode(encoded(picture, "PNG"), "x", **form)
        )


def test_an_array_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match=r"float64 \(8, 8\)\. Expected uint8 \(height, width\)"):
        images.fit(np.zeros((8, 8)), **RGB_8)
    with pytest.raises(DataError, match=r"uint8 \(8, 8, 2\)"):
        images.fit(np.zeros((8, 8, 2), np.uint8), **RGB_8)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "cat.jpg cannot be read as an image: the file is empty"),
        (b'{"error": 404}', "it is a text file, which dlcli does not read"),
        (encoded(noise(64, 64), "ICO"), "it is an ICO picture, which dlcli does not read"),
        (b"hello", "it is no JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF, PPM or JPEG 2000 picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "it is a HEIC picture, which dlcli does not read"),
        (encoded(noise(64, 64), "JPEG")[:900], "the file ends before the picture is complete"),
        (encoded(noise(64, 64), "PNG")[:900], "the file ends before the picture is complete"),
        (encoded(noise(64, 64), "GIF")[:2000], "the file ends before the picture is complete"),
        (encoded(noise(64, 64), "BMP")[:900], "the file ends before the picture is complete"),
        (encoded(noise(64, 64), "WEBP")[:900], "its content is damaged"),
        (
            encoded(noise(64, 64), "PNG").replace(b"IDATx", b"IDATy"),
            "its content is damaged",
        ),
        (
            encoded(Image.new("F", (8, 8)), "TIFF"),
            "it holds floating-point pixels; expected 8 or 16 bits a channel",
        ),
        (
            encoded(Image.new("I", (8, 8)), "TIFF"),
            "it holds signed integer pixels; expected values from 0 upwards",
        ),
        (
            b"P6 20000 10000 255\n",
            "its header claims 200000000 pixels, and at most 120000000 are read",
        ),
        (
            b"P6 13000 13000 255\n",
            "its header claims 169000000 pixels, and at most 120000000 are read",
        ),
    ],
)
def test_the_reason_of_a_bad_file_is_in_plain_words(data: bytes, reason: str) -> None:
    with pytest.raises(images.ImageError, match=reason) as caught:
        images.decode(data, "cat.jpg", **RGB_8)
    assert caught.value.kind == "bad-data"
    assert "0x" not in caught.value.message
    assert "_io" not in caught.value.message


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (images.Facts(), ""),
        (images.Facts(level=1023), ""),
        (images.Facts(level=1024), "values above 1,023, .* 10 bits .* --set data.bit_depth=16"),
        (images.Facts(level=64), ""),
        (images.Facts(level=63), "small, for the 10 bits .* --set data.bit_depth=8$"),
        (images.Facts(hidden_on=("black",)), ""),
        (images.Facts(hidden_on=("white",)), "seen on white, .* --set data.background=black"),
        (images.Facts(is_blank=True), "of a single colour.$"),
        (images.Facts(is_blank=True, num_frames=3), "only the first of several frames or pages"),
    ],
)
def test_a_trained_model_is_warned_of_images_that_it_cannot_see(
    facts: images.Facts, said: str
) -> None:
    form = images.form_of(
        {
            "input": {"shape": [8, 8, 3], "color_mode": "rgb", "resize": "pad", "bit_depth": 10},
            "set": {"background": "auto"},
        }
    )
    assert form["background"] == "white"
    found = images.cautions(facts, form)
    assert len(found) == bool(said)
    assert re.search(said, "".join(found))


def test_what_set_gives_comes_before_what_the_model_keeps() -> None:
    metadata = {"input": {"shape": [4, 5, 1], "color_mode": "grayscale", "resize": "crop"}}
    assert images.form_of(metadata)["bit_depth"] == 16
    assert images.form_of({**metadata, "set": {"bit_depth": 12}})["bit_depth"] == 12


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no\.png cannot be read .*: No such file or directory"):
        images.read(tmp_path / "no.png", **RGB_8)
    with pytest.raises(DataError, match="cannot be read as an image: Is a directory"):
        images.read(tmp_path, **RGB_8)


def test_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "endless.jpg").symlink_to("/dev/zero")
    with pytest.raises(DataError, match="it is a device or a pipe, and no file"):
        images.read(tmp_path / "endless.jpg", **RGB_8)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    path.touch()
    os.truncate(path, 3 * 2**30)
    with pytest.raises(DataError, match=r"the file has 3\.0 GiB, more than the 1 GiB"):
        images.read(path, **RGB_8)


def test_a_bomb_of_little_memory_is_refused_unread() -> None:
    bomb = png(0, 1, np.zeros((1, 1), np.uint8)).replace(
        struct.pack(">II", 1, 1), struct.pack(">II", 12_000, 12_000)
    )
    bomb = bomb[:29] + struct.pack(">I", zlib.crc32(bomb[12:29])) + bomb[33:]
    with pytest.raises(DataError, match="its header claims 144000000 pixels"):
        images.decode(bomb, "bomb.png", **RGB_8)


def test_nothing_of_pillow_is_written_to_the_terminal(tmp_path: Path) -> None:
    """In a process of its own, because pytest collects warnings."""
    (tmp_path / "large.ppm").write_bytes(b"P6 10000 10000 255\n")
    (tmp_path / "exif.png").write_bytes(
        encoded(noise(), "PNG", exif=b"Exif\0\0II*\0\x08\0\0\0\x05")
    )
    code = (
        "import sys\nfrom pathlib import Path\nfrom dlcli.inputs import images\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try: images.read(path, image_size=(8, 8), color_mode='rgb', resize='pad')\n"
        "    except images.ImageError as error: print(error.reason)\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout == "the file ends before the picture is complete\nset()\n"


def test_the_listing_is_sorted_and_without_junk(tmp_path: Path) -> None:
    wanted = ["B.JPG", "a/b/2.png", "a/c.webp", "a/d.heic", "猫/一.jpeg"]
    junk = [".hidden.png", "a/._c.png", "__MACOSX/a.png", ".git/a.png", "Thumbs.db", "notes.txt"]
    for name in wanted + junk:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("photo", "b.MPO", "b.jpg_large"):
        (tmp_path / name).write_bytes(encoded(noise(), "JPEG"))
        wanted = sorted([*wanted, name])
    found = images.list_images(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == wanted
    assert found == sorted(found)


def test_a_name_that_is_no_utf8_can_be_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    path.write_bytes(b"")
    with pytest.raises(DataError, match="caf\ufffd\\.png cannot be read"):
        images.read(path, **RGB_8)


@pytest.mark.shared_data
@pytest.mark.parametrize("color_mode", ["rgb", "grayscale"])
@pytest.mark.parametrize("name", ODD_AND_SOUND)
def test_odd_pictures_are_read_alike_from_file_and_bytes(
    name: str, color_mode: str, shared_data: Path
) -> None:
    path = shared_data / "images" / "odd" / name
    form: dict[str, Any] = {"image_size": (48, 64), "color_mode": color_mode, "resize": "pad"}
    from_file = images.read(path, **form)
    from_bytes = images.decode(path.read_bytes(), name, **form)
    assert from_file.shape == (48, 64, 3 if color_mode == "rgb" else 1)
    assert np.ptp(from_file) > 50
    np.testing.assert_array_equal(from_file, from_bytes)


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "reason"), ODD_AND_BAD.items())
def test_odd_files_that_are_bad_say_why(name: str, reason: str, shared_data: Path) -> None:
    with pytest.raises(DataError, match=rf"odd/{name} cannot be read as an image: {reason}"):
        images.read(shared_data / "images" / "odd" / name, **RGB_8)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name", ["hopper_orientation_6.jpg", "hopper.webp", "hopper.gif", "hopper.bmp"]
)
def test_the_same_portrait_looks_the_same_in_every_format(name: str, shared_data: Path) -> None:
    odd = shared_data / "images" / "odd"
    form: dict[str, Any] = {"image_size": (16, 16), "color_mode": "rgb", "resize": "stretch"}
    upright = images.read(odd / "hopper.ppm", **form).astype(int)
    other = images.read(odd / name, **form)
    assert np.abs(other - upright).mean() < 3
    assert np.abs(np.rot90(other) - upright).mean() > 30


@pytest.mark.shared_data
def test_colours_of_odd_pictures(shared_data: Path) -> None:
    """Checked by eye once: red letters on black, a rainbow round a hole, dice on white, red."""
    form: dict[str, Any] = {"image_size": (100, 100), "color_mode": "rgb", "resize": "stretch"}

    def read(name: str) -> np.ndarray:
        return images.read(shared_data / "images" / "odd" / name, **form)

    cmyk = read("pil_sample_cmyk.jpg")
    assert cmyk[..., 0].max() > 200
    assert np.median(cmyk) < 20
    assert cmyk[..., 1:].mean() < 15
    assert read("p_trns_single.png")[50, 50].tolist() == [255, 255, 255]
    assert read("transparent.png")[0, 0].tolist() == [255, 255, 255]
    assert read("rgba16_animated.png")[50, 50].tolist() == [255, 0, 0]
