"""What the average beat shows in each lead beyond its named waves, as arrays over the twelve leads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.record import STANDARD_LEADS
from ecgview.signal.analysis import Analysis
from ecgview.signal.lead_waves import LEAST_MV, LeadWaves, marked_places
from ecgview.signal.marks import Hump
from ecgview.signal.medians import median_of_few
from ecgview.signal.preparing import WORKING_HZ
from ecgview.signal.straight import off_line, ramp

LeadTable = dict[str, NDArray[np.float64]]

_MS = 1000.0 / WORKING_HZ
_WAVES = ("p", "q", "q_ms", "r", "r_ms", "s", "s_ms", "r_prime", "qrs_area", "j", "st60", "t")
# T amplitudes over an R wave smaller than this say nothing.
_LEAST_R_MV = 0.1
_HIGHEST_RATIO = 3.0
_ST_END_S = 0.080
_T_FROM_S = 0.080
_EARLY_S = _LATE_S = 0.040
_U_FROM_S, _U_TO_S, _U_SHORTEST_S = 0.020, 0.180, 0.080
_T_HALF_S = 0.100


def lead_table(analysis: Analysis, waves: dict[str, LeadWaves], t: Hump | None) -> LeadTable:
    """Measure the average beat in every lead.

    Parameters
    ----------
    analysis : Analysis
        With a prevailing kind of beat.
    waves : dict of str to LeadWaves
        From :func:`ecgview.signal.measurements.waves_of`.
    t : Hump or None
        The T wave where one can be seen.

    Returns
    -------
    dict of str to ndarray of float64, shape (12,)
        In standard order, NaN where a lead is missing or a wave is; docs/measurements.md
        describes each.
    """
    marks = analysis.prevailing
    assert marks is not None
    qrs, leads = marks.qrs, analysis.prepared.leads
    beat = analysis.beat.astype(np.float64)
    names = [STANDARD_LEADS.index(lead) for lead in leads]
    measured = [waves[lead] for lead in leads]
    found: LeadTable = {wave: np.array([getattr(one, wave) for one in measured], dtype=np.float64) for wave in _WAVES}
    found |= _complex(beat, qrs, found)
    found |= _repolarisation(beat, qrs, t, found)
    rows = np.full((len(found), len(STANDARD_LEADS)), np.nan)
    rows[:, names] = list(found.values())
    return dict(zip(found, rows, strict=True))


def turning_points(part: NDArray[np.float64], least: float) -> list[int]:
    """Find where a curve turns by more than `least`.

    Parameters
    ----------
    part : ndarray, shape (samples,)
    least : float
        A turn counts where the curve goes back by this much.

    Returns
    -------
    list of int
        Samples of the highest and lowest points in turn; the two ends are none.
    """
    inner = np.flatnonzero(np.diff(np.sign(np.diff(part)))) + 1
    return _turns(part.tolist(), inner.tolist(), least)


def _turns(values: list[float], inner: list[int], least: float) -> list[int]:
    """Of the highest and lowest points between the ends, return those where the curve goes back by `least`."""
    out: list[int] = []
    low = high = 0
    heading = 0
    for at in (*inner, len(values) - 1):
        value = values[at]
        if value > values[high]:
            high = at
        if value < values[low]:
            low = at
        if heading >= 0 and value < values[high] - least:
            if high > 0:
                out.append(high)
            heading, low = -1, at
        elif heading <= 0 and value > values[low] + least:
            if low > 0:
                out.append(low)
            heading, high = 1, at
    return out


def _complex(beat: NDArray[np.float64], qrs: Hump, found: LeadTable) -> LeadTable:
    part = beat[:, qrs.onset : qrs.offset + 1]
    span = np.ptp(part, axis=1)
    inner = np.diff(np.sign(np.diff(part, axis=1)), axis=1) != 0.0
    least = np.maximum(LEAST_MV, 0.05 * span)
    turns = np.array(
        [
            len(_turns(values, places, size))
            for values, places, size in zip(part.tolist(), marked_places(inner, 1), least.tolist(), strict=True)
        ]
    )
    waves = sum((np.abs(found[wave]) >= LEAST_MV).astype(np.int64) for wave in ("q", "r", "s", "r_prime"))
    early, late = round(_EARLY_S * WORKING_HZ), round(_LATE_S * WORKING_HZ)
    steepest = np.abs(part[:, 4:] - part[:, :-4]).max(axis=1) if part.shape[1] > 4 else np.full(len(part), np.nan)
    return {
        "span": span,
        "r_peak": np.where(found["r"] > 0.0, np.argmax(part, axis=1) * _MS, np.nan),
        "notches": np.maximum(turns - waves, 0).astype(np.float64),
        "early": part[:, :early].mean(axis=1),
        "late": part[:, -late:].mean(axis=1),
        "steepness": steepest / np.maximum(span, LEAST_MV),
    }


def _repolarisation(beat: NDArray[np.float64], qrs: Hump, t: Hump | None, found: LeadTable) -> LeadTable:
    nothing = np.full(len(beat), np.nan)
    end = min(qrs.offset + round(_ST_END_S * WORKING_HZ), beat.shape[1] - 3)
    st_end = beat[:, end - 2 : end + 3].mean(axis=1)
    out = {"st_slope": st_end - found["j"]}
    first = qrs.offset + round(_T_FROM_S * WORKING_HZ)
    if t is None or t.offset - first < 10:
        return out | dict.fromkeys(("t_positive", "t_negative", "t_area", "t_ratio", "sag", "t_symmetry"), nothing)
    part = beat[:, first : t.offset + 1]
    out["t_positive"], out["t_negative"] = np.maximum(part.max(axis=1), 0.0), np.minimum(part.min(axis=1), 0.0)
    out["t_area"] = part.sum(axis=1) * _MS
    ratio = found["t"] / np.maximum(found["r"], _LEAST_R_MV)
    out["t_ratio"] = np.clip(ratio, -_HIGHEST_RATIO, _HIGHEST_RATIO)
    # How far ST sags under (negative) or bulges over the straight line from J point to the peak of T.
    peak = max(t.peak, qrs.offset + 10)
    between = beat[:, qrs.offset : peak + 1]
    j = found["j"][:, None]
    away = between - j - ramp(between.shape[1]) * (between[:, -1:] - j)
    out["sag"] = away[np.arange(len(away)), np.abs(away).argmax(axis=1)]
    half = min(round(_T_HALF_S * WORKING_HZ), peak - qrs.offset, t.offset - peak)
    if half > 4:
        level = np.abs(beat[:, peak - half : peak + half + 1] - beat[:, t.offset : t.offset + 1])
        rising, falling = level[:, :half].sum(axis=1), level[:, half + 1 :].sum(axis=1)
        out["t_symmetry"] = rising / np.maximum(rising + falling, 1e-6)
    else:
        out["t_symmetry"] = nothing
    return out


def u_waves(analysis: Analysis, t: Hump | None) -> NDArray[np.float64]:
    """Return what rises after the T wave over the straight line to the next P wave, mV, shape (12,)."""
    out = np.full(len(STANDARD_LEADS), np.nan)
    marks, rr = analysis.prevailing, analysis.beats.rr
    if marks is None or t is None or not len(rr):
        return out
    atria = marks.p.onset if marks.p is not None else marks.qrs.onset - round(0.2 * WORKING_HZ)
    first = t.offset + round(_U_FROM_S * WORKING_HZ)
    last = min(
        t.offset + round(_U_TO_S * WORKING_HZ),
        atria + round(median_of_few(rr) * WORKING_HZ),
        analysis.beat.shape[1] - 1,
    )
    if last - first < _U_SHORTEST_S * WORKING_HZ:
        return out
    part = analysis.beat[:, first : last + 1].astype(np.float64)
    out[[STANDARD_LEADS.index(lead) for lead in analysis.prepared.leads]] = off_line(part).max(axis=1)
    return out
