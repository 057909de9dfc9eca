"""Brings any record to the one form that beats and waves are measured in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.filters import between
from ecgview.signal.quality import lead_faults
from ecgview.signal.resampling import resample

WORKING_HZ = 500.0
_SMOOTH_HZ = 40.0
# Slow enough to leave onsets and ends where they are; levels are measured on the signal without it.
_STEADY_HZ = 0.4
_SHORTEST_S = 0.6
# QRS complexes are looked for up to 30 Hz; half of the rate must reach most of that.
_SLOWEST_HZ = 40.0


@dataclass(frozen=True, eq=False)
class Prepared:
    """What of a record can be measured.

    Attributes
    ----------
    signal : ndarray of float32, shape (leads, samples)
        mV at :data:`WORKING_HZ`, as recorded but for the rate.
    steady : ndarray of float32, shape (leads, samples)
        The same between 0.4 and 40 Hz, for finding waves, not for measuring levels.
    leads : tuple of str
        Only those of the twelve standard leads that can be judged.
    skipped : dict of str to str
        The others, each with the reason.
    recorded_hz : float
        The rate the record came with.
    """

    signal: NDArray[np.float32]
    steady: NDArray[np.float32]
    leads: tuple[str, ...]
    skipped: dict[str, str]
    recorded_hz: float

    @property
    def samples(self) -> int:
        """Samples in each lead at the working rate."""
        return int(self.signal.shape[1])


def prepare(record: Record) -> Prepared:
    """Leave out faulty leads and bring the others to the working rate.

    Parameters
    ----------
    record : Record
        Any rate and length.

    Returns
    -------
    Prepared
        Without leads where none can be judged, the record is shorter than 0.6 s or sampled at
        less than 40 Hz.
    """
    skipped = dict(lead_faults(record))
    for name in record.leads:
        if name not in STANDARD_LEADS:
            skipped.setdefault(name, "not one of the twelve standard leads")
        elif record.duration < _SHORTEST_S:
            skipped.setdefault(name, f"shorter than {_SHORTEST_S:g} s")
        elif record.hz < _SLOWEST_HZ:
            skipped.setdefault(name, f"sampled at {record.hz:g} Hz, too slow to find beats")
    rows = [row for row, name in enumerate(record.leads) if name not in skipped]
    if not rows:
        nothing = np.zeros((0, 0), dtype=np.float32)
        return Prepared(nothing, nothing, (), skipped, record.hz)
    signal = resample(record.signal[rows], record.hz, WORKING_HZ)
    steady = between(signal, WORKING_HZ, _STEADY_HZ, _SMOOTH_HZ)
    return Prepared(signal, steady, tuple(record.leads[row] for row in rows), skipped, record.hz)
