"""What is particular to Philips Sierra files: XLI compression and the calibration pulse."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ecgview.record.contents import RefusedError

_WAVEFORMS = re.compile(r"<parsedwaveforms\b([^>]*)>(.*?)</parsedwaveforms", re.IGNORECASE | re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_CHUNK_HEADER = 8
_CODE_BITS = 10
_LAST_CODE = (1 << _CODE_BITS) - 2
_LONGEST_CHUNK = 1 << 20
_LONGEST_EXPANSION = 24 << 20

_LONGEST_TAIL_S = 1.5
_SHORTEST_PULSE_S = 0.05
_PULSE_MV = 1.0
_PULSE_TOLERANCE_MV = 0.05


def check_expansion(data: bytes) -> None:
    """Refuse a file whose compressed waveforms would expand beyond an ECG's size.

    Ten-bit LZW can expand its input six hundred times. The lengths of its strings tell the size
    of the result without making it.

    Parameters
    ----------
    data : bytes
        The whole file.

    Raises
    ------
    RefusedError
    """
    text = data.decode("utf-16", errors="ignore") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("latin-1")
    for attributes, encoded in _WAVEFORMS.findall(text):
        if "&" in attributes:
            raise RefusedError("its waveform element is written in character references")
        if "xli" not in attributes.lower():
            continue
        if not _BASE64.fullmatch(encoded):
            raise RefusedError("its waveform data are not Base64")
        try:
            stored = base64.b64decode("".join(encoded.split()))
        except binascii.Error as error:
            raise RefusedError("its waveform data are not Base64") from error
        expansion = position = 0
        while position + _CHUNK_HEADER <= len(stored):
            size = int.from_bytes(stored[position : position + 4], "little", signed=True)
            position += _CHUNK_HEADER
            if size <= 0:
                break
            expansion += _expanded(stored[position : position + size])
            position += size
            if expansion > _LONGEST_EXPANSION:
                raise RefusedError("its compressed waveforms expand beyond the size of an ECG")


def calibration_start(leads: Sequence[NDArray[np.float32]], hz: float) -> int | None:
    """Return where to cut a calibration pulse off the end of a recording.

    The device ends every lead with the same square pulse of 1 mV on a line of exactly 0 mV; no
    two leads of a heart are alike over so long. It appends the pulse within an extra second,
    so the cut is made at the last whole second before the pulse's line begins.

    Parameters
    ----------
    leads : sequence of ndarray of float32, each of shape (samples,)
        mV.
    hz : float
        Samples a second.

    Returns
    -------
    int or None
        Samples to keep, or None where the recording ends without such a pulse.
    """
    if len(leads) < 2 or len({len(lead) for lead in leads}) != 1:
        return None
    longest = math.ceil(_LONGEST_TAIL_S * hz)
    tails = np.stack([lead[-longest:] for lead in leads])
    unlike = np.flatnonzero((tails != tails[0]).any(axis=0))
    common = tails[0, unlike[-1] + 1 :] if len(unlike) else tails[0]
    high = np.abs(np.abs(common) - _PULSE_MV) <= _PULSE_TOLERANCE_MV
    if len(unlike) == 0 or high.sum() < _SHORTEST_PULSE_S * hz or not (high | (common == 0)).all():
        return None
    begin = len(leads[0]) - len(common)
    return int(begin // hz * hz)


def _expanded(chunk: bytes) -> int:
    """Return the bytes an LZW chunk of ten-bit codes expands to."""
    bits = np.unpackbits(np.frombuffer(chunk, dtype=np.uint8))
    codes = bits[: len(bits) // _CODE_BITS * _CODE_BITS].reshape(-1, _CODE_BITS) @ (1 << np.arange(_CODE_BITS)[::-1])
    lengths = dict.fromkeys(range(256), 1)
    following, previous, total = 256, 0, 0
    for code in codes.tolist():
        if code > _LAST_CODE:
            break
        length = lengths.setdefault(code, previous + 1)
        if previous and following <= _LAST_CODE:
            lengths[following] = previous + 1
            following += 1
        previous = length
        total += length
        if total > _LONGEST_CHUNK:
            raise RefusedError("its compressed waveforms expand beyond the size of an ECG")
    return total
