"""Whether one set of predictions is better than another: differences on the same draws of patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.training.scores import Interval, areas, bootstrap_weights, interval, macro


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the first of two sets of predictions is better.

    Attributes
    ----------
    macro : Interval
        Of the means over classes.
    classes : tuple of Interval
        Of each class; NaN where the class cannot be judged.
    """

    macro: Interval
    classes: tuple[Interval, ...]


def paired_difference(
    targets: NDArray[np.bool_],
    scores_a: NDArray[np.float64],
    scores_b: NDArray[np.float64],
    patients: tuple[str, ...],
    rounds: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the mean AUROC of `scores_a` less that of `scores_b`; see :func:`paired_differences`."""
    return paired_differences(targets, scores_a, scores_b, patients, rounds, seed).macro


def paired_differences(
    targets: NDArray[np.bool_],
    scores_a: NDArray[np.float64],
    scores_b: NDArray[np.float64],
    patients: tuple[str, ...],
    rounds: int = 1000,
    seed: int = 0,
) -> Difference:
    """Compare two sets of predictions of the same records by area under the ROC curve.

    Both are judged on each draw of patients, so that what makes a draw easy or hard for both does
    not widen the interval. An interval that leaves out zero is what a two-sided test at 5 % asks for.

    Parameters
    ----------
    targets : ndarray of bool, shape (records, classes)
    scores_a, scores_b : ndarray, shape (records, classes)
        Any scores that rise with the class; the two need not be on one scale.
    patients : tuple of str
        The patient of each record: all records of a patient are drawn together.
    rounds, seed : int

    Returns
    -------
    Difference
        AUROC of `scores_a` less AUROC of `scores_b`.
    """
    # The same seed draws the same patients for both.
    _, first = areas(targets, scores_a, patients, rounds, seed)
    _, second = areas(targets, scores_b, patients, rounds, seed)
    samples = first - second
    return Difference(macro(samples), tuple(interval(samples[:, k]) for k in range(samples.shape[1])))


def paired_f1_difference(
    targets: NDArray[np.bool_],
    called_a: NDArray[np.bool_],
    called_b: NDArray[np.bool_],
    patients: tuple[str, ...],
    rounds: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the F1 of the calls `called_a` less that of `called_b`, for one class.

    Parameters
    ----------
    targets, called_a, called_b : ndarray of bool, shape (records,)
    patients : tuple of str
    rounds, seed : int

    Returns
    -------
    Interval
    """
    weights = np.vstack([np.ones(len(targets)), bootstrap_weights(patients, rounds, seed)])
    return interval(_f1(targets, called_a, weights) - _f1(targets, called_b, weights))


def _f1(targets: NDArray[np.bool_], called: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return F1 for each row of weights, shape (rows,); NaN where nothing is there and nothing called."""
    both = weights @ (targets & called)
    either = weights @ targets.astype(float) + weights @ called.astype(float)
    f1: NDArray[np.float64] = np.where(either > 0, 2 * both / np.maximum(either, 1e-300), np.nan)
    return f1
