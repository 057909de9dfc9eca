"""What can be asked of the generator, and what is usual where nothing is asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecgview.record.record import Sex
from ecgview.synthesis.abnormalities import Abnormality
from ecgview.synthesis.artefacts import Artefact
from ecgview.synthesis.pattern import P_MS, Pattern
from ecgview.synthesis.rhythm import USUAL_RATE, Rhythm

QTC_MS = 410.0
FIRST_DEGREE_PR_MS = 250.0


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
class Intervals:
    """Rate per minute of the rhythm; PR, QRS and QT in ms."""

    rate: float
    pr: float
    qrs: float
    qt: float


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


def settle(settings: Settings, pattern: Pattern) -> Intervals:
    """Fill in what was not asked for, and check the whole.

    Parameters
    ----------
    settings : Settings
        With a known rhythm.
    pattern : Pattern
        The prevailing beat's.

    Returns
    -------
    Intervals

    Raises
    ------
    ValueError
        If the settings contradict each other or lie outside what the generator can do.
    """
    rate = settings.rate if settings.rate is not None else USUAL_RATE[settings.rhythm]
    first_degree = settings.rhythm == "first degree AV block"
    pr = settings.pr if settings.pr is not None else (FIRST_DEGREE_PR_MS if first_degree else 160.0)
    qrs = settings.qrs if settings.qrs is not None else pattern.qrs_ms
    if not settings.hz >= 50.0 or not settings.seconds >= 1.0:
        raise ValueError(f"{settings.hz:g} Hz for {settings.seconds:g} s: at least 50 Hz and 1 s are needed")
    if not settings.amplitude > 0.0 or not settings.noise >= 0.0 or not 0.0 <= settings.individuality <= 0.25:
        raise ValueError("amplitude must be above 0, noise not below 0, and individuality between 0 and 0.25")
    if not 20.0 <= rate <= 220.0:
        raise ValueError(f"a rate of {rate:g}/min lies outside 20 to 220")
    qt = settings.qt if settings.qt is not None else usual_qt(rate, qrs)
    if first_degree and pr <= 200.0:
        raise ValueError(f"first degree AV block needs a PR interval above 200 ms, not {pr:g}")
    if pattern.p and not P_MS + 6.0 <= pr <= min(600.0, 60000.0 / rate - qrs):
        raise ValueError(f"a PR interval of {pr:g} ms does not fit a P wave of {P_MS:g} ms and a rate of {rate:g}/min")
    if not 40.0 <= qrs <= 250.0 or not qrs + 120.0 <= qt <= 900.0:
        raise ValueError(f"QRS {qrs:g} ms and QT {qt:g} ms: QRS must be 40 to 250, QT at least 120 longer, at most 900")
    if qt > 60000.0 / rate:
        raise ValueError(f"QT {qt:g} ms is longer than the RR interval at {rate:g}/min")
    return Intervals(rate, pr, qrs, qt)
