"""Which wave each sample belongs to, from the marks of the beats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.explain.attribution import WAVES
from ecgview.signal.delineation import Delineation

_OTHER = WAVES.index("other")
# Where no T wave is marked, what follows the QRS complex for this long counts as ST.
_ST_ALONE_S = 0.080


def wave_of_samples(delineation: Delineation, hz: float, samples: int) -> NDArray[np.int64]:
    """Say for each sample which wave it belongs to.

    P and QRS reach from onset to offset. The T wave has no onset that could be told from ST: as in
    the measurements it is taken to be symmetric about its peak, and ST is what lies between the QRS
    complex and it. Without a T wave, ST is the 80 ms after the QRS complex.

    Parameters
    ----------
    delineation : Delineation
        Of the record.
    hz : float
    samples : int

    Returns
    -------
    ndarray of int64, shape (samples,)
        Places in :data:`ecgview.explain.attribution.WAVES`.
    """
    found = np.full(samples, _OTHER, dtype=np.int64)

    def fill(wave: str, onsets: NDArray[np.float64], ends: NDArray[np.float64]) -> None:
        for onset, end in zip(onsets, ends, strict=True):
            if onset < end:  # false for NaN
                found[max(0, round(onset * hz)) : max(0, round(end * hz)) + 1] = WAVES.index(wave)

    marks = delineation
    t_onset = np.fmax(2 * marks.t_peak - marks.t_offset, marks.qrs_offset)
    # The QRS complex has the last word where marks overlap.
    st_end = np.where(np.isfinite(marks.t_offset), t_onset, marks.qrs_offset + _ST_ALONE_S)
    fill("ST", marks.qrs_offset, st_end)
    fill("T", np.where(np.isfinite(marks.t_offset), t_onset, np.nan), marks.t_offset)
    fill("P", marks.p_onset, marks.p_offset)
    fill("QRS", marks.qrs_onset, marks.qrs_offset)
    return found
