"""Pictures as arrays: the one decoder of training and of prediction.

Pillow decodes, EXIF turns the picture upright, transparency is laid over
white, 16 bits become 8, and an antialiased bilinear filter brings the picture
to the model's size. Colour profiles are ignored. Of an animation its still
picture or first frame counts. The content of a file decides its format, not
its suffix.
"""

from __future__ import annotations

import io
import logging
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from dlcli.errors import DataError

ColorMode = Literal["rgb", "grayscale"]
Resize = Literal["stretch", "crop", "pad"]

DECODER_VERSION = 1
"""To be raised with every change that gives a file other pixels: caches depend on it."""

MAX_PIXELS = 120_000_000
"""Larger pictures are refused unread. The 108 megapixels of a telephone's camera
fit; a file of some kilobytes that unfolds to gigabytes does not."""

MAX_BYTES = 2**30
"""Larger files are refused unread: MAX_PIXELS of uncompressed 16-bit RGBA fit."""

EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".bmp", ".dib", ".webp", ".avif"}
    | {".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".heic", ".heif"}
)
"""Suffixes of what a folder's listing takes for a picture. HEIC cannot be read;
it is listed so that it is reported and not passed over."""

# Named one by one: some of Pillow's other readers start programs (EPS: Ghostscript).
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "WEBP", "AVIF", "TIFF", "PPM", "JPEG2000")
_GRAY_MODES = frozenset({"1", "L"})
_MODES = _GRAY_MODES | {"LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}
_UNREAD_MODES = {"I": "32-bit integer", "F": "floating-point", "LAB": "CIE Lab"}
_JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini", "@eadir"})
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
_CONVERT = "Convert it to PNG or JPEG."
_REPLACE = "Replace it with a sound copy, or remove it."
_ORIENTATION = 0x0112  # the EXIF tag
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
        hint: what to do about it, or "".
    """

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{name} cannot be read as an image: {reason}.", hint)
        self.reason = reason


def read(
    path: Path, *, image_size: tuple[int, int], color_mode: ColorMode, resize: Resize
) -> np.ndarray:
    """Read a picture from a file.

    Args:
        path: the file.
        image_size: height and width of the result in pixels.
        color_mode: "rgb" for 3 channels, "grayscale" for 1 (ITU-R 601 luma).
        resize: how another aspect ratio is met: "stretch" the picture, "crop"
            its centre, or "pad" it with black.

    Returns:
        uint8 (height, width, channels), 0 to 255.

    Raises:
        ImageError: the file is missing, or no usable picture.
    """
    return decode(
        read_bytes(path),
        display_name(path),
        image_size=image_size,
        color_mode=color_mode,
        resize=resize,
    )


def read_bytes(path: Path) -> bytes:
    """The content of a picture's file, for `decode`.

    Raises:
        ImageError: it cannot be read, or is larger than MAX_BYTES; an OSError
            is its cause.
    """
    name = display_name(path)
    try:
        num_bytes = path.stat().st_size
        if num_bytes > MAX_BYTES:
            raise ImageError(
                name, f"the file has {num_bytes / 2**30:.1f} GiB, more than the 1 GiB that is read"
            )
        return path.read_bytes()
    except OSError as error:
        raise ImageError(name, error.strerror or "the system cannot read it") from error


def decode(
    data: bytes,
    name: str,
    *,
    image_size: tuple[int, int],
    color_mode: ColorMode,
    resize: Resize,
) -> np.ndarray:
    """Decode the content of a picture's file.

    Args:
        data: the encoded picture.
        name: what to call it in an error.
        image_size: see `read`, as the rest.

    Returns:
        uint8 (height, width, channels), 0 to 255.

    Raises:
        ImageError: no usable picture.
    """
    if not data:
        raise ImageError(name, "the file is empty")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as file:
            _check_size(file, name)
            file.load()
            # Only now: PNG and WebP may keep their EXIF behind the pixels.
            turn = _UPRIGHT.get(_orientation(file))
            image = _in_mode(_opaque_8_bit(file, name), color_mode)
    except (ImageError, MemoryError):
        raise
    # Pillow's readers raise whatever a damaged file makes them stumble over.
    except Exception as error:  # noqa: BLE001
        raise _explained(error, data, name) from None
    if turn is not None:
        image = image.transpose(turn)
    return _as_array(_resized(image, image_size, resize))


def fit(
    array: np.ndarray, *, image_size: tuple[int, int], color_mode: ColorMode, resize: Resize
) -> np.ndarray:
    """Bring a picture that is an array already to a size and colour mode.

    Args:
        array: uint8 (height, width), (height, width, 1) or (height, width, 3), 0 to 255.
        image_size: see `read`, as the rest.

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
    return _as_array(_resized(_in_mode(image, color_mode), image_size, resize))


def num_channels(color_mode: ColorMode) -> int:
    """Channels of a picture in a colour mode."""
    return 3 if color_mode == "rgb" else 1


def list_images(folder: Path) -> list[Path]:
    """The pictures in a folder and its subfolders, by suffix, sorted.

    Raises:
        DataError: a folder cannot be listed.
    """
    return [path for path in list_files(folder) if path.suffix.lower() in EXTENSIONS]


def list_files(folder: Path) -> Iterator[Path]:
    """All files in a folder and its subfolders, sorted by the parts of their paths.

    Hidden files and what operating systems strew about are left out, and so are
    pipes and devices. Links are followed, but not upwards, and each folder is
    entered once. A link that leads nowhere counts as a file, so that somebody
    reports it.

    Raises:
        DataError: a folder cannot be listed.
    """
    entered = {_identity(above) for above in folder.resolve().parents}
    pending = [(folder, True)]
    while pending:
        path, is_folder = pending.pop()
        if not is_folder:
            yield path
        elif (identity := _identity(path)) not in entered:
            entered.add(identity)
            pending += [
                (Path(entry.path), entry.is_dir())
                for entry in reversed(visible_entries(path))
                if entry.is_dir() or entry.is_file() or entry.is_symlink()
            ]


def visible_entries(folder: Path) -> list[os.DirEntry[str]]:
    """What a folder holds of the user's own, sorted by name.

    Raises:
        DataError: the folder cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            visible = [
                entry
                for entry in entries
                if not entry.name.startswith(".") and entry.name.lower() not in _JUNK
            ]
    except OSError as error:
        raise DataError(
            f"the folder {display_name(folder)} cannot be listed: {error.strerror}."
        ) from None
    return sorted(visible, key=lambda entry: entry.name)


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError as error:
        raise DataError(
            f"the folder {display_name(folder)} cannot be listed: {error.strerror}."
        ) from None
    return status.st_dev, status.st_ino


def display_name(path: Path | str) -> str:
    """A path as text that can be printed, also when its name is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


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


def _orientation(image: ImageFile.ImageFile) -> int:
    """EXIF orientation, 1 (upright) to 8; damaged EXIF does not spoil a sound picture."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001
        return 1


def _opaque_8_bit(image: ImageFile.ImageFile, name: str) -> Image.Image:
    """A picture without transparency in a mode of 8 bits a channel or less."""
    # Pillow reads 16-bit PGM files, of any maximum, as "I" from 0 to 65535.
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PPM"):
        pixels = np.asarray(image)  # (height, width)
        # The high byte, as Pillow itself takes it of 16-bit colour.
        gray = (pixels >> 8).astype(np.uint8)
        if (transparent := image.info.get("transparency")) is not None:
            gray[pixels == transparent] = 255
        return Image.fromarray(gray)
    if image.mode not in _MODES:
        raise ImageError(
            name,
            f"it holds {_UNREAD_MODES.get(image.mode, image.mode)} pixels; "
            "expected 8 or 16 bits a channel, in gray or RGB",
            _CONVERT,
        )
    if image.has_transparency_data:
        color = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", color.size, "white"), color)
    return image


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
        if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
            return ImageError(name, "it is a HEIC picture, which Pillow cannot read", _CONVERT)
        return ImageError(
            name,
            "it is no JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF, PPM or JPEG 2000 picture, "
            "or too damaged to be told from one",
        )
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return ImageError(name, "the file ends before the picture is complete", _REPLACE)
    return ImageError(name, "its content is damaged", _REPLACE)
