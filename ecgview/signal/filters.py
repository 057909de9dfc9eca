"""Filters that move nothing in time: every one runs forwards and backwards."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

_ORDER = 2
_LONGEST_PAD_S = 2.0


def high_pass(signal: NDArray[np.floating], hz: float, cut_hz: float) -> NDArray[np.float32]:
    """Take slow changes away.

    Second-order Butterworth, run forwards and backwards.

    Parameters
    ----------
    signal : ndarray, shape (leads, samples)
        Finite.
    hz : float
        Samples a second.
    cut_hz : float
        Where half of the amplitude passes, Hz; below half the sampling rate.

    Returns
    -------
    ndarray of float32, shape (leads, samples)

    Raises
    ------
    ValueError
        If `cut_hz` is not between 0 and half the sampling rate.
    """
    return _both_ways(_butterworth("highpass", (cut_hz,), hz), signal, hz)


def low_pass(signal: NDArray[np.floating], hz: float, cut_hz: float) -> NDArray[np.float32]:
    """Take fast changes away; arguments, result and errors as :func:`high_pass`."""
    return _both_ways(_butterworth("lowpass", (cut_hz,), hz), signal, hz)


def band_pass(signal: NDArray[np.floating], hz: float, low_hz: float, high_hz: float) -> NDArray[np.float32]:
    """Keep what lies between two frequencies; arguments, result and errors as :func:`high_pass`."""
    return _both_ways(_butterworth("bandpass", (low_hz, high_hz), hz), signal, hz)


def _check(cut_hz: float, hz: float) -> None:
    if not 0.0 < cut_hz < hz / 2.0:
        raise ValueError(f"{cut_hz:g} Hz cannot be filtered at {hz:g} samples a second: at most half of that exists")


@lru_cache(maxsize=32)
def _butterworth(kind: str, cuts: tuple[float, ...], hz: float) -> NDArray[np.float64]:
    for cut in cuts:
        _check(cut, hz)
    sections: NDArray[np.float64] = butter(_ORDER, cuts if len(cuts) > 1 else cuts[0], kind, fs=hz, output="sos")
    return sections


def _both_ways(sections: NDArray[np.float64], signal: NDArray[np.floating], hz: float) -> NDArray[np.float32]:
    samples = signal.shape[-1]
    if samples < 2 or not len(signal):
        return np.zeros(signal.shape, dtype=np.float32)
    padding = min(samples - 1, round(_LONGEST_PAD_S * hz))
    return np.asarray(sosfiltfilt(sections, signal, axis=-1, padlen=padding), dtype=np.float32)
