"""Good recordings made bad in known ways, to judge what notices bad ones. Nothing is learned from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from ecgview.record import STANDARD_LEADS, Record
from ecgview.record.limb_leads import DERIVABLE, limb_lead

Leads = NDArray[np.float64]
_MAINS_HZ = 50.0
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Corruption:
    """One way of making a recording bad.

    Attributes
    ----------
    name : str
        In words.
    group : str
        What several ways have in common.
    change : callable
        Takes leads (12, samples) in mV, samples a second and a random generator; returns leads.
    rate : float
        What the stated sampling rate is multiplied by.
    required : bool
        Whether it belongs to the kinds that must be told apart.
    """

    name: str
    group: str
    change: Callable[[Leads, float, np.random.Generator], Leads]
    rate: float = 1.0
    required: bool = True


def corrupted(record: Record, corruption: Corruption, chance: np.random.Generator) -> Record:
    """Return the first ten seconds of a record of all twelve leads, made bad.

    Parameters
    ----------
    record : Record
        With the twelve standard leads, all samples valid.
    corruption : Corruption
    chance : numpy.random.Generator
    """
    rows = [record.leads.index(name) for name in STANDARD_LEADS]
    leads = record.signal[rows, : round(_SECONDS * record.hz)].astype(np.float64)
    changed = corruption.change(leads, record.hz, chance).astype(np.float32)
    return replace(
        record, signal=changed, leads=STANDARD_LEADS, hz=record.hz * corruption.rate, derived=frozenset(), warnings=()
    )


def _as_it_is(leads: Leads, _hz: float, _chance: np.random.Generator) -> Leads:
    return leads


def _coloured(chance: np.random.Generator, shape: tuple[int, ...], hz: float, steepness: float) -> Leads:
    """Return noise of unit variance whose power falls with the given power of the frequency."""
    samples = shape[-1]
    frequencies = np.fft.rfftfreq(samples, 1 / hz)
    gain = np.zeros(len(frequencies))
    gain[1:] = np.maximum(frequencies[1:], 0.3) ** (-steepness / 2)
    noise = np.fft.irfft(np.fft.rfft(chance.standard_normal(shape)) * gain, samples)
    unit: Leads = noise / noise.std(axis=-1, keepdims=True)
    return unit


def _derive(leads: Leads) -> Leads:
    """Compute III, aVR, aVL and aVF anew."""
    stored = {name: leads[STANDARD_LEADS.index(name)].astype(np.float32) for name in ("I", "II")}
    for name in DERIVABLE:
        leads[STANDARD_LEADS.index(name)] = limb_lead(name, stored)
    return leads


def _some(chance: np.random.Generator, fewest: int, most: int) -> NDArray[np.int64]:
    return chance.choice(12, chance.integers(fewest, most + 1), replace=False)


def _stretch(chance: np.random.Generator, samples: int, hz: float, shortest: float, longest: float) -> slice:
    length = min(samples - 1, int(chance.uniform(shortest, longest) * hz))
    start = int(chance.integers(0, samples - length))
    return slice(start, start + length)


def _bursts(leads: Leads, hz: float, chance: np.random.Generator) -> Leads:
    for lead in _some(chance, 1, 3):
        for _ in range(chance.integers(1, 4)):
            part = _stretch(chance, leads.shape[1], hz, 0.5, 3.0)
            noise = _coloured(chance, (part.stop - part.start,), hz, chance.uniform(0.0, 1.5))
            leads[lead, part] += chance.uniform(0.5, 2.0) * noise
    return leads


def _saturated(leads: Leads, hz: float, chance: np.random.Generator) -> Leads:
    for lead in _some(chance, 1, 3):
        if chance.random() < 0.5:
            limit = chance.uniform(0.8, 3.0)
            leads[lead] = np.clip(leads[lead] * chance.uniform(5.0, 15.0) + chance.uniform(-1.0, 1.0), -limit, limit)
        else:
            rail = chance.choice([-1.0, 1.0]) * chance.uniform(2.0, 5.0)
            for _ in range(chance.integers(1, 4)):
                leads[lead, _stretch(chance, leads.shape[1], hz, 0.3, 2.5)] = rail
    return leads


def _saturated_then_filtered(leads: Leads, hz: float, chance: np.random.Generator) -> Leads:
    """Devices filter after the amplifier, so that a rail is no plateau in the file."""
    before = leads.copy()
    after = _saturated(leads, hz, chance)
    hit = np.flatnonzero((after != before).any(axis=1))
    after[hit] = sosfilt(butter(1, 0.5, "highpass", fs=hz, output="sos"), after[hit], axis=1)
    after[hit] += 0.005 * chance.standard_normal((len(hit), after.shape[1]))
    return after


def _off(fewest: int, most: int) -> Callable[[Leads, float, np.random.Generator], Leads]:
    def change(leads: Leads, hz: float, chance: np.random.Generator) -> Leads:
        samples = leads.shape[1]
        time = np.arange(samples) / hz
        for lead in _some(chance, fewest, most):
            size = np.exp(chance.uniform(np.log(0.1), np.log(2.0)))
            kind = chance.integers(3)
            noise = _coloured(chance, (samples,), hz, float(kind))
            if kind == 2:
                noise += np.sin(2 * np.pi * (_MAINS_HZ * time + chance.random()))
            leads[lead] = size * noise
        return leads

    return change


def _potentials(leads: Leads) -> Leads:
    """Return RA, LA, LL and V1-V6 against the mean of the first three."""
    right = -(leads[0] + leads[1]) / 3
    return np.vstack([right, leads[0] + right, leads[1] + right, leads[6:]])


def _leads_of(potentials: Leads) -> Leads:
    right, left, foot = potentials[:3]
    leads = np.zeros((12, potentials.shape[1]))
    leads[0], leads[1] = left - right, foot - right
    leads[6:] = potentials[3:] - potentials[:3].mean(axis=0)
    return _derive(leads)


def _electrode(leads: Leads, hz: float, chance: np.random.Generator) -> Leads:
    potentials = _potentials(leads)
    noise = _coloured(chance, (leads.shape[1],), hz, chance.uniform(0.0, 2.0))
    potentials[chance.integers(len(potentials))] = chance.uniform(0.3, 2.0) * noise
    return _leads_of(potentials)


def _limbs(one: int, other: int) -> Callable[[Leads, float, np.random.Generator], Leads]:
    def change(leads: Leads, _hz: float, _chance: np.random.Generator) -> Leads:
        potentials = _potentials(leads)
        potentials[[one, other]] = potentials[[other, one]]
        return _leads_of(potentials)

    return change


def _chest(pairs: tuple[tuple[int, int], ...]) -> Callable[[Leads, float, np.random.Generator], Leads]:
    def change(leads: Leads, _hz: float, chance: np.random.Generator) -> Leads:
        one, other = pairs[chance.integers(len(pairs))]
        leads[[5 + one, 5 + other]] = leads[[5 + other, 5 + one]]
        return leads

    return change


def _gain(factor: float) -> Callable[[Leads, float, np.random.Generator], Leads]:
    return lambda leads, _hz, _chance: leads * factor


def _noise(steepness: float | None) -> Callable[[Leads, float, np.random.Generator], Leads]:
    """Nothing but noise: coloured, or mains hum with a little white noise where steepness is None."""

    def change(leads: Leads, hz: float, chance: np.random.Generator) -> Leads:
        shape = leads.shape
        if steepness is None:
            phases = chance.random((12, 1))
            noise = np.sin(2 * np.pi * (_MAINS_HZ * np.arange(shape[1]) / hz + phases))
            noise = noise * chance.uniform(0.3, 1.0, (12, 1)) + 0.01 * chance.standard_normal(shape)
        else:
            noise = _coloured(chance, shape, hz, steepness)
        noise = noise * np.exp(chance.uniform(np.log(0.05), np.log(1.0)))
        return _derive(noise) if chance.random() < 0.5 else noise

    return change


CLEAN = Corruption("as it is", "clean", _as_it_is, required=False)
CORRUPTIONS: tuple[Corruption, ...] = (
    Corruption("bursts of noise, 1-3 leads", "corrupted leads", _bursts),
    Corruption("saturation, 1-3 leads", "corrupted leads", _saturated),
    Corruption("saturation, then filtered, 1-3 leads", "corrupted leads", _saturated_then_filtered),
    Corruption("electrode-off noise, 1 lead", "corrupted leads", _off(1, 1)),
    Corruption("electrode-off noise, 2-3 leads", "corrupted leads", _off(2, 3)),
    Corruption("electrode-off noise, 4-8 leads", "corrupted leads", _off(4, 8)),
    Corruption("one electrode off, in all leads it enters", "corrupted leads", _electrode),
    Corruption("right arm and left arm", "limb leads", _limbs(0, 1)),
    Corruption("right arm and left leg", "limb leads", _limbs(0, 2)),
    Corruption("left arm and left leg", "limb leads", _limbs(1, 2)),
    Corruption("gain x 10", "gain", _gain(10.0)),
    Corruption("gain / 10", "gain", _gain(0.1)),
    Corruption("rate stated double", "rate", _as_it_is, rate=2.0),
    Corruption("rate stated half", "rate", _as_it_is, rate=0.5),
    Corruption("white noise", "noise", _noise(0.0)),
    Corruption("pink noise", "noise", _noise(1.0)),
    Corruption("mains hum", "noise", _noise(None)),
    Corruption(
        "neighbouring chest leads", "chest leads", _chest(tuple((k, k + 1) for k in range(1, 6))), required=False
    ),
    Corruption(
        "chest leads three apart or more",
        "chest leads",
        _chest(((1, 4), (1, 5), (1, 6), (2, 5), (2, 6), (3, 6))),
        required=False,
    ),
)
