"""Other ways to score how unlike the training records a record is, for comparison only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ecgview.model.signal_quantities import BOTH_WAYS, QUANTITIES

Rows = NDArray[np.float64]
Candidate = Callable[[Rows, Rows], Rows]

_EDGE = 0.99
_FURTHEST = 6.0
_NEIGHBOUR = 6
_SHRINKAGE = 0.003


def _in_edges(training: Rows, rows: Rows, least: float) -> Rows:
    """Count each quantity from its median, in units of the distance to the edge of the known.

    Quantities of which less is only better go no lower than `least`.
    """
    middle = np.median(training, axis=0)
    above = np.maximum(np.quantile(training, _EDGE, axis=0) - middle, 0.01)
    below = np.maximum(middle - np.quantile(training, 1 - _EDGE, axis=0), 0.01)
    away = rows - middle
    scaled: Rows = np.where(away > 0, away / above, away / below)
    if training.shape[1] == len(QUANTITIES):
        one_sided = np.array([quantity not in BOTH_WAYS for quantity, _ in QUANTITIES])
        scaled[:, one_sided] = np.maximum(scaled[:, one_sided], least)
    return scaled


def _largest(count: int) -> Candidate:
    def score(training: Rows, rows: Rows) -> Rows:
        distances = np.abs(_in_edges(training, rows, 0.0))
        largest: Rows = np.sort(distances, axis=1)[:, -count:].mean(axis=1)
        return largest

    return score


def _mahalanobis(training: Rows, rows: Rows) -> Rows:
    known, scaled = (np.clip(_in_edges(training, part, -1.0), -_FURTHEST, _FURTHEST) for part in (training, rows))
    away = scaled - known.mean(axis=0)
    inverse = np.linalg.inv(np.cov(known.T) + _SHRINKAGE * np.eye(known.shape[1]))
    distance: Rows = np.sqrt(np.einsum("ij,jk,ik->i", away, inverse, away))
    return distance


def _neighbour(training: Rows, rows: Rows) -> Rows:
    known, scaled = (np.clip(_in_edges(training, part, -1.0), -_FURTHEST, _FURTHEST) for part in (training, rows))
    spread = known.std(axis=0) + 1e-6
    distance: Rows = cKDTree(known / spread).query(scaled / spread, k=_NEIGHBOUR)[0][:, -1]
    return distance


CANDIDATES: dict[str, Candidate] = {
    "largest single distance": _largest(1),
    "mean of the five largest": _largest(5),
    "Mahalanobis": _mahalanobis,
    "sixth nearest record": _neighbour,
}
"""Each takes training rows and rows to judge, without gaps, and returns a score for each of the latter."""


def filled(training: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Put the training median where a value is absent, and add how many are, for features that may be absent."""
    usual = np.nanmedian(training, axis=0)

    def fill(part: Rows) -> Rows:
        absent = np.isnan(part)
        return np.hstack([np.where(absent, usual, part), absent.sum(axis=1, keepdims=True)])

    return fill(training), fill(rows)
