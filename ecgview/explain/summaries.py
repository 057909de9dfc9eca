"""Sums of attributions that a reader can take in: by lead, by wave, over the typical beat, between members."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ecgview.explain.attribution import WAVES, Attribution

if TYPE_CHECKING:
    from ecgview.signal.delineation import Delineation  # brings scipy, which a window need not wait for

SMOOTHING_MS = (20.0, 80.0)
"""What smoothing may span."""


def shares_of(values: NDArray[np.floating], waves: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each lead and wave in the sum of |attribution|.

    Parameters
    ----------
    values : ndarray, shape (…, leads, samples)
    waves : ndarray of int64, shape (samples,)
        From :func:`ecgview.explain.waves.wave_of_samples`.

    Returns
    -------
    ndarray of float64, shape (…, leads, len(WAVES))
        Adds up to 1 over leads and waves, or is all zero.
    """
    member_of = np.eye(len(WAVES))[waves]
    sizes = np.abs(values).astype(np.float64) @ member_of
    total = sizes.sum(axis=(-2, -1), keepdims=True)
    shares: NDArray[np.float64] = sizes / np.where(total > 0, total, 1.0)
    return shares


def net_shares_of(values: NDArray[np.floating], waves: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what is attributed to each lead and wave, with its sign, as a share of the sum of |attribution|.

    Parameters
    ----------
    values : ndarray, shape (…, leads, samples)
    waves : ndarray of int64, shape (samples,)

    Returns
    -------
    ndarray of float64, shape (…, leads, len(WAVES))
        -1 to 1; what speaks for and against the class within one lead and wave cancels.
    """
    sums = values.astype(np.float64) @ np.eye(len(WAVES))[waves]
    total = np.abs(values).sum(axis=(-2, -1), keepdims=True, dtype=np.float64)
    shares: NDArray[np.float64] = sums / np.where(total > 0, total, 1.0)
    return shares


def wave_shares(attribution: Attribution) -> dict[str, float]:
    """Return the share of each wave in the sum of |attribution| over all leads and samples."""
    shares = shares_of(attribution.values, attribution.waves).sum(axis=0)
    return dict(zip(WAVES, shares.tolist(), strict=True))


def agreement(member_shares: NDArray[np.float64]) -> float:
    """Return how alike the members rank leads and waves: the mean over pairs of Spearman's rank correlation.

    Shares must have their signs (:func:`net_shares_of`): sizes alone follow where the signal is large
    and waves are long, and networks that learned nothing agree on that nearly as well.

    Parameters
    ----------
    member_shares : ndarray, shape (members, leads, waves)

    Returns
    -------
    float
        -1 to 1; NaN with fewer than two members, or where one of them gives every cell the same.
    """
    found = [rank_correlation(one, other) for one, other in combinations(member_shares, 2)]
    return float(np.mean(found)) if found else float("nan")


def rank_correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Return Spearman's rank correlation of two arrays of one shape; NaN where one is the same everywhere."""
    ranks = _ranks(one.ravel()), _ranks(other.ravel())
    if any(np.ptp(own) == 0 for own in ranks):
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Ranks from 0; equal values share the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts) - 1
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[group]
    return ranks


def smoothed(values: NDArray[np.floating], hz: float, milliseconds: float) -> NDArray[np.float32]:
    """Spread each sample's attribution evenly over a stretch of time around it; the sum stays the same.

    Parameters
    ----------
    values : ndarray, shape (leads, samples)
    hz : float
    milliseconds : float
        20 to 80: the stretch, rounded to an odd number of samples.

    Returns
    -------
    ndarray of float32, shape (leads, samples)
        What would be spread beyond the ends stays at the first and last sample.

    Raises
    ------
    ValueError
        The stretch is outside 20 to 80 ms.
    """
    if not SMOOTHING_MS[0] <= milliseconds <= SMOOTHING_MS[1]:
        raise ValueError(f"smoothing over {milliseconds:g} ms: it is 20 to 80")
    half = round((milliseconds / 1000 * hz - 1) / 2)
    if half < 1:
        return np.asarray(values, dtype=np.float32)
    kernel = np.full(2 * half + 1, 1.0 / (2 * half + 1))
    full = np.stack([np.convolve(row, kernel) for row in values.astype(np.float64)])
    kept = full[:, half:-half].copy()
    kept[:, 0] += full[:, :half].sum(axis=1)
    kept[:, -1] += full[:, -half:].sum(axis=1)
    return kept.astype(np.float32)


@dataclass(frozen=True, eq=False)
class BeatAttribution:
    """Attribution averaged over the beats of the prevailing kind.

    Attributes
    ----------
    seconds : ndarray of float64, shape (samples,)
        From the onset of the QRS complex.
    values : ndarray of float32, shape (leads, samples)
        Logits a beat: the mean over the beats.
    beats : int
        How many were averaged.
    """

    seconds: NDArray[np.float64]
    values: NDArray[np.float32]
    beats: int


def over_beat(
    attribution: Attribution, delineation: Delineation, before: float = 0.3, after: float = 0.5
) -> BeatAttribution | None:
    """Average the attribution over the beats of the prevailing kind, laid on each other at the QRS onset.

    Parameters
    ----------
    attribution : Attribution
    delineation : Delineation
        Of the same record.
    before, after : float
        Seconds around the onset of the QRS complex.

    Returns
    -------
    BeatAttribution or None
        None where no such beat lies wholly in the record.
    """
    hz, samples = attribution.hz, attribution.values.shape[1]
    onsets = delineation.qrs_onset[(delineation.kind == 0) & np.isfinite(delineation.qrs_onset)]
    steps = np.arange(-round(before * hz), round(after * hz) + 1)
    at = np.round(onsets * hz).astype(np.int64)[:, None] + steps
    at = at[(at[:, 0] >= 0) & (at[:, -1] < samples)] if len(at) else at
    if not len(at):
        return None
    mean = attribution.values[:, at].mean(axis=1, dtype=np.float64).astype(np.float32)
    return BeatAttribution(steps / hz, mean, len(at))
