"""What is measured in a record: each value with its unit, where it was measured, or why it was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import atan2, degrees, hypot, sqrt

import numpy as np
from numpy.typing import NDArray

from ecgview.record import Record
from ecgview.signal.analysis import Analysis, analyse
from ecgview.signal.lead_marks import lead_marks
from ecgview.signal.lead_waves import LeadWaves, lead_waves, terminal_force
from ecgview.signal.marks import Hump
from ecgview.signal.medians import median_of_few
from ecgview.signal.preparing import WORKING_HZ
from ecgview.signal.values import Measurements, Value

# What each limb lead is in terms of I and II.
_LIMB = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}
# Net areas this small have no direction: 1 mV ms is 0.5 mm high for 20 ms.
_LEAST_AREA = {"P": 0.3, "QRS": 1.0, "T": 1.0}
_LEAST_T_MV = 0.02
_IRREGULAR = 0.10
# Below, onsets and ends lie between the samples: on generated beats QRS is 8 ms too long at 80 Hz, 14 ms at 60.
_LEAST_HZ = 75.0
# A beat is premature where it comes after less than this share of the usual RR interval.
PREMATURE = 0.85


def measure(record: Record) -> Measurements:
    """Measure a record.

    Intervals, axes and amplitudes come from the average of the most frequent kind of beat.

    Parameters
    ----------
    record : Record
        Any rate, any leads.

    Returns
    -------
    Measurements
        Always with every key; what cannot be measured says why.
    """
    return measurements_of(record, analyse(record))


def measurements_of(record: Record, analysis: Analysis) -> Measurements:
    """Measure a record that has been analysed; see :func:`measure`."""
    values: dict[str, Value] = {}
    values |= _rhythm(analysis)
    values |= _intervals(analysis)
    values |= _qtc(values["qt"], values["rate"])
    waves = waves_of(analysis)
    values |= _axes(analysis)
    values |= _voltages(analysis, waves)
    return Measurements(record.content_hash, values, _by_lead(analysis, waves), dict(analysis.prepared.skipped))


def waves_of(analysis: Analysis) -> dict[str, LeadWaves]:
    """Measure the waves of the average beat in every lead; empty without beats."""
    marks = analysis.prevailing
    if marks is None:
        return {}
    found = lead_waves(analysis.beat, marks.qrs, marks.p, marks.t)
    return dict(zip(analysis.prepared.leads, found, strict=True))


def normal_rr(analysis: Analysis) -> NDArray[np.float64]:
    """Return the RR intervals, in s, between two beats of the prevailing kind neither of which is premature."""
    rr, kind = analysis.beats.rr, analysis.delineation.kind
    if not len(rr):
        return rr
    usual = kind == 0
    usual[1:] &= rr >= PREMATURE * median_of_few(rr)
    return np.asarray(rr[usual[:-1] & usual[1:]])


def frontal_axis(by_lead: dict[str, float], least: float) -> float | None:
    """Return the frontal axis of what two or more limb leads see.

    I and II are fitted to the limb leads there are; then ``atan2(2 aVF, √3 I)``, because a
    unipolar limb lead is smaller by √3/2 than a bipolar one.

    Parameters
    ----------
    by_lead : dict of str to float
        Net areas (or amplitudes) by limb lead.
    least : float
        Below this length there is no direction.

    Returns
    -------
    float or None
        Degrees in (-180, 180], 0 to the left, 90 to the feet.
    """
    names = tuple(name for name in _LIMB if name in by_lead)
    if len(names) < 2:
        return None
    one, two = (_fit_of_limb_leads(names) @ np.array([by_lead[name] for name in names])).tolist()
    x, y = one, 2.0 / sqrt(3.0) * (two - one / 2.0)
    return degrees(atan2(y, x)) if hypot(x, y) >= least else None


@lru_cache(maxsize=64)
def _fit_of_limb_leads(names: tuple[str, ...]) -> NDArray[np.float64]:
    """What gives I and II by least squares, of shape (2, leads)."""
    return np.linalg.pinv(np.array([_LIMB[name] for name in names]))


def _nothing(analysis: Analysis) -> str:
    return "no lead can be judged" if not analysis.prepared.leads else "no beat was found"


def _rhythm(analysis: Analysis) -> dict[str, Value]:
    times, leads = analysis.beats.times, analysis.beats.leads
    every = tuple(range(len(times)))
    window = (float(times[0]), float(times[-1])) if len(times) > 1 else None
    rr, normal = analysis.beats.rr, normal_rr(analysis)
    steps = np.diff(normal) * 1000.0
    few = _nothing(analysis) if not every else "fewer than two beats"

    def value(name: str, unit: str, number: float | None, reason: str) -> Value:
        known = number is not None
        return Value(name, number, unit, leads, every, window if known else None, None if known else reason)

    short = few if len(rr) < 1 else "fewer than three intervals between usual beats"
    return {
        "rate": value("Heart rate", "/min", 60.0 / float(rr.mean()) if len(rr) else None, few),
        "rr": value("Mean RR interval", "ms", 1000.0 * float(rr.mean()) if len(rr) else None, few),
        "rr_shortest": value("Shortest RR interval", "ms", 1000.0 * float(rr.min()) if len(rr) else None, few),
        "rr_longest": value("Longest RR interval", "ms", 1000.0 * float(rr.max()) if len(rr) else None, few),
        "sdnn": value("SDNN", "ms", float(normal.std(ddof=1)) * 1000.0 if len(normal) > 2 else None, short),
        "rmssd": value("RMSSD", "ms", float(np.sqrt(np.square(steps).mean())) if len(normal) > 2 else None, short),
        "pnn50": value("pNN50", "%", 100.0 * float((np.abs(steps) > 50.0).mean()) if len(normal) > 2 else None, short),
    }


def _on_beat(analysis: Analysis, hump: tuple[int, int]) -> tuple[tuple[int, ...], tuple[float, float] | None]:
    """Numbers of the beats averaged, and where the samples of the average lie on the middlemost of them."""
    marks = analysis.prevailing
    if marks is None:
        return (), None
    members, centres = marks.kind.members, marks.kind.centres
    length = analysis.prepared.samples
    found = None
    for position in sorted(range(len(members)), key=lambda one: abs(one - len(members) // 2)):
        first, last = (int(centres[position]) - marks.qrs.peak + at for at in hump)
        if first >= 0 and last < length:
            found = (first / WORKING_HZ, last / WORKING_HZ)
            break
    return tuple(int(number) for number in members), found


def _intervals(analysis: Analysis) -> dict[str, Value]:
    marks = analysis.prevailing
    leads = analysis.prepared.leads
    none = _nothing(analysis) if marks is None else ""

    def value(name: str, hump: tuple[int, int] | None, reason: str) -> Value:
        if hump is None:
            return Value(name, None, "ms", leads, reason=reason)
        beats, window = _on_beat(analysis, hump)
        return Value(name, 1000.0 * (hump[1] - hump[0]) / WORKING_HZ, "ms", leads, beats, window)

    qrs = p = t = None
    if marks is not None:
        # Intervals count from the earliest onset to the latest offset in any lead; all else here is
        # measured between the marks that hold for all leads together.
        by_lead = lead_marks(marks.kind.average, marks.qrs, marks.p, seen_t(analysis))
        seen = {"qrs": marks.qrs, "p": marks.p, "t": seen_t(analysis)}
        qrs, p, t = (None if hump is None else by_lead.widest(wave, hump) for wave, hump in seen.items())
    if analysis.prepared.recorded_hz < _LEAST_HZ:
        none = none or f"sampled at {analysis.prepared.recorded_hz:g} Hz, too slow to see where waves begin and end"
        qrs = p = t = None
    no_p = none or _why_no_p(analysis)
    no_t = none or "no T wave stands out, or it is cut off"
    return {
        "p": value("P duration", None if p is None else (p.onset, p.offset), no_p),
        "pr": value("PR interval", None if p is None or qrs is None else (p.onset, qrs.onset), no_p),
        "qrs": value("QRS duration", None if qrs is None else (qrs.onset, qrs.offset), none),
        "qt": value("QT interval", None if t is None or qrs is None else (qrs.onset, t.offset), no_t),
    }


def seen_t(analysis: Analysis) -> Hump | None:
    """Return the T wave of the average beat where it is high enough to be seen in some lead."""
    marks = analysis.prevailing
    if marks is None or marks.t is None or marks.t.offset - marks.t.peak < 2:
        return None
    part = analysis.beat[:, marks.t.peak : marks.t.offset + 1]
    return marks.t if float(np.ptp(part, axis=1).max()) >= _LEAST_T_MV else None


def _why_no_p(analysis: Analysis) -> str:
    rr = analysis.beats.rr
    if len(rr) > 2 and float(rr.std()) > _IRREGULAR * float(rr.mean()):
        return "no P wave before the QRS complexes, and irregular RR intervals, as in atrial fibrillation"
    return "no P wave before the QRS complexes"


def _qtc(qt: Value, rate: Value) -> dict[str, Value]:
    names = {
        "qtc_bazett": "QTc (Bazett)",
        "qtc_fridericia": "QTc (Fridericia)",
        "qtc_framingham": "QTc (Framingham)",
        "qtc_hodges": "QTc (Hodges)",
    }
    if qt.value is None or rate.value is None:
        reason = qt.reason if qt.value is None else rate.reason
        return {key: Value(name, None, "ms", qt.leads, reason=reason) for key, name in names.items()}
    rr = 60.0 / rate.value
    corrected = {
        "qtc_bazett": qt.value / np.sqrt(rr),
        "qtc_fridericia": qt.value / np.cbrt(rr),
        "qtc_framingham": qt.value + 154.0 * (1.0 - rr),
        "qtc_hodges": qt.value + 1.75 * (rate.value - 60.0),
    }
    return {key: Value(name, float(corrected[key]), "ms", qt.leads, qt.beats, qt.window) for key, name in names.items()}


def _axes(analysis: Analysis) -> dict[str, Value]:
    marks = analysis.prevailing
    limb = tuple(name for name in _LIMB if name in analysis.prepared.leads)
    t = seen_t(analysis)
    spans = {
        "P": None if marks is None or marks.p is None else (marks.p.onset, marks.p.offset),
        "QRS": None if marks is None else (marks.qrs.onset, marks.qrs.offset),
        "T": None if marks is None or t is None else (max(2 * t.peak - t.offset, marks.qrs.offset), t.offset),
    }
    out = {}
    for wave, span in spans.items():
        key, name = f"{wave.lower()}_axis", f"Frontal {wave} axis"
        if len(limb) < 2:
            out[key] = Value(name, None, "°", limb, reason="needs two limb leads")
        elif span is None:
            reason = _nothing(analysis) if marks is None else f"no {wave} wave"
            out[key] = Value(name, None, "°", limb, reason=reason)
        else:
            beats, window = _on_beat(analysis, span)
            axis = frontal_axis(net_areas(analysis, limb, span, wave), _LEAST_AREA[wave])
            nowhere = None if axis is not None else "as much to one side as to the other: no direction"
            out[key] = Value(name, axis, "°", limb, beats, window, nowhere)
    return out


def net_areas(analysis: Analysis, leads: Sequence[str], span: tuple[int, int], wave: str) -> dict[str, float]:
    """Return the net area of a wave of the average beat by lead, mV ms; P from the line between its ends."""
    rows = [analysis.prepared.leads.index(lead) for lead in leads]
    part = analysis.beat[rows, span[0] : span[1] + 1]
    if wave == "P":
        part = part - np.linspace(part[:, 0], part[:, -1], part.shape[1], axis=1)
    return dict(zip(leads, (part.sum(axis=1) * (1000.0 / WORKING_HZ)).tolist(), strict=True))


def _voltages(analysis: Analysis, waves: dict[str, LeadWaves]) -> dict[str, Value]:
    marks = analysis.prevailing
    qrs = (marks.qrs.onset, marks.qrs.offset) if marks is not None else (0, 0)

    def value(name: str, needed: tuple[str, ...], number: float | None) -> Value:
        if number is None:
            missing = [lead for lead in needed if lead not in waves]
            reason = _nothing(analysis) if marks is None else f"needs {' and '.join(missing)}"
            return Value(name, None, "mV", needed, reason=reason)
        beats, window = _on_beat(analysis, qrs)
        return Value(name, number, "mV", needed, beats, window)

    lateral = tuple(lead for lead in ("V5", "V6") if lead in waves)
    sokolow = depth(waves["V1"]) + max(waves[lead].r for lead in lateral) if "V1" in waves and lateral else None
    cornell = waves["aVL"].r + depth(waves["V3"]) if "aVL" in waves and "V3" in waves else None
    force = Value("P terminal force in V1", None, "mV·ms", ("V1",), reason="no lead V1")
    row = analysis.row("V1")
    if row is not None and marks is not None:
        if marks.p is None:
            force = Value(force.name, None, force.unit, ("V1",), reason=_why_no_p(analysis))
        else:
            beats, window = _on_beat(analysis, (marks.p.onset, marks.p.offset))
            force = Value(force.name, terminal_force(row, marks.p), force.unit, ("V1",), beats, window)
    return {
        "sokolow_lyon": value("Sokolow-Lyon, S V1 + R V5/V6", ("V1", *(lateral or ("V5",))), sokolow),
        "cornell": value("Cornell, R aVL + S V3", ("aVL", "V3"), cornell),
        "p_terminal_force_v1": force,
    }


def depth(waves: LeadWaves) -> float:
    """Return the depth of S, or of QS where all of the complex is negative, as a positive number, mV."""
    return max(-waves.s, -waves.q if waves.r == 0.0 else 0.0)


_LEAD_VALUES = (
    ("p", "P amplitude", "mV"),
    ("q", "Q amplitude", "mV"),
    ("q_ms", "Q duration", "ms"),
    ("r", "R amplitude", "mV"),
    ("s", "S amplitude", "mV"),
    ("r_prime", "R' amplitude", "mV"),
    ("qrs_area", "QRS net area", "mV·ms"),
    ("j", "ST level at J", "mV"),
    ("st60", "ST level at J + 60 ms", "mV"),
    ("t", "T amplitude", "mV"),
)


def _by_lead(analysis: Analysis, waves: dict[str, LeadWaves]) -> dict[str, dict[str, Value]]:
    marks = analysis.prevailing
    if marks is None:
        return {}
    spans = dict.fromkeys((key for key, _, _ in _LEAD_VALUES), (marks.qrs.onset, marks.qrs.offset))
    after = round(0.060 * WORKING_HZ)
    spans |= {"j": (marks.qrs.offset,) * 2, "st60": (marks.qrs.offset + after,) * 2}
    if marks.p is not None:
        spans["p"] = (marks.p.onset, marks.p.offset)
    if marks.t is not None:
        spans["t"] = (marks.t.peak, marks.t.offset)
    placed = {key: _on_beat(analysis, span) for key, span in spans.items()}
    reasons = {"p": _why_no_p(analysis), "t": "no T wave found"}

    def values(lead: str, found: LeadWaves) -> Iterator[tuple[str, Value]]:
        for key, name, unit in _LEAD_VALUES:
            number = getattr(found, key)
            if number is None:
                yield key, Value(name, None, unit, (lead,), reason=reasons.get(key, "cut off by the end of the beat"))
            else:
                yield key, Value(name, float(number), unit, (lead,), *placed[key])

    return {lead: dict(values(lead, found)) for lead, found in waves.items()}
