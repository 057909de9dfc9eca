"""The measurements as one row of numbers, for a classifier; docs/measurements.md describes each."""

from __future__ import annotations

from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from ecgview.record import CHEST_LEADS, LIMB_LEADS, STANDARD_LEADS, Record
from ecgview.signal.analysis import Analysis, analyse
from ecgview.signal.atrial_features import P_LEADS, atrial_features
from ecgview.signal.lead_features import LeadTable, lead_table, u_waves
from ecgview.signal.lead_waves import LeadWaves
from ecgview.signal.marks import Hump
from ecgview.signal.measurements import depth, frontal_axis, measurements_of, net_areas, seen_t, waves_of
from ecgview.signal.medians import median_last, median_of_few
from ecgview.signal.pattern_features import REGIONS, pattern_features
from ecgview.signal.preparing import WORKING_HZ
from ecgview.signal.rhythm_features import premature_features, rhythm_features
from ecgview.signal.values import Measurements
from ecgview.signal.vector_features import vector_features

_FIRST = (
    "rate rr_sdnn rr_rmssd rr_pnn50 rr_spread rr_entropy rr_step_share"
    " premature premature_wide premature_paused kinds"
    " p_share p_agreement p_ms pr_ms qrs_ms qt_ms qtc_ms t_peak_share"
    " p_axis qrs_axis t_axis qrs_t_angle"
    " atrial_rest_v1 atrial_rest_ii fibrillation_v1 fibrillation_ii"
    " p_ii p_v1 p_force_v1 r_prime_v1 r_prime_v2"
    " sokolow_lyon cornell limb_span chest_span"
    " q_ms_inferior q_ms_anterior q_ms_lateral"
).split()
_RHYTHM = (
    "rate_usual rr_longest_share rr_shortest_share rr_regular_share rr_alternating"
    " rr_swing_ms rr_swing_share rr_smooth rr_turns"
    " premature_narrow premature_p wide_beats prevailing_share"
).split()
_ATRIA = (
    "p_share_of_pr p_positive_v1 p_negative_v1 p_negative_ms_v1 p_area_ii p_notch_ms_ii"
    " pr_spread_ms pr_range_ms p_spread_ii flutter_v1 flutter_ii"
).split()
_WHOLE = (
    "jt_ms t_end_ms spike noise wander"
    " qrs_azimuth qrs_elevation qrs_vector qrs_complexity"
    " t_azimuth t_elevation t_vector t_complexity space_angle"
).split()
_PATTERNS = (
    "leads_t_inverted leads_t_negative leads_t_low leads_st_depressed leads_st_elevated leads_st_sloping_down"
    " t_mean_upright t_size_mean t_ratio_mean t_ratio_lowest st_lowest st_highest sag_lowest t_negative_lowest"
    " u_highest r_highest_v1_v3 r_gain_lowest r_share_v1 r_share_v2 r_share_v3 r_share_v6 transition"
    " notches steepness cornell_product lewis gubner deepest_chest peguero sokolow_right span_sum"
    " limb_span_mean chest_span_mean strain romhilt_estes signs_lafb signs_lpfb signs_rbbb signs_lbbb"
).split()
_BY_REGION = ("t_lowest t_highest st_lowest st_highest leads_q q_lowest q_share notches early_lowest").split()
# aVR says nothing that I and II do not.
_LEADS = tuple(lead for lead in STANDARD_LEADS if lead != "aVR")
_FIRST_PER_LEAD = ("r", "s", "q", "t", "st60")
_FIRST_AREAS = ("I", "aVF", "V1", "V2", "V4", "V6")
_PER_LEAD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("j", "st_slope", "t_positive", "t_negative", "t_ratio"), _LEADS),
    "qrs_area": tuple(lead for lead in _LEADS if lead not in _FIRST_AREAS),
    "r_peak": ("I", "aVF", "V1", "V2", "V5", "V6"),
    "r_prime": ("I", "III"),
    "s_ms": ("I", "V6"),
    "early": ("I", "aVF", "V1", "V2", "V4", "V6"),
    "late": ("I", "aVF", "V1", "V2", "V6"),
    "sag": ("I", "II", "V2", "V4", "V5", "V6"),
    "t_symmetry": ("II", "V5"),
}

FEATURES: tuple[str, ...] = (
    *_FIRST,
    *(f"qrs_area_{lead}" for lead in _FIRST_AREAS),
    *(f"{wave}_{lead}" for lead in _LEADS for wave in _FIRST_PER_LEAD),
    *_RHYTHM,
    *_ATRIA,
    *(f"p_{lead}" for lead in P_LEADS),
    *_WHOLE,
    *_PATTERNS,
    *(f"{name}_{region}" for name in _BY_REGION for region in REGIONS),
    *(f"{wave}_{lead}" for wave, leads in _PER_LEAD.items() for lead in leads),
)
_UNMEASURED = dict.fromkeys(FEATURES, np.nan)
_in_order = itemgetter(*FEATURES)
_POSITION = {lead: at for at, lead in enumerate(STANDARD_LEADS)}
# Of each wave of the table, the features it gives and the places of their leads.
_SHOWN = {
    wave: [(f"{wave}_{lead}", _POSITION[lead]) for lead in leads]
    for wave, leads in (_PER_LEAD | dict.fromkeys(_FIRST_PER_LEAD, _LEADS) | {"qrs_area": _LEADS}).items()
}

_SPIKE_BEFORE, _SPIKE_AFTER = round(0.016 * WORKING_HZ), round(0.024 * WORKING_HZ)
_NOISE_STEP = round(0.010 * WORKING_HZ)


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
    return FEATURES, features_of(analyse(record))


def measure_and_features(record: Record) -> tuple[Measurements, NDArray[np.float32]]:
    """Measure a record for readers and for a classifier, from one analysis.

    Parameters
    ----------
    record : Record
        Any rate, any leads.

    Returns
    -------
    measurements : Measurements
        As :func:`ecgview.signal.measurements.measure` gives.
    values : ndarray of float32, shape (len(FEATURES),)
        As :func:`feature_vector` gives.
    """
    analysis = analyse(record)
    return measurements_of(record, analysis), features_of(analysis)


def features_of(analysis: Analysis) -> NDArray[np.float32]:
    """Return the features of a record that has been analysed; see :func:`feature_vector`.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    ndarray of float32, shape (len(FEATURES),)
    """
    found: dict[str, float] = {}
    if analysis.prevailing is not None:
        waves, t = waves_of(analysis), seen_t(analysis)
        table = lead_table(analysis, waves, t) | {"u": u_waves(analysis, t)}
        found |= rhythm_features(analysis)
        found |= premature_features(analysis)
        found |= _conduction(analysis, t)
        found |= atrial_features(analysis, waves)
        found |= _shapes(analysis, waves, table)
        found |= vector_features(analysis, t)
        found |= _recording(analysis)
        found |= pattern_features(table, found["qrs_ms"], found["qrs_axis"], found.get("p_force_v1", np.nan))
    return np.array(_in_order(_UNMEASURED | found), dtype=np.float32)


def _conduction(analysis: Analysis, t: Hump | None) -> dict[str, float]:
    marks = analysis.prevailing
    assert marks is not None
    step, leads = 1000.0 / WORKING_HZ, analysis.prepared.leads
    limb = [lead for lead in LIMB_LEADS if lead in leads]
    qrs, p = marks.qrs, marks.p
    out = {"qrs_ms": (qrs.offset - qrs.onset) * step, "p_agreement": marks.p_agreement}
    out["p_share"] = float(np.isfinite(analysis.delineation.p_onset).mean())

    def axis(wave: str, span: tuple[int, int]) -> float:
        found = frontal_axis(net_areas(analysis, limb, span, wave), 0.0)
        return np.nan if found is None else found

    out["qrs_axis"] = axis("QRS", (qrs.onset, qrs.offset))
    if p is not None:
        out |= {"pr_ms": (qrs.onset - p.onset) * step, "p_ms": (p.offset - p.onset) * step}
        out["p_axis"] = axis("P", (p.onset, p.offset))
    if t is not None:
        out["qt_ms"] = (t.offset - qrs.onset) * step
        out["jt_ms"] = (t.offset - qrs.offset) * step
        out["t_end_ms"] = (t.offset - t.peak) * step
        out["t_peak_share"] = (t.peak - qrs.offset) / max(1, t.offset - qrs.offset)
        out["t_axis"] = axis("T", (max(2 * t.peak - t.offset, qrs.offset), t.offset))
        out["qrs_t_angle"] = abs((out["qrs_axis"] - out["t_axis"] + 180.0) % 360.0 - 180.0)
        if len(analysis.beats.rr):
            out["qtc_ms"] = out["qt_ms"] / float(np.cbrt(analysis.beats.rr.mean()))
    return out


def _recording(analysis: Analysis) -> dict[str, float]:
    """How the recording is, and whether complexes begin with the spike of a pacemaker."""
    marks, prepared = analysis.prevailing, analysis.prepared
    assert marks is not None
    signal, step = prepared.signal, _NOISE_STEP
    # Every fifth instant tells as much as all of them.
    bend = signal[:, 2 * step :: 5] - 2.0 * signal[:, step:-step:5] + signal[:, : -2 * step : 5]
    slow = signal[:, ::25] - prepared.steady[:, ::25]
    qrs = marks.qrs
    first = max(1, qrs.onset - _SPIKE_BEFORE)
    speed = np.abs(np.diff(analysis.beat[:, first - 1 : qrs.offset + 1], axis=1)).max(axis=0)
    start = speed[: qrs.onset + _SPIKE_AFTER - first]
    return {
        "noise": median_of_few(median_last(np.abs(bend))),
        "wander": median_of_few(slow.std(axis=1)),
        "spike": float(start.max() / max(float(speed.max()), 1e-6)) if len(start) else np.nan,
    }


def _shapes(analysis: Analysis, waves: dict[str, LeadWaves], table: LeadTable) -> dict[str, float]:
    marks = analysis.prevailing
    assert marks is not None
    out: dict[str, float] = {}
    for wave, shown in _SHOWN.items():
        values = table[wave].tolist()
        out |= {name: values[at] for name, at in shown}
    for region, leads in REGIONS.items():
        out[f"q_ms_{region}"] = max((waves[lead].q_ms for lead in leads if lead in waves), default=np.nan)
    for lead in ("V1", "V2"):
        if lead in waves:
            out[f"r_prime_{lead.lower()}"] = waves[lead].r_prime
    if "V1" in waves and "V5" in waves:
        out["sokolow_lyon"] = depth(waves["V1"]) + max(waves[lead].r for lead in ("V5", "V6") if lead in waves)
    if "aVL" in waves and "V3" in waves:
        out["cornell"] = waves["aVL"].r + depth(waves["V3"])
    spans = table["span"]
    for name, group in (("limb_span", LIMB_LEADS), ("chest_span", CHEST_LEADS)):
        known = spans[[_POSITION[lead] for lead in group]]
        known = known[np.isfinite(known)]
        out[name] = float(known.max()) if len(known) else np.nan
    return out
