"""What the sequence of beats shows, as numbers for a classifier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.signal.analysis import Analysis
from ecgview.signal.measurements import PREMATURE, normal_rr
from ecgview.signal.medians import median_of_few
from ecgview.signal.preparing import WORKING_HZ

# A premature beat this much longer than the prevailing one is wide.
_WIDER_MS = 20.0
# The pause is compensatory where the interval before and after a premature beat make up two usual ones.
_COMPENSATED = 0.10
_ENTROPY_BIN = 0.05
_EDGE_S = 0.15
_REGULAR = 0.05
# Intervals that go to and fro by this share of the usual one alternate.
_ALTERNATING = 0.10


def rhythm_features(analysis: Analysis) -> dict[str, float]:
    """Measure rate, regularity and how RR intervals follow each other.

    Parameters
    ----------
    analysis : Analysis
        With beats.

    Returns
    -------
    dict of str to float
        What cannot be measured is left out.
    """
    rr = analysis.beats.rr
    if len(rr) < 1:
        return {}
    usual = median_of_few(rr)
    out = {
        "rate": 60.0 / float(rr.mean()),
        "rate_usual": 60.0 / usual,
        "rr_spread": float(rr.max() / rr.min()),
        "rr_longest_share": float(rr.max()) / usual,
        "rr_shortest_share": float(rr.min()) / usual,
        "rr_regular_share": float((np.abs(rr / usual - 1.0) < _REGULAR).mean()),
    }
    if len(rr) > 2:
        shares = np.bincount(np.round(rr / usual / _ENTROPY_BIN).astype(np.int64)) / len(rr)
        out["rr_entropy"] = float(-(shares[shares > 0] * np.log2(shares[shares > 0])).sum())
        # Robust to single premature beats, large where every interval differs from the one before.
        steps = np.diff(rr)
        out["rr_step_share"] = median_of_few(np.abs(steps)) / usual
        opposite = steps[1:] * steps[:-1] < 0.0
        large = np.minimum(np.abs(steps[1:]), np.abs(steps[:-1])) > _ALTERNATING * usual
        out["rr_alternating"] = float((opposite & large).mean())
    out |= _variability(normal_rr(analysis) * 1000.0)
    return out


def _variability(normal: NDArray[np.float64]) -> dict[str, float]:
    """Variability of the RR intervals (ms) between usual beats."""
    if len(normal) < 3:
        return {}
    steps = np.diff(normal)
    out = {
        "rr_sdnn": float(normal.std(ddof=1)),
        "rr_rmssd": float(np.sqrt(np.square(steps).mean())),
        "rr_pnn50": float((np.abs(steps) > 50.0).mean()),
        "rr_swing_ms": float(np.ptp(normal)),
        "rr_swing_share": float(np.ptp(normal)) / median_of_few(normal),
    }
    away = normal - normal.mean()
    power = float(np.square(away).sum())
    if power > 0.0:
        # Breathing makes RR intervals rise and fall slowly: each is like the one before.
        out["rr_smooth"] = float((away[1:] * away[:-1]).sum()) / power
    if len(steps) > 1:
        out["rr_turns"] = float((steps[1:] * steps[:-1] < 0.0).mean())
    return out


def premature_features(analysis: Analysis) -> dict[str, float]:
    """Count premature beats, wide and narrow, with and without a compensatory pause.

    Parameters
    ----------
    analysis : Analysis
        With beats.

    Returns
    -------
    dict of str to float
    """
    rr, marks = analysis.beats.rr, analysis.delineation
    width = (marks.qrs_offset - marks.qrs_onset) * 1000.0
    usual = median_of_few(rr) if len(rr) else np.nan
    # A beat cut off by an end of the recording has no width.
    prevailing = width[(marks.kind == 0) & np.isfinite(width)]
    wide = (marks.kind != 0) & (width > (median_of_few(prevailing) if len(prevailing) else np.nan) + _WIDER_MS)
    early = [beat for beat in range(1, len(width)) if rr[beat - 1] < PREMATURE * usual]
    paused = [b for b in early if b < len(rr) and abs(rr[b - 1] + rr[b] - 2.0 * usual) < _COMPENSATED * usual]
    # Beats cut off by an end of the recording look like a kind of their own.
    end = analysis.prepared.samples / WORKING_HZ - _EDGE_S
    whole = (analysis.beats.times > _EDGE_S) & (analysis.beats.times < end)
    return {
        "premature": float(len(early)),
        "premature_wide": float(sum(wide[beat] for beat in early)),
        "premature_narrow": float(sum(not wide[beat] for beat in early)),
        "premature_paused": float(len(paused)),
        "premature_p": float(sum(np.isfinite(marks.p_onset[beat]) for beat in early)),
        "wide_beats": float((wide & whole).sum()),
        "kinds": float(len(set(marks.kind[whole].tolist()))),
        "prevailing_share": float((marks.kind[whole] == 0).mean()) if whole.any() else np.nan,
    }
