"""What readers look for across leads: counts of leads, worst leads of a region, and the classical criteria."""

from __future__ import annotations

from math import isfinite

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
_Lists = dict[str, list[float]]
_POSITION = {lead: at for at, lead in enumerate(STANDARD_LEADS)}
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
    # Of twelve numbers each: plain ones are faster than arrays of them.
    lists = {wave: values.tolist() for wave, values in table.items()}
    return (
        _repolarisation(lists)
        | _progression(table, lists)
        | _infarction(table, lists)
        | _hypertrophy(table, lists, qrs_ms, qrs_axis, p_force)
        | _blocks(lists, qrs_ms, qrs_axis)
    )


def _of(lists: _Lists, wave: str, leads: tuple[str, ...]) -> list[float]:
    """Return the values of the leads that have one."""
    values = lists[wave]
    return [value for lead in leads if isfinite(value := values[_POSITION[lead]])]


def _lowest(values: list[float]) -> float:
    return min(values, default=np.nan)


def _highest(values: list[float]) -> float:
    return max(values, default=np.nan)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else np.nan


def _count(marked: list[bool]) -> float:
    return float(sum(marked)) if marked else np.nan


def _repolarisation(lists: _Lists) -> dict[str, float]:
    t, st = _of(lists, "t", UPRIGHT_T), _of(lists, "st60", _USUAL_LEADS)
    ratio = _of(lists, "t_ratio", UPRIGHT_T)
    out = {
        "leads_t_inverted": _count([one <= _INVERTED_MV for one in t]),
        "leads_t_negative": _count([one < 0.0 for one in t]),
        "leads_t_low": _count([abs(one) < _LOW_SHARE for one in ratio]),
        "leads_st_depressed": _count([one <= _DEPRESSED_MV for one in st]),
        "leads_st_elevated": _count([one >= _ELEVATED_MV for one in st]),
        "t_mean_upright": _mean(t),
        "t_size_mean": _mean([abs(one) for one in t]),
        "t_ratio_mean": _mean(ratio),
        "t_ratio_lowest": _lowest(ratio),
        "st_lowest": _lowest(st),
        "st_highest": _highest(st),
        "sag_lowest": _lowest(_of(lists, "sag", UPRIGHT_T)),
        "t_negative_lowest": _lowest(_of(lists, "t_negative", UPRIGHT_T)),
        "u_highest": _highest(_of(lists, "u", STANDARD_LEADS)),
    }
    slope = _of(lists, "st_slope", UPRIGHT_T)
    st_in = _of(lists, "st60", UPRIGHT_T)
    if len(slope) == len(st_in):
        # Horizontal or falling ST under the baseline.
        falling = [level <= _DEPRESSED_MV and rise <= 0.0 for level, rise in zip(st_in, slope, strict=True)]
        out["leads_st_sloping_down"] = _count(falling)
    for region, leads in REGIONS.items():
        t, st = _of(lists, "t", leads), _of(lists, "st60", leads)
        out |= {f"t_lowest_{region}": _lowest(t), f"t_highest_{region}": _highest(t)}
        out |= {f"st_lowest_{region}": _lowest(st), f"st_highest_{region}": _highest(st)}
    return out


def _progression(table: LeadTable, lists: _Lists) -> dict[str, float]:
    """How R grows from V1 to V6."""
    chest = [_POSITION[lead] for lead in CHEST_LEADS]
    r, depths = table["r"][chest], _depths(table)[chest]
    gain = np.diff(r[:4])
    out = {
        "r_highest_v1_v3": _highest(_of(lists, "r", CHEST_LEADS[:3])),
        "r_gain_lowest": _lowest(gain[np.isfinite(gain)].tolist()),
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


def _infarction(table: LeadTable, lists: _Lists) -> dict[str, float]:
    """Q waves by region; a QS complex counts."""
    out: dict[str, float] = {}
    pathological = (table["q_ms"] >= _Q_MS) & (table["q"] <= -_Q_MV)
    for region, leads in REGIONS.items():
        places = [_POSITION[lead] for lead in leads]
        known = np.isfinite(table["q"][places])
        out[f"leads_q_{region}"] = float(pathological[places][known].sum()) if known.any() else np.nan
        out[f"q_lowest_{region}"] = _lowest(_of(lists, "q", leads))
        share = -table["q"][places] / np.maximum(table["r"][places], 0.05)
        out[f"q_share_{region}"] = float(min(share[known].max(), 5.0)) if known.any() else np.nan
        out[f"notches_{region}"] = _count([one > 0.0 for one in _of(lists, "notches", leads)])
        out[f"early_lowest_{region}"] = _lowest(_of(lists, "early", leads))
    out["notches"] = _count([one > 0.0 for one in _of(lists, "notches", STANDARD_LEADS)])
    out["steepness"] = _highest(_of(lists, "steepness", STANDARD_LEADS))
    return out


def _hypertrophy(table: LeadTable, lists: _Lists, qrs_ms: float, qrs_axis: float, p_force: float) -> dict[str, float]:
    depths = dict(zip(STANDARD_LEADS, _depths(table).tolist(), strict=True))
    r = dict(zip(STANDARD_LEADS, lists["r"], strict=True))
    limb, chest = _of(lists, "span", LIMB_LEADS), _of(lists, "span", CHEST_LEADS)
    out = {
        "cornell_product": (r["aVL"] + depths["V3"]) * qrs_ms,
        "lewis": r["I"] - r["III"] + depths["III"] - depths["I"],
        "gubner": r["I"] + depths["III"],
        "deepest_chest": _highest([v for v in (depths[lead] for lead in CHEST_LEADS) if v == v]),
        "peguero": _highest([v for v in depths.values() if v == v]) + depths["V4"],
        "sokolow_right": r["V1"] + max(depths["V5"], depths["V6"]),
        "span_sum": sum(limb) + sum(chest) if len(limb) + len(chest) == 12 else np.nan,
        "limb_span_mean": _mean(limb),
        "chest_span_mean": _mean(chest),
    }
    # Strain: ST low and T inverted where R is high.
    places = [_POSITION[lead] for lead in REGIONS["lateral"]]
    strain = np.maximum(-table["st60"], 0.0) + np.maximum(-table["t"], 0.0)
    values = (strain * table["r"])[places]
    out["strain"] = _highest(values[np.isfinite(values)].tolist())
    # D. W. Romhilt, E. H. Estes, "A point-score system for the ECG diagnosis of left ventricular hypertrophy",
    # Am Heart J 1968;75:752-758.
    voltage = (
        max(_highest(_of(lists, "r", LIMB_LEADS)), -_lowest(_of(lists, "s", LIMB_LEADS))) >= 2.0
        or max(depths["V1"], depths["V2"]) >= 3.0
        or max(r["V5"], r["V6"]) >= 3.0
    )
    late_peak = max(lists["r_peak"][_POSITION["V5"]], lists["r_peak"][_POSITION["V6"]]) >= 50.0
    out["romhilt_estes"] = float(
        3 * voltage
        + 3 * (out["strain"] > 0.1)
        + 3 * (p_force <= -4.0)
        + 2 * (-180.0 < qrs_axis <= -30.0)
        + (qrs_ms >= 90.0)
        + late_peak
    )
    return out


def _blocks(lists: _Lists, qrs_ms: float, qrs_axis: float) -> dict[str, float]:
    """How many signs of each block there are, and what the signs rest on."""

    def one(wave: str, lead: str) -> float:
        return lists[wave][_POSITION[lead]]

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
