"""What the atria do, in the average beat and from beat to beat, as numbers for a classifier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from ecgview.signal.analysis import Analysis
from ecgview.signal.averaging import BEFORE, windows
from ecgview.signal.filters import band_pass
from ecgview.signal.lead_features import turning_points
from ecgview.signal.lead_waves import LeadWaves, terminal_force
from ecgview.signal.medians import median_last, median_of
from ecgview.signal.preparing import WORKING_HZ

P_LEADS = ("I", "III", "aVL", "aVF", "V2", "V6")
_MS = 1000.0 / WORKING_HZ
_ATRIAL_HZ = (4.0, 12.0)
_CLEAR_S = 0.03
_STRIDE = 2
# Two peaks of a P wave count where the curve falls by this much between them.
_P_NOTCH_MV = 0.012
# Waves of atrial flutter follow each other after 140 to 290 ms.
_FLUTTER_S = (0.140, 0.290)


def atrial_features(analysis: Analysis, waves: dict[str, LeadWaves]) -> dict[str, float]:
    """Measure P waves and what there is in their place.

    Parameters
    ----------
    analysis : Analysis
        With a prevailing kind of beat.
    waves : dict of str to LeadWaves

    Returns
    -------
    dict of str to float
        What cannot be measured is left out.
    """
    return _p_waves(analysis, waves) | _steadiness(analysis) | _between_beats(analysis)


def _p_waves(analysis: Analysis, waves: dict[str, LeadWaves]) -> dict[str, float]:
    marks = analysis.prevailing
    assert marks is not None
    p, out = marks.p, {}
    if p is None:
        return {}
    for lead in ("II", "V1"):
        if lead in waves:
            out[f"p_{lead.lower()}"] = float(waves[lead].p or 0.0)
    out |= {f"p_{lead}": float(waves[lead].p or 0.0) for lead in P_LEADS if lead in waves}
    duration = (p.offset - p.onset) * _MS
    segment = (marks.qrs.onset - p.offset) * _MS
    out["p_share_of_pr"] = duration / max(duration + segment, 1.0)
    row = analysis.row("V1")
    if row is not None:
        out["p_force_v1"] = terminal_force(row, p)
        wave = _from_line(row[p.onset : p.offset + 1])
        out["p_positive_v1"], out["p_negative_v1"] = float(wave.max()), float(wave.min())
        out["p_negative_ms_v1"] = float((wave < -_P_NOTCH_MV).sum()) * _MS
    row = analysis.row("II")
    if row is not None:
        wave = _from_line(row[p.onset : p.offset + 1])
        out["p_area_ii"] = float(wave.sum()) * _MS
        turns = [at for at in turning_points(wave, _P_NOTCH_MV) if wave[at] > 0.0]
        out["p_notch_ms_ii"] = (turns[-1] - turns[0]) * _MS if len(turns) > 2 else 0.0
    return out


def _from_line(part: NDArray[np.float32]) -> NDArray[np.float64]:
    """Take the straight line between the two ends away, so that the slope into the QRS complex does not enter."""
    return np.asarray(part - np.linspace(part[0], part[-1], len(part)), dtype=np.float64)


def _steadiness(analysis: Analysis) -> dict[str, float]:
    """How much PR interval and P amplitude change from beat to beat."""
    found, leads = analysis.delineation, analysis.prepared.leads
    seen = np.isfinite(found.p_onset) & np.isfinite(found.p_peak) & (found.kind == 0)
    if seen.sum() < 3:
        return {}
    pr = (found.qrs_onset - found.p_onset)[seen] * 1000.0
    out = {"pr_spread_ms": float(pr.std()), "pr_range_ms": float(np.ptp(pr))}
    if "II" in leads:
        row = analysis.prepared.steady[leads.index("II")]
        peak, onset = (np.round(at[seen] * WORKING_HZ).astype(np.int64) for at in (found.p_peak, found.p_onset))
        out["p_spread_ii"] = float((row[peak] - row[onset]).std())
    return out


def _between_beats(analysis: Analysis) -> dict[str, float]:
    marks, prepared = analysis.prevailing, analysis.prepared
    assert marks is not None
    out: dict[str, float] = {}
    rows = [row for row, lead in enumerate(prepared.leads) if lead in ("V1", "II")]
    names = [prepared.leads[row].lower() for row in rows]
    if not rows:
        return out
    clear = round(_CLEAR_S * WORKING_HZ)
    start, end = max(0, marks.qrs.onset - round(0.25 * WORKING_HZ)), marks.qrs.onset - clear // 2
    if len(marks.kind.centres) > 2:
        parts = windows(prepared.steady[rows], marks.kind.centres, BEFORE - start, end - BEFORE)
        rest = parts - median_of(parts)
        rest -= rest.mean(axis=2, keepdims=True)
        for name, size in zip(names, np.sqrt(median_last(np.square(rest).mean(axis=2).T)), strict=True):
            out[f"atrial_rest_{name}"] = float(size)
    # Nothing above 12 Hz is wanted: half of the samples will do.
    quick = band_pass(prepared.signal[rows, ::_STRIDE], WORKING_HZ / _STRIDE, *_ATRIAL_HZ)
    between = _mask(analysis, np.where(np.isfinite(analysis.delineation.p_onset), analysis.delineation.p_onset, np.inf))
    if between.sum() > WORKING_HZ / _STRIDE * 0.2:
        for name, size in zip(names, np.sqrt(np.square(quick[:, between]).mean(axis=1)), strict=True):
            out[f"fibrillation_{name}"] = float(size)
    everything = _mask(analysis, np.full(len(analysis.beats), np.inf))
    if everything.sum() > WORKING_HZ / _STRIDE:
        for name, height in zip(names, _periodicity(quick * everything, everything), strict=True):
            out[f"flutter_{name}"] = height
    return out


def _mask(analysis: Analysis, until: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark what lies between the end of T and `until` (s, per beat) or the next QRS complex."""
    found = analysis.delineation
    clear, rate = round(_CLEAR_S * WORKING_HZ / _STRIDE), WORKING_HZ / _STRIDE
    inside = np.zeros(-(-analysis.prepared.samples // _STRIDE), dtype=bool)
    ends = np.minimum(until[1:], np.where(np.isfinite(found.qrs_onset[1:]), found.qrs_onset[1:], np.inf))
    for from_s, until_s in zip(found.t_offset[:-1].tolist(), ends.tolist(), strict=True):
        if np.isfinite(from_s) and np.isfinite(until_s):
            first, last = round(from_s * rate), round(until_s * rate)
            inside[first + clear : max(first + clear, last - clear)] = True
    return inside


def _periodicity(part: NDArray[np.float32], inside: NDArray[np.bool_]) -> list[float]:
    """Highest autocorrelation after 140 to 290 ms of each row; only what is inside counts."""
    first, last = (round(at * WORKING_HZ / _STRIDE) for at in _FLUTTER_S)
    # So many zeros that nothing wraps around up to the last shift wanted.
    size = next_fast_len(part.shape[1] + last, real=True)
    spectrum = np.square(np.abs(rfft(np.vstack([inside, part]).astype(np.float64), size, axis=1)))
    product = irfft(spectrum, size, axis=1)[:, first : last + 1]
    pairs = product[0]
    # Few pairs of instants that far apart make chance correlations.
    enough = pairs > WORKING_HZ / _STRIDE / 4.0
    if not enough.any():
        return [np.nan] * len(part)
    power = np.square(part).sum(axis=1) / int(inside.sum())
    highest = (product[1:, enough] / pairs[enough]).max(axis=1)
    return [float(one) for one in highest / np.maximum(power, 1e-12)]
