"""Amplitudes and durations of the waves of an averaged beat in one lead."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ecgview.signal.marks import Hump
from ecgview.signal.preparing import WORKING_HZ

_MS = 1000.0 / WORKING_HZ
# A deflection of the QRS complex counts from this height (half a millimetre on paper) and length on.
LEAST_MV = 0.05
_LEAST_MS = 8.0
_TAIL = round(0.002 * WORKING_HZ)
_ST_S = 0.060
_T_FROM_S = 0.080
_T_BEFORE_PEAK_S = 0.100
_AVERAGED = 2


@dataclass(frozen=True, slots=True)
class LeadWaves:
    """Waves of one lead; mV counted from the level before the QRS complex, ms.

    0 is a wave that is not there; None could not be measured.

    Attributes
    ----------
    p : float or None
        P amplitude with its sign, counted from the P onset.
    q, r, s, r_prime : float
        Q and S are 0 or negative, R and R' 0 or positive. A complex all negative is a QS
        complex, written as `q`.
    q_ms, r_ms, s_ms : float
        Durations.
    qrs_area : float
        Net area of the QRS complex, mV ms.
    j, st60 : float or None
        ST level at the J point and 60 ms after it.
    t : float or None
        T amplitude with its sign.
    """

    p: float | None
    q: float
    q_ms: float
    r: float
    r_ms: float
    s: float
    s_ms: float
    r_prime: float
    qrs_area: float
    j: float | None
    st60: float | None
    t: float | None


def lead_waves(row: NDArray[np.float32], qrs: Hump, p: Hump | None, t: Hump | None) -> LeadWaves:
    """Measure one lead of an averaged beat.

    Parameters
    ----------
    row : ndarray, shape (samples,)
        mV at the working rate, counted from the level before the QRS complex.
    qrs : Hump
    p, t : Hump or None

    Returns
    -------
    LeadWaves
    """
    found = _deflections(row[qrs.onset : qrs.offset + 1])
    upright = [number for number, (height, _) in enumerate(found) if height > 0.0]
    first = upright[0] if upright else len(found)
    q = _largest(found[:first], -1.0)
    r = found[first] if upright else (0.0, 0.0)
    later = found[first + 1 :]
    s = _largest(later, -1.0)
    r_prime = _largest(later, 1.0)
    return LeadWaves(
        p=None if p is None else _extreme(row[p.onset : p.offset + 1] - row[p.onset]),
        q=q[0],
        q_ms=q[1],
        r=r[0],
        r_ms=r[1],
        s=s[0],
        s_ms=s[1],
        r_prime=r_prime[0],
        qrs_area=float(row[qrs.onset : qrs.offset + 1].sum()) * _MS,
        j=_level(row, qrs.offset),
        st60=_level(row, qrs.offset + round(_ST_S * WORKING_HZ)),
        t=None if t is None else _t_amplitude(row, qrs, t),
    )


def terminal_force(row: NDArray[np.float32], p: Hump) -> float:
    """Return the P terminal force: duration times depth of the negative end of the P wave, mV ms.

    Parameters
    ----------
    row : ndarray, shape (samples,)
        Lead V1 of an averaged beat.
    p : Hump

    Returns
    -------
    float
        0 where the P wave does not end below the level of its onset; else negative.

    Notes
    -----
    J. J. Morris et al., "P-wave analysis in valvular heart disease", Circulation 1964;29:242-252.
    """
    wave = (row[p.onset : p.offset + 1] - row[p.onset]).astype(np.float64)
    # Counted from the line between onset and offset, so that the slope into the QRS complex does not enter.
    wave -= np.linspace(0.0, wave[-1], len(wave))
    below = np.flatnonzero(wave < 0.0)
    if not len(below):
        return 0.0
    last = int(below[-1])
    first = last
    while first > 0 and wave[first - 1] < 0.0:
        first -= 1
    if last < (len(wave) - 1) // 2:
        return 0.0
    return float(wave[first : last + 1].min()) * (last - first + 1) * _MS


def _deflections(part: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Height (mV, signed) and duration (ms) of each deflection that counts, in order."""
    signs = np.sign(part)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(signs)) + 1, [len(part)]])
    out: list[tuple[float, float]] = []
    for start, end in pairwise(edges):
        highest = int(start) + int(np.argmax(np.abs(part[start:end])))
        # What only rises into the ST segment is no wave of the complex.
        if highest >= len(part) - _TAIL:
            continue
        height, duration = float(part[highest]), float(end - start) * _MS
        if abs(height) >= LEAST_MV and duration >= _LEAST_MS:
            out.append((height, duration))
    return out


def _largest(found: list[tuple[float, float]], sign: float) -> tuple[float, float]:
    return max((one for one in found if one[0] * sign > 0.0), key=lambda one: abs(one[0]), default=(0.0, 0.0))


def _extreme(part: NDArray[np.float32]) -> float:
    return float(part[int(np.argmax(np.abs(part)))]) if len(part) else 0.0


def _level(row: NDArray[np.float32], at: int) -> float | None:
    part = row[at - _AVERAGED : at + _AVERAGED + 1]
    return float(part.mean()) if at + _AVERAGED < len(row) else None


def _t_amplitude(row: NDArray[np.float32], qrs: Hump, t: Hump) -> float:
    first = max(qrs.offset + round(_T_FROM_S * WORKING_HZ), t.peak - round(_T_BEFORE_PEAK_S * WORKING_HZ))
    return _extreme(row[min(first, t.peak) : t.offset + 1])
