"""WFDB headers as found in the world, not only as the standard wants them.

The layout is that of header(5) in the WFDB Applications Guide (Moody, Pollard and Moody,
https://physionet.org/physiotools/wag/header-5.htm). Beyond it are read: record names with an
ending (``E03823.mat``), dates with month names, date and time in either order, missing gains.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePosixPath, PureWindowsPath

from ecgview.record.contents import MAX_CHANNELS, RefusedError
from ecgview.record.printing import cleaned

LARGEST_HEADER = 1 << 20
"""Bytes; a header of twelve leads takes 600."""

DEFAULT_HZ = 250.0
DEFAULT_GAIN = 200.0
"""What header(5) prescribes where a header leaves them out."""

MOST_SEGMENTS = 4000

_LARGEST_NUMBER = 10**12
_LONGEST_RECORD_LINE = 300
_RECORD_LINE = re.compile(
    r"(?P<name>[^\s/]+)(?:/(?P<segments>\d{1,9}))?\s+(?P<signals>\d{1,9})"
    r"(?:\s+(?P<hz>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)(?:/[^\s(]*)?(?:\(\S*\))?"
    r"(?:\s+(?P<samples>\d+))?)?"
    r"(?P<when>(?:\s+\S+){0,4})\s*"
)
_FORMAT = re.compile(r"(?P<format>\d{1,4})(?:x(?P<frame>\d{1,6}))?(?::(?P<skew>\d{1,9}))?(?:\+(?P<offset>\d{1,12}))?")
_GAIN = re.compile(
    r"(?P<gain>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?)"
    r"(?:\((?P<baseline>[-+]?\d{1,12})\))?(?:/(?P<unit>\S*))?"
)
# Numbers that no rate, count or gain can be; a date has its separators and is none of them.
_MEANT_AS_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf(?:inity)?)", re.IGNORECASE)
_NO_NUMBER = re.compile(r"[-+]?(?:nan|inf(?:inity)?)(?:\([^)]*\))?/.*", re.IGNORECASE)
_INTEGER = re.compile(r"[-+]?\d{1,12}")
_SEGMENT = re.compile(r"(?P<name>\S+)\s+(?P<samples>\d{1,12})(?:\s.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2}|[A-Za-z]{3,9})[-/.](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
# Written out, because strptime's month names follow the language of the desktop.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"\[?(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,2})(?:\.(\d{1,6})\d*)?\]?")


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal of a header; absent fields have the value header(5) gives them.

    Attributes
    ----------
    file : str
        Name of the signal file, ``"~"`` for none.
    format : int
        Storage format, see signal(5).
    frame : int
        Samples of this signal in each frame.
    skew : int
        Frames by which the signal lags in the file.
    offset : int
        Bytes before the first sample.
    gain : float
        Units of the converter in each `unit`.
    gain_stated : bool
    baseline : int
        Value of the converter at 0 `unit`.
    unit : str
    initial : int
        First sample, from which format 8 counts.
    checksum : int or None
        Sum of all samples modulo 65536.
    name : str
    """

    file: str
    format: int
    frame: int
    skew: int
    offset: int
    gain: float
    gain_stated: bool
    baseline: int
    unit: str
    initial: int
    checksum: int | None
    name: str


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One segment of a multi-segment record: its record name (``"~"`` for a gap) and its frames."""

    name: str
    samples: int


@dataclass(frozen=True, slots=True)
class Header:
    """A header.

    Attributes
    ----------
    name : str
    hz : float
        Frames a second.
    samples : int or None
        Frames, None where not stated.
    signals : tuple of SignalLine
        Empty in a multi-segment header.
    segments : tuple of SegmentLine
        Empty in a single-segment header.
    announced : int
        Signals the record line announces.
    recorded_at : datetime or None
        Only where day and time are both there.
    comments : tuple of str
        Without the ``#``.
    """

    name: str
    hz: float
    samples: int | None
    signals: tuple[SignalLine, ...]
    segments: tuple[SegmentLine, ...]
    announced: int
    recorded_at: datetime | None
    comments: tuple[str, ...]


def looks_like_header(text: str) -> bool:
    """Say whether text begins as a WFDB header does.

    Parameters
    ----------
    text : str
        The beginning of a file.

    Returns
    -------
    bool
        True if the first line that is no comment is a record line and the next, if there is
        one, a signal or segment line.
    """
    lines = [line for line in (line.strip() for line in text.splitlines()) if line and not line.startswith("#")]
    first = _RECORD_LINE.fullmatch(lines[0][:_LONGEST_RECORD_LINE]) if lines and "\0" not in text else None
    if first is None:
        return False
    if len(lines) == 1:
        return int(first["signals"]) == 0 or first["hz"] is not None
    words = lines[1].split(maxsplit=2)
    if first["segments"] is not None:
        return _SEGMENT.fullmatch(lines[1][:300]) is not None
    return len(words) > 1 and _FORMAT.fullmatch(words[1]) is not None


def parse_header(text: str) -> Header:
    """Parse a header.

    Parameters
    ----------
    text : str
        The whole header.

    Returns
    -------
    Header

    Raises
    ------
    RefusedError
        If it is no header, or announces what cannot be.
    """
    comments: list[str] = []
    lines: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("#"):
            comments.append(cleaned(line[1:]).strip())
        elif line:
            lines.append(line)
    first = _RECORD_LINE.fullmatch(lines[0][:_LONGEST_RECORD_LINE]) if lines else None
    if first is None:
        raise RefusedError("its header does not begin with a record line")
    after = first["when"].split()
    if after and first["samples"] is None and _stands_for_number(after[0], first["hz"] is None):
        raise RefusedError(f"{after[0][:40]!r} in its record line is no rate or number of samples")
    announced = int(first["signals"])
    if announced > MAX_CHANNELS:
        raise RefusedError(f"its header announces {announced} signals; at most {MAX_CHANNELS} are read")
    samples = _count(first["samples"], "samples") if first["samples"] else None
    segments: tuple[SegmentLine, ...] = ()
    signals: tuple[SignalLine, ...] = ()
    if first["segments"] is not None:
        segments = _segments(lines[1:], int(first["segments"]))
    else:
        if len(lines) - 1 < announced:
            raise RefusedError(f"its header announces {announced} signals and describes {len(lines) - 1}")
        signals = tuple(_signal(line) for line in lines[1 : announced + 1])
    return Header(
        name=first["name"],
        hz=float(first["hz"]) if first["hz"] else DEFAULT_HZ,
        samples=samples or None,
        signals=signals,
        segments=segments,
        announced=announced,
        recorded_at=_moment(first["when"].split()),
        comments=tuple(comments),
    )


def check_file_name(name: str) -> str:
    """Return a file name from a header, or refuse it where it leads out of the header's folder.

    Parameters
    ----------
    name : str
        As in the header.

    Returns
    -------
    str

    Raises
    ------
    RefusedError
        If it is not a bare file name: a path, an address, ``".."`` or nothing.
    """
    bare = name not in ("", ".", "..") and name == PurePosixPath(name).name == PureWindowsPath(name).name
    if not bare or "\0" in name or ":" in name:
        raise RefusedError(f"its header names the file {name[:80]!r}, which does not lie in the header's own folder")
    return name


def _count(digits: str, what: str) -> int:
    if len(digits) > 18 or (number := int(digits)) > _LARGEST_NUMBER:
        raise RefusedError(f"its header announces {digits[:20]} {what}")
    return number


def _stands_for_number(word: str, must_be: bool) -> bool:
    """Say whether a word stands where a number should and is neither that nor a moment."""
    return _MEANT_AS_NUMBER.fullmatch(word) is not None or (must_be and ":" not in word and _day(word) is None)


def _segments(lines: list[str], announced: int) -> tuple[SegmentLine, ...]:
    if announced > MOST_SEGMENTS:
        raise RefusedError(f"its header announces {announced} segments; at most {MOST_SEGMENTS} are read")
    if announced < 1 or len(lines) < announced:
        raise RefusedError(f"its header announces {announced} segments and describes {len(lines)}")
    segments = []
    for line in lines[:announced]:
        match = _SEGMENT.fullmatch(line)
        if match is None:
            raise RefusedError(f"the segment line {line[:60]!r} of its header cannot be understood")
        segments.append(SegmentLine(match["name"], int(match["samples"])))
    return tuple(segments)


def _signal(line: str) -> SignalLine:
    words = line.split()
    storage = _FORMAT.fullmatch(words[1]) if len(words) > 1 else None
    if storage is None:
        raise RefusedError(f"the signal line {line[:60]!r} of its header cannot be understood")
    gain = _GAIN.fullmatch(words[2]) if len(words) > 2 else None
    if gain is None and len(words) > 2 and (words[2][0] in "+-.0123456789" or _NO_NUMBER.fullmatch(words[2])):
        raise RefusedError(f"the gain {words[2][:40]!r} in its header cannot be understood")
    position = 2 if gain is None else 3
    # The fields come in one order and only the last ones may be absent; what is no number
    # any more is the description, which may hold blanks.
    # They are: resolution, zero, first sample, checksum, block size.
    numbers: list[int] = []
    while len(numbers) < 5 and position < len(words) and _INTEGER.fullmatch(words[position]):
        numbers.append(int(words[position]))
        position += 1
    zero, initial, checksum = (numbers[field] if field < len(numbers) else None for field in (1, 2, 3))
    stated = float(gain["gain"]) if gain else 0.0
    if not math.isfinite(stated):
        raise RefusedError(f"the gain {words[2][:40]!r} in its header is not a number")
    return SignalLine(
        file=words[0],
        format=int(storage["format"]),
        frame=int(storage["frame"] or 1),
        skew=int(storage["skew"] or 0),
        offset=int(storage["offset"] or 0),
        gain=stated or DEFAULT_GAIN,
        gain_stated=stated != 0,
        baseline=int(gain["baseline"]) if gain and gain["baseline"] else zero or 0,
        unit=(gain["unit"] if gain else None) or "mV",
        initial=initial or 0,
        checksum=checksum,
        name=" ".join(words[position:]),
    )


def _moment(words: list[str]) -> datetime | None:
    """Read date and time in whichever order they stand."""
    day: date | None = None
    clock: time | None = None
    for word in words:
        day = day or _day(word)
        if ":" in word:
            clock = clock or _time(word)
    return datetime.combine(day, clock) if day and clock else None


def _day(word: str) -> date | None:
    if match := _DAY_FIRST.fullmatch(word):
        day, month, year = match.groups()
    elif match := _YEAR_FIRST.fullmatch(word):
        year, month, day = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1, int(day))
    except ValueError:
        return None


def _time(word: str) -> time | None:
    match = _CLOCK.fullmatch(word)
    if match is None:
        return None
    hour, minute, second = int(match[1] or 0), int(match[2] or 0), int(match[3])
    try:
        return time(hour, minute, second, int((match[4] or "0").ljust(6, "0")))
    except ValueError:
        return None
