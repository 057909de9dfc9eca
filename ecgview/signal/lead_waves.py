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


def lead_waves(beat: NDArray[np.float32], qrs: Hump, p: Hump | None, t: Hump | None) -> list[LeadWaves]:
    """Measure each lead of an averaged beat.

    Parameters
    ----------
    beat : ndarray, shape (leads, samples)
        mV at the working rate, counted from the level before the QRS complex.
    qrs : Hump
    p, t : Hump or None

    Returns
    -------
    list of LeadWaves
        One for each lead.
    """
    part = beat[:, qrs.onset : qrs.offset + 1]
    nothing: list[float | None] = [None] * len(beat)
    measured = zip(
        _deflections(part),
        nothing if p is None else _extremes(beat[:, p.onset : p.offset + 1] - beat[:, p.onset, None]),
        part.sum(axis=1).tolist(),
        _levels(beat, qrs.offset) or nothing,
        _levels(beat, qrs.offset + round(_ST_S * WORKING_HZ)) or nothing,
        nothing if t is None else _extremes(_t_part(beat, qrs, t)),
        strict=True,
    )
    out = []
    for found, p_height, area, j, st60, t_height in measured:
        first = next((number for number, (height, _) in enumerate(found) if height > 0.0), len(found))
        r = found[first] if first < len(found) else (0.0, 0.0)
        q, s = _largest(found[:first], -1.0), _largest(found[first + 1 :], -1.0)
        r_prime = _largest(found[first + 1 :], 1.0)
        out.append(LeadWaves(p_height, q[0], q[1], r[0], r[1], s[0], s[1], r_prime[0], area * _MS, j, st60, t_height))
    return out


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


def _deflections(part: NDArray[np.float32]) -> list[list[tuple[float, float]]]:
    """Height (mV, signed) and duration (ms) of each deflection that counts, in order, for each lead."""
    samples = part.shape[1]
    # A complex has some fifty samples: plain numbers are faster than arrays of them.
    turned = np.diff(np.sign(part), axis=1) != 0.0
    out: list[list[tuple[float, float]]] = []
    for row, crossed in zip(part.tolist(), marked_places(turned, 1), strict=True):
        found = []
        for start, end in pairwise([0, *crossed, samples]):
            duration = (end - start) * _MS
            if duration < _LEAST_MS:
                continue
            height = max(row[start:end], key=abs)
            # What only rises into the ST segment is no wave of the complex.
            tail = end > samples - _TAIL and height not in row[start : samples - _TAIL]
            if abs(height) >= LEAST_MV and not tail:
                found.append((height, duration))
        out.append(found)
    return out


def marked_places(marked: NDArray[np.bool_], after: int = 0) -> list[list[int]]:
    """Return the places marked in each row, each so many further on."""
    out: list[list[int]] = [[] for _ in marked]
    for row, place in np.argwhere(marked).tolist():
        out[row].append(place + after)
    return out


def _largest(found: list[tuple[float, float]], sign: float) -> tuple[float, float]:
    return max((one for one in found if one[0] * sign > 0.0), key=lambda one: abs(one[0]), default=(0.0, 0.0))


def _extremes(parts: NDArray[np.float32]) -> list[float]:
    if not parts.shape[1]:
        return [0.0] * len(parts)
    farthest: list[float] = parts[np.arange(len(parts)), np.abs(parts).argmax(axis=1)].tolist()
    return farthest


def _levels(beat: NDArray[np.float32], at: int) -> list[float]:
    """Mean around a sample in each lead; empty where the beat ends before."""
    if at + _AVERAGED >= beat.shape[1]:
        return []
    levels: list[float] = beat[:, at - _AVERAGED : at + _AVERAGED + 1].mean(axis=1).tolist()
    return levels


def _t_part(beat: NDArray[np.float32], qrs: Hump, t: Hump) -> NDArray[np.float32]:
    first = max(qrs.offset + round(_T_FROM_S * WORKING_HZ), t.peak - round(_T_BEFORE_PEAK_S * WORKING_HZ))
    return beat[:, min(first, t.peak) : t.offset + 1]
