"""What is known of a generated record, and the codes that say it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.record import Record
from ecgview.synthesis.abnormalities import Abnormality, STShift
from ecgview.synthesis.artefacts import Artefact
from ecgview.synthesis.rhythm import BeatKind, Rhythm

# Sources: SNOMED CT codes as the PhysioNet/CinC Challenge 2021 lists them.
_RHYTHM_CODES: dict[str, str] = {
    "sinus rhythm": "426783006",
    "sinus bradycardia": "426177001",
    "sinus tachycardia": "427084000",
    "sinus arrhythmia": "427393009",
    "first degree AV block": "270492004",
    "atrial fibrillation": "164889003",
    "atrial flutter": "164890007",
    "ventricular premature beats": "427172004",
    "atrial premature beats": "284470004",
    "paced": "10370003",
}
_ABNORMALITY_CODES: dict[str, str] = {
    "complete right bundle branch block": "713427006",
    "complete left bundle branch block": "733534002",
    "left anterior fascicular block": "445118002",
    "left ventricular hypertrophy": "164873001",
    "inferior infarction": "164865005",
    "anteroseptal infarction": "164865005",
    "low T": "164934002",
    "inverted T": "59931005",
    "low voltage": "251146004",
}
_WITH_SINUS_RHYTHM = ("first degree AV block", "ventricular premature beats", "atrial premature beats")


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat; instants in seconds from the start of the recording, not rounded to samples.

    Onsets and offsets are defined in :mod:`ecgview.synthesis.waves`; `r` is the instant of the
    longest heart vector of the QRS complex. `p_onset`, `p_offset` and `t_offset` are None
    where there is no such wave or it lies outside the recording.
    """

    kind: BeatKind
    p_onset: float | None
    p_offset: float | None
    qrs_onset: float
    r: float
    qrs_offset: float
    t_offset: float | None


@dataclass(frozen=True, eq=False)
class Truth:
    """What is in a generated record, exactly.

    Attributes
    ----------
    rhythm : str
        In words: ``"sinus rhythm"``, ``"sinus bradycardia"`` (below 60), ``"sinus tachycardia"``
        (above 100), or the rhythm asked for.
    rate : float
        60 / mean RR interval in seconds, over all beats.
    beats : tuple of Beat
        Those whose QRS complex lies wholly in the recording.
    pr : float or None
        ms; None without P waves. Like `qrs` and `qt` of the prevailing (not the premature) beats.
    qrs, qt : float
        ms.
    axis : float
        Frontal QRS axis of the prevailing beats, degrees, from the net areas of the QRS complex.
    st : dict of str to float
        ST level of the prevailing beats 60 ms after the QRS offset, by lead, mV.
    abnormalities, artefacts : tuple
        What was planted.
    clean : ndarray, shape (12, samples), float64
        The leads without noise and artefacts, mV.
    """

    rhythm: str
    rate: float
    beats: tuple[Beat, ...]
    pr: float | None
    qrs: float
    qt: float
    axis: float
    st: dict[str, float]
    abnormalities: tuple[Abnormality, ...]
    artefacts: tuple[Artefact, ...]
    clean: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Generated:
    """A record and the truth about it."""

    record: Record
    truth: Truth


def rhythm_name(rhythm: Rhythm, rate: float) -> str:
    """Name a rhythm in words; sinus rhythm by its rate."""
    if rhythm != "sinus":
        return rhythm
    return "sinus bradycardia" if rate < 60.0 else "sinus tachycardia" if rate > 100.0 else "sinus rhythm"


def codes(truth: Truth) -> tuple[str, ...]:
    """Return the SNOMED CT codes of what was planted, the rhythm first."""
    found = [_RHYTHM_CODES[truth.rhythm]]
    if truth.rhythm in _WITH_SINUS_RHYTHM:
        found.append(_RHYTHM_CODES["sinus rhythm"])
    for one in truth.abnormalities:
        if isinstance(one, STShift):
            found.append("164931005" if one.millivolts > 0 else "429622005")
        else:
            found.append(_ABNORMALITY_CODES[one])
    return tuple(dict.fromkeys(found))
