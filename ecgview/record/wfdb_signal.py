"""Samples of WFDB signal files.

The storage formats are those of signal(5) in the WFDB Applications Guide (Moody, Pollard and
Moody, https://physionet.org/physiotools/wag/signal-5.htm). The plain formats are unpacked here:
importing the wfdb package costs more time and memory than drawing the first sheet does, because
it brings pandas and an HTTP client. It is asked only for the FLAC formats 508, 516 and 524.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgview.record.contents import MAX_SAMPLES, RefusedError
from ecgview.record.wfdb_header import SignalLine, check_file_name

COMPRESSED = frozenset({508, 516, 524})

Digital = NDArray[np.signedinteger]

# Bytes a sample takes, and the value that stands for "no valid sample"; format 8 stores
# differences and has none.
_BYTES = {
    8: Fraction(1), 80: Fraction(1), 16: Fraction(2), 61: Fraction(2), 160: Fraction(2),
    212: Fraction(3, 2), 310: Fraction(4, 3), 311: Fraction(4, 3), 24: Fraction(3), 32: Fraction(4),
}  # fmt: skip
_INVALID = {
    80: -(1 << 7), 508: -(1 << 7), 310: -(1 << 9), 311: -(1 << 9), 212: -(1 << 11),
    16: -(1 << 15), 61: -(1 << 15), 160: -(1 << 15), 516: -(1 << 15),
    24: -(1 << 23), 524: -(1 << 23), 32: -(1 << 31),
}  # fmt: skip
_GROUP = {212: 3, 310: 4, 311: 4}
_STORED = {8: "i1", 80: "u1", 16: "<i2", 61: ">i2", 160: "<u2", 212: "u1", 310: "<u2", 311: "<u4", 24: "u1", 32: "<i4"}


def frames_stored(folder: Path, signals: Sequence[SignalLine], stated: int | None) -> int:
    """Return the frames a record has, after checking that its files can hold them.

    Parameters
    ----------
    folder : Path
        The header's folder.
    signals : sequence of SignalLine
        All signals of the header.
    stated : int or None
        Frames the header states; where it states none, the files' sizes decide.

    Returns
    -------
    int

    Raises
    ------
    RefusedError
        If a signal file is missing, outside the folder, in an unknown format or too short.
    """
    found = stated
    for name, positions in by_file(signals).items():
        storage = signals[positions[0]].format
        if storage not in _BYTES and storage not in COMPRESSED:
            raise RefusedError(f"its signal file {name} is in format {storage}, which is not known")
        size = _size(folder / name)
        if storage in COMPRESSED:
            if found is None:
                raise RefusedError("its header does not state the number of samples")
            continue
        frame = sum(signals[position].frame for position in positions)
        held = int(max(0, size - signals[positions[0]].offset) / _BYTES[storage]) // frame if frame else 0
        if stated is None:
            found = held if found is None else min(found, held)
        elif held < stated:
            raise RefusedError(
                f"its signal file {name} is cut off: it holds {held:,} of the {stated:,} samples the header announces"
            )
    frames = found or 0
    if (total := frames * sum(signal.frame for signal in signals)) > MAX_SAMPLES:
        raise RefusedError(f"it announces {total:,} samples; at most {MAX_SAMPLES:,} are read")
    return frames


def by_file(signals: Sequence[SignalLine]) -> dict[str, list[int]]:
    """Return the positions of the signals in each signal file, in the header's order.

    Raises
    ------
    RefusedError
        If signals of one file are stored in different formats, or the file lies elsewhere.
    """
    files: dict[str, list[int]] = {}
    for position, signal in enumerate(signals):
        files.setdefault(signal.file, []).append(position)
    for name, positions in files.items():
        check_file_name(name)
        if len({signals[position].format for position in positions}) > 1:
            raise RefusedError(f"its signals in {name} are said to be stored in different formats")
    return files


def read_digital(folder: Path, signals: Sequence[SignalLine], frames: int) -> list[Digital]:
    """Read the samples of all signals of a header from uncompressed files.

    Parameters
    ----------
    folder : Path
        The header's folder.
    signals : sequence of SignalLine
        All signals of the header.
    frames : int
        From :func:`frames_stored`.

    Returns
    -------
    list of ndarray of signed integers, each of shape (frames * signal.frame,)
        Converter units, not yet shifted by the signal's skew.

    Raises
    ------
    RefusedError
        If a file became shorter since it was measured.
    """
    digital: list[Digital] = [np.empty(0, dtype=np.int16)] * len(signals)
    for name, positions in by_file(signals).items():
        first = signals[positions[0]]
        widths = [signals[position].frame for position in positions]
        flat = _unpack(folder / name, first.format, first.offset, frames * sum(widths))
        table = flat.reshape(frames, sum(widths))
        start = 0
        for position, width in zip(positions, widths, strict=True):
            stored: Digital = table[:, start : start + width].reshape(-1)
            if first.format == 8:
                stored = stored.cumsum(dtype=np.int64) + signals[position].initial
            digital[position] = stored
            start += width
    return digital


def read_compressed(header_path: Path, signals: Sequence[SignalLine], frames: int) -> list[Digital]:
    """Read the samples of a record stored as FLAC, by means of the wfdb package.

    Parameters
    ----------
    header_path : Path
        The header.
    signals : sequence of SignalLine
        All signals of the header.
    frames : int
        From :func:`frames_stored`.

    Returns
    -------
    list of ndarray of signed integers, each of shape (frames * signal.frame,)

    Raises
    ------
    RefusedError
        If the files cannot be decoded.
    """
    try:
        # What wfdb's libraries will not do in years to come is no matter of the record's reader.
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            # wfdb brings pandas and an HTTP client; nobody should wait for them who has no FLAC record.
            from wfdb import rdrecord

            record = rdrecord(
                str(header_path.with_suffix("").absolute()),
                physical=False,
                smooth_frames=False,
                ignore_skew=True,
                sampto=frames,
                return_res=32,
            )
    except Exception as error:
        # wfdb and the FLAC library report damage by whatever exception it leads to.
        raise RefusedError(f"its compressed signal cannot be decoded ({' '.join(str(error).split())[:200]})") from error
    if len(record.e_d_signal) != len(signals):
        raise RefusedError(f"wfdb reads {len(record.e_d_signal)} of its {len(signals)} signals")
    return [np.asarray(channel, dtype=np.int32) for channel in record.e_d_signal]


def to_millivolts(digital: Digital, signal: SignalLine, scale: float) -> NDArray[np.float32]:
    """Convert one signal from converter units.

    ``(digital - baseline) / gain`` is the definition in header(5); computed in double precision.

    Parameters
    ----------
    digital : ndarray of signed integers, shape (samples,)
        Converter units.
    signal : SignalLine
        Its line in the header.
    scale : float
        Millivolts in one of the signal's unit.

    Returns
    -------
    ndarray of float32, shape (samples,)
        mV, NaN where the file marks a sample as invalid or, at the end, where the skew reaches
        beyond the recording.
    """
    # Absurd gains overflow here; `build_record` marks what they make as invalid.
    with np.errstate(over="ignore", invalid="ignore"):
        physical = (digital.astype(np.float64) - signal.baseline) / signal.gain * scale
        invalid = _INVALID.get(signal.format)
        if invalid is not None:
            physical[digital == invalid] = np.nan
        if lag := min(signal.skew * signal.frame, len(physical)):
            physical[: len(physical) - lag] = physical[lag:].copy()
            physical[len(physical) - lag :] = np.nan
        return physical.astype(np.float32)


def checksum_differs(digital: Digital, signal: SignalLine) -> bool:
    """Say whether the header states a checksum and the samples do not add up to it (modulo 65536)."""
    return signal.checksum is not None and (int(digital.sum(dtype=np.int64)) - signal.checksum) % 65536 != 0


def _size(path: Path) -> int:
    if not path.exists():
        raise RefusedError(f"its signal file {path.name} is missing")
    if not path.is_file():
        raise RefusedError(f"its signal file {path.name} is not a file")
    return path.stat().st_size


def _unpack(path: Path, storage: int, offset: int, count: int) -> Digital:
    """Return `count` samples of a file as signed integers."""
    needed = math.ceil(count * _BYTES[storage])
    # Samples of some formats are packed in twos or threes; the last group may be incomplete.
    whole = needed + -needed % _GROUP.get(storage, 1)
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(whole)
    if len(data) < needed:
        raise RefusedError(f"its signal file {path.name} is cut off")
    data += bytes(whole - len(data))
    raw: NDArray[Any] = np.frombuffer(data, dtype=_STORED[storage])
    match storage:
        case 80:
            return raw.astype(np.int16) - 128
        case 160:
            return (raw.astype(np.int32) - 32768).astype(np.int16)
        case 212:
            return _unpack_212(raw)[:count]
        case 310:
            return _unpack_310(raw)[:count]
        case 311:
            return _unpack_311(raw)[:count]
        case 24:
            triplets = raw.reshape(-1, 3)
            high = triplets[:, 2].view(np.int8).astype(np.int32) << 16
            joined: Digital = high | (triplets[:, 1].astype(np.int32) << 8) | triplets[:, 0]
            return joined
    return raw


def _unpack_212(raw: NDArray[np.uint8]) -> Digital:
    """Two 12-bit samples in three bytes; the middle byte holds the high nibbles of both."""
    triplets = raw.reshape(-1, 3).astype(np.int16)
    pairs = np.empty((len(triplets), 2), dtype=np.int16)
    # Shifted to the top of 16 bits and back, so that the sign bit spreads.
    pairs[:, 0] = (((triplets[:, 1] & 0x0F) << 12) | (triplets[:, 0] << 4)) >> 4
    pairs[:, 1] = (((triplets[:, 1] & 0xF0) << 8) | (triplets[:, 2] << 4)) >> 4
    return pairs.reshape(-1)


def _unpack_310(raw: NDArray[np.uint16]) -> Digital:
    """Three 10-bit samples in two words: bits 1-10 of each, and both words' top five bits."""
    words = raw.reshape(-1, 2).astype(np.int16)
    triples = np.empty((len(words), 3), dtype=np.int16)
    triples[:, :2] = (words << 5) >> 6
    low, high = (words[:, 0] >> 11) & 0x1F, words[:, 1] >> 11
    triples[:, 2] = (high << 5) | low
    return triples.reshape(-1)


def _unpack_311(raw: NDArray[np.uint32]) -> Digital:
    """Three 10-bit samples in the low thirty bits of one double word."""
    words = raw.astype(np.int32)
    triples = np.stack([(words << (22 - shift)) >> 22 for shift in (0, 10, 20)], axis=1)
    return triples.astype(np.int16).reshape(-1)
