"""How a lead's power is spread over frequency, and how that changes with time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOWS_S = (0.5, 1.0, 2.0, 4.0, 10.0)
"""Lengths of the window to choose from, s."""
MAINS_HZ = (50.0, 60.0)
_MAINS_REACH_HZ = 0.7
_MAINS_AROUND_HZ = (2.0, 8.0)
_MAINS_STANDS_OUT_DB = 6.0
_AT_ONCE = 128
_MOST_COLUMNS = 2000
_FLOOR = 1e-12
"""mV²/Hz: nothing below it can be told from the steps of any recorder."""


class TooShortError(ValueError):
    """A stretch that holds no window; the message says so in words."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Power of one lead over frequency, and over frequency and time.

    Attributes
    ----------
    lead : str
    hz : float
        Samples a second.
    start, end : float
        The stretch that was looked at, s from the beginning of the record.
    window_s : float
        Length of the Hann windows, s.
    averaged, left_out : int
        Windows that went into `density`, and windows left out for samples that are not valid.
    frequencies : ndarray of float64, shape (bins,)
        Hz.
    density : ndarray of float64, shape (bins,)
        One-sided power spectral density, mV²/Hz: P. D. Welch, "The use of fast Fourier transform
        for the estimation of power spectra", IEEE Trans Audio Electroacoust 1967;15:70-73.
    times : ndarray of float64, shape (columns,)
        Middle of each window of `over_time`, s from the beginning of the record.
    over_time : ndarray of float32, shape (bins, columns)
        Density in dB re 1 mV²/Hz; NaN where the window holds samples that are not valid.
    step_s : float
        From one column of `over_time` to the next, s.
    mains : float or None
        Where the mains stand out, Hz.
    mains_db : float
        By how much, dB above what lies around; 0 where they do not.
    """

    lead: str
    hz: float
    start: float
    end: float
    window_s: float
    averaged: int
    left_out: int
    frequencies: NDArray[np.float64]
    density: NDArray[np.float64]
    times: NDArray[np.float64]
    over_time: NDArray[np.float32]
    step_s: float
    mains: float | None
    mains_db: float

    @property
    def step_hz(self) -> float:
        """Distance of two bins, Hz."""
        return 1.0 / self.window_s

    @property
    def resolution_hz(self) -> float:
        """What two lines must be apart to be told apart: 1.5 bins, the noise bandwidth of a Hann window; Hz."""
        return 1.5 * self.step_hz

    @property
    def decibels(self) -> NDArray[np.float64]:
        """`density` in dB re 1 mV²/Hz, shape (bins,)."""
        return decibels(self.density)


def decibels(density: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return power densities, mV²/Hz, as dB re 1 mV²/Hz; at least -120."""
    return np.asarray(10.0 * np.log10(np.maximum(density, _FLOOR)), dtype=np.float64)


def spectrum(
    samples: NDArray[np.float32],
    hz: float,
    window_s: float,
    lead: str = "",
    start: float = 0.0,
    cancelled: Callable[[], bool] | None = None,
) -> Spectrum:
    """Estimate the power spectrum of a stretch of one lead.

    Hann windows that overlap by half, the mean of each taken away; the time-frequency picture has
    windows every eighth of their length, or farther apart where that were more than 2000.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        mV; windows with samples that are not finite are left out.
    hz : float
    window_s : float
        Length of a window, s; brought to whole samples.
    lead : str
        Kept with the result.
    start : float
        Where the stretch begins in the record, s.
    cancelled : callable, optional
        Asked now and then; once it returns True the work ends with what there is.

    Returns
    -------
    Spectrum

    Raises
    ------
    TooShortError
        Not one window fits, or none is valid.
    """
    length = max(4, round(window_s * hz))
    if len(samples) < length:
        raise TooShortError(f"{len(samples) / hz:.3g} s hold no window of {window_s:g} s")
    stop = cancelled or (lambda: False)
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)
    scale = 2.0 / (hz * float(np.square(hann).sum()))
    begins = np.arange(0, len(samples) - length + 1, max(1, length // 2))
    bins = length // 2 + 1
    total, averaged = np.zeros(bins), 0
    for power in _powers(samples, begins, hann, stop):
        whole = np.isfinite(power[:, 0])
        total += power[whole].sum(axis=0)
        averaged += int(whole.sum())
    if not averaged:
        raise TooShortError(f"no window of {window_s:g} s is free of samples that are not valid")
    density = _one_sided(total / averaged * scale, length)
    columns = np.arange(0, len(samples) - length + 1, max(1, length // 8))
    if len(columns) > _MOST_COLUMNS:
        columns = np.unique(np.linspace(0, len(samples) - length, _MOST_COLUMNS).round().astype(np.int64))
    pieces = [
        decibels(_one_sided(power * scale, length)).astype(np.float32)
        for power in _powers(samples, columns, hann, stop)
    ]
    over_time = np.concatenate(pieces).T if pieces else np.zeros((bins, 0), dtype=np.float32)
    frequencies = np.asarray(np.arange(bins) * (hz / length), dtype=np.float64)
    mains, above = _mains(frequencies, density)
    return Spectrum(
        lead=lead,
        hz=hz,
        start=start,
        end=start + len(samples) / hz,
        window_s=length / hz,
        averaged=averaged,
        left_out=len(begins) - averaged,
        frequencies=frequencies,
        density=density,
        times=np.asarray(start + (columns[: over_time.shape[1]] + length / 2.0) / hz, dtype=np.float64),
        over_time=np.ascontiguousarray(over_time),
        step_s=float(columns[1] - columns[0]) / hz if len(columns) > 1 else length / hz,
        mains=mains,
        mains_db=above,
    )


def _powers(
    samples: NDArray[np.float32], begins: NDArray[np.int64], hann: NDArray[np.float64], stop: Callable[[], bool]
) -> Iterator[NDArray[np.float64]]:
    """Squared magnitudes of the windows that begin here, some at a time; NaN for a window that is not valid."""
    for first in range(0, len(begins), _AT_ONCE):
        if stop():
            break
        cut = samples[begins[first : first + _AT_ONCE, None] + np.arange(len(hann))].astype(np.float64)
        cut -= cut.mean(axis=1, keepdims=True)
        yield np.square(np.abs(np.fft.rfft(cut * hann, axis=1)))


def _one_sided(power: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Count what stands at 0 Hz, and at half the rate where there is such a bin, once and not twice."""
    power = power.copy()
    power[..., 0] /= 2.0
    if length % 2 == 0:
        power[..., -1] /= 2.0
    return power


def _mains(frequencies: NDArray[np.float64], density: NDArray[np.float64]) -> tuple[float | None, float]:
    """Find 50 or 60 Hz where it stands out of what lies 2 to 8 Hz to either side."""
    loud = decibels(density)
    reach = max(_MAINS_REACH_HZ, 1.01 * float(frequencies[1]))
    best: tuple[float | None, float] = (None, 0.0)
    for mains in MAINS_HZ:
        away = np.abs(frequencies - mains)
        near = away <= reach
        around = (away >= max(_MAINS_AROUND_HZ[0], 2.0 * reach)) & (away <= max(_MAINS_AROUND_HZ[1], 5.0 * reach))
        if not near.any() or around.sum() < 4 or frequencies[-1] < mains + reach:
            continue
        above = float(loud[near].max() - np.median(loud[around]))
        if above >= _MAINS_STANDS_OUT_DB and above > best[1]:
            best = float(mains), above
    return best
