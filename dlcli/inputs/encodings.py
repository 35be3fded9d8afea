"""The encoding of text that does not name it: Unicode by its structure, else a likely code page.

chardet rates the code pages by pairs of letters. Tables have few words, too few for such ratings
alone, so a code page also loses for what no language writes: a capital after a small letter, two
scripts in one word, a symbol between letters.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, and the codecs that read them."""

_SHIFTS = {
    "iso2022_jp_ext": re.compile(rb"\x1b\$[@B(]"),
    "iso2022_kr": re.compile(rb"\x1b\$\)C"),
    "hz": re.compile(rb"~\{(?:[!-w][!-~])+~\}"),
    "utf-7": re.compile(rb"\+[A-Za-z0-9+/]{3,}-"),
}
_EASTERN = {"Han", "Hangul", "kana", "wide"}

MAX_BAD = 0.01
"""Share of a text's characters that may be controls, unassigned or replaced."""

_SCRIPTS = {
    "cp1252": "Western",
    "cp1250": "Central European",
    "cp1251": "Cyrillic",
    "cp1253": "Greek",
    "cp1254": "Turkish",
    "cp1255": "Hebrew",
    "cp1256": "Arabic",
    "cp1257": "Baltic",
    "koi8-r": "Cyrillic",
    "koi8-u": "Cyrillic",
    "cp866": "Cyrillic, DOS",
    "cp850": "Western, DOS",
    "cp852": "Central European, DOS",
    "cp857": "Turkish, DOS",
    "cp737": "Greek, DOS",
    "cp862": "Hebrew, DOS",
    "cp874": "Thai",
    "iso8859-2": "Central European",
    "iso8859-5": "Cyrillic",
    "iso8859-6": "Arabic",
    "iso8859-7": "Greek",
    "iso8859-9": "Turkish",
    "mac-roman": "Western, Mac",
    "mac-cyrillic": "Cyrillic, Mac",
    "mac-greek": "Greek, Mac",
    "mac-turkish": "Turkish, Mac",
    "cp932": "Japanese, Shift-JIS",
    "euc_jp": "Japanese",
    "cp949": "Korean, EUC-KR",
    "cp950": "traditional Chinese, Big5",
    "gb18030": "simplified Chinese",
}
"""Code pages among which the encoding is guessed, the usual ones first."""

_WIDER = {  # what reads the rare bytes that a code page does not have
    "cp1252": "latin-1",
    "cp932": "shift_jis_2004",
    "euc_jp": "euc_jis_2004",
    "cp950": "big5hkscs",
}
_RATED_AS = {"euc_jp": "euc_jis_2004", "cp950": "big5hkscs"}  # chardet's names

# The first bytes of the characters in daily use: code page -> (a standard it holds, first, last).
_COMMON = {
    "cp932": ("euc_jp", 0xB0, 0xCF),
    "euc_jp": ("euc_jp", 0xB0, 0xCF),
    "cp949": ("euc_kr", 0xB0, 0xC8),
    "cp950": ("big5", 0xA4, 0xC6),
    "gb18030": ("gb2312", 0xB0, 0xD7),
}
_JAPANESE = ("cp932", "euc_jp")

_MAX_EVIDENCE = 8_000  # bytes
_MAX_DAMAGE = 0.2  # share of invalid UTF-8; of another encoding it is over a half
_MAX_FAULTS = 0.35  # share of what is not ASCII; a right guess stays far below
_PREFERRED = 2.0  # how much likelier another one than the preferred has to be
_WITH_SIGNS = {"cp1252": 1.0, "mac-roman": 0.9}  # scores where there are only signs
_RARE = ("cp852", "cp857", "cp737", "cp862", "mac-greek", "mac-turkish")
# The commonest code page wins where ratings are level, and a rare one does not.
_WEIGHTS = {"cp1252": 1.3, **dict.fromkeys(_RARE, 0.6)}
_UNRATED = 0.02  # of a code page of which chardet saw too few characters

_ASCII_TEXT = bytes((9, 10, 13, *range(32, 127)))
_DIGITS = re.compile(rb"[0-9]+")
_CELL_ENDS = re.compile(rb'[\t\n\r",;]+')
_TYPOGRAPHY = frozenset(
    "\xa0\xa3\xa7\xa9\xab\xae\xb0\xb1\xb2\xb3\xb4\xb5\xb7\xbb\xbc\xbd\xbe"
    "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac\u2122"  # dashes, quotes, the euro
)
_AFTER_NO_LETTER = frozenset("\u201a\u201e")  # low quotation marks
_RARE_LETTERS = frozenset("þðÞÐľĽ")
_WORD_MARKS = frozenset("'-\xad\xb7\u0640\u200c\u200d\u2013\u2018\u2019")
_POLISH, _CZECH = frozenset("ąęłśźżĄĘŁŚŹŻ"), frozenset("šžčřěůťďňľŠŽČŘĚŮŤĎŇĽ")
_FINAL_FORMS = frozenset("םןץףך")


_RANGES = {
    "Latin": ((0x41, 0x250), (0x1E00, 0x1F00)),
    "Greek": ((0x370, 0x400), (0x1F00, 0x2000)),
    "Cyrillic": ((0x400, 0x530),),
    "Hebrew": ((0x590, 0x600),),
    "Arabic": ((0x600, 0x700), (0x750, 0x780)),
    "Thai": ((0xE00, 0xE80),),
    "kana": ((0x3040, 0x3100), (0xFF66, 0xFFA0)),
    "Han": ((0x3005, 0x3008), (0x4E00, 0xA000), (0x3400, 0x4DC0)),
    "Hangul": ((0x1100, 0x1200), (0x3130, 0x3190), (0xAC00, 0xD7A4)),
    "wide": ((0xFF10, 0xFF61),),
}


@dataclass
class Evidence:
    """The different cells of a text that are not ASCII, as far as they are needed for a guess.

    Args:
        cells: by what they are without their digits, as a numbered cell tells nothing new.
        size: bytes of all of them.
        num_foreign: characters that are not ASCII, of all of the text that was added, as UTF-8.
        num_invalid: those of them that are no valid UTF-8.
    """

    cells: dict[bytes, bytes] = field(default_factory=dict)
    size: int = 0
    num_foreign: int = 0
    num_invalid: int = 0

    def add(self, block: bytes, *, is_first: bool = True, is_last: bool = True) -> bool:
        """Add a piece of a text; the cells that its ends cut are left out.

        Returns:
            Whether more of it is wanted.
        """
        as_utf8 = block.decode("utf-8", "replace")
        self.num_foreign += len(as_utf8) - len(as_utf8.encode("ascii", "ignore"))
        self.num_invalid += as_utf8.count("\N{REPLACEMENT CHARACTER}")
        cells = _CELL_ENDS.split(block)
        for cell in cells[(not is_first) : None if is_last else -1] or cells:
            if self.size >= _MAX_EVIDENCE:
                return False
            if not cell.isascii() and (key := _DIGITS.sub(b"", cell)) not in self.cells:
                self.cells[key] = cell
                self.size += len(cell)
        return self.size < _MAX_EVIDENCE

    def joined(self) -> bytes:
        """All of them, one per line."""
        return b"\n".join(self.cells.values())[:_MAX_EVIDENCE]

    def decoded(self, codec: str) -> str:
        """All of them, one per line; the end may cut a character.

        Raises:
            UnicodeError: they are not of this encoding.
        """
        return codecs.getincrementaldecoder(codec)().decode(self.joined(), final=False)


@dataclass(frozen=True)
class Guess:
    """What text is likeliest to be encoded in.

    Args:
        codecs: the likeliest first, then what reads the few bytes that it lacks.
        other: the likeliest that would give another text, or "".
        is_damaged_utf8: whether it is UTF-8 but for a few bytes; then there is no codec.
        is_expected: whether it is the preferred one, and would be without the preference.
    """

    codecs: tuple[str, ...] = ()
    other: str = ""
    example: str = ""
    is_damaged_utf8: bool = False
    is_expected: bool = False

    def described(self) -> str:
        """The code page and what it is for, such as "cp1251 (Cyrillic)"."""
        name = self.codecs[0]
        return f"{name} ({_SCRIPTS[name]})" if name in _SCRIPTS else name


def unicode_codec(head: bytes) -> str:
    """The codec of UTF-16 or UTF-32, or of UTF-8 with a mark, by the first bytes of a text.

    Args:
        head: a large piece of it, from its beginning.

    Returns:
        "" if the text is something else, or UTF-8 without a mark.
    """
    for mark, codec in MARKS:
        if head.startswith(mark):
            return codec
    head = head[: len(head) // 4 * 4]
    if b"\0" not in head:
        return ""
    for codec, high, plane in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
        if not any(head[high::4]) and max(head[plane::4]) <= 0x10:
            return codec
    for codec, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        # The blanks, digits and line ends of any language have a zero byte, all on one side; its
        # letters have one too, or a byte that is no ASCII letter.
        upper, lower = head[high::2], head[1 - high :: 2]
        num_zeros = upper.count(0)
        num_others = len(head.translate(None, _ASCII_TEXT)) - num_zeros
        is_likely = num_zeros + num_others >= 0.5 * len(upper) and num_zeros >= 0.01 * len(upper)
        if is_likely and not lower.count(0) and bad_share(_begun(head, codec)) <= MAX_BAD:
            return codec
    return ""


def shifted_codec(head: bytes) -> str:
    """The codec of a text in ASCII bytes alone, of which some stand for other characters.

    Args:
        head: a large piece of it, from its beginning.

    Returns:
        "" if its characters are those of ASCII.
    """
    if not head.isascii():
        return ""
    for codec, mark in _SHIFTS.items():
        if not mark.search(head):
            continue
        try:
            text = codecs.getincrementaldecoder(codec)().decode(head, final=False)
        except UnicodeError:
            continue
        # A sign such as + may stand for itself; what follows it then makes no words.
        is_plain = codec.startswith("iso2022") or not _faults(text, codec)
        if is_plain and (codec != "utf-7" or not _EASTERN & set(map(_script, text))):
            return codec
    return ""


def guess(evidence: Evidence, preferred: str = "") -> Guess | None:
    """Guess the encoding of text that is not UTF-8.

    Args:
        preferred: the encoding to choose where it fits as well as any other.

    Returns:
        None if nothing fits.
    """
    import chardet

    cells = evidence.joined()
    utf8_faults = evidence.num_invalid / max(evidence.num_foreign, 1)
    texts = {}
    for codec in dict.fromkeys((*_SCRIPTS, *((preferred,) if preferred else ()))):
        for reader in (codec, *((_WIDER[codec],) if codec in _WIDER else ())):
            try:
                texts[codec] = evidence.decoded(reader)
            except UnicodeError:
                continue
            break
    faults = {codec: _faults(text, codec) for codec, text in texts.items()}
    rated = {
        str(entry["encoding"]): float(entry["confidence"])
        for entry in chardet.detect_all(
            cells,
            ignore_threshold=True,
            compat_names=False,
            include_encodings=[_RATED_AS.get(codec, codec) for codec in _SCRIPTS],
        )
    }
    scores = {}
    for codec, text in texts.items():
        rating = rated.get(_RATED_AS.get(codec, codec), 0.0)
        if codec not in _SCRIPTS:
            rating = max(rated.values(), default=0.0)  # chardet was not asked
        scores[codec] = _score(codec, text, faults[codec], rating)
    # Of those that give the same text, the usual one comes first.
    best_scores: dict[str, float] = {}
    for codec, text in texts.items():
        best_scores[text] = max(best_scores.get(text, 0.0), scores[codec])
    ranked = sorted(texts, key=lambda codec: -best_scores[texts[codec]])
    least = faults[ranked[0]] if ranked else 1.0
    if utf8_faults <= max(least, _MAX_DAMAGE):
        return Guess(is_damaged_utf8=True)
    best = likeliest = ranked[0] if ranked else ""
    if preferred in texts and _PREFERRED * best_scores[texts[preferred]] >= scores[best]:
        best = preferred
    elif not best or least > _MAX_FAULTS:
        return None
    other = next((codec for codec in ranked if texts[codec] != texts[best]), "")
    return Guess(
        (best, _WIDER[best]) if best in _WIDER else (best,),
        other,
        _example(texts[best]),
        is_expected=texts[likeliest] == texts.get(preferred),
    )


def _begun(head: bytes, codec: str) -> str:
    """The text of some bytes, of which the last ones may be a part of a character."""
    return codecs.getincrementaldecoder(codec)("replace").decode(head, final=False)


def bad_share(text: str) -> float:
    """The share of characters that no text holds: controls, unassigned and replaced ones."""
    num_bad = sum(times for character, times in Counter(text).items() if _is_bad(character))
    return num_bad / max(len(text), 1)


def _is_bad(character: str) -> bool:
    if character == "\N{REPLACEMENT CHARACTER}":
        return True
    if character.isspace() or character == "\x1a":  # which ended files of DOS
        return False
    return unicodedata.category(character) in ("Cc", "Cn", "Cs")


def _num_foreign(text: Iterable[str]) -> int:
    return sum(not character.isascii() for character in text)


def _score(codec: str, text: str, faults: float, rating: float) -> float:
    """How likely a code page is, to compare."""
    foreign = {character for character in text if not character.isascii()}
    if codec in _WITH_SIGNS and not faults and _is_typography(text):
        return _WITH_SIGNS[codec]
    if codec in _COMMON:
        scripts = Counter(map(_script, foreign))
        if scripts[""] == len(foreign):
            return 0.0  # signs alone: the degree sign of another code page
        rating = max(rating, _UNRATED)
        if codec in _JAPANESE and scripts["kana"] >= 0.3 * len(foreign):
            rating *= 3  # Chinese standards have kana too, and nobody who uses them
        if codec == "cp949" and scripts["Hangul"] == len(foreign) >= 4:
            rating *= 2  # half of the bytes of Chinese would be others
    return float((rating + 0.002) * _WEIGHTS.get(codec, 1.0) * (1 - min(faults, 1.0)) ** 4)


def _is_typography(text: str) -> bool:
    """Whether all that is not ASCII are single signs, such as that of "20 °C"."""
    return all(
        character.isascii() or (character in _TYPOGRAPHY and text[place - 1 : place].isascii())
        for place, character in enumerate(text)
    )


def _faults(text: str, codec: str) -> float:
    """The share of the characters that are not ASCII which stand where no language has them."""
    common = _COMMON.get(codec)
    polish = sum(character in _POLISH for character in text)
    czech = sum(character in _CZECH for character in text)
    foreign_letters = frozenset[str]()
    if polish and czech:
        foreign_letters = _POLISH if polish < czech else _CZECH
    total = 0.0
    before = "\n"
    for place, character in enumerate(text):
        if not character.isascii():
            after = text[place + 1 : place + 2] or "\n"
            fault = _fault(before, character, after)
            if character in foreign_letters:
                fault = max(fault, 0.5)
            if common and fault < 0.5 and not _is_common(character, codec):
                fault = 0.5
            total += fault
        before = character
    return total / max(_num_foreign(text), 1)


def _fault(before: str, character: str, after: str) -> float:
    """How wrong a character is between two others, from 0 to 1."""
    category = unicodedata.category(character)
    if category in ("Cc", "Cn", "Co", "Cs"):
        return 1.0
    if category[0] not in "LM":
        if before.isalpha() and after.isalpha() and character not in _WORD_MARKS:
            return 1.0
        if category[0] in "SN" and after.isalpha() and character != "°":
            return 0.5
        if before.isalpha() and character in _AFTER_NO_LETTER:
            return 1.0
        if category[0] != "S" or character in _TYPOGRAPHY:
            return 0.0
        return 1.0 if before.isalpha() or after.isalpha() else 0.3
    script = _script(character)
    if not script:
        return 1.0
    for other in (before, after):
        if other.isalpha() and not _together(script, _script(other)):
            return 1.0
    if (before.islower() and character.isupper()) or (character.islower() and after.isupper()):
        return 1.0
    if character in _FINAL_FORMS and after.isalpha():
        return 1.0
    if before.isdigit() or after.isdigit():
        return 0.5 if category in ("Lu", "Ll") and character != "µ" else 0.0
    if 0xFF61 <= ord(character) < 0xFFA0:
        return 0.5  # narrow kana: every byte from A1 to DF of Shift-JIS
    if category == "Lo" and character in "ªº" and before.isalpha():
        return 0.5
    return 0.3 if character in _RARE_LETTERS else 0.0


def _is_common(character: str, codec: str) -> bool:
    """Whether one who uses a code page of an East Asian language writes a character daily."""
    script = _script(character)
    if script == "kana":
        return codec in _JAPANESE
    if script not in ("Han", "Hangul"):
        return True
    standard, first, last = _COMMON[codec]
    try:
        encoded = character.encode(standard)
    except UnicodeEncodeError:
        return False
    return len(encoded) == 2 and first <= encoded[0] <= last


def _script(character: str) -> str:
    """The script of a letter, as far as the code pages hold it; "" of others."""
    code = ord(character)
    for script, ranges in _RANGES.items():
        if any(first <= code < end for first, end in ranges):
            return script
    return ""


def _together(one: str, other: str) -> bool:
    """Whether two scripts stand in one word."""
    return (
        one == other or {one, other} <= {"kana", "Han", "wide"} or {one, other} <= {"Hangul", "Han"}
    )


def _example(text: str) -> str:
    """The first cell that is not ASCII, shortened, of letters where there are any."""
    cells = text.split("\n")
    found = next((cell for cell in cells if any(map(_is_foreign_letter, cell))), cells[0]).strip()
    words = found.split()
    if len(found) > 20:
        found = next((word for word in words if not word.isascii()), found)
    return "".join(each if each.isprintable() else "?" for each in found[:20])


def _is_foreign_letter(character: str) -> bool:
    return character.isalpha() and not character.isascii()
