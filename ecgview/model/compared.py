"""What of a record is compared with the training records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.model.electrode_order import TERMS, arrangement_terms
from ecgview.model.preprocessing import Preprocessing, Refusal
from ecgview.model.signal_quantities import Look, look_at
from ecgview.model.time_scale import durations
from ecgview.record import LIMB_LEADS, STANDARD_LEADS, Record
from ecgview.record.limb_leads import misfitting_limb_leads
from ecgview.signal.features import FEATURES
from ecgview.signal.medians import median_of_few
from ecgview.signal.resampling import resample

_SILENT_MV = 0.01


@dataclass(frozen=True, eq=False)
class Measured:
    """What is compared of one record.

    Attributes
    ----------
    looks : ndarray of float64, shape (windows, quantities)
    terms : ndarray of float64, shape (beats, 4, terms)
        Of the average beat of each window that has one; none where a lead is silent, or where the limb
        leads were scaled apart: then nothing can be said of the electrodes.
    beats : int
        Windows with beats and without a silent lead.
    durations : ndarray of float64, shape (5,)
    amplitude : float
        mV; see :func:`ecgview.model.signal_quantities.amplitude`.
    """

    looks: NDArray[np.float64]
    terms: NDArray[np.float64]
    beats: int
    durations: NDArray[np.float64]
    amplitude: float


def measured(
    windows: NDArray[np.float32], valid: NDArray[np.int64], features: Mapping[str, float] | None = None
) -> Measured:
    """Measure what is compared of one record.

    Parameters
    ----------
    windows : ndarray of float32, shape (windows, 12, samples)
        Prepared, mV.
    valid : ndarray of int64, shape (windows,)
    features : mapping of str to float, optional
        :func:`ecgview.signal.features.feature_vector` by name; without it the rate is not judged.
    """
    looks = [look_at(window, int(length)) for window, length in zip(windows, valid, strict=True)]
    beats = [(look.beat, window) for look, window in zip(looks, windows, strict=True) if _has_beats(look)]
    terms = [arrangement_terms(beat) for beat, window in beats if beat is not None and _fits_itself(window)]
    return Measured(
        np.stack([look.values for look in looks]),
        np.stack(terms) if terms else np.zeros((0, 4, TERMS)),
        len(beats),
        durations(features or {}),
        median_of_few([look.amplitude for look in looks]),
    )


def measured_all(
    windows: NDArray[np.float32], valid: NDArray[np.int64], owner: NDArray[np.int64], features: NDArray[np.float32]
) -> list[Measured]:
    """Measure what is compared of many records, as a data set holds them.

    Parameters
    ----------
    windows : ndarray of float32, shape (windows, 12, samples)
    valid : ndarray of int64, shape (windows,)
    owner : ndarray of int64, shape (windows,)
        The record each window is of, from 0.
    features : ndarray of float32, shape (windows, len(FEATURES))
        Of each window's stretch; those of a record's first window are taken.
    """
    out = []
    for record in range(int(owner.max(initial=-1)) + 1):
        own = np.flatnonzero(owner == record)
        row = dict(zip(FEATURES, features[own[0]].tolist(), strict=True))
        out.append(measured(windows[own], valid[own], row))
    return out


def _has_beats(look: Look) -> bool:
    return look.beat is not None and float(np.ptp(look.beat, axis=1).min()) > _SILENT_MV


def _fits_itself(window: NDArray[np.float32]) -> bool:
    return not misfitting_limb_leads(dict(zip(LIMB_LEADS, window, strict=False)))


def prepare_anything(record: Record, preprocessing: Preprocessing) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Prepare a record as the model does, but refuse no lead and cut nothing: absent and invalid samples are 0."""
    if record.duration < preprocessing.shortest - 0.5 / record.hz:
        raise Refusal(f"{record.duration:.1f} s is shorter than the {preprocessing.shortest:g} s the model needs")
    leads = np.zeros((len(STANDARD_LEADS), record.samples), np.float32)
    for row, name in zip(leads, STANDARD_LEADS, strict=True):
        stored = record.lead(name)
        if stored is not None:
            row[:] = np.where(np.isfinite(stored), stored, 0.0)
    signal = resample(leads, record.hz, preprocessing.hz)
    signal = preprocessing.without_wander(signal).astype(np.float32)
    length, total = preprocessing.samples, signal.shape[1]
    starts = np.round(np.linspace(0, max(0, total - length), max(1, -(-total // length)))).astype(np.int64)
    windows = np.zeros((len(starts), len(STANDARD_LEADS), length), np.float32)
    for window, start in zip(windows, starts, strict=True):
        part = signal[:, start : start + length]
        window[:, : part.shape[1]] = part
    return windows, np.minimum(total - starts, length).astype(np.int64)
