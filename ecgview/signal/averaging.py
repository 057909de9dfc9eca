"""Sorts beats by the shape of their QRS complex and averages those alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from ecgview.signal.medians import median_of
from ecgview.signal.preparing import WORKING_HZ

# An averaged beat reaches from 0.5 s before the instant of the beat to 0.9 s after it.
BEFORE = round(0.5 * WORKING_HZ)
AFTER = round(0.9 * WORKING_HZ)
_HALF = round(0.08 * WORKING_HZ)
_SHIFT = round(0.04 * WORKING_HZ)
_ALIKE = 0.85
# Enough for a median; more beats of a long recording would only cost time.
_MOST_AVERAGED = 60
_FEWEST_WHOLE = 3


@dataclass(frozen=True, eq=False)
class Kind:
    """Beats with QRS complexes of one shape.

    Attributes
    ----------
    members : ndarray of int64, shape (n,)
        Numbers of the beats, rising.
    centres : ndarray of int64, shape (n,)
        Sample at the working rate at which each lies on the others.
    average : ndarray of float32, shape (leads, BEFORE + AFTER)
        Median of the beats; sample BEFORE is their centre.
    """

    members: NDArray[np.int64]
    centres: NDArray[np.int64]
    average: NDArray[np.float32]


def windows(
    signal: NDArray[np.float32], centres: NDArray[np.int64], before: int = BEFORE, after: int = AFTER
) -> NDArray[np.float32]:
    """Cut a window around each centre.

    Parameters
    ----------
    signal : ndarray, shape (leads, samples)
    centres : ndarray of int64, shape (n,)
        Samples within the signal, or a little outside.
    before, after : int
        Samples before the centre, and from the centre on.

    Returns
    -------
    ndarray, shape (n, leads, before + after)
        What lies outside the signal repeats its first or last sample.
    """
    samples = signal.shape[1]
    out = np.empty((len(centres), len(signal), max(0, before + after)), dtype=signal.dtype)
    for window, centre in zip(out, centres.tolist(), strict=True):
        first, past = centre - before, centre + after
        if 0 <= first <= past <= samples:
            window[:] = signal[:, first:past]
        else:
            window[:] = signal[:, np.clip(np.arange(first, past), 0, samples - 1)]
    return out


def average(signal: NDArray[np.float32], centres: NDArray[np.int64]) -> NDArray[np.float32]:
    """Take the median of beats, of those that lie wholly in the signal where there are three.

    Parameters
    ----------
    signal : ndarray, shape (leads, samples)
    centres : ndarray of int64, shape (n,)
        At least one.

    Returns
    -------
    ndarray of float32, shape (leads, BEFORE + AFTER)
    """
    whole = centres[(centres >= BEFORE) & (centres + AFTER <= signal.shape[1])]
    used = whole if len(whole) >= _FEWEST_WHOLE else centres
    if len(used) > _MOST_AVERAGED:
        used = used[np.linspace(0, len(used) - 1, _MOST_AVERAGED).round().astype(np.int64)]
    return np.asarray(median_of(windows(signal, used)), dtype=np.float32)


def sort_beats(steady: NDArray[np.float32], peaks: NDArray[np.int64]) -> tuple[Kind, ...]:
    """Sort beats into kinds and lay those of one kind on each other.

    Beats belong together where their QRS complexes, 80 ms to either side in all leads,
    correlate by 0.85 or more after a shift of at most 40 ms.

    Parameters
    ----------
    steady : ndarray, shape (leads, samples)
    peaks : ndarray of int64, shape (beats,)
        Samples.

    Returns
    -------
    tuple of Kind
        The one with the most beats first.
    """
    wide = windows(steady, peaks, _HALF + _SHIFT, _HALF + _SHIFT).astype(np.float64)
    left = np.arange(len(peaks))
    found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    while len(left):
        seed = np.asarray(median_of(wide[left]), dtype=np.float64) if len(left) > 2 else wide[left[0]]
        likeness, shift = _compare(wide[left], seed)
        if not (likeness >= _ALIKE).any():
            # The median of unlike beats resembles none of them: begin with the most typical one.
            likeness, shift = _compare(wide[left], wide[left[int(np.argmax(likeness))]])
        alike = likeness >= _ALIKE
        if not alike.any():
            # Beats without any deflection in the window.
            alike[0] = True
        members = left[alike]
        found.append((members, peaks[members] + shift[alike]))
        left = left[~alike]
    found.sort(key=lambda kind: -len(kind[0]))
    return tuple(Kind(members, centres, average(steady, centres)) for members, centres in found)


def _compare(wide: NDArray[np.float64], pattern: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Correlate beats with a pattern; largest correlation and the shift (samples) that gives it, shape (n,)."""
    middle = pattern[:, _SHIFT:-_SHIFT]
    return best_shift(wide, middle - middle.mean(axis=1, keepdims=True))


def best_shift(
    wide: NDArray[np.float64], pattern: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Find where a pattern lies in windows that are wider than it.

    Parameters
    ----------
    wide : ndarray, shape (n, leads, length + 2 * reach)
    pattern : ndarray, shape (leads, length)
        Mean 0 in each lead.

    Returns
    -------
    likeness : ndarray of float64, shape (n,)
        Largest correlation over all leads together, from -1 to 1.
    shift : ndarray of int64, shape (n,)
        Where, in samples from the middle, -reach to reach.
    """
    count, _, long = wide.shape
    length = pattern.shape[1]
    # Correlation by Fourier transform; the shifts that would wrap around are cut off.
    size = next_fast_len(long, real=True)
    spectrum = (rfft(wide, size, axis=2) * np.conj(rfft(pattern, size, axis=1))).sum(axis=1)
    product = irfft(spectrum, size, axis=1)[:, : long - length + 1]
    sums, squares = _running_sums(wide, length), _running_sums(np.square(wide).sum(axis=1), length)
    power = (squares - np.square(sums).sum(axis=1) / length) * float(np.square(pattern).sum())
    likeness = product / np.sqrt(np.maximum(power, 1e-18))
    best = np.argmax(likeness, axis=1)
    return likeness[np.arange(count), best], best - (long - length) // 2


def _running_sums(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Sum so many neighbours along the last axis, from each place on that has them."""
    out = np.empty((*values.shape[:-1], values.shape[-1] - length + 1))
    values[..., :length].sum(axis=-1, out=out[..., 0])
    np.subtract(values[..., length:], values[..., :-length], out=out[..., 1:])
    return out.cumsum(axis=-1)
