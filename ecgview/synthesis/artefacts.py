"""What goes wrong between the heart and the paper; each artefact is put where one says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from ecgview.record import STANDARD_LEADS
from ecgview.synthesis.vector import ELECTRODES


@dataclass(frozen=True, slots=True)
class BaselineWander:
    """The baseline rises and falls, differently at each electrode.

    `millivolts` is the largest excursion of an electrode, `hz` the rate of breathing.
    """

    millivolts: float = 0.4
    hz: float = 0.25


@dataclass(frozen=True, slots=True)
class Mains:
    """Hum of the mains, of different size at each electrode, at most `millivolts` (peak)."""

    millivolts: float = 0.08
    hz: float = 50.0


@dataclass(frozen=True, slots=True)
class MuscleNoise:
    """Noise of tense muscles, `millivolts` root mean square, from `start` to `end` seconds (None: to the end)."""

    millivolts: float = 0.05
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True, slots=True)
class LeadOff:
    """One lead draws a flat line, from `start` to `end` seconds (None: to the end)."""

    lead: str
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True, slots=True)
class SwappedArms:
    """The electrodes of the arms are exchanged: I upside down, II and III, aVR and aVL exchanged."""


@dataclass(frozen=True, slots=True)
class Spike:
    """One sample of one lead jumps by `millivolts` at `at` seconds."""

    lead: str
    at: float
    millivolts: float = 3.0


Artefact = BaselineWander | Mains | MuscleNoise | LeadOff | SwappedArms | Spike


def check(artefacts: tuple[Artefact, ...], seconds: float) -> None:
    """Refuse artefacts that lie outside the recording or name a lead that is none.

    Raises
    ------
    ValueError
    """
    for artefact in artefacts:
        if isinstance(artefact, LeadOff | Spike) and artefact.lead not in STANDARD_LEADS:
            raise ValueError(f"{artefact}: {artefact.lead!r} is not a standard lead")
        if isinstance(artefact, LeadOff | MuscleNoise):
            end = seconds if artefact.end is None else artefact.end
            if not 0.0 <= artefact.start < end <= seconds:
                raise ValueError(f"{artefact}: from {artefact.start:g} to {end:g} s is not within {seconds:g} s")
        if isinstance(artefact, Spike) and not 0.0 <= artefact.at < seconds:
            raise ValueError(f"{artefact}: {artefact.at:g} s is not within {seconds:g} s")


def disturb_electrodes(
    potentials: NDArray[np.float64], hz: float, artefacts: tuple[Artefact, ...], chance: np.random.Generator
) -> NDArray[np.float64]:
    """Add what happens at the electrodes.

    Parameters
    ----------
    potentials : ndarray, shape (9, samples)
        In the order of :data:`ecgview.synthesis.vector.ELECTRODES`, mV.
    hz : float
        Samples a second.
    artefacts : tuple of Artefact
        Those of the leads are passed over.
    chance : numpy.random.Generator
        For the sizes, phases and noise the artefacts leave open.

    Returns
    -------
    ndarray, shape (9, samples)
        mV.
    """
    out = potentials.copy()
    count, samples = out.shape
    time = np.arange(samples) / hz
    for artefact in artefacts:
        if isinstance(artefact, BaselineWander):
            sizes = artefact.millivolts * chance.uniform(0.35, 1.0, (count, 1))
            phases = chance.uniform(0.0, 2.0 * np.pi, (2, count, 1))
            breath = np.sin(2.0 * np.pi * artefact.hz * time + phases[0])
            drift = np.sin(2.0 * np.pi * 0.31 * artefact.hz * time + phases[1])
            out += sizes * (0.6 * breath + 0.4 * drift)
        elif isinstance(artefact, Mains):
            sizes = artefact.millivolts * chance.uniform(0.2, 1.0, (count, 1))
            phase = float(chance.uniform(0.0, 2.0 * np.pi))
            out += sizes * np.sin(2.0 * np.pi * artefact.hz * time + phase)
        elif isinstance(artefact, MuscleNoise):
            band = butter(2, (20.0, min(150.0, 0.45 * hz)), "bandpass", fs=hz, output="sos")
            noise = sosfiltfilt(band, chance.standard_normal((count, samples)), axis=1)
            noise *= artefact.millivolts / noise.std(axis=1, keepdims=True)
            out[:, _span(artefact, hz, samples)] += noise[:, _span(artefact, hz, samples)]
        elif isinstance(artefact, SwappedArms):
            right, left = ELECTRODES.index("RA"), ELECTRODES.index("LA")
            out[[right, left]] = out[[left, right]]
    return out


def disturb_leads(leads: NDArray[np.float64], hz: float, artefacts: tuple[Artefact, ...]) -> NDArray[np.float64]:
    """Add what happens to single leads behind the electrodes.

    Parameters
    ----------
    leads : ndarray, shape (12, samples)
        mV.
    hz : float
        Samples a second.
    artefacts : tuple of Artefact
        Those of the electrodes are passed over.

    Returns
    -------
    ndarray, shape (12, samples)
        mV.
    """
    out = leads.copy()
    for artefact in artefacts:
        if isinstance(artefact, LeadOff):
            out[STANDARD_LEADS.index(artefact.lead), _span(artefact, hz, out.shape[1])] = 0.0
        elif isinstance(artefact, Spike):
            out[STANDARD_LEADS.index(artefact.lead), int(artefact.at * hz)] += artefact.millivolts
    return out


def _span(artefact: LeadOff | MuscleNoise, hz: float, samples: int) -> slice:
    end = samples if artefact.end is None else round(artefact.end * hz)
    return slice(round(artefact.start * hz), end)
