"""What readers look for across leads: counts of leads, worst leads of a region, and the classical criteria."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.record import CHEST_LEADS, LIMB_LEADS, STANDARD_LEADS
from ecgview.signal.lead_features import LeadTable

REGIONS = {
    "inferior": ("II", "III", "aVF"),
    "anterior": ("V1", "V2", "V3", "V4"),
    "lateral": ("I", "aVL", "V5", "V6"),
}
# T waves are upright in these in health; in III, aVL, V1 and V2 either way.
UPRIGHT_T = ("I", "II", "aVF", "V3", "V4", "V5", "V6")
_USUAL_LEADS = tuple(lead for lead in STANDARD_LEADS if lead != "aVR")
# B. Surawicz et al., "AHA/ACCF/HRS recommendations ... Part III" and P. M. Rautaharju et al., "... Part IV",
# Circulation 2009;119:e235-e250: inverted from -0.1 mV, flat between -0.1 and 0.1 mV, low under 10 % of R.
_INVERTED_MV, _LOW_SHARE = -0.1, 0.10
_DEPRESSED_MV, _ELEVATED_MV = -0.05, 0.1
# A Q wave of 30 ms and 0.1 mV counts: K. Thygesen et al., "Fourth universal definition of myocardial infarction".
_Q_MS, _Q_MV = 30.0, 0.1


def pattern_features(table: LeadTable, qrs_ms: float, qrs_axis: float, p_force: float) -> dict[str, float]:
    """Join what the leads show.

    Parameters
    ----------
    table : dict of str to ndarray
        From :func:`ecgview.signal.lead_features.lead_table`.
    qrs_ms : float
    qrs_axis : float
        Degrees; NaN where unknown.
    p_force : float
        P terminal force in V1, mV ms; NaN where unknown.

    Returns
    -------
    dict of str to float
        NaN where too few leads are there.
    """
    return (
        _repolarisation(table)
        | _progression(table)
        | _infarction(table)
        | _hypertrophy(table, qrs_ms, qrs_axis, p_force)
        | _blocks(table, qrs_ms, qrs_axis)
    )


def _of(table: LeadTable, wave: str, leads: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the values of the leads that have one."""
    values = table[wave][[STANDARD_LEADS.index(lead) for lead in leads]]
    return values[np.isfinite(values)]


def _one(table: LeadTable, wave: str, lead: str) -> float:
    return float(table[wave][STANDARD_LEADS.index(lead)])


def _lowest(values: NDArray[np.float64]) -> float:
    return float(values.min()) if len(values) else np.nan


def _highest(values: NDArray[np.float64]) -> float:
    return float(values.max()) if len(values) else np.nan


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else np.nan


def _count(values: NDArray[np.float64], marked: NDArray[np.bool_]) -> float:
    return float(marked.sum()) if len(values) else np.nan


def _repolarisation(table: LeadTable) -> dict[str, float]:
    t, st = _of(table, "t", UPRIGHT_T), _of(table, "st60", _USUAL_LEADS)
    ratio = _of(table, "t_ratio", UPRIGHT_T)
    out = {
        "leads_t_inverted": _count(t, t <= _INVERTED_MV),
        "leads_t_negative": _count(t, t < 0.0),
        "leads_t_low": _count(ratio, np.abs(ratio) < _LOW_SHARE),
        "leads_st_depressed": _count(st, st <= _DEPRESSED_MV),
        "leads_st_elevated": _count(st, st >= _ELEVATED_MV),
        "t_mean_upright": _mean(t),
        "t_size_mean": _mean(np.abs(t)),
        "t_ratio_mean": _mean(ratio),
        "t_ratio_lowest": _lowest(ratio),
        "st_lowest": _lowest(st),
        "st_highest": _highest(st),
        "sag_lowest": _lowest(_of(table, "sag", UPRIGHT_T)),
        "t_negative_lowest": _lowest(_of(table, "t_negative", UPRIGHT_T)),
        "u_highest": _highest(table["u"][np.isfinite(table["u"])]),
    }
    slope = _of(table, "st_slope", UPRIGHT_T)
    st_in = _of(table, "st60", UPRIGHT_T)
    if len(slope) == len(st_in):
        # Horizontal or falling ST under the baseline.
        out["leads_st_sloping_down"] = _count(slope, (st_in <= _DEPRESSED_MV) & (slope <= 0.0))
    for region, leads in REGIONS.items():
        out[f"t_lowest_{region}"] = _lowest(_of(table, "t", leads))
        out[f"t_highest_{region}"] = _highest(_of(table, "t", leads))
        out[f"st_lowest_{region}"] = _lowest(_of(table, "st60", leads))
        out[f"st_highest_{region}"] = _highest(_of(table, "st60", leads))
    return out


def _progression(table: LeadTable) -> dict[str, float]:
    """How R grows from V1 to V6."""
    chest = [STANDARD_LEADS.index(lead) for lead in CHEST_LEADS]
    r, depths = table["r"][chest], _depths(table)[chest]
    gain = np.diff(r[:4])
    out = {
        "r_highest_v1_v3": _highest(r[:3][np.isfinite(r[:3])]),
        "r_gain_lowest": _lowest(gain[np.isfinite(gain)]),
        "r_share_v1": float(r[0] / max(r[0] + depths[0], 0.05)),
        "r_share_v2": float(r[1] / max(r[1] + depths[1], 0.05)),
        "r_share_v3": float(r[2] / max(r[2] + depths[2], 0.05)),
        "r_share_v6": float(r[5] / max(r[5] + depths[5], 0.05)),
    }
    balance = r - depths
    if np.isfinite(balance).all():
        upright = np.flatnonzero(balance >= 0.0)
        if not len(upright):
            out["transition"] = 6.5
        elif upright[0] == 0:
            out["transition"] = 0.5
        else:
            at = int(upright[0])
            out["transition"] = at + float(-balance[at - 1] / max(balance[at] - balance[at - 1], 1e-6))
    return out


def _depths(table: LeadTable) -> NDArray[np.float64]:
    """Depth of S, or of QS where all of the complex is negative, as a positive number."""
    return np.asarray(np.maximum(-table["s"], np.where(table["r"] == 0.0, -table["q"], 0.0)))


def _infarction(table: LeadTable) -> dict[str, float]:
    """Q waves by region; a QS complex counts."""
    out: dict[str, float] = {}
    pathological = (table["q_ms"] >= _Q_MS) & (table["q"] <= -_Q_MV)
    for region, leads in REGIONS.items():
        places = [STANDARD_LEADS.index(lead) for lead in leads]
        known = np.isfinite(table["q"][places])
        out[f"leads_q_{region}"] = float(pathological[places][known].sum()) if known.any() else np.nan
        out[f"q_lowest_{region}"] = _lowest(_of(table, "q", leads))
        share = -table["q"][places] / np.maximum(table["r"][places], 0.05)
        out[f"q_share_{region}"] = float(min(share[known].max(), 5.0)) if known.any() else np.nan
        out[f"notches_{region}"] = _count(known_values := _of(table, "notches", leads), known_values > 0.0)
        out[f"early_lowest_{region}"] = _lowest(_of(table, "early", leads))
    out["notches"] = _count(turns := _of(table, "notches", STANDARD_LEADS), turns > 0.0)
    out["steepness"] = _highest(_of(table, "steepness", STANDARD_LEADS))
    return out


def _hypertrophy(table: LeadTable, qrs_ms: float, qrs_axis: float, p_force: float) -> dict[str, float]:
    depths = dict(zip(STANDARD_LEADS, _depths(table).tolist(), strict=True))
    r = dict(zip(STANDARD_LEADS, table["r"].tolist(), strict=True))
    limb, chest = _of(table, "span", LIMB_LEADS), _of(table, "span", CHEST_LEADS)
    out = {
        "cornell_product": (r["aVL"] + depths["V3"]) * qrs_ms,
        "lewis": r["I"] - r["III"] + depths["III"] - depths["I"],
        "gubner": r["I"] + depths["III"],
        "deepest_chest": _highest(np.array([v for v in (depths[lead] for lead in CHEST_LEADS) if v == v])),
        "peguero": _highest(np.array([v for v in depths.values() if v == v])) + depths["V4"],
        "sokolow_right": r["V1"] + max(depths["V5"], depths["V6"]),
        "span_sum": float(limb.sum() + chest.sum()) if len(limb) + len(chest) == 12 else np.nan,
        "limb_span_mean": _mean(limb),
        "chest_span_mean": _mean(chest),
    }
    # Strain: ST low and T inverted where R is high.
    places = [STANDARD_LEADS.index(lead) for lead in REGIONS["lateral"]]
    strain = np.maximum(-table["st60"], 0.0) + np.maximum(-table["t"], 0.0)
    values = (strain * table["r"])[places]
    out["strain"] = _highest(values[np.isfinite(values)])
    # D. W. Romhilt, E. H. Estes, "A point-score system for the ECG diagnosis of left ventricular hypertrophy",
    # Am Heart J 1968;75:752-758.
    voltage = (
        max(_highest(_of(table, "r", LIMB_LEADS)), -_lowest(_of(table, "s", LIMB_LEADS))) >= 2.0
        or max(depths["V1"], depths["V2"]) >= 3.0
        or max(r["V5"], r["V6"]) >= 3.0
    )
    late_peak = max(_one(table, "r_peak", "V5"), _one(table, "r_peak", "V6")) >= 50.0
    out["romhilt_estes"] = float(
        3 * voltage
        + 3 * (out["strain"] > 0.1)
        + 3 * (p_force <= -4.0)
        + 2 * (-180.0 < qrs_axis <= -30.0)
        + (qrs_ms >= 90.0)
        + late_peak
    )
    return out


def _blocks(table: LeadTable, qrs_ms: float, qrs_axis: float) -> dict[str, float]:
    """How many signs of each block there are, and what the signs rest on."""

    def one(wave: str, lead: str) -> float:
        return _one(table, wave, lead)

    small_q = [0.0 < -one("q", lead) < one("r", lead) for lead in ("I", "aVL")]
    rs = [0.0 < one("r", lead) < -one("s", lead) for lead in ("II", "III", "aVF")]
    qr = [0.0 < -one("q", lead) < one("r", lead) for lead in ("II", "III", "aVF")]
    rs_left = [0.0 < one("r", lead) < -one("s", lead) for lead in ("I", "aVL")]
    return {
        "signs_lafb": float((-90.0 <= qrs_axis <= -45.0) + any(small_q) + sum(rs) + (qrs_ms < 120.0)),
        "signs_lpfb": float((90.0 <= qrs_axis <= 180.0) + any(rs_left) + sum(qr) + (qrs_ms < 120.0)),
        "signs_rbbb": float(
            (qrs_ms >= 120.0)
            + (max(one("r_prime", "V1"), one("r_prime", "V2")) > 0.0)
            + (one("late", "V1") > 0.0)
            + (one("s_ms", "I") >= 40.0)
            + (one("s_ms", "V6") >= 40.0)
        ),
        "signs_lbbb": float(
            (qrs_ms >= 120.0)
            + sum(one("q", lead) == 0.0 for lead in ("I", "V5", "V6"))
            + (one("r_peak", "V6") >= 60.0)
            + (one("late", "V6") > 0.0 > one("late", "V1"))
            + any(one("notches", lead) > 0.0 for lead in ("I", "aVL", "V5", "V6"))
        ),
    }
