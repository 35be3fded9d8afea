"""What a file is by its first bytes, and what of a damaged picture can be passed over."""

from __future__ import annotations

import re
import struct
from pathlib import Path

HEAD_BYTES = 264
"""First bytes of a file that tell what it is."""

_ZEROS = 64  # bytes that no encoder writes last

# Brands of ISO base media files (ISO/IEC 23008-12 and the registry mp4ra.org).
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
    | {b"mif1", b"mif2", b"msf1", b"miaf"}
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_AVIF, _VIDEO = "an AVIF picture", "a video (MP4 or QuickTime)"
_OTHER_BRANDS = {
    b"jxl ": "a JPEG XL picture",
    b"jp2 ": "a JPEG 2000 picture",
    b"jpx ": "a JPEG 2000 picture",
    b"crx ": "a CR3 raw photo",
}

_READ = {
    "a JPEG picture": rb"\xff\xd8\xff",
    "a PNG picture": rb"\x89PNG\r\n\x1a\n",
    "a GIF picture": rb"GIF8[79]a",
    "a WebP picture": rb"RIFF.{4}WEBP",
    "a TIFF picture": rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]",
    "a BMP picture": rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0",
    "a PPM picture": rb"P[1-6]\s+(#[^\n]*\n\s*)*\d+\s+(#[^\n]*\n\s*)*\d+\s",
    "a JPEG 2000 picture": rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
}
# Other pictures, which Pillow cannot read or dlcli does not let it read.
_UNREAD_PICTURES = {
    "a JPEG XL picture": rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n",
    "a JPEG-LS picture": rb"\xff\xd8\xff\xf7",
    "a DICOM file": rb".{128}DICM",
    "a Photoshop file": rb"8BPS",
    "an OpenEXR picture": rb"\x76\x2f\x31\x01",
    "a Radiance HDR picture": rb"#\?R",
    "a FITS file": rb"SIMPLE  =",
    "a JPEG XR picture": rb"II\xbc",
    "an ICO picture": rb"\0\0[\x01\x02]\0[\x01-\xff]\0..\0",
    "a PCX picture": rb"\x0a[\0-\x05]\x01[\x01\x02\x04\x08]",
    "a TGA picture": rb"[\0-\xff][\0\x01][\x01-\x03\x09-\x0b].{5}\0{4}.{4}[\x08\x0f\x10\x18\x20]",
    "an ICNS picture": rb"icns",
    "a DDS picture": rb"DDS ",
    "a QOI picture": rb"qoif",
    "an SGI picture": rb"\x01\xda[\0\x01][\x01\x02]",
    "a PFM picture": rb"P[Ff]\s",
    "a PAM picture": rb"P7\s",
    "an EPS drawing": rb"%!PS|\xc5\xd0\xd3\xc6",
    "an SVG drawing": rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg",
}
_OTHERS = {
    "a NumPy array (.npy)": rb"\x93NUMPY",
    "an HDF5 file": rb"\x89HDF\r\n\x1a\n",
    "a MATLAB file": rb"MATLAB 5\.0",
    "a PDF document": rb"%PDF",
    "an HTML page": rb"\s*<(!doctype html|html)",
    "a ZIP archive": rb"PK\x03\x04",
    "a gzip archive": rb"\x1f\x8b",
    "a RAR archive": rb"Rar!",
    "a 7z archive": rb"7z\xbc\xaf\x27\x1c",
    "a Git LFS pointer, in place of the file itself": rb"version https://git-lfs",
    "a text file": rb"[\t\n\r\x20-\x7e\x80-\xff]{8,}\Z",
}


def _compiled(patterns: dict[str, bytes]) -> dict[str, re.Pattern[bytes]]:
    return {
        name: re.compile(pattern, re.DOTALL | re.IGNORECASE) for name, pattern in patterns.items()
    }


TEXTS = frozenset({"an HTML page", "a Git LFS pointer, in place of the file itself", "a text file"})
"""Names of what holds no picture in any form."""

_READ_PATTERNS = _compiled(_READ)
_UNREAD_PATTERNS = _compiled(_UNREAD_PICTURES)
_OTHER_PATTERNS = _compiled(_OTHERS)


def head_of(path: Path) -> bytes:
    """The first bytes of a file; none of what is no regular file or cannot be read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def is_picture(head: bytes) -> bool:
    """Whether a file is a picture that is read, or one of a telephone, which should be reported."""
    brand = _brand_name(head)
    return bool(_name_in(_READ_PATTERNS, head) or brand) and brand != _VIDEO


def is_read(head: bytes) -> bool:
    """Whether it begins like a format that is read."""
    return name(head) in {*_READ, _AVIF}


def name(head: bytes) -> str:
    """What a file is, such as "a HEIC picture"; "" where its first bytes do not tell."""
    return (
        _brand_name(head)
        or _name_in(_UNREAD_PATTERNS, head)
        or _name_in(_READ_PATTERNS, head)
        or _name_in(_OTHER_PATTERNS, head)
    )


def _name_in(patterns: dict[str, re.Pattern[bytes]], head: bytes) -> str:
    return next((each for each, pattern in patterns.items() if pattern.match(head)), "")


def _brand_name(head: bytes) -> str:
    """The name of an ISO base media file by its brands."""
    if head[4:8] != b"ftyp":
        return ""
    major = head[8:12]
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [major, *(head[start : start + 4] for start in range(16, end - 3, 4))]
    if major in _OTHER_BRANDS:
        return _OTHER_BRANDS[major]
    # mif1 and msf1 say that it is a picture, another brand how it is encoded.
    if _AVIF_BRANDS & set(brands) and not (_HEIC_BRANDS - {b"mif1", b"msf1", b"miaf"}) & set(
        brands
    ):
        return _AVIF
    if _HEIC_BRANDS & set(brands):
        return "a HEIC picture"
    return _VIDEO


def without_metadata(png: bytes) -> bytes:
    """A PNG without texts, colour profiles and the like: what Pillow stumbles over in them.

    Args:
        png: the whole file.

    Returns:
        Its pixels, palette, transparency and EXIF; up to where the file is cut.
    """
    kept, start = [png[:8]], 8
    while start + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, start)
        end = start + 12 + length
        if kind[:1].isupper() or kind in {b"tRNS", b"eXIf"}:
            kept.append(png[start:end])
        start = end
    return b"".join(kept)


def ends_in_zeros(jpeg: bytes) -> bool:
    """Tell whether zeros stand in place of a JPEG's end, as broken downloads leave them."""
    scan, end = b"\xff\xda", b"\xff\xd9"
    return jpeg.endswith(bytes(_ZEROS)) and jpeg.rfind(end) < jpeg.rfind(scan)


def has_all_scans(jpeg: bytes) -> bool:
    """Whether the scans of a JPEG bring every coefficient in full; always of one that has one scan.

    A progressive file (ITU-T T.81, annex G) that ends between two of its scans looks whole to a
    decoder, and is blurred.
    """
    num_components, bits, place = 0, dict[tuple[int, int], int](), 2
    while place + 4 <= len(jpeg):
        if jpeg[place] != 0xFF or jpeg[place + 1] in {0x00, 0xFF} | set(range(0xD0, 0xD8)):
            place += 1  # within a scan
            continue
        marker, length = jpeg[place + 1], int.from_bytes(jpeg[place + 2 : place + 4], "big")
        segment = jpeg[place + 4 : place + 2 + length]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC} and len(segment) > 5:
            if marker not in {0xC2, 0xC6, 0xCA, 0xCE}:
                return True
            num_components = segment[5]
        elif marker == 0xDA and segment:
            count = segment[0]
            if len(segment) < 4 + 2 * count:
                return False
            first, last, low = (
                segment[1 + 2 * count],
                segment[2 + 2 * count],
                segment[3 + 2 * count],
            )
            for component in segment[1 : 1 + 2 * count : 2]:
                bits |= {(component, each): low & 15 for each in range(first, last + 1)}
        place += 2 + length
    return len(bits) == 64 * num_components and not any(bits.values())
