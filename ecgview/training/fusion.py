"""From two opinions on held-out records to what the ensemble would say of them, chosen on other records only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.model.calibration import Calibration
from ecgview.training.calibration import fit_platt
from ecgview.training.scores import auroc
from ecgview.training.thresholds import HighestF1, Objective

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, eq=False)
class Opinions:
    """What the two halves of each member said of the records kept from it.

    Attributes
    ----------
    signal, measured : ndarray of float64, shape (records, classes)
        Logits of the network that sees the signal, and of the trees over measured values.
    """

    signal: NDArray[np.float64]
    measured: NDArray[np.float64]

    def fused(self, share: float) -> NDArray[np.float64]:
        """Return the logits when the signal has this share of the say."""
        return share * self.signal + (1 - share) * self.measured

    def rows(self, chosen: NDArray[np.bool_] | list[int]) -> Opinions:
        """Return the opinions on some records."""
        return Opinions(self.signal[chosen], self.measured[chosen])


@dataclass(frozen=True, eq=False)
class Settled:
    """What is chosen once the members have learned.

    Attributes
    ----------
    share : float
        The signal's, of the say.
    calibration : Calibration
    thresholds : ndarray of float64, shape (classes,)
    """

    share: float
    calibration: Calibration
    thresholds: NDArray[np.float64]


def settle(targets: NDArray[np.bool_], opinions: Opinions, objective: Objective | None = None) -> Settled:
    """Choose the signal's share, a calibration and thresholds.

    Parameters
    ----------
    targets : ndarray of bool, shape (records, classes)
    opinions : Opinions
        On records the members did not learn from.
    objective : Objective, optional
        What thresholds aim at; the highest F1 by default.
    """
    share = choose_share(targets, opinions)
    logits = opinions.fused(share)
    calibration = fit_platt(targets, logits)
    thresholds = (objective or HighestF1()).choose(
        targets, calibration.apply(logits), np.full(targets.shape[1], 0.5), np.asarray(targets.any(axis=0))
    )
    return Settled(share, calibration, thresholds)


def choose_share(targets: NDArray[np.bool_], opinions: Opinions) -> float:
    """Return the share, of :data:`SHARES`, with the highest mean AUROC over classes; the smaller of equals."""
    return max(SHARES, key=lambda share: (round(_mean_area(targets, opinions.fused(share)), 9), -share))


def _mean_area(targets: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    once = np.ones((1, len(targets)))
    areas = [
        float(auroc(targets[:, place], scores[:, place], once)[0])
        for place in range(targets.shape[1])
        if 0 < targets[:, place].sum() < len(targets)
    ]
    return float(np.mean(areas)) if areas else 0.5


@dataclass(frozen=True, eq=False)
class Nested:
    """What is said of each part with everything chosen on the other parts.

    Attributes
    ----------
    logits : ndarray of float64, shape (records, classes)
        With the signal's share of the part, before calibration. By these records of all parts are
        put in one order: calibration leaves the order within a part as it is, but each part has a
        calibration of its own, and differences between those say nothing about records.
    probability : ndarray of float64, shape (records, classes)
    called : ndarray of bool, shape (records, classes)
    shares : tuple of float
        The signal's share of the say for each part.
    """

    logits: NDArray[np.float64]
    probability: NDArray[np.float64]
    called: NDArray[np.bool_]
    shares: tuple[float, ...]


def nested(
    targets: NDArray[np.bool_], opinions: Opinions, parts: NDArray[np.int64], objective: Objective | None = None
) -> Nested:
    """Judge each part by a share, a calibration and thresholds that were chosen without it.

    Choices judged on the records they were made on look better than they are.

    Parameters
    ----------
    targets : ndarray of bool, shape (records, classes)
    opinions : Opinions
        On each part, by members that did not learn from it.
    parts : ndarray of int64, shape (records,)
    objective : Objective, optional
        What thresholds aim at.
    """
    logits, probability = np.zeros(targets.shape), np.zeros(targets.shape)
    called = np.zeros(targets.shape, bool)
    shares = []
    for part in np.unique(parts):
        inside = parts == part
        chosen = settle(targets[~inside], opinions.rows(~inside), objective)
        logits[inside] = opinions.rows(inside).fused(chosen.share)
        probability[inside] = chosen.calibration.apply(logits[inside])
        called[inside] = probability[inside] >= chosen.thresholds
        shares.append(chosen.share)
    return Nested(logits, probability, called, tuple(shares))
