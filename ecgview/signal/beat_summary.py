"""Puts together what is shown of a record's beats, from an analysis and what was measured in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import percentile_filter

from ecgview.signal.analysis import Analysis
from ecgview.signal.averaging import AFTER, BEFORE, windows
from ecgview.signal.delineation import KindMarks
from ecgview.signal.found_beats import WIDE_MS, AverageBeat, FoundBeats
from ecgview.signal.lead_marks import lead_marks, marks_by_lead
from ecgview.signal.measurements import PREMATURE, seen_t
from ecgview.signal.medians import median_of
from ecgview.signal.preparing import WORKING_HZ
from ecgview.signal.values import Measurements

_MOST_KINDS = 6
"""Kinds of beats that are averaged to be looked at; what is rarer is artefact as a rule."""
_MOST_AVERAGED = 60
_LEVEL = (round(0.020 * WORKING_HZ), round(0.004 * WORKING_HZ))
_WIDER_MS = 20.0
# The usual RR interval at a beat: between those just below and just above the middle of the 31 around it. In
# bigeminy, where every other interval is short, the middle one itself would change from beat to beat.
_AROUND = 31
_MIDDLE = (45, 55)
_IRREGULAR = 0.10


def found_beats_of(analysis: Analysis, measured: Measurements) -> FoundBeats:
    """Put together a record's beats.

    Parameters
    ----------
    analysis : Analysis
    measured : Measurements
        Of the same analysis: an average beat has marks where the intervals could be measured.

    Returns
    -------
    FoundBeats
        Without beats where none were found.
    """
    delineation, rr = analysis.delineation, analysis.beats.rr
    prevailing = analysis.prevailing
    irregular = len(rr) > 2 and float(rr.std()) > _IRREGULAR * float(rr.mean())
    irregular = irregular and prevailing is not None and prevailing.p is None
    premature = np.zeros(len(analysis.beats), dtype=bool)
    if not irregular:
        premature[1:] = premature_rr(rr)
    reason = measured["qrs"].reason or ""
    averages: list[AverageBeat] = []
    for marks in delineation.kinds[:_MOST_KINDS]:
        averages.append(_average(analysis, marks, premature, averages[0] if averages else None, reason))
    return FoundBeats(
        record_hash=measured.record_hash,
        times=analysis.beats.times,
        kind=delineation.kind,
        premature=premature,
        irregular=irregular,
        p_peak=delineation.p_peak,
        t_peak=delineation.t_peak,
        lead_marks=marks_by_lead(delineation),
        averages=tuple(averages),
        kinds=tuple(len(marks.kind.members) for marks in delineation.kinds),
    )


def premature_rr(rr: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which RR intervals are shorter than 0.85 of what is usual around them, shape (n,)."""
    if len(rr) < 2:
        return np.zeros(len(rr), dtype=bool)
    size = min(_AROUND, len(rr) | 1)
    low, high = (percentile_filter(rr, share, size=size, mode="reflect") for share in _MIDDLE)
    return np.asarray(rr < PREMATURE * (low + high) / 2.0)


def _average(
    analysis: Analysis, marks: KindMarks, premature: NDArray[np.bool_], prevailing: AverageBeat | None, reason: str
) -> AverageBeat:
    leads, members = analysis.prepared.leads, marks.kind.members
    t = seen_t(analysis) if prevailing is None else marks.t
    by_lead = lead_marks(marks.kind.average, marks.qrs, marks.p, t)
    waves = {"p": marks.p, "qrs": marks.qrs, "t": t}
    places: dict[str, int] = {}
    for wave, hump in waves.items():
        if hump is not None:
            widest = by_lead.widest(wave, hump)
            places[f"{wave}_onset"], places[f"{wave}_offset"] = widest.onset, widest.offset
    places.pop("t_onset", None)  # cannot be told from the ST segment
    onset = places["qrs_onset"]
    found = {} if reason else {name: (at - onset) / WORKING_HZ for name, at in places.items()}
    alone: dict[str, dict[str, float]] = {lead: {} for lead in leads}
    for name in found:
        for lead, at in zip(leads, getattr(by_lead, name).tolist(), strict=True):
            if np.isfinite(at):
                alone[lead][name] = (at - onset) / WORKING_HZ
    wide = False
    if found and prevailing is not None and prevailing.marks:
        duration = 1000.0 * (found["qrs_offset"] - found["qrs_onset"])
        usual = prevailing.interval("qrs")
        wide = duration >= WIDE_MS and usual is not None and duration >= usual + _WIDER_MS
    return AverageBeat(
        leads=leads,
        signal=analysis.beat if prevailing is None else _as_recorded(analysis, marks),
        hz=WORKING_HZ,
        onset=onset,
        members=members,
        marks=found,
        lead_marks=alone,
        reason=reason,
        wide=wide,
        early=prevailing is not None and float(premature[members].mean()) > 0.5,
    )


def _as_recorded(analysis: Analysis, marks: KindMarks) -> NDArray[np.float32]:
    """The median of the beats of a kind, each brought to 0 just before its QRS complex."""
    signal, centres = analysis.prepared.signal, marks.kind.centres
    whole = centres[(centres >= BEFORE) & (centres + AFTER <= signal.shape[1])]
    used = whole if len(whole) else centres
    if len(used) > _MOST_AVERAGED:
        used = used[np.linspace(0, len(used) - 1, _MOST_AVERAGED).round().astype(np.int64)]
    cut = windows(signal, used)
    first = max(0, marks.qrs.onset - _LEVEL[0])
    level = cut[:, :, first : max(first + 1, marks.qrs.onset - _LEVEL[1])].mean(axis=2, keepdims=True)
    return np.asarray(median_of(cut - level), dtype=np.float32)
