"""Small untruths that keep a network from learning a recording by heart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.model.preprocessing import Preprocessing
from ecgview.training.configuration import Configuration


def augment(
    windows: NDArray[np.float32],
    valid: NDArray[np.int64],
    patient: NDArray[np.float32],
    configuration: Configuration,
    preprocessing: Preprocessing,
    generator: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Return altered copies: cut, scaled, with noise and wander, a lead or the patient hidden.

    Parameters
    ----------
    windows : ndarray, shape (n, 12, samples)
        Prepared signal, mV.
    valid : ndarray, shape (n,)
        Samples that hold signal.
    patient : ndarray, shape (n, 5)
        Age and sex.
    configuration : Configuration
        How much of each.
    preprocessing : Preprocessing
        For the rate.
    generator : numpy.random.Generator

    Returns
    -------
    windows, valid, patient
        As they came in, altered.
    """
    count, leads, samples = windows.shape
    altered = windows * (1 + configuration.gain * generator.uniform(-1, 1, (count, 1, 1))).astype(np.float32)
    noise = configuration.noise * generator.uniform(0, 1, (count, 1, 1)).astype(np.float32)
    altered += noise * generator.standard_normal(altered.shape, dtype=np.float32)
    altered += _wander(count, leads, samples, configuration, preprocessing, generator)
    silenced = np.flatnonzero(generator.random(count) < configuration.dropped_lead)
    altered[silenced, generator.integers(0, leads, len(silenced))] = 0.0

    lengths = valid.copy()
    shortest = round(configuration.shortest_crop * preprocessing.hz)
    for place in np.flatnonzero((generator.random(count) < 0.5) & (valid > shortest)):
        length = int(generator.integers(shortest, valid[place] + 1))
        start = int(generator.integers(0, valid[place] - length + 1))
        altered[place, :, :length] = altered[place, :, start : start + length].copy()
        lengths[place] = length
    altered *= (np.arange(samples) < lengths[:, None])[:, None, :]

    known = patient.copy()
    ageless = generator.random(count) < configuration.hidden_patient
    known[ageless, :2] = (0.0, 1.0)
    sexless = generator.random(count) < configuration.hidden_patient
    known[sexless, 2:] = (0.0, 0.0, 1.0)
    return altered, lengths, known


def _wander(
    count: int,
    leads: int,
    samples: int,
    configuration: Configuration,
    preprocessing: Preprocessing,
    generator: np.random.Generator,
) -> NDArray[np.float32]:
    """Return a slow sine in each lead, of one rhythm in all leads as breathing makes it."""
    seconds = np.arange(samples) / preprocessing.hz
    rate = generator.uniform(0.15, 0.5, (count, 1, 1))
    phase = generator.uniform(0, 2 * np.pi, (count, leads, 1))
    size = configuration.wander * generator.uniform(0, 1, (count, leads, 1))
    wave: NDArray[np.float32] = (size * np.sin(2 * np.pi * rate * seconds + phase)).astype(np.float32)
    return wave
