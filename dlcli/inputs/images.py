"""Pictures as arrays: the one decoder of training and of prediction.

Pillow decodes, EXIF turns the picture upright, transparency is laid over
a background, 16 bits become 8, and an antialiased bilinear filter brings the
picture to the model's size. Colour profiles are ignored. Of an animation its
still picture or first frame counts. The content of a file decides its format,
not its suffix.
"""

from __future__ import annotations

import io
import logging
import re
import stat
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from dlcli.errors import DataError
from dlcli.inputs import image_formats
from dlcli.inputs.folders import list_files
from dlcli.shown import display_name

ColorMode = Literal["rgb", "grayscale"]
Resize = Literal["stretch", "crop", "pad"]
BitDepth = Literal[8, 10, 12, 14, 16]
Background = Literal["white", "black", "gray"]

DECODER_VERSION = 3
"""To be raised with every change that gives a file other pixels: caches depend on it."""

MAX_PIXELS = 120_000_000
"""Larger pictures are refused unread. The 108 megapixels of a telephone's camera
fit; a file of some kilobytes that unfolds to gigabytes does not."""

MAX_BYTES = 2**30
"""Larger files are refused unread: MAX_PIXELS of uncompressed 16-bit RGBA fit."""

EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".bmp", ".dib", ".webp", ".avif"}
    | {".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".heic", ".heif", ".mpo"}
)
"""Suffixes of what a folder's listing takes for a picture, whatever is in it; of other
files the content decides. HEIC cannot be read; it is listed so that it is reported
and not passed over."""

BIT_DEPTHS: tuple[BitDepth, ...] = (8, 10, 12, 14, 16)
BACKGROUNDS: tuple[Background, ...] = ("white", "black", "gray")

# Named one by one: some of Pillow's other readers start programs (EPS: Ghostscript).
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "WEBP", "AVIF", "TIFF", "PPM", "JPEG2000")
_GRAY_MODES = frozenset({"1", "L"})
_MODES = _GRAY_MODES | {"LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}
_UNREAD_MODES = {"I": "32-bit integer", "F": "floating-point", "LAB": "CIE Lab"}
_IS_16_BITS = re.compile(r".*;16[BLN]")  # of a raw mode; "BGR;16" has 5 and 6 bits a channel
_CONVERT = "Convert it to PNG or JPEG."
_REPLACE = "Replace it with a sound copy, or remove it."
_ORIENTATION = 0x0112  # the EXIF tag
# TIFF tags, and two of their values.
_SUBFILE_TYPE, _BITS_PER_SAMPLE, _PHOTOMETRIC, _PLANES, _COLOR_MAP = 254, 258, 262, 284, 320
_SUB_IFDS, _SAMPLE_FORMAT = 330, 339
_SIGNED, _SEPARATE = 2, 2
SHADES: dict[Background, int] = {"white": 255, "black": 0, "gray": 128}
_SEEN_AT = 128  # pixels a side at which it is looked whether a background hides a picture
_NEARLY_BLACK = 16  # is an image that uses less than this part of its range
_LEAST_CONTRAST = 8  # of 255, between what is seen and what is not
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow warns of damaged metadata and of large pictures. The first is no matter of
# the user's, the second is decided here; `catch_warnings` is not safe in threads.
warnings.filterwarnings("ignore", module=r"PIL\.")
# Without any handler logging writes Pillow's errors, which name no file, to stderr.
logging.getLogger("PIL").addHandler(logging.NullHandler())


class ImageError(DataError):
    """A file that cannot be used as a picture.

    Args:
        name: what to call the file.
        reason: why, as part of a sentence and without the name.
    """

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{name} cannot be read as an image: {reason}.", hint)
        self.reason = reason


class Fit(TypedDict):
    """What a picture is brought to.

    Args:
        image_size: height and width in pixels.
        color_mode: "rgb" for 3 channels, "grayscale" for 1 (ITU-R 601 luma).
        resize: how another aspect ratio is met: "stretch" the picture, "crop"
            its centre, or "pad" it with black.
    """

    image_size: tuple[int, int]
    color_mode: ColorMode
    resize: Resize


class Form(Fit, total=False):
    """How a file becomes such a picture.

    Args:
        bit_depth: of what is stored in 16 bits a channel, the bits that are used: its
            values from 0 to 2**bit_depth - 1 become 0 to 255. Default: 16.
        background: what transparency is laid over. Default: white.
    """

    bit_depth: BitDepth
    background: Background


def read(path: Path, **form: Unpack[Form]) -> np.ndarray:
    """Read a picture from a file.

    Returns:
        uint8 (height, width, channels), 0 to 255.

    Raises:
        ImageError: the file is missing, or no usable picture.
    """
    return decode(read_bytes(path), display_name(path), **form)


def read_bytes(path: Path) -> bytes:
    """The content of a picture's file, for `decode`.

    Raises:
        ImageError: it cannot be read, or is larger than MAX_BYTES; an OSError
            is its cause.
    """
    name = display_name(path)
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise ImageError(name, "it is a device or a pipe, and no file")
        num_bytes = status.st_size
        if num_bytes > MAX_BYTES:
            raise ImageError(
                name, f"the file has {num_bytes / 2**30:.1f} GiB, more than the 1 GiB that is read"
            )
        return path.read_bytes()
    except OSError as error:
        raise ImageError(name, error.strerror or "the system cannot read it") from error


@dataclass(frozen=True)
class Facts:
    """What decoding shows of a picture besides its pixels.

    Args:
        level: largest value of a picture of 16 bits a channel; 0 of one of 8 bits, or of a
            format that says its largest value.
        hidden_on: backgrounds on which what is visible of it cannot be seen.
        is_blank: whether all pixels have one colour.
        num_frames: of an animation or a file of pages that is blank; else 1.
    """

    level: int = 0
    hidden_on: tuple[Background, ...] = ()
    is_blank: bool = False
    num_frames: int = 1


def decode(data: bytes, name: str, **form: Unpack[Form]) -> np.ndarray:
    """Decode the content of a picture's file.

    Returns:
        uint8 (height, width, channels), 0 to 255.

    Raises:
        ImageError: no usable picture.
    """
    return examine(data, name, **form)[0]


def examine(data: bytes, name: str, **form: Unpack[Form]) -> tuple[np.ndarray, Facts]:
    """Decode the content of a picture's file, and tell more of it; see `decode`."""
    if not data:
        raise ImageError(name, "the file is empty")
    try:
        return _decoded(data, name, form)
    except (ImageError, MemoryError):
        raise
    # Pillow's readers raise whatever a damaged file makes them stumble over.
    except Exception as error:  # noqa: BLE001
        with suppress(Exception):
            if mended := _mended(data):
                return _decoded(mended, name, form)
        raise _explained(error, data, name) from None


def _decoded(data: bytes, name: str, form: Form) -> tuple[np.ndarray, Facts]:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as file:
        _check_size(file, name)
        raw_mode = _raw_mode(file)
        _check_kind(file, name, raw_mode, data)
        file.load()
        # Only now: PNG and WebP may keep their EXIF behind the pixels.
        turn = _UPRIGHT.get(_orientation(file))
        image, level = _in_8_bits(file, name, raw_mode, data, form.get("bit_depth", 16))
        hidden_on: tuple[Background, ...] = ()
        if image.has_transparency_data:
            color = image.convert("RGBA")
            hidden_on = _hidden_on(color)
            image = _laid_over(color, form.get("background", "white"))
        image = _in_mode(image, form["color_mode"])
        if turn is not None:
            image = image.transpose(turn)
        pixels = _as_array(_resized(image, form["image_size"], form["resize"]))
        is_blank = bool((pixels == pixels[0, 0]).all())
        # Counting the frames of an animation takes a pass over it.
        num_frames = getattr(file, "n_frames", 1) if is_blank else 1
    return pixels, Facts(level, hidden_on, is_blank, num_frames)


def bit_depth_for(level: int) -> BitDepth:
    """The depth in which values up to a level fill the range; 16 for 0, which is of no file."""
    if not level:
        return 16
    return next(depth for depth in BIT_DEPTHS if level < 2**depth)


def is_nearly_black(level: int, depth: BitDepth) -> bool:
    """Tell whether values up to a level use a small part only of those of a depth."""
    return 0 < level * _NEARLY_BLACK < 1 << depth


def fit(array: np.ndarray, **form: Unpack[Fit]) -> np.ndarray:
    """Bring a picture that is an array already to a size and colour mode.

    Args:
        array: uint8 (height, width), (height, width, 1) or (height, width, 3), 0 to 255.

    Returns:
        uint8 (height, width, channels), 0 to 255, equal to what `read` makes of
        a lossless file of the array.

    Raises:
        DataError: another dtype or shape.
    """
    channels = 1 if array.ndim == 2 else array.shape[-1]
    if array.dtype != np.uint8 or array.ndim not in {2, 3} or channels not in {1, 3}:
        raise DataError(
            f"received an image array of {array.dtype} {array.shape}. "
            "Expected uint8 (height, width), (height, width, 1) or (height, width, 3)."
        )
    image = Image.fromarray(array[..., 0] if array.ndim == 3 and channels == 1 else array)
    image = _in_mode(image, form["color_mode"])
    return _as_array(_resized(image, form["image_size"], form["resize"]))


def form_of(metadata: Mapping[str, Any]) -> Form:
    """The keyword arguments of `read` and `decode` by which files become a model's inputs.

    Args:
        metadata: the model's; what `--set` gave comes before what was inferred in training.
    """
    given = metadata["input"] | {
        key: value for key, value in metadata.get("set", {}).items() if value != "auto"
    }
    return {
        "image_size": (given["shape"][0], given["shape"][1]),
        "color_mode": given["color_mode"],
        "resize": given["resize"],
        # Models of before 0.2 have neither.
        "bit_depth": given.get("bit_depth", 16),
        "background": given.get("background", "white"),
    }


def cautions(facts: Facts, form: Form) -> list[str]:
    """Sentences about an image that a trained model does not see as a person does.

    Args:
        form: how it was decoded, see `form_of`.
    """
    found, depth, background = [], form["bit_depth"], form["background"]
    if facts.level >= 2**depth:
        found.append(
            f"some images hold values above {2**depth - 1:,}, the largest of the {depth} bits that "
            "the model was trained with; they are cut off. To read them otherwise: "
            "--set data.bit_depth=16"
        )
    elif is_nearly_black(facts.level, depth):
        found.append(
            f"some images hold values so small, for the {depth} bits that are read, that they are "
            "nearly black. To read them otherwise: --set data.bit_depth="
            f"{bit_depth_for(facts.level)}"
        )
    if background in facts.hidden_on:
        found.append(
            f"some transparent images cannot be seen on {background}, the background that the "
            "model was trained with. To take another: --set data.background="
            + next(each for each in BACKGROUNDS if each not in facts.hidden_on)
        )
    elif facts.is_blank:
        frames = " (only the first of several frames or pages is read)"
        found.append(f"some images are of a single colour{frames if facts.num_frames > 1 else ''}.")
    return found


def num_channels(color_mode: ColorMode) -> int:
    """Channels of a picture in a colour mode."""
    return 3 if color_mode == "rgb" else 1


def list_images(folder: Path) -> list[Path]:
    """The pictures in a folder and its subfolders, by suffix or content, sorted.

    Raises:
        DataError: a folder cannot be listed.
    """
    return [path for path in list_files(folder) if is_image_file(path)]


def is_image_file(path: Path) -> bool:
    """Whether a file is meant to be a picture: by its suffix, and of others by its content."""
    return path.suffix.lower() in EXTENSIONS or image_formats.is_picture(
        image_formats.head_of(path)
    )


def _check_size(image: ImageFile.ImageFile, name: str) -> None:
    if image.width < 1 or image.height < 1:
        raise ImageError(name, f"its header claims {image.width} x {image.height} pixels")
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(name, str(image.width * image.height))


def _too_large(name: str, num_pixels: str) -> ImageError:
    return ImageError(
        name,
        f"its header claims {num_pixels} pixels, and at most {MAX_PIXELS} are read",
        "If it is a true picture, save it smaller.",
    )


def _check_kind(image: ImageFile.ImageFile, name: str, raw_mode: str, data: bytes) -> None:
    """Refuse what Pillow would read, and read wrongly."""
    if image.format == "JPEG" and image_formats.ends_in_zeros(data):
        raise ImageError(name, "the end of the file is filled with zeros", _REPLACE)
    if image.format != "TIFF":
        return
    tags = image.tag_v2  # type: ignore[attr-defined]
    # Cameras keep a small preview there, and the photo in a format of their own.
    if data[8:10] == b"CR" or (tags.get(_SUBFILE_TYPE, 0) & 1 and _SUB_IFDS in tags):
        raise ImageError(name, "it is a raw photo of a camera, which dlcli does not read", _CONVERT)
    if _SIGNED in tags.get(_SAMPLE_FORMAT, ()):
        raise ImageError(
            name, "it holds signed integer pixels; expected values from 0 upwards", _CONVERT
        )
    if _has_planes(image) and not _IS_16_BITS.fullmatch(raw_mode):
        raise _no_planes(name)


def _has_planes(image: ImageFile.ImageFile) -> bool:
    """Tell whether 16-bit channels lie in planes, of which Pillow reads high bytes alone."""
    if image.format != "TIFF":
        return False
    tags = image.tag_v2  # type: ignore[attr-defined]
    bits: tuple[int, ...] = tags.get(_BITS_PER_SAMPLE, ())
    return bits[1:2] == (16,) and bool(tags.get(_PLANES) == _SEPARATE)


def _no_planes(name: str) -> ImageError:
    return ImageError(
        name,
        "its channels of 16 bits lie in separate planes; expected them pixel by pixel",
        _CONVERT,
    )


def _orientation(image: ImageFile.ImageFile) -> int:
    """EXIF orientation, 1 (upright) to 8; damaged EXIF does not spoil a sound picture."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001
        return 1


def _raw_mode(image: ImageFile.ImageFile) -> str:
    """How the pixels are stored, such as "RGB;16B"; known until they are loaded."""
    args = image.tile[0].args if image.tile else ""
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _in_8_bits(
    image: ImageFile.ImageFile, name: str, raw_mode: str, data: bytes, bit_depth: BitDepth
) -> tuple[Image.Image, int]:
    """A picture in a mode of 8 bits a channel or less, and its `level`, see `Facts`."""
    # Pillow reads 16-bit PGM files as "I" from 0 to 65535, whatever maximum they name.
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PPM"):
        pixels = np.asarray(image)  # (height, width)
        if _is_white_zero(image):
            pixels = 2 ** image.tag_v2[_BITS_PER_SAMPLE][0] - 1 - pixels  # type: ignore[attr-defined]
        is_12_bits = raw_mode == "I;12"  # packed: two pixels in three bytes
        names_maximum = image.format == "JPEG2000" or raw_mode == "L" or is_12_bits
        gray = _scaled(pixels, 12 if is_12_bits else 16 if names_maximum else bit_depth)
        transparent = image.info.get("transparency")
        found = Image.fromarray(gray.astype(np.uint8))
        if transparent is not None:
            opaque = np.where(pixels == transparent, 0, 255).astype(np.uint8)
            found = Image.merge("LA", (found, Image.fromarray(opaque)))
        return found, 0 if names_maximum else int(pixels.max())
    if image.mode not in _MODES:
        raise ImageError(
            name,
            f"it holds {_UNREAD_MODES.get(image.mode, image.mode)} pixels; "
            "expected 8 or 16 bits a channel, in gray or RGB",
            _CONVERT,
        )
    if _IS_16_BITS.fullmatch(raw_mode):
        return _color_in_8_bits(image, name, data, bit_depth)
    if image.mode == "P" and image.format == "TIFF":
        color_map = image.tag_v2.get(_COLOR_MAP, ())  # type: ignore[attr-defined]
        # The entries have 16 bits; some programs write 8, and libtiff tells these so too.
        if color_map and max(color_map) < 256:
            planes = np.array(color_map, np.uint8).reshape(3, -1)
            image.putpalette(planes.T.tobytes(), "RGB")
    # Programs that know no alpha leave 0 there; nobody saves a BMP that cannot be seen.
    is_bmp = image.format in {"BMP", "DIB"} and image.mode == "RGBA"
    if is_bmp and not image.getchannel("A").getbbox():
        return image.convert("RGB"), 0
    return image, 0


def _is_white_zero(image: ImageFile.ImageFile) -> bool:
    """Whether 0 is white; Pillow turns such pictures of 8 bits over, but not of more."""
    return image.format == "TIFF" and image.tag_v2.get(_PHOTOMETRIC) == 0  # type: ignore[attr-defined]


def _scaled(values: np.ndarray, bit_depth: BitDepth) -> np.ndarray:
    """0 to 255 of values of some bits."""
    scaled: np.ndarray = np.minimum(values >> (bit_depth - 8), 255)
    return scaled


def _color_in_8_bits(
    image: ImageFile.ImageFile, name: str, data: bytes, bit_depth: BitDepth
) -> tuple[Image.Image, int]:
    """A picture of 16 bits a channel, of which Pillow gives the high bytes."""
    high = np.asarray(image)  # (height, width, channels)
    num_colors = 3 if image.mode == "RGBA" else high.shape[-1]
    brightest = int(high[..., :num_colors].max())
    transparent = image.info.get("transparency") if image.mode == "RGB" else None
    if bit_depth == 16 and brightest >= 64 and transparent is None:
        return image, 256 * brightest + 255  # more than 14 bits: no need of the low bytes
    if _has_planes(image):
        raise _no_planes(name)
    values = high.astype(np.uint16) << 8 | _low_bytes(data)
    scaled = _scaled(values, bit_depth).astype(np.uint8)
    if image.mode == "RGBA" and values[..., 3].max() >= 2**bit_depth:
        scaled[..., 3] = high[..., 3]
    found = Image.fromarray(scaled, image.mode)
    if transparent is not None:
        opaque = (values != np.array(transparent)).any(axis=-1)
        found.putalpha(Image.fromarray(np.where(opaque, 255, 0).astype(np.uint8)))
    return found, int(values[..., :num_colors].max())


def _low_bytes(data: bytes) -> np.ndarray:
    """The low bytes of 16-bit channels: the same file, read as if its bytes were swapped."""

    def swapped(args: Any) -> Any:
        raw_mode, *rest = args if isinstance(args, tuple) else (args,)
        order = raw_mode[-1].replace("N", sys.byteorder[0].upper())
        # Of gray with alpha Pillow knows no other order: all four bytes as channels.
        found = "RGBA" if raw_mode.startswith("LA") else raw_mode[:-1] + "BL"["LB".index(order)]
        return (found, *rest) if isinstance(args, tuple) else found

    with Image.open(io.BytesIO(data), formats=_FORMATS) as again:
        is_gray = _raw_mode(again).startswith("LA")
        again.tile = [tile._replace(args=swapped(tile.args)) for tile in again.tile]
        again.load()
        low = np.asarray(again)
    return low[..., [1, 1, 1, 3]] if is_gray else low


def _laid_over(color: Image.Image, background: Background) -> Image.Image:
    shade = SHADES[background]
    return Image.alpha_composite(Image.new("RGBA", color.size, (shade, shade, shade, 255)), color)


def _hidden_on(color: Image.Image) -> tuple[Background, ...]:
    """Backgrounds on which a picture with transparency cannot be told from them."""
    size = min(color.width, _SEEN_AT), min(color.height, _SEEN_AT)
    small = color if size == color.size else color.resize(size, Image.Resampling.BOX)
    hidden = tuple(
        background
        for background in BACKGROUNDS
        if np.ptp(np.asarray(_laid_over(small, background)), axis=(0, 1)).max() < _LEAST_CONTRAST
    )
    return hidden if len(hidden) < len(BACKGROUNDS) else ()  # nothing of it can be seen at all


def _mended(data: bytes) -> bytes | None:
    """A picture without the damage that other readers pass over; None if there is none."""
    if data.startswith(b"\x89PNG"):
        return image_formats.without_metadata(data)
    if data.startswith(b"\xff\xd8") and image_formats.has_all_scans(data):
        # The end mark alone would let a decoder fill up a cut picture with gray. What stands
        # before the mark is only read if something is missing, and then two give two pictures.
        end = b"\xff\xd9"
        found = []
        for fill in (b"\x00", b"\x55"):
            with Image.open(io.BytesIO(data + 1024 * fill + end), formats=("JPEG",)) as image:
                _check_size(image, "")
                found.append(np.asarray(image))
        if np.array_equal(found[0], found[1]):
            return data + end
    return None


def _in_mode(image: Image.Image, color_mode: ColorMode) -> Image.Image:
    if color_mode == "rgb":
        return image.convert("RGB")
    # By way of RGB: Pillow has no direct conversion to gray for every mode.
    return (image if image.mode in _GRAY_MODES else image.convert("RGB")).convert("L")


def _resized(image: Image.Image, image_size: tuple[int, int], resize: Resize) -> Image.Image:
    height, width = image_size
    if image.size == (width, height):
        return image
    # Pillow widens the filter when it shrinks a picture: this is antialiased.
    bilinear = Image.Resampling.BILINEAR
    if resize == "stretch":
        return image.resize((width, height), bilinear)
    if resize == "crop":
        scale = max(width / image.width, height / image.height)
        left = max(0.0, (image.width - width / scale) / 2)
        top = max(0.0, (image.height - height / scale) / 2)
        box = (left, top, image.width - left, image.height - top)
        return image.resize((width, height), bilinear, box)
    scale = min(width / image.width, height / image.height)
    inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    padded = Image.new(image.mode, (width, height))
    padded.paste(image.resize(inner, bilinear), ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return padded


def _as_array(image: Image.Image) -> np.ndarray:
    pixels = np.array(image)
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def _explained(error: Exception, data: bytes, name: str) -> ImageError:
    """Pillow's error in plain words."""
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return _too_large(name, next(iter(re.findall(r"\d+", str(error))), "too many"))
    if isinstance(error, UnidentifiedImageError):
        head = data[: image_formats.HEAD_BYTES]
        what = image_formats.name(head)
        if image_formats.is_read(head):
            return ImageError(
                name,
                f"it begins like {what}, but is damaged or of a kind that is not read",
                _CONVERT,
            )
        if what:
            hint = _REPLACE if what in image_formats.TEXTS else _CONVERT
            return ImageError(name, f"it is {what}, which dlcli does not read", hint)
        return ImageError(
            name,
            "it is no JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF, PPM or JPEG 2000 picture, "
            "or too damaged to be told from one",
        )
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return ImageError(name, "the file ends before the picture is complete", _REPLACE)
    return ImageError(name, "its content is damaged", _REPLACE)
