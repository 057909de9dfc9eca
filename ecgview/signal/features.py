"""The measurements as one row of numbers, for a classifier; docs/measurements.md describes each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.record import CHEST_LEADS, LIMB_LEADS, STANDARD_LEADS, Record
from ecgview.signal.analysis import Analysis, analyse
from ecgview.signal.averaging import BEFORE, windows
from ecgview.signal.filters import band_pass
from ecgview.signal.lead_waves import LeadWaves, terminal_force
from ecgview.signal.measurements import PREMATURE, depth, frontal_axis, net_area, normal_rr, seen_t, waves_of
from ecgview.signal.preparing import WORKING_HZ

_GLOBAL = (
    "rate rr_sdnn rr_rmssd rr_pnn50 rr_spread rr_entropy rr_step_share"
    " premature premature_wide premature_paused kinds"
    " p_share p_agreement p_ms pr_ms qrs_ms qt_ms qtc_ms t_peak_share"
    " p_axis qrs_axis t_axis qrs_t_angle"
    " atrial_rest_v1 atrial_rest_ii fibrillation_v1 fibrillation_ii"
    " p_ii p_v1 p_force_v1 r_prime_v1 r_prime_v2"
    " sokolow_lyon cornell limb_span chest_span"
    " q_ms_inferior q_ms_anterior q_ms_lateral"
).split()
_PER_LEAD = ("r", "s", "q", "t", "st60")
# aVR says nothing that I and II do not.
_LEADS = tuple(lead for lead in STANDARD_LEADS if lead != "aVR")
_AREAS = ("I", "aVF", "V1", "V2", "V4", "V6")
_GROUPS = {"inferior": ("II", "III", "aVF"), "anterior": ("V1", "V2", "V3", "V4"), "lateral": ("I", "aVL", "V5", "V6")}

FEATURES: tuple[str, ...] = (
    *_GLOBAL,
    *(f"qrs_area_{lead}" for lead in _AREAS),
    *(f"{wave}_{lead}" for lead in _LEADS for wave in _PER_LEAD),
)

# A premature beat this much longer than the prevailing one is wide.
_WIDER_MS = 20.0
# The pause is compensatory where the interval before and after a premature beat make up two usual ones.
_COMPENSATED = 0.10
_ENTROPY_BIN = 0.05
_EDGE_S = 0.15
_ATRIAL_HZ = (4.0, 12.0)
_CLEAR_S = 0.03


def feature_vector(record: Record) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Measure a record as one row of numbers.

    Parameters
    ----------
    record : Record
        Any rate, any leads.

    Returns
    -------
    names : tuple of str
        :data:`FEATURES`, always the same.
    values : ndarray of float32, shape (len(names),)
        NaN where not measurable.
    """
    analysis = analyse(record)
    found: dict[str, float] = {}
    if analysis.prevailing is not None:
        waves = waves_of(analysis)
        found |= _rhythm(analysis)
        found |= _premature(analysis)
        found |= _conduction(analysis)
        found |= _atria(analysis)
        found |= _shapes(analysis, waves)
    return FEATURES, np.array([found.get(name, np.nan) for name in FEATURES], dtype=np.float32)


def _rhythm(analysis: Analysis) -> dict[str, float]:
    rr = analysis.beats.rr
    if len(rr) < 1:
        return {}
    out = {"rate": 60.0 / float(rr.mean()), "rr_spread": float(rr.max() / rr.min())}
    if len(rr) > 2:
        shares = np.bincount(np.round(rr / np.median(rr) / _ENTROPY_BIN).astype(np.int64)) / len(rr)
        out["rr_entropy"] = float(-(shares[shares > 0] * np.log2(shares[shares > 0])).sum())
        # Robust to single premature beats, large where every interval differs from the one before.
        out["rr_step_share"] = float(np.median(np.abs(np.diff(rr))) / np.median(rr))
    normal = normal_rr(analysis) * 1000.0
    if len(normal) > 2:
        steps = np.diff(normal)
        out["rr_sdnn"] = float(normal.std(ddof=1))
        out["rr_rmssd"] = float(np.sqrt(np.square(steps).mean()))
        out["rr_pnn50"] = float((np.abs(steps) > 50.0).mean())
    return out


def _premature(analysis: Analysis) -> dict[str, float]:
    rr, marks = analysis.beats.rr, analysis.delineation
    width = (marks.qrs_offset - marks.qrs_onset) * 1000.0
    usual = float(np.median(rr)) if len(rr) else np.nan
    usual_width = float(np.median(width[marks.kind == 0]))
    early = [beat for beat in range(1, len(width)) if rr[beat - 1] < PREMATURE * usual]
    other = [beat for beat in early if marks.kind[beat] != 0]
    paused = [b for b in early if b < len(rr) and abs(rr[b - 1] + rr[b] - 2.0 * usual) < _COMPENSATED * usual]
    # Beats cut off by an end of the recording look like a kind of their own.
    end = analysis.prepared.samples / WORKING_HZ - _EDGE_S
    whole = (analysis.beats.times > _EDGE_S) & (analysis.beats.times < end)
    return {
        "premature": float(len(early)),
        "premature_wide": float(sum(width[beat] > usual_width + _WIDER_MS for beat in other)),
        "premature_paused": float(len(paused)),
        "kinds": float(len(np.unique(marks.kind[whole]))),
    }


def _conduction(analysis: Analysis) -> dict[str, float]:
    marks = analysis.prevailing
    assert marks is not None
    step, leads = 1000.0 / WORKING_HZ, analysis.prepared.leads
    limb = [lead for lead in LIMB_LEADS if lead in leads]
    qrs, p, t = marks.qrs, marks.p, seen_t(analysis)
    out = {"qrs_ms": (qrs.offset - qrs.onset) * step, "p_agreement": marks.p_agreement}
    out["p_share"] = float(np.isfinite(analysis.delineation.p_onset).mean())

    def axis(wave: str, span: tuple[int, int]) -> float:
        found = frontal_axis({lead: net_area(analysis, lead, span, wave) for lead in limb}, 0.0)
        return np.nan if found is None else found

    out["qrs_axis"] = axis("QRS", (qrs.onset, qrs.offset))
    if p is not None:
        out |= {"pr_ms": (qrs.onset - p.onset) * step, "p_ms": (p.offset - p.onset) * step}
        out["p_axis"] = axis("P", (p.onset, p.offset))
    if t is not None:
        out["qt_ms"] = (t.offset - qrs.onset) * step
        out["t_peak_share"] = (t.peak - qrs.offset) / max(1, t.offset - qrs.offset)
        out["t_axis"] = axis("T", (max(2 * t.peak - t.offset, qrs.offset), t.offset))
        out["qrs_t_angle"] = abs((out["qrs_axis"] - out["t_axis"] + 180.0) % 360.0 - 180.0)
        if len(analysis.beats.rr):
            out["qtc_ms"] = out["qt_ms"] / float(np.cbrt(analysis.beats.rr.mean()))
    return out


def _atria(analysis: Analysis) -> dict[str, float]:
    """What the atria do besides the P wave of the average beat."""
    marks, prepared = analysis.prevailing, analysis.prepared
    assert marks is not None
    out: dict[str, float] = {}
    rows = [row for row, lead in enumerate(prepared.leads) if lead in ("V1", "II")]
    names = [prepared.leads[row].lower() for row in rows]
    if not rows:
        return out
    clear = round(_CLEAR_S * WORKING_HZ)
    steady = prepared.steady[rows]
    start, end = max(0, marks.qrs.onset - round(0.25 * WORKING_HZ)), marks.qrs.onset - clear // 2
    if len(marks.kind.centres) > 2:
        parts = windows(steady, marks.kind.centres, BEFORE - start, end - BEFORE)
        rest = parts - np.median(parts, axis=0)
        rest -= rest.mean(axis=2, keepdims=True)
        for name, size in zip(names, np.sqrt(np.median(np.square(rest).mean(axis=2), axis=0)), strict=True):
            out[f"atrial_rest_{name}"] = float(size)
    quick = band_pass(prepared.signal[rows], WORKING_HZ, *_ATRIAL_HZ)
    between = np.zeros(prepared.samples, dtype=bool)
    found = analysis.delineation
    for beat in range(len(analysis.beats) - 1):
        until = found.p_onset[beat + 1] if np.isfinite(found.p_onset[beat + 1]) else found.qrs_onset[beat + 1]
        if np.isfinite(found.t_offset[beat]) and np.isfinite(until):
            first, last = (round(float(at) * WORKING_HZ) for at in (found.t_offset[beat], until))
            between[first + clear : max(first + clear, last - clear)] = True
    if between.sum() > WORKING_HZ * 0.2:
        for name, size in zip(names, np.sqrt(np.square(quick[:, between]).mean(axis=1)), strict=True):
            out[f"fibrillation_{name}"] = float(size)
    return out


def _shapes(analysis: Analysis, waves: dict[str, LeadWaves]) -> dict[str, float]:
    marks = analysis.prevailing
    assert marks is not None
    out: dict[str, float] = {}
    for lead, one in waves.items():
        for wave in _PER_LEAD:
            number = getattr(one, wave)
            out[f"{wave}_{lead}"] = np.nan if number is None else number
    for lead in _AREAS:
        if lead in waves:
            out[f"qrs_area_{lead}"] = waves[lead].qrs_area
    for group, leads in _GROUPS.items():
        out[f"q_ms_{group}"] = max((waves[lead].q_ms for lead in leads if lead in waves), default=np.nan)
    for lead in ("V1", "V2"):
        if lead in waves:
            out[f"r_prime_{lead.lower()}"] = waves[lead].r_prime
    if marks.p is not None:
        for lead in ("II", "V1"):
            if lead in waves:
                out[f"p_{lead.lower()}"] = float(waves[lead].p or 0.0)
        row = analysis.row("V1")
        if row is not None:
            out["p_force_v1"] = terminal_force(row, marks.p)
    if "V1" in waves and "V5" in waves:
        out["sokolow_lyon"] = depth(waves["V1"]) + max(waves[lead].r for lead in ("V5", "V6") if lead in waves)
    if "aVL" in waves and "V3" in waves:
        out["cornell"] = waves["aVL"].r + depth(waves["V3"])
    qrs = analysis.beat[:, marks.qrs.onset : marks.qrs.offset + 1]
    spans = dict(zip(analysis.prepared.leads, np.ptp(qrs, axis=1), strict=True))
    for name, group_leads in (("limb_span", LIMB_LEADS), ("chest_span", CHEST_LEADS)):
        out[name] = float(max((spans[lead] for lead in group_leads if lead in spans), default=np.nan))
    return out
