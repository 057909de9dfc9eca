"""Plain numbers that say how a window of twelve leads looks: size, noise, drift, repetition, agreement of leads.

They serve to notice recordings unlike those that were learned from. All are of the prepared window,
so they see what the networks see.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks

from ecgview.record import STANDARD_LEADS
from ecgview.signal.medians import median_last, median_of, median_of_few

HZ = 100
"""Rate of the windows, the networks' own."""

BEFORE, AFTER = 32, 48
"""Samples of the average beat before and from its middle on."""

PER_LEAD = (
    "size span noise fast slow peaked burst drift unrepeated unexplained worst_unexplained"
    " noise_beside_others unrepeated_beside_others size_beside_others"
).split()
WHOLE = "amplitude beats qrs_width frequency unrepeated_median unexplained_median sizes_spread".split()
QUANTITIES: tuple[tuple[str, str], ...] = (
    *((quantity, lead) for quantity in PER_LEAD for lead in STANDARD_LEADS),
    *((quantity, "") for quantity in WHOLE),
)
"""Each quantity with its lead, or with "" where it is of the whole window."""

BOTH_WAYS = frozenset(("size", "span", "amplitude", "beats", "qrs_width", "frequency"))
"""Quantities that are suspicious when small as well; of the others, less is only better."""

# I, II and V1-V6; the other four follow from I and II.
INDEPENDENT = np.array([0, 1, 6, 7, 8, 9, 10, 11])
_DERIVED = np.array([2, 3, 4, 5])
_AMONG, _FROM = np.ix_(INDEPENDENT, INDEPENDENT), np.ix_(_DERIVED, INDEPENDENT)
# What rounding and filtering of other devices bring about is no fault: nothing below these counts.
_SMALLEST = 1e-4
_LEAST_NOISE, _LEAST_DRIFT, _LEAST_LOOSE = 2e-3, 0.02, 0.02
_LEAST_SHARE = 3e-3
_SEGMENT = HZ


@dataclass(frozen=True, eq=False)
class Look:
    """How one window looks.

    Attributes
    ----------
    values : ndarray of float64, shape (len(QUANTITIES),)
        Base-ten logarithms, of mV, of shares or of ratios; `sizes_spread` is their standard deviation.
    beat : ndarray of float64, shape (12, BEFORE + AFTER), or None
        Median of all beats, mV; None with fewer than two.
    amplitude : float
        See :func:`amplitude`.
    """

    values: NDArray[np.float64]
    beat: NDArray[np.float64] | None
    amplitude: float


def amplitude(window: NDArray[np.float32]) -> float:
    """Return the size of a window in mV: the median over the leads of what nine tenths of the samples stay under.

    Parameters
    ----------
    window : ndarray of float32, shape (12, samples)
        High-passed, mV.
    """
    place = int(0.9 * window.shape[1])
    return median_of_few(np.partition(np.abs(window), place, axis=1)[:, place])


def look_at(window: NDArray[np.float32], valid: int) -> Look:
    """Measure one window.

    Parameters
    ----------
    window : ndarray of float32, shape (12, samples)
        Prepared leads in standard order at :data:`HZ`, mV.
    valid : int
        Samples that hold signal, at least one second.

    Returns
    -------
    Look
    """
    leads = window[:, :valid].astype(np.float64)
    samples = leads.shape[1]
    segments = samples // _SEGMENT

    size = np.sqrt(np.square(leads).mean(axis=1))
    span = np.ptp(leads, axis=1)
    half = samples // 2
    usual = np.partition(np.abs(leads), half, axis=1)[:, half]
    bend = np.zeros(leads.shape)
    bend[:, 1:-1] = np.diff(leads, 2, axis=1)
    noise = np.maximum(median_last(np.abs(bend[:, 1:-1])), _LEAST_NOISE)
    power = np.square(np.abs(np.fft.rfft(leads - leads.mean(axis=1, keepdims=True), axis=1)))
    frequencies = np.fft.rfftfreq(samples, 1 / HZ)
    total = power.sum(axis=1) + 1e-9
    roughness = _by_segment(bend, segments)
    drift = np.abs(leads[:, : segments * _SEGMENT].reshape(12, segments, _SEGMENT).mean(axis=2)).max(axis=1)

    peaks = _peaks(leads)
    beat, unrepeated = _average(leads, peaks)
    share, rest = _unexplained(leads)
    loose = _by_segment(rest, segments).max(axis=1)

    log_noise, log_size = _log(noise), _log(size)
    log_unrepeated = _log(unrepeated, _LEAST_SHARE)
    log_share = _log(share, _LEAST_SHARE)
    per_lead = (
        log_size,
        _log(span),
        log_noise,
        _log(power[:, frequencies > 25.0].sum(axis=1) / total),
        _log(power[:, frequencies < 1.5].sum(axis=1) / total, 1e-3),
        _log(span / np.maximum(usual, _SMALLEST)),
        _log(roughness.max(axis=1) / np.maximum(median_last(roughness), _SMALLEST)),
        _log(drift, _LEAST_DRIFT),
        log_unrepeated,
        log_share,
        _log(loose, _LEAST_LOOSE),
        log_noise - median_of_few(log_noise),
        log_unrepeated - median_of_few(log_unrepeated),
        log_size - median_of_few(log_size),
    )
    height = amplitude(window[:, :valid])
    whole = (
        np.log10(max(height, _SMALLEST)),
        np.log10(max(len(peaks) / samples * HZ, _SMALLEST)),
        -1.0 if beat is None else np.log10(_width(beat)),
        np.log10(max(median_of_few(power @ frequencies / total), _SMALLEST)),
        median_of_few(log_unrepeated),
        median_of_few(log_share),
        float(log_size.std()),
    )
    return Look(np.concatenate([*per_lead, np.array(whole)]), beat, height)


def _log(values: NDArray[np.float64], least: float = _SMALLEST) -> NDArray[np.float64]:
    out: NDArray[np.float64] = np.log10(np.maximum(values, least))
    return out


def _by_segment(signal: NDArray[np.float64], segments: int) -> NDArray[np.float64]:
    """Return the root mean square of each lead in each second, shape (leads, segments)."""
    parts = signal[:, : segments * _SEGMENT].reshape(len(signal), segments, _SEGMENT)
    out: NDArray[np.float64] = np.sqrt(np.square(parts).mean(axis=2))
    return out


def _steepness(leads: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.abs(leads[:, 2:] - leads[:, :-2]), dtype=np.float64)


def _peaks(leads: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return where the leads together are steepest, beat by beat: samples."""
    steep = _steepness(leads[INDEPENDENT])
    high = int(0.98 * steep.shape[1])
    steep /= np.maximum(np.partition(steep, high, axis=1)[:, [high]], 1e-3)
    together = uniform_filter1d(steep.mean(axis=0), 7)
    high = int(0.985 * len(together))
    usual = np.partition(together, high)[high]
    found: NDArray[np.int64] = find_peaks(together, height=0.4 * usual, distance=28)[0]
    return found + 1


def _average(
    leads: NDArray[np.float64], peaks: NDArray[np.int64]
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Return the median beat, and of each lead the share of the usual beat that is not the median beat."""
    whole = peaks[(peaks >= BEFORE) & (peaks < leads.shape[1] - AFTER)]
    if len(whole) < 2:
        return None, np.ones(len(leads))
    beats = leads[:, whole[:, None] + np.arange(-BEFORE, AFTER)]
    median = np.asarray(median_of(beats.transpose(1, 0, 2)), dtype=np.float64)
    middle = beats[:, :, 20:60]
    rest = middle - median[:, None, 20:60]
    rest = rest - rest.mean(axis=2, keepdims=True)
    around = middle - middle.mean(axis=2, keepdims=True)
    size = median_last(np.square(around).mean(axis=2))
    return median, median_last(np.square(rest).mean(axis=2)) / np.maximum(size, _SMALLEST**2)


def _width(beat: NDArray[np.float64]) -> float:
    """Return the width of the steep part of a beat: its area over its height, samples."""
    steep = _steepness(beat[INDEPENDENT])
    together = (steep / np.maximum(steep.max(axis=1, keepdims=True), 1e-3)).mean(axis=0)[15:47]
    return float(together.sum() / max(float(together.max()), _SMALLEST))


def _unexplained(leads: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what of each lead is no weighted sum of others: its share of the power, and the rest itself in mV.

    The weights are found in the window by least squares, so leads that were scaled apart fit as
    well: I, II and V1-V6 from the other seven, the derived limb leads from these eight.
    """
    size = np.sqrt(np.square(leads).mean(axis=1)) + 2e-3
    scaled = leads / size[:, None]
    relation = scaled @ scaled.T / leads.shape[1]
    inner = relation[_AMONG]
    inner[np.diag_indices(len(INDEPENDENT))] = 1.0 + 1e-5
    inverse = np.linalg.inv(inner)
    weights = np.zeros((12, 12))
    weights[_AMONG] = inverse / np.diag(inverse)[:, None]
    weights[_DERIVED, _DERIVED] = 1.0
    weights[_FROM] = -relation[_FROM] @ inverse
    rest = weights @ scaled
    return np.square(rest).mean(axis=1), rest * size[:, None]
