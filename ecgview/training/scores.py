"""How good predictions are: areas under curves, F1 and their bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# With few examples the highest F1 can lie at a probability of half a per cent; nobody would call
# that found, and the next sample of patients would put it elsewhere.
LOWEST_THRESHOLD = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"

    def as_list(self) -> list[float]:
        """Return value, low, high, rounded to four decimals, for JSON."""
        return [round(self.value, 4), round(self.low, 4), round(self.high, 4)]


def auroc(targets: NDArray[np.bool_], scores: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the area under the ROC curve for each row of weights.

    It is the probability that a record with the statement scores above one without it, ties
    counting half (Hanley and McNeil 1982).

    Parameters
    ----------
    targets : ndarray of bool, shape (records,)
    scores : ndarray, shape (records,)
    weights : ndarray, shape (rows, records)
        How often each record counts, a row of ones for the plain area.

    Returns
    -------
    ndarray, shape (rows,)
        NaN where a row has no record with, or none without, the statement.
    """
    order = np.argsort(scores, kind="stable")
    ordered, sorted_scores = targets[order], scores[order]
    starts = np.flatnonzero(np.r_[True, sorted_scores[1:] != sorted_scores[:-1]])
    positive = np.add.reduceat(weights[:, order] * ordered, starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * ~ordered, starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    area: NDArray[np.float64] = np.where(pairs > 0, (positive * below).sum(axis=1) / np.maximum(pairs, 1e-300), np.nan)
    return area


def average_precision(targets: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Return the mean precision over the records with the statement, in order of falling score."""
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(targets[order])
    precision = found / np.arange(1, len(found) + 1)
    return float(precision[targets[order]].mean())


def bootstrap_weights(patients: tuple[str, ...], rounds: int, seed: int) -> NDArray[np.float64]:
    """Return how often each record is drawn when patients are drawn with replacement.

    Parameters
    ----------
    patients : tuple of str
        The patient of each record: all records of a patient are drawn together.
    rounds : int
    seed : int

    Returns
    -------
    ndarray, shape (rounds, records)
    """
    names, owner = np.unique(np.array(patients), return_inverse=True)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=rounds)
    return drawn[:, owner].astype(np.float64)


def areas(
    targets: NDArray[np.bool_],
    scores: NDArray[np.float64],
    patients: tuple[str, ...],
    rounds: int = 1000,
    seed: int = 0,
) -> tuple[list[Interval], NDArray[np.float64]]:
    """Return the AUROC of every class with its interval, and all bootstrap rounds.

    Parameters
    ----------
    targets : ndarray of bool, shape (records, classes)
    scores : ndarray, shape (records, classes)
    patients : tuple of str
    rounds, seed : int

    Returns
    -------
    intervals : list of Interval
    samples : ndarray, shape (1 + rounds, classes)
        The plain areas first, then those of each round.
    """
    weights = np.vstack([np.ones(len(targets)), bootstrap_weights(patients, rounds, seed)])
    samples = np.stack([auroc(targets[:, k], scores[:, k], weights) for k in range(targets.shape[1])], axis=1)
    return [interval(samples[:, k]) for k in range(samples.shape[1])], samples


def macro(samples: NDArray[np.float64]) -> Interval:
    """Return the mean over classes of :func:`areas`' samples, shape (1 + rounds, classes)."""
    # A round may have drawn no patient with a rare class: the mean is over those that were drawn.
    known = (~np.isnan(samples)).sum(axis=1)
    return interval(np.where(known > 0, np.nansum(samples, axis=1) / np.maximum(known, 1), np.nan))


def interval(samples: NDArray[np.float64]) -> Interval:
    """Return the first sample with the middle 95 % of the others."""
    if len(samples) < 2 or np.isnan(samples[1:]).all():
        return Interval(float(samples[0]), float("nan"), float("nan"))
    low, high = np.nanpercentile(samples[1:], [2.5, 97.5])
    return Interval(float(samples[0]), float(low), float(high))


def best_f1_threshold(targets: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """Return the threshold from which on calling the class gives the highest F1, within limits.

    It lies halfway between the last record called and the next, so that it does not hang on the
    last decimal of one record, and not below :data:`LOWEST_THRESHOLD`.

    Parameters
    ----------
    targets : ndarray of bool, shape (records,)
    probability : ndarray, shape (records,)

    Raises
    ------
    ValueError
        No record carries the class.
    """
    if not targets.any():
        raise ValueError("no record carries the class, so no threshold can be chosen")
    order = np.argsort(-probability, kind="stable")
    ranked, falling = targets[order], probability[order]
    hits = np.cumsum(ranked)
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + targets.sum())
    f1[:-1][falling[:-1] == falling[1:]] = -1.0  # equal probabilities are called together
    f1[falling < LOWEST_THRESHOLD] = -1.0
    best = int(np.argmax(f1))
    below = falling[best + 1] if best + 1 < len(falling) else 0.0
    return max(float((falling[best] + below) / 2), LOWEST_THRESHOLD)


@dataclass(frozen=True, slots=True)
class Calls:
    """How calls at a threshold agree with the labels."""

    f1: float
    sensitivity: float
    specificity: float


def agreement(targets: NDArray[np.bool_], called: NDArray[np.bool_]) -> Calls:
    """Return F1, sensitivity and specificity of calls, shape (records,); NaN where undefined."""
    hits, misses = int((targets & called).sum()), int((targets & ~called).sum())
    false, right = int((~targets & called).sum()), int((~targets & ~called).sum())
    return Calls(
        f1=2 * hits / (2 * hits + misses + false) if hits + misses + false else float("nan"),
        sensitivity=hits / (hits + misses) if hits + misses else float("nan"),
        specificity=right / (right + false) if right + false else float("nan"),
    )
