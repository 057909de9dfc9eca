"""When each beat comes, and what the atria do when they do not beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Rhythm = Literal[
    "sinus",
    "sinus arrhythmia",
    "first degree AV block",
    "atrial fibrillation",
    "atrial flutter",
    "ventricular premature beats",
    "atrial premature beats",
    "paced",
]
BeatKind = Literal["normal", "atrial premature", "ventricular premature", "paced"]

# Beats per minute where none are asked for.
USUAL_RATE: dict[Rhythm, float] = {
    "sinus": 70.0,
    "sinus arrhythmia": 68.0,
    "first degree AV block": 66.0,
    "atrial fibrillation": 88.0,
    "atrial flutter": 75.0,
    "ventricular premature beats": 72.0,
    "atrial premature beats": 70.0,
    "paced": 62.0,
}
WITHOUT_P: frozenset[Rhythm] = frozenset({"atrial fibrillation", "atrial flutter", "paced"})
FLUTTER_PER_MINUTE = 300.0
_BREATHS_PER_SECOND = 0.23


@dataclass(frozen=True, slots=True)
class Event:
    """One beat to come: its QRS onset in seconds and its kind."""

    time: float
    kind: BeatKind


def events(
    rhythm: Rhythm, rate: float, seconds: float, pr: float, qt: float, chance: np.random.Generator
) -> tuple[Event, ...]:
    """Lay the beats out in time.

    Parameters
    ----------
    rhythm : Rhythm
        Which.
    rate : float
        Beats a minute of the underlying rhythm (with atrial fibrillation its mean).
    seconds : float
        Length of the recording. Beats begin before it and go on after it, so that waves cut
        by its ends are there.
    pr, qt : float
        Seconds; premature beats and the beats of fibrillation keep clear of the T wave before.
    chance : numpy.random.Generator
        For the start, and for what is irregular.

    Returns
    -------
    tuple of Event
        In order of time.

    Raises
    ------
    ValueError
        If the rhythm cannot be had at that rate.
    """
    mean = 60.0 / rate
    start = -2.0 * mean - float(chance.uniform(0.0, mean))
    end = seconds + 1.0
    if rhythm == "atrial fibrillation":
        return _irregular(start, end, mean, qt, chance)
    if rhythm == "atrial flutter":
        waves = round(FLUTTER_PER_MINUTE / rate)
        if not 2 <= waves <= 8:
            raise ValueError(f"atrial flutter at {rate:g}/min: one QRS to {waves} flutter waves; 2 to 8 can be had")
        return tuple(Event(float(time), "normal") for time in np.arange(start, end, 60.0 * waves / FLUTTER_PER_MINUTE))
    if rhythm == "paced":
        return tuple(Event(float(time), "paced") for time in np.arange(start, end, mean))
    swing = 0.13 if rhythm == "sinus arrhythmia" else 0.02
    # Longer than asked for: every atrial premature beat draws those after it forward.
    times = _breathing(start, 1.15 * end + mean, mean, swing, chance)
    if rhythm == "ventricular premature beats":
        coupling = max(0.60 * mean, qt + 0.03)
        found = _with_premature(times, mean, coupling, "ventricular premature", chance)
    elif rhythm == "atrial premature beats":
        coupling = max(0.62 * mean, qt + pr + 0.02)
        found = _with_premature(times, mean, coupling, "atrial premature", chance)
    else:
        found = [Event(time, "normal") for time in times]
    return tuple(event for event in found if event.time < end)


def _breathing(start: float, end: float, mean: float, swing: float, chance: np.random.Generator) -> list[float]:
    """Beats whose intervals go with the breath, and a little by chance."""
    phase = float(chance.uniform(0.0, 2.0 * np.pi))
    times = [start]
    while times[-1] < end:
        breath = swing * np.sin(2.0 * np.pi * _BREATHS_PER_SECOND * times[-1] + phase)
        jitter = float(np.clip(0.006 * chance.standard_normal(), -0.015, 0.015))
        times.append(times[-1] + mean * (1.0 + float(breath) + jitter))
    return times


def _irregular(start: float, end: float, mean: float, qt: float, chance: np.random.Generator) -> tuple[Event, ...]:
    """Beats without any order; no interval so short that a beat falls on the T wave before it."""
    shortest = qt + 0.04
    if shortest > 0.85 * mean:
        raise ValueError(f"atrial fibrillation with a mean RR of {mean:.2f} s needs a QT shorter than {qt:.2f} s")
    times = [start]
    while times[-1] < end:
        times.append(times[-1] + float(np.clip(mean * (1.0 + 0.24 * chance.standard_normal()), shortest, 1.7 * mean)))
    return tuple(Event(time, "normal") for time in times)


def _with_premature(
    times: list[float], mean: float, coupling: float, kind: BeatKind, chance: np.random.Generator
) -> list[Event]:
    """Put a premature beat in place of about every fifth.

    The pause after a ventricular one is compensatory; an atrial one resets the sinus node.
    """
    if coupling > 0.90 * mean:
        raise ValueError(f"a beat that follows the T wave after {coupling:.2f} s is not premature at RR {mean:.2f} s")
    found: list[Event] = []
    shift, until_next = 0.0, int(chance.integers(3, 6))
    for number, time in enumerate(times):
        if until_next == 0:
            premature = times[number - 1] + shift + coupling
            found.append(Event(premature, kind))
            if kind == "atrial premature":
                shift = premature + 1.08 * mean - times[number + 1] if number + 1 < len(times) else shift
            until_next = int(chance.integers(3, 6))
        else:
            found.append(Event(time + shift, "normal"))
            until_next -= 1
    return found


def fibrillation(time: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.float64]:
    """Make the waves of fibrillating atria: 4 to 9 a second, changing in rate, size and direction.

    Parameters
    ----------
    time : ndarray, shape (samples,)
        Seconds.
    chance : numpy.random.Generator
        For rates and phases.

    Returns
    -------
    ndarray, shape (3, samples)
        Heart vector, mV; largest in V1 and II.
    """
    total = np.zeros((3, len(time)))
    for direction, size in (((0.03, 0.05, -0.085), 0.75), ((0.03, -0.03, -0.05), 0.5), ((-0.02, 0.06, -0.02), 0.5)):
        rate = float(chance.uniform(5.2, 7.8))
        drifts = chance.uniform(0.0, 2.0 * np.pi, 3)
        # Instantaneous rate: `rate` give or take 1.2 a second, so always between 4 and 9.
        turns = rate * time - 1.2 / (2.0 * np.pi * 0.31) * np.cos(2.0 * np.pi * 0.31 * time + drifts[0])
        swell = 0.75 + 0.25 * np.sin(2.0 * np.pi * 0.47 * time + drifts[1])
        wave = np.sin(2.0 * np.pi * turns + drifts[2])
        total += np.outer(direction, size * swell * (wave + 0.15 * wave**2))
    return total


def flutter(time: NDArray[np.float64], origin: float) -> NDArray[np.float64]:
    """Make the saw teeth of atrial flutter, 300 a minute, negative in the inferior leads.

    Parameters
    ----------
    time : ndarray, shape (samples,)
        Seconds.
    origin : float
        Where a tooth begins, seconds; QRS complexes keep their distance from the teeth.

    Returns
    -------
    ndarray, shape (3, samples)
        Heart vector, mV.
    """
    phase = 2.0 * np.pi * FLUTTER_PER_MINUTE / 60.0 * (time - origin)
    # Five terms of the saw's series: a slow fall and a quicker, rounded rise.
    saw = sum(np.sin(order * phase) / order for order in range(1, 6)) / 1.6
    return np.outer((0.01, 0.15, -0.06), np.asarray(saw))
