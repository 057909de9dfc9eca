"""Makes ECGs of which everything is known: see :func:`generate`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview.record import STANDARD_LEADS, Label, Patient, Record
from ecgview.record.record import Sex
from ecgview.synthesis import artefacts as artefact_module
from ecgview.synthesis.abnormalities import Abnormality, STShift, plant
from ecgview.synthesis.artefacts import Artefact
from ecgview.synthesis.pattern import (
    NORMAL,
    RIGHT_VENTRICULAR_PACED,
    VENTRICULAR_PREMATURE,
    Pattern,
    TimedBeat,
    ectopic_atrial,
    with_axis,
)
from ecgview.synthesis.rhythm import USUAL_RATE, WITHOUT_P, BeatKind, Event, Rhythm, events, fibrillation, flutter
from ecgview.synthesis.vector import ELECTRODE_MATRIX, frontal_axis, leads_from_electrodes, project
from ecgview.synthesis.waves import Wave, net_area

QTC_MS = 410.0
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
class Settings:
    """What to generate. None takes what is usual with the rhythm and the abnormalities.

    Attributes
    ----------
    hz, seconds : float
        Sampling rate and length; the samples are ``round(hz * seconds)``.
    rate : float or None
        Ventricular beats a minute; with premature beats, that of the rhythm beneath. Flutter
        takes the nearest 300/n.
    pr : float or None
        ms, P onset to QRS onset. Usually 160, with first degree AV block 250.
    qrs : float or None
        ms. Usually 90, with bundle branch block about 150.
    qt : float or None
        ms. Usually Fridericia's ``410 (RR / 1 s)^(1/3)``, longer by as much as the QRS complex
        is longer than 100 ms.
    axis : float or None
        Frontal QRS axis in degrees, see :func:`ecgview.synthesis.vector.frontal_axis`. None
        leaves it where the pattern has it, a normal heart's near 50.
    rhythm : str
        One of :data:`ecgview.synthesis.rhythm.Rhythm`; bradycardia and tachycardia come by `rate`.
    abnormalities, artefacts : tuple
    age : float or None
        Years; written to the record's patient.
    sex : {"female", "male"} or None
        Written to the record's patient.
    amplitude : float
        Factor on all waves of the heart.
    individuality : float
        How much the waves of one seed's heart differ from the textbook's (standard deviation
        as a share of each wave); 0 gives every seed the same heart.
    noise : float
        Sensor noise at each electrode, mV root mean square.
    """

    hz: float = 500.0
    seconds: float = 10.0
    rate: float | None = None
    pr: float | None = None
    qrs: float | None = None
    qt: float | None = None
    axis: float | None = None
    rhythm: Rhythm = "sinus"
    abnormalities: tuple[Abnormality, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    age: float | None = None
    sex: Sex | None = None
    amplitude: float = 1.0
    individuality: float = 0.06
    noise: float = 0.005


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


def usual_qt(rate: float, qrs: float) -> float:
    """Return the QT interval that goes with a rate and a QRS duration.

    Fridericia's cube root with a QTc of 410 ms; a QRS complex wider than 100 ms lengthens the
    QT interval by as much.

    Parameters
    ----------
    rate : float
        Beats a minute.
    qrs : float
        ms.

    Returns
    -------
    float
        ms.
    """
    return float(QTC_MS * np.cbrt(60.0 / rate) + max(0.0, qrs - 100.0))


def generate(settings: Settings, seed: int) -> Generated:
    """Generate a 12-lead ECG with known truth.

    The same settings and seed give the same record. What artefacts are asked for changes
    nothing of the heart beneath: rhythm, beats, artefacts and noise draw from streams of
    their own.

    Parameters
    ----------
    settings : Settings
    seed : int
        Not negative.

    Returns
    -------
    Generated
        The record's signal is float32, mV, leads in standard order.

    Raises
    ------
    ValueError
        If the settings contradict each other or name something unknown.
    """
    rhythm_chance, person_chance, atria_chance, gain_chance, artefact_chance, noise_chance = (
        np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(6)
    )
    pattern = _pattern(settings, person_chance)
    rate, pr, qrs, qt = _intervals(settings, pattern)
    shapes = _shapes(pattern, pr, qrs, qt, settings.amplitude)
    found = events(settings.rhythm, rate, settings.seconds, pr / 1000.0, qt / 1000.0, rhythm_chance)

    time = np.arange(round(settings.hz * settings.seconds)) / settings.hz
    heart = _heart(found, shapes, time, gain_chance)
    if settings.rhythm == "atrial fibrillation":
        heart += settings.amplitude * fibrillation(time, atria_chance)
    elif settings.rhythm == "atrial flutter":
        heart += settings.amplitude * flutter(time, found[0].time + 0.06)

    artefact_module.check(settings.artefacts, settings.seconds)
    potentials = ELECTRODE_MATRIX @ heart
    potentials += settings.noise * noise_chance.standard_normal(potentials.shape)
    potentials = artefact_module.disturb_electrodes(potentials, settings.hz, settings.artefacts, artefact_chance)
    leads = leads_from_electrodes(potentials)
    leads = artefact_module.disturb_leads(leads, settings.hz, settings.artefacts)

    beats = _beats(found, shapes, settings.seconds)
    mean_rr = (beats[-1].r - beats[0].r) / (len(beats) - 1) if len(beats) > 1 else 60.0 / rate
    prevailing = shapes["paced" if settings.rhythm == "paced" else "normal"]
    st = project(prevailing.heart(np.array([prevailing.qrs + 0.06])))[:, 0]
    truth = Truth(
        rhythm=_rhythm_name(settings.rhythm, rate),
        rate=60.0 / mean_rr,
        beats=beats,
        pr=pr if prevailing.pattern.p else None,
        qrs=qrs,
        qt=qt,
        axis=frontal_axis(net_area(prevailing.pattern.qrs)),
        st={name: float(level) for name, level in zip(STANDARD_LEADS, st, strict=True)},
        abnormalities=settings.abnormalities,
        artefacts=settings.artefacts,
        clean=project(heart),
    )
    record = Record(
        path=Path(f"generated-{seed}"),
        format="generated",
        signal=leads.astype(np.float32),
        hz=settings.hz,
        leads=STANDARD_LEADS,
        patient=Patient(age=settings.age, sex=settings.sex),
        labels=tuple(Label(code, "snomed", "planted by the generator") for code in _codes(truth)),
        warnings=("Generated by the program, not recorded from a person.",),
    )
    return Generated(record, truth)


def _pattern(settings: Settings, chance: np.random.Generator) -> Pattern:
    """Return the pattern of the prevailing beats, with this seed's own traits."""
    if settings.rhythm not in USUAL_RATE:
        raise ValueError(f"unknown rhythm {settings.rhythm!r}; known are: {', '.join(USUAL_RATE)}")
    if settings.rhythm == "paced":
        if settings.abnormalities:
            raise ValueError("a paced rhythm hides abnormalities of conduction and infarction; plant none with it")
        pattern = RIGHT_VENTRICULAR_PACED
    else:
        pattern = plant(NORMAL, settings.abnormalities)
    if settings.rhythm in WITHOUT_P:
        pattern = replace(pattern, p=())
    traits = 1.0 + settings.individuality * np.clip(chance.standard_normal((40, 3)), -2.5, 2.5)
    own = iter(traits)

    def individual(waves: tuple[Wave, ...]) -> tuple[Wave, ...]:
        return tuple(wave.scaled((row[0], row[1], row[2])) for wave, row in zip(waves, own, strict=False))

    pattern = replace(
        pattern,
        qrs=individual(pattern.qrs),
        repolarisation=individual(pattern.repolarisation),
        p=individual(pattern.p),
    )
    return pattern if settings.axis is None else with_axis(pattern, settings.axis)


def _intervals(settings: Settings, pattern: Pattern) -> tuple[float, float, float, float]:
    """Rate per minute; PR, QRS and QT in ms; checked against each other."""
    rate = settings.rate if settings.rate is not None else USUAL_RATE[settings.rhythm]
    first_degree = settings.rhythm == "first degree AV block"
    pr = settings.pr if settings.pr is not None else (250.0 if first_degree else 160.0)
    qrs = settings.qrs if settings.qrs is not None else pattern.qrs_ms
    if not settings.hz >= 50.0 or not settings.seconds >= 1.0:
        raise ValueError(f"{settings.hz:g} Hz for {settings.seconds:g} s: at least 50 Hz and 1 s are needed")
    if not 20.0 <= rate <= 220.0:
        raise ValueError(f"a rate of {rate:g}/min lies outside 20 to 220")
    qt = settings.qt if settings.qt is not None else usual_qt(rate, qrs)
    if first_degree and pr <= 200.0:
        raise ValueError(f"first degree AV block needs a PR interval above 200 ms, not {pr:g}")
    if pattern.p and pr < 110.0:
        raise ValueError(f"a PR interval of {pr:g} ms leaves no room for the P wave; at least 110 ms are needed")
    if not 40.0 <= qrs <= 250.0 or qt < qrs + 120.0:
        raise ValueError(f"QRS {qrs:g} ms and QT {qt:g} ms: QRS must be 40 to 250, QT at least 120 longer")
    if qt > 60000.0 / rate:
        raise ValueError(f"QT {qt:g} ms is longer than the RR interval at {rate:g}/min")
    return rate, pr, qrs, qt


def _shapes(pattern: Pattern, pr: float, qrs: float, qt: float, amplitude: float) -> dict[BeatKind, TimedBeat]:
    def timed(one: Pattern, qrs_ms: float, qt_ms: float) -> TimedBeat:
        louder = replace(
            one,
            p=tuple(wave.scaled(amplitude) for wave in one.p),
            qrs=tuple(wave.scaled(amplitude) for wave in one.qrs),
            repolarisation=tuple(wave.scaled(amplitude) for wave in one.repolarisation),
        )
        return TimedBeat(louder, pr / 1000.0, qrs_ms / 1000.0, qt_ms / 1000.0)

    wide = VENTRICULAR_PREMATURE.qrs_ms
    usual = timed(pattern, qrs, qt)
    return {
        "normal": usual,
        "paced": usual,
        "atrial premature": timed(ectopic_atrial(pattern), qrs, qt),
        "ventricular premature": timed(VENTRICULAR_PREMATURE, wide, qt + max(0.0, wide - qrs)),
    }


def _heart(
    found: tuple[Event, ...],
    shapes: dict[BeatKind, TimedBeat],
    time: NDArray[np.float64],
    chance: np.random.Generator,
) -> NDArray[np.float64]:
    """Add up the beats, each a little larger or smaller (at most 3 %) with the breath and by chance."""
    heart = np.zeros((3, len(time)))
    phase = float(chance.uniform(0.0, 2.0 * np.pi))
    for event in found:
        gain = 1.0 + 0.018 * np.sin(2.0 * np.pi * 0.23 * event.time + phase) + 0.006 * chance.standard_normal()
        near = slice(*np.searchsorted(time, (event.time - 0.8, event.time + 1.2)))
        heart[:, near] += float(np.clip(gain, 0.97, 1.03)) * shapes[event.kind].heart(time[near] - event.time)
    return heart


def _beats(found: tuple[Event, ...], shapes: dict[BeatKind, TimedBeat], seconds: float) -> tuple[Beat, ...]:
    def inside(instant: float | None) -> float | None:
        return instant if instant is not None and 0.0 <= instant < seconds else None

    beats = []
    for event in found:
        shape, at = shapes[event.kind], event.time
        if not (at >= 0.0 and at + shape.qrs < seconds):
            continue
        p_onset = inside(None if shape.p_onset is None else at + shape.p_onset)
        p_offset = inside(None if shape.p_offset is None else at + shape.p_offset)
        beats.append(
            Beat(event.kind, p_onset, p_offset, at, at + shape.r, at + shape.qrs, inside(at + shape.qt)),
        )
    return tuple(beats)


def _rhythm_name(rhythm: Rhythm, rate: float) -> str:
    if rhythm != "sinus":
        return rhythm
    return "sinus bradycardia" if rate < 60.0 else "sinus tachycardia" if rate > 100.0 else "sinus rhythm"


def _codes(truth: Truth) -> tuple[str, ...]:
    """SNOMED CT codes of what was planted."""
    codes = [_RHYTHM_CODES[truth.rhythm]]
    if truth.rhythm in _WITH_SINUS_RHYTHM:
        codes.append(_RHYTHM_CODES["sinus rhythm"])
    for one in truth.abnormalities:
        if isinstance(one, STShift):
            codes.append("164931005" if one.millivolts > 0 else "429622005")
        else:
            codes.append(_ABNORMALITY_CODES[one])
    return tuple(dict.fromkeys(codes))
