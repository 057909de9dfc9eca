"""Filters that move nothing in time: each has the gain of one that runs forwards and backwards."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import butter, sosfreqz

_ORDER = 2
_LONGEST_PAD_S = 2.0


def high_pass(signal: NDArray[np.floating], hz: float, cut_hz: float) -> NDArray[np.float32]:
    """Take slow changes away.

    The gain of a second-order Butterworth filter run forwards and backwards, by Fourier transform.

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
    return _filtered(signal, hz, _checked((("highpass", (cut_hz,)),), hz))


def low_pass(signal: NDArray[np.floating], hz: float, cut_hz: float) -> NDArray[np.float32]:
    """Take fast changes away; arguments, result and errors as :func:`high_pass`."""
    return _filtered(signal, hz, _checked((("lowpass", (cut_hz,)),), hz))


def band_pass(signal: NDArray[np.floating], hz: float, low_hz: float, high_hz: float) -> NDArray[np.float32]:
    """Keep what lies between two frequencies; arguments, result and errors as :func:`high_pass`."""
    return _filtered(signal, hz, _checked((("bandpass", (low_hz, high_hz)),), hz))


def between(signal: NDArray[np.floating], hz: float, low_hz: float, high_hz: float) -> NDArray[np.float32]:
    """Do what :func:`low_pass` at `high_hz` and :func:`high_pass` at `low_hz` do after each other, in one step."""
    return _filtered(signal, hz, _checked((("lowpass", (high_hz,)), ("highpass", (low_hz,))), hz))


_Stages = tuple[tuple[str, tuple[float, ...]], ...]


def _checked(stages: _Stages, hz: float) -> _Stages:
    for _, cuts in stages:
        for cut_hz in cuts:
            if not 0.0 < cut_hz < hz / 2.0:
                raise ValueError(
                    f"{cut_hz:g} Hz cannot be filtered at {hz:g} samples a second: at most half of that exists"
                )
    return stages


@lru_cache(maxsize=256)
def _gain(stages: _Stages, hz: float, size: int) -> NDArray[np.float32]:
    """Gain at each frequency of a real Fourier transform of `size` samples."""
    gain = np.ones(size // 2 + 1)
    for kind, cuts in stages:
        sections = butter(_ORDER, cuts if len(cuts) > 1 else cuts[0], kind, fs=hz, output="sos")
        _, response = sosfreqz(sections, np.fft.rfftfreq(size, 1.0 / hz), fs=hz)
        gain *= np.square(np.abs(response))
    result: NDArray[np.float32] = gain.astype(np.float32)
    result.flags.writeable = False
    return result


@lru_cache(maxsize=32)
def _ramp(samples: int) -> NDArray[np.float32]:
    """From 0 to 1 in so many samples."""
    result = np.linspace(0.0, 1.0, samples, dtype=np.float32)
    result.flags.writeable = False
    return result


def _filtered(signal: NDArray[np.floating], hz: float, stages: _Stages) -> NDArray[np.float32]:
    samples = signal.shape[-1]
    if samples < 2 or not len(signal):
        return np.zeros(signal.shape, dtype=np.float32)
    padding = min(samples - 1, round(_LONGEST_PAD_S * hz))
    size = next_fast_len(samples + 2 * padding, real=True)
    first, last = signal[..., :1], signal[..., -1:]
    # Continued by point reflection; then the straight line between the ends is taken away, so that
    # the end of the transform joins its beginning. A filter lets a straight line through or stops it.
    padded = np.zeros((*signal.shape[:-1], size), dtype=np.float32)
    padded[..., :padding] = 2.0 * first - signal[..., padding:0:-1]
    padded[..., padding : padding + samples] = signal
    padded[..., padding + samples : 2 * padding + samples] = 2.0 * last - signal[..., -2 : -padding - 2 : -1]
    start, end = padded[..., :1].copy(), padded[..., 2 * padding + samples - 1 : 2 * padding + samples].copy()
    line = _ramp(2 * padding + samples) * (end - start)
    line += start
    padded[..., : 2 * padding + samples] -= line
    gain = _gain(stages, hz, size)
    spectrum = rfft(padded, axis=-1, overwrite_x=True)
    spectrum *= gain
    out = irfft(spectrum, size, axis=-1, overwrite_x=True)[..., padding : padding + samples]
    if gain[0] > 0.5:
        out = out + line[..., padding : padding + samples]
    return np.ascontiguousarray(out, dtype=np.float32)
