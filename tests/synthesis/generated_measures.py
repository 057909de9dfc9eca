"""Measures generated records without asking how they were made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from ecgview.record import STANDARD_LEADS
from ecgview.synthesis import Beat, Generated


def lead(signal: NDArray[np.floating], name: str) -> NDArray[np.float64]:
    return np.asarray(signal[STANDARD_LEADS.index(name)], dtype=np.float64)


def r_times(generated: Generated) -> NDArray[np.float64]:
    """QRS complexes found by their steepness over all leads; seconds."""
    hz = generated.record.hz
    steepness = np.abs(np.diff(generated.record.signal, axis=1)).sum(axis=0)
    width = max(1, round(0.08 * hz))
    smooth = np.convolve(steepness, np.ones(width) / width, mode="same")
    found, _ = find_peaks(smooth, height=0.4 * np.percentile(smooth, 98), distance=round(0.25 * hz))
    return np.asarray(found / hz)


def whole_beats(generated: Generated) -> list[Beat]:
    """Prevailing beats with all their waves in the record."""
    return [
        beat
        for beat in generated.truth.beats
        if beat.kind in ("normal", "paced") and beat.t_offset is not None and beat.qrs_onset > 0.3
    ]


def qrs(generated: Generated, beat: Beat, name: str) -> NDArray[np.float64]:
    """One lead's QRS complex, clean, against the level at its onset, from onset to offset."""
    hz = generated.record.hz
    row = lead(generated.truth.clean, name)
    start, end = round(beat.qrs_onset * hz), round(beat.qrs_offset * hz)
    return np.asarray(row[start : end + 1] - row[start])


def at(generated: Generated, seconds: float, name: str) -> float:
    row = lead(generated.truth.clean, name)
    return float(np.interp(seconds, np.arange(len(row)) / generated.record.hz, row))


def t_peak(generated: Generated, beat: Beat, name: str) -> float:
    """The largest deflection, with its sign, in the second half of ST and T."""
    assert beat.t_offset is not None
    hz = generated.record.hz
    middle = (beat.qrs_offset + beat.t_offset) / 2
    part = lead(generated.truth.clean, name)[round(middle * hz) : round(beat.t_offset * hz)]
    return float(part[np.argmax(np.abs(part))])
