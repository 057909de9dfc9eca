"""Finds the beats of a record from all of its leads at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import find_peaks

from ecgview.record import Record
from ecgview.signal.filters import band_pass
from ecgview.signal.marks import velocity
from ecgview.signal.medians import median_last, median_of_few
from ecgview.signal.preparing import WORKING_HZ, Prepared, prepare

# Where a QRS complex is strong and P, T and wander are weak. Set on odd LUDB records; see docs/measurements.md.
_QRS_BAND_HZ = (6.0, 30.0)
_STRIDE = 2
_SEARCH_HZ = WORKING_HZ / _STRIDE
_SMOOTHING_S = 0.05
_REFRACTORY_S = 0.20
_THRESHOLD = 0.35
_REFERENCE_S = 1.5
# A peak this soon after a beat and this much lower is its T wave.
_T_WAVE_S = 0.36
_T_WAVE_SHARE = 0.5
# A peak this soon before a beat and so much slower is its P wave.
_P_WAVE_S = 0.30
_P_WAVE_SHARE = 0.25
# A lead in which QRS complexes stand out a thousandfold counts no more than one in which they do sixtyfold.
_CONTRAST_CAP = 60.0
# A single sample that jumps is stopped at this multiple of the lead's usual QRS complex.
_JUMP_CAP = 1.5
# Where beats stand out less than this above what lies between them, there is only noise.
_LEAST_CONTRAST = 2.5
_PEAK_REACH_S = 0.08
_EDGE_S = 0.02
_DETECTABLE_MV = 0.01


@dataclass(frozen=True, eq=False)
class Beats:
    """The beats of a record.

    Attributes
    ----------
    times : ndarray of float64, shape (beats,)
        Instant of each beat in seconds from the start: where the leads together deviate most
        within its QRS complex.
    leads : tuple of str
        The leads that were used.
    skipped : dict of str to str
        Leads that were not, each with the reason.
    """

    times: NDArray[np.float64]
    leads: tuple[str, ...]
    skipped: dict[str, str]

    def __len__(self) -> int:
        return len(self.times)

    @property
    def rr(self) -> NDArray[np.float64]:
        """RR intervals in seconds, shape (beats - 1,)."""
        return np.diff(self.times)


def find_beats(record: Record) -> Beats:
    """Find the QRS complexes of a record.

    The leads are filtered to 6-30 Hz, rectified, brought to the same QRS height, and averaged
    with a weight that grows with how far QRS complexes stand out of the lead; peaks of the sum
    above 0.35 of the usual height are beats.

    Parameters
    ----------
    record : Record
        Any rate, any leads. Leads that cannot be judged are left out.

    Returns
    -------
    Beats
        Without beats where no lead can be judged or nothing stands out of the noise.
    """
    return beats_of(prepare(record))


def beats_of(prepared: Prepared) -> Beats:
    """Find the QRS complexes of a prepared record; see :func:`find_beats`."""
    found = _search(prepared.steady) if prepared.leads else np.zeros(0, dtype=np.int64)
    return Beats(found / WORKING_HZ, prepared.leads, dict(prepared.skipped))


def _search(steady: NDArray[np.float32]) -> NDArray[np.int64]:
    activity = _activity(steady[:, ::_STRIDE])
    peaks, _ = find_peaks(np.concatenate([[0.0], activity, [0.0]]), distance=round(_REFRACTORY_S * _SEARCH_HZ))
    peaks -= 1
    usual = _usual_height(activity)
    if usual <= 0.0 or usual < _LEAST_CONTRAST * float(median_last(activity)):
        return np.zeros(0, dtype=np.int64)
    speed = maximum_filter1d(velocity(steady[:, ::_STRIDE], 1, _SEARCH_HZ), round(2 * _PEAK_REACH_S * _SEARCH_HZ) | 1)
    kept: list[int] = []
    for peak in peaks[activity[peaks] >= _THRESHOLD * usual]:
        since = (peak - kept[-1]) / _SEARCH_HZ if kept else np.inf
        if since < _T_WAVE_S and activity[peak] < _T_WAVE_SHARE * activity[kept[-1]]:
            continue
        if since < _P_WAVE_S and speed[kept[-1]] < _P_WAVE_SHARE * speed[peak]:
            kept.pop()
        kept.append(int(peak))
    return _largest_deviation(steady, _STRIDE * np.array(kept, dtype=np.int64))


def _activity(signal: NDArray[np.float32]) -> NDArray[np.float64]:
    """Say how much like a QRS complex each instant is, in all leads together; shape (samples,)."""
    strength = np.abs(band_pass(signal, _SEARCH_HZ, *_QRS_BAND_HZ))
    ordered = np.sort(strength, axis=1)
    last = ordered.shape[1] - 1
    high, middle = ordered[:, round(0.99 * last), None], ordered[:, last // 2, None]
    weight = np.clip(high / np.maximum(middle, 1e-6), 1.0, _CONTRAST_CAP) - 1.0
    weight[high < _DETECTABLE_MV] = 0.0
    if not weight.sum() > 0.0:
        return np.zeros(signal.shape[1])
    evened = np.minimum(strength / np.maximum(high, 1e-6), _JUMP_CAP)
    total = (weight * evened).sum(axis=0, dtype=np.float64) / weight.sum()
    length = round(_SMOOTHING_S * _SEARCH_HZ) | 1
    smoothed: NDArray[np.float64] = uniform_filter1d(uniform_filter1d(total, length), length)
    return smoothed


def _usual_height(activity: NDArray[np.float64]) -> float:
    """Median over stretches of 1.5 s of the highest activity in each."""
    length = round(_REFERENCE_S * _SEARCH_HZ)
    count = max(1, len(activity) // length)
    size, longer = divmod(len(activity), count)
    number = np.arange(count)
    return median_of_few(np.maximum.reduceat(activity, number * size + np.minimum(number, longer)))


def _largest_deviation(steady: NDArray[np.float32], near: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move each beat to where the leads together are farthest from the baseline."""
    size = np.square(steady).sum(axis=0)
    reach, edge = round(_PEAK_REACH_S * WORKING_HZ), round(_EDGE_S * WORKING_HZ)
    out: list[int] = []
    for centre in near:
        start = max(0, int(centre) - reach)
        peak = start + int(np.argmax(size[start : centre + reach]))
        # A complex cut off by the end of the recording has its peak there, or none.
        if edge <= peak < len(size) - edge and (not out or peak > out[-1]):
            out.append(peak)
    return np.array(out, dtype=np.int64)
