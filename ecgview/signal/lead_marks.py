"""Where the waves of the average beat begin and end in each lead, and the extremes over the leads.

Recommendations count intervals from the earliest onset to the latest offset in any lead; one lead
with noise would decide them, so the extremes here leave some leads out, see docs/measurements.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.signal.delineation import Delineation
from ecgview.signal.marks import Hump, lead_t_ends, without_qrs
from ecgview.signal.preparing import WORKING_HZ
from ecgview.signal.straight import off_line

_QRS_STEP, _P_STEP = 2, 4
# A wave begins and ends where the slope stays under this share of the lead's own highest.
_QRS_SHARE_ON, _QRS_SHARE_OFF, _QRS_CORE = 0.065, 0.065, 0.25
_QRS_REACH, _QRS_REST = round(0.030 * WORKING_HZ), round(0.008 * WORKING_HZ)
_QUIET_PERCENTILE = 15.0
_P_SHARE_ON, _P_SHARE_OFF, _P_CORE = 0.18, 0.35, 0.6
_P_REACH, _P_REST = round(0.030 * WORKING_HZ), round(0.010 * WORKING_HZ)
# Waves lower than this, or than this share of the highest in any lead, are too small to tell their ends.
_LEAST_MV = {"p": 0.03, "qrs": 0.15, "t": 0.05}
_LEAST_SHARE = {"p": 0.3, "qrs": 0.15, "t": 0.3}
# How many of the outermost leads are left out: with fewer, QRS and QT of noisy generated beats are too long.
_LEFT_OUT = {"p": 1, "qrs": 2, "t": 2}
_NAMES = ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset")
_FEWEST_LEADS = 3


@dataclass(frozen=True, eq=False)
class LeadMarks:
    """Marks of the average beat in each lead, samples of the averaged beat.

    Each array has shape (leads,) in the order of the leads that were judged; NaN where the wave
    is absent or too small in the lead.

    Attributes
    ----------
    p_onset, p_offset, qrs_onset, qrs_offset, t_offset : ndarray of float64
    """

    p_onset: NDArray[np.float64]
    p_offset: NDArray[np.float64]
    qrs_onset: NDArray[np.float64]
    qrs_offset: NDArray[np.float64]
    t_offset: NDArray[np.float64]

    def widest(self, wave: str, hump: Hump) -> Hump:
        """Return a wave from its earliest onset to its latest offset, one or two outlying leads aside.

        Parameters
        ----------
        wave : str
            ``"p"``, ``"qrs"`` or ``"t"`` (of which only the offset is moved).
        hump : Hump
            The wave in all leads together, which stands where fewer than three leads tell.

        Returns
        -------
        Hump
        """
        out = _LEFT_OUT[wave]
        onset = hump.onset if wave == "t" else _outer(getattr(self, f"{wave}_onset"), hump.onset, -1, out)
        offset = _outer(getattr(self, f"{wave}_offset"), hump.offset, 1, out)
        return Hump(onset, hump.peak, offset)


def _outer(values: NDArray[np.float64], otherwise: int, sign: int, left_out: int) -> int:
    known = np.sort(sign * values[np.isfinite(values)])[::-1]
    return sign * int(known[left_out]) if len(known) >= _FEWEST_LEADS else otherwise


def lead_marks(beat: NDArray[np.float32], qrs: Hump, p: Hump | None, t: Hump | None) -> LeadMarks:
    """Mark the waves of an averaged beat in each lead.

    Parameters
    ----------
    beat : ndarray, shape (leads, samples)
        0.4-40 Hz.
    qrs : Hump
        In all leads together, as are `p` and `t`.
    p, t : Hump or None

    Returns
    -------
    LeadMarks
    """
    nothing = np.full(len(beat), np.nan)
    p_marks, t_ends = (nothing, nothing), nothing
    around = beat[:, max(0, qrs.onset - _QRS_REACH) : qrs.offset + _QRS_REACH]
    enough = _large(np.ptp(around, axis=1), "qrs")
    qrs_marks = _edges(_slopes(beat, _QRS_STEP), qrs, _QRS_REACH, (_QRS_SHARE_ON, _QRS_SHARE_OFF), _QRS_CORE, _QRS_REST)
    if p is not None:
        slow = without_qrs(beat, qrs.onset)
        height = np.ptp(off_line(slow[:, p.onset : p.offset + 1]), axis=1)
        found = _edges(_slopes(slow, _P_STEP), p, _P_REACH, (_P_SHARE_ON, _P_SHARE_OFF), _P_CORE, _P_REST)
        large = _large(height, "p")
        p_marks = (
            np.where(large, found[0], np.nan),
            np.where(large, np.minimum(found[1], qrs.onset), np.nan),
        )
    if t is not None:
        ends, sizes = lead_t_ends(beat, t)
        t_ends = np.where(_large(sizes, "t"), ends, np.nan)
    return LeadMarks(*p_marks, np.where(enough, qrs_marks[0], np.nan), np.where(enough, qrs_marks[1], np.nan), t_ends)


def marks_by_lead(delineation: Delineation) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Mark every beat in each lead on its own.

    Parameters
    ----------
    delineation : Delineation
        From :func:`ecgview.signal.delineation.delineate`.

    Returns
    -------
    dict of str to dict of str to ndarray of float64, shape (beats,)
        By lead, then ``"p_onset"``, ``"p_offset"``, ``"qrs_onset"``, ``"qrs_offset"``,
        ``"t_offset"``: seconds from the start; NaN where the wave is absent or too small in the
        lead. They lie as in the averaged beat of the same kind.
    """
    leads = delineation.beats.leads
    out = {name: np.full((len(leads), len(delineation.beats)), np.nan) for name in _NAMES}
    for marks in delineation.kinds:
        members = marks.kind.members
        found = lead_marks(marks.kind.average, marks.qrs, marks.p, marks.t)
        for name, rows in out.items():
            wave, end = name.split("_")
            hump: Hump | None = getattr(marks, wave)
            if hump is not None:
                away = (getattr(found, name) - getattr(hump, end)) / WORKING_HZ
                rows[:, members] = getattr(delineation, name)[members] + away[:, None]
    return {lead: {name: rows[at] for name, rows in out.items()} for at, lead in enumerate(leads)}


def _large(sizes: NDArray[np.floating], wave: str) -> NDArray[np.bool_]:
    return np.asarray((sizes >= _LEAST_MV[wave]) & (sizes >= _LEAST_SHARE[wave] * sizes.max()))


def _slopes(beat: NDArray[np.float32], step: int) -> NDArray[np.float64]:
    out = np.zeros(beat.shape)
    out[:, step:-step] = np.abs(beat[:, 2 * step :] - beat[:, : -2 * step])
    return out


def _edges(
    slopes: NDArray[np.float64], hump: Hump, reach: int, shares: tuple[float, float], core_share: float, rest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Go outwards in each lead from its steep part to where it rests, at most `reach` beyond the common marks."""
    first, last = max(rest, hump.onset - reach), min(slopes.shape[1] - rest - 1, hump.offset + reach)
    part = slopes[:, first : last + 1]
    wide = slopes[:, max(0, first - 10 * rest) : last + 1]
    quiet = np.percentile(wide, _QUIET_PERCENTILE, axis=1, keepdims=True)
    height = part.max(axis=1, keepdims=True) - quiet
    core = part > quiet + core_share * height
    out = []
    for share, reverse in zip(shares, (False, True), strict=True):
        low, steep = part < quiet + share * height, core
        if reverse:
            low, steep = low[:, ::-1], steep[:, ::-1]
        begin = steep.argmax(axis=1)
        # Resting: this sample and those before it, as many as it takes, are all low.
        count = np.concatenate([np.zeros((len(low), 1), dtype=np.int64), np.cumsum(low, axis=1)], axis=1)
        held = np.zeros(low.shape, dtype=bool)
        held[:, rest - 1 :] = count[:, rest:] - count[:, :-rest] == rest
        places = np.arange(low.shape[1])
        at = np.where(held & (places < begin[:, None]), places, -1).max(axis=1) + 1
        out.append(last - at if reverse else first + at)
    return out[0].astype(np.float64), out[1].astype(np.float64)
