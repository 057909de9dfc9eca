"""From a record to what the networks take: twelve leads at one rate, windows of ten seconds, age and sex."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal as scipy_signal

from ecgview.record import STANDARD_LEADS, Patient, Record
from ecgview.signal.features import FEATURES, feature_vector
from ecgview.signal.medians import median_last
from ecgview.signal.quality import lead_faults, missing_leads
from ecgview.signal.resampling import resample

# Samples by which a signal is continued before the high-pass filter runs.
_REFLECTED = 6
PATIENT_FEATURES = 5  # what `patient_features` returns


class Refusal(ValueError):
    """A record the model will not judge; the message says why, in words for a reader."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How signals are prepared; stored in the model card, the same in training and inference.

    Attributes
    ----------
    hz : float
        Samples a second the networks see.
    seconds : float
        Length of a window.
    shortest : float
        Seconds below which a recording is refused.
    high_pass : float
        Corner of the zero-phase high-pass that takes baseline wander off, Hz.
    limit : float
        Millivolts beyond which a sample is cut to the limit: a pacing spike or a jolt must not
        drown a lead.
    """

    hz: float = 100.0
    seconds: float = 10.0
    shortest: float = 5.0
    high_pass: float = 0.5
    limit: float = 6.0

    @property
    def samples(self) -> int:
        """Samples of a window."""
        return round(self.hz * self.seconds)

    def without_wander(self, signal: NDArray[np.float32]) -> NDArray[np.float64]:
        """Take the median and baseline wander off a signal at :attr:`hz`, shape (leads, samples).

        The high-pass filter is of first order, run forwards and backwards over the signal continued
        to both sides by point reflection (as ``scipy.signal.sosfiltfilt`` does).
        """
        level = signal - median_last(signal)[:, None]
        if level.shape[1] <= _REFLECTED:
            raise Refusal(f"{level.shape[1]} samples are too few to take baseline wander off")
        continued = np.concatenate(
            [
                2 * level[:, :1] - level[:, _REFLECTED:0:-1],
                level,
                2 * level[:, -1:] - level[:, -2 : -_REFLECTED - 2 : -1],
            ],
            axis=1,
            dtype=np.float64,
        )
        sections, start = _high_pass(self.high_pass, self.hz)
        forwards, _ = scipy_signal.sosfilt(sections, continued, zi=start * continued[:, :1])
        backwards, _ = scipy_signal.sosfilt(sections, forwards[:, ::-1], zi=start * forwards[:, -1:])
        return np.asarray(backwards[:, ::-1][:, _REFLECTED:-_REFLECTED])


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record as the networks take it.

    Attributes
    ----------
    windows : ndarray of float32, shape (windows, 12, samples)
        Millivolts at the model's rate, zero beyond the end of a short recording.
    valid : ndarray of int64, shape (windows,)
        Samples of each window that hold signal.
    starts : ndarray of float64, shape (windows,)
        Where in the record each window begins, seconds.
    patient : ndarray of float32, shape (5,)
    measured : ndarray of float32, shape (windows, features)
        What is measured in each window's stretch of the record, at the record's own rate:
        :data:`ecgview.signal.features.FEATURES`, NaN where not measurable.
    """

    windows: NDArray[np.float32]
    valid: NDArray[np.int64]
    starts: NDArray[np.float64]
    patient: NDArray[np.float32]
    measured: NDArray[np.float32]

    @property
    def features(self) -> dict[str, float]:
        """Measured values of the first window, by name."""
        return dict(zip(FEATURES, self.measured[0].tolist(), strict=True))


@lru_cache(maxsize=8)
def _high_pass(corner: float, hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Second-order sections of the filter, and the state in which a constant 1 leaves it, shape (sections, 1, 2)."""
    sections: NDArray[np.float64] = scipy_signal.butter(1, corner, "highpass", fs=hz, output="sos")
    return sections, scipy_signal.sosfilt_zi(sections)[:, None]


def patient_features(patient: Patient) -> NDArray[np.float32]:
    """Return (age / 100, age unknown, female, male, sex unknown).

    Unknown age is a value of its own and not an age of zero; unknown sex is neither of the two.
    """
    features = np.zeros(PATIENT_FEATURES, np.float32)
    features[0] = 0.0 if patient.age is None else patient.age / 100
    features[1] = patient.age is None
    features[2] = patient.sex == "female"
    features[3] = patient.sex == "male"
    features[4] = patient.sex is None
    return features


def prepare(record: Record, preprocessing: Preprocessing) -> Prepared:
    """Cut a record of any rate and length into windows for the networks.

    A record longer than one window is covered by evenly spaced windows from its first to its last
    sample, overlapping as little as that allows.

    Parameters
    ----------
    record : Record
    preprocessing : Preprocessing

    Returns
    -------
    Prepared

    Raises
    ------
    Refusal
        A lead is missing, flat or holds invalid samples, or the recording is too short.
    """
    missing = missing_leads(record)
    if missing:
        raise Refusal(f"{_listed('lead', missing)} not recorded")
    faults = {lead: fault for lead, fault in lead_faults(record).items() if lead in STANDARD_LEADS}
    if faults:
        raise Refusal("; ".join(f"lead {lead}: {fault}" for lead, fault in faults.items()))
    if record.duration < preprocessing.shortest - 0.5 / record.hz:
        raise Refusal(f"{record.duration:.1f} s is shorter than the {preprocessing.shortest:g} s the model needs")
    leads = np.stack([record.signal[record.leads.index(name)] for name in STANDARD_LEADS])
    signal = resample(leads, record.hz, preprocessing.hz)
    limit = preprocessing.limit
    signal = preprocessing.without_wander(signal).clip(-limit, limit).astype(np.float32)

    length, total = preprocessing.samples, signal.shape[1]
    count = max(1, -(-total // length))
    starts = np.round(np.linspace(0, max(0, total - length), count)).astype(np.int64)
    windows = np.zeros((count, len(STANDARD_LEADS), length), np.float32)
    for window, start in zip(windows, starts, strict=True):
        part = signal[:, start : start + length]
        window[:, : part.shape[1]] = part
    valid = np.minimum(total - starts, length).astype(np.int64)
    measured = np.stack(
        [_measured(record, start / preprocessing.hz, preprocessing.seconds, count > 1) for start in starts]
    )
    return Prepared(windows, valid, starts / preprocessing.hz, patient_features(record.patient), measured)


def _measured(record: Record, start: float, seconds: float, cut: bool) -> NDArray[np.float32]:
    """Measure one window's stretch: counts and spreads mean the same only over the same time."""
    if cut:
        first = round(start * record.hz)
        part = record.signal[:, first : first + round(seconds * record.hz)]
        record = replace(record, signal=part, labels=())
    return feature_vector(record)[1]


def _listed(noun: str, names: tuple[str, ...]) -> str:
    return f"{noun}{'s' if len(names) > 1 else ''} {', '.join(names)}"
