"""What is checked in a device's file before a library is trusted with it.

The libraries believe the counts a file announces and decompress whatever it holds. These checks
bound memory and time by the size of the file: they refuse what no electrocardiograph writes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from ecgview.record.contents import MAX_CHANNELS, MAX_SAMPLES, RefusedError
from ecgview.record.philips import check_expansion

_MEGABYTE = 1 << 20

LARGEST: dict[str, int] = {
    "DICOM": 16 * _MEGABYTE,
    "SCP-ECG": 8 * _MEGABYTE,
    "HL7 aECG": 16 * _MEGABYTE,
    "GE MUSE XML": 16 * _MEGABYTE,
    "Philips Sierra XML": 16 * _MEGABYTE,
    "Mortara ELI XML": 16 * _MEGABYTE,
    "EDF": 64 * _MEGABYTE,
    "ISHNE": 64 * _MEGABYTE,
    "MFER": 8 * _MEGABYTE,
    "AliveCor Kardia JSON": 8 * _MEGABYTE,
}
"""Bytes of the largest file read, by format; an ECG of ten seconds takes 0.03 to 0.5 MB."""

_MOST_TAGS = 300_000
_ENCODING = re.compile(r"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']""")
# Python decodes by more names than XML knows, and some of those take quadratic time.
_ENCODINGS = re.compile(
    r"utf-?8|utf-?16(?:-?[lb]e)?|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|(?:windows-|cp)125\d"
    r"|shift[_-]jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5|koi8-[ru]",
    re.IGNORECASE,
)
_DEFLATED = b"1.2.840.10008.1.2.1.99"


def check_size(format: str, size: int) -> None:
    """Refuse a file that is larger than files of its format are.

    Parameters
    ----------
    format : str
        One of :data:`LARGEST`.
    size : int
        Bytes.

    Raises
    ------
    RefusedError
        If it is too large.
    """
    if size > LARGEST[format]:
        raise RefusedError(
            f"it has {size / _MEGABYTE:,.0f} MB; files of this format are read up to {LARGEST[format] // _MEGABYTE} MB"
        )


def check(format: str, data: bytes) -> None:
    """Refuse a file that would cost more memory or time than an ECG does.

    Parameters
    ----------
    format : str
        One of :data:`LARGEST`.
    data : bytes
        The whole file.

    Raises
    ------
    RefusedError
        If it would.
    """
    if format in _CHECKS:
        _CHECKS[format](data)


def _check_xml(data: bytes) -> None:
    text = data.decode("utf-16", errors="ignore") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else None
    if data.count(b"<") > _MOST_TAGS:
        raise RefusedError("it has more XML elements than an ECG needs")
    if b"<!ENTITY" in data or (text and "<!ENTITY" in text):
        raise RefusedError("it declares XML entities, which an ECG does not need and an attack does")
    encoding = _ENCODING.search((text or data[:1000].decode("latin-1"))[:1000])
    if encoding and not _ENCODINGS.fullmatch(encoding[1].strip()):
        raise RefusedError(f"its text encoding {encoding[1]!r} is not read")


def _check_sierra(data: bytes) -> None:
    _check_xml(data)
    check_expansion(data)


def _check_dicom(data: bytes) -> None:
    if _DEFLATED in data:
        raise RefusedError("it is a deflated DICOM file, which is not read")


_LONGEST_HUFFMAN = 3 << 19
_MOST_HUFFMAN_SAMPLES = 1_500_000
_MOST_BEATS = 2000


def _check_scp(data: bytes) -> None:
    """Compare the samples SCP sections announce with the bits that could hold them (EN 1064, 5.4-5.9)."""
    sections = _scp_sections(data)
    compressed = 2 in sections
    if compressed and max((len(sections.get(number, b"")) for number in (5, 6)), default=0) > _LONGEST_HUFFMAN:
        raise RefusedError("its compressed signal is longer than an ECG's")
    leads = sections.get(3, b"")
    count = min(leads[0], (len(leads) - 2) // 9) if len(leads) > 2 else 0
    ranges = [struct.unpack_from("<II", leads, 2 + 9 * lead) for lead in range(count)]
    announced = sum(max(0, last - first + 1) for first, last in ranges)
    held = len(sections.get(6, b"")) * (8 if compressed else 1)
    if announced > min(held, _MOST_HUFFMAN_SAMPLES if compressed else MAX_SAMPLES):
        raise RefusedError(f"it announces {announced:,} samples, more than its signal section can hold")
    beats = sections.get(4, b"")
    if len(beats) >= 6:
        reference_ms, beat_count = struct.unpack_from("<H", beats)[0], struct.unpack_from("<H", beats, 4)[0]
        interval = struct.unpack_from("<H", sections[5], 2)[0] if len(sections.get(5, b"")) >= 4 else 0
        if beat_count > _MOST_BEATS or (interval and reference_ms * 1000 / interval * count > _MOST_HUFFMAN_SAMPLES):
            raise RefusedError("it announces more beats than an ECG has")


def _scp_sections(data: bytes) -> dict[int, bytes]:
    """Return the bodies of the sections that Section 0 points to and that lie in the file."""
    sections: dict[int, bytes] = {}
    (length,) = struct.unpack_from("<I", data, 10)
    for position in range(22, min(6 + length, len(data)) - 9, 10):
        number, size, index = struct.unpack_from("<HII", data, position)
        if 0 < number <= 12 and index:
            sections[number] = data[index - 1 + 16 : index - 1 + size]
    return sections


_MOST_RECORDS = 200_000


def _check_edf(data: bytes) -> None:
    """Bound the data records, which are walked one by one (Kemp et al. 1992, header layout)."""

    def number(start: int, end: int) -> int:
        digits = data[start:end].decode("latin-1").replace("\0", "").strip()
        return int(digits) if re.fullmatch(r"-?\d{1,8}", digits) else 0

    signals = number(252, 256)
    if signals > MAX_CHANNELS:
        raise RefusedError(f"it announces {signals} signals; at most {MAX_CHANNELS} are read")
    start = 256 + signals * 216
    record = sum(max(0, number(start + 8 * signal, start + 8 * signal + 8)) for signal in range(max(signals, 0)))
    held = (len(data) - 256) // (2 * record) if record else 0
    announced = number(236, 244)
    if (held if announced < 0 else min(announced, held)) > _MOST_RECORDS:
        raise RefusedError(f"it consists of more than {_MOST_RECORDS:,} data records")


_MFER_CHANNELS, _MFER_CHARACTERS, _MFER_ATTRIBUTES, _MFER_SET = 0x05, 0x03, 0x3F, 0x67
_MFER_TEXT = re.compile(rb"(?i)(?:ascii|ansi|iso|utf|jis|rfc|unicode)[ -~]*\0*")


def _check_mfer(data: bytes) -> None:
    """Bound the channel count and the character sets (ISO 22077-1: tag, length, value)."""
    position, definitions = 0, 0
    while position < len(data) - 1:
        tag = data[position]
        position += 1
        if tag == 0:
            continue
        definitions += 1
        if definitions > _MOST_TAGS:
            raise RefusedError("it has more definitions than an ECG needs")
        if tag == _MFER_ATTRIBUTES:
            while position < len(data) and data[position] & 0x80:
                position += 1
            position += 1
        if position >= len(data):
            return
        length = data[position]
        position += 1
        if length > 0x80:
            width = length & 0x7F
            length = int.from_bytes(data[position : position + width], "big")
            position += width
        elif length == 0x80:
            continue
        value = data[position : position + min(length, 64)]
        if tag == _MFER_CHANNELS and min(int.from_bytes(value, "big"), int.from_bytes(value, "little")) > MAX_CHANNELS:
            raise RefusedError(f"it announces more than {MAX_CHANNELS} channels")
        if tag == _MFER_CHARACTERS and value.strip(b"\0 ") and not _MFER_TEXT.fullmatch(value):
            raise RefusedError("its character set is not read")
        # Attributes and sets hold definitions themselves.
        if tag not in (_MFER_ATTRIBUTES, _MFER_SET):
            position += length


_CHECKS: dict[str, Callable[[bytes], None]] = {
    "DICOM": _check_dicom,
    "SCP-ECG": _check_scp,
    "HL7 aECG": _check_xml,
    "GE MUSE XML": _check_xml,
    "Philips Sierra XML": _check_sierra,
    "Mortara ELI XML": _check_xml,
    "EDF": _check_edf,
    "MFER": _check_mfer,
}
