"""How a record's facts are said in few words."""

from __future__ import annotations

from ecgview.record import Patient, Record


def patient_words(patient: Patient) -> str:
    """Return age and sex, ``"53 y, female"``; what is unknown is said to be."""
    age = "age unknown" if patient.age is None else f"{patient.age:.0f} y"
    return f"{age}, {patient.sex or 'sex unknown'}"


def duration_words(seconds: float) -> str:
    """Return a duration, ``"10 s"``, ``"1 min 55 s"``, ``"23 h 40 min"``."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def record_words(record: Record, dated: bool = True) -> str:
    """Return one line on a record: patient, date unless left out, duration, rate."""
    when = [] if record.recorded_at is None or not dated else [f"{record.recorded_at:%d %b %Y %H:%M}"]
    return "  ·  ".join([patient_words(record.patient), *when, duration_words(record.duration), f"{record.hz:g} Hz"])


def percent(probability: float) -> str:
    """Return a probability as per cent; what is not quite 0 or 1 is not called so."""
    value = 100 * probability
    if value < 1:
        return "< 1 %"
    if value > 99:
        return "> 99 %"
    return f"{value:.0f} %"
