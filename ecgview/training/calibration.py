"""Making probabilities mean what they say: a slope and an offset for each class's logit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.model.calibration import Calibration

# Standard deviations of the prior around "leave the logits as they are". Chosen by the log loss on
# parts kept from the fit: wider ones gain less than 0.2 % even for the rarest classes, and with these
# ten perfectly separated examples still cannot drive the slope to infinity.
SLOPE_DEVIATION = 0.5
OFFSET_DEVIATION = 2.0

# At a slope of zero all records would be alike: the order of records is never given up.
LOWEST_SLOPE = 0.05

_MOST_STEPS = 100


def fit_platt(
    targets: NDArray[np.bool_],
    logits: NDArray[np.float64],
    slope_deviation: float = SLOPE_DEVIATION,
    offset_deviation: float = OFFSET_DEVIATION,
) -> Calibration:
    """Fit a slope and an offset for each class, drawn towards 1 and 0 where examples are few.

    Logistic regression of the labels on the logit (Cox 1958; for classifiers Platt 1999), minimising
    the negative log likelihood plus ``((slope - 1) / slope_deviation)² / 2 + (offset /
    offset_deviation)² / 2``: the quadratic penalty of le Cessie and van Houwelingen 1992, around
    "unchanged" instead of zero, which is the most probable value under a normal prior. The likelihood
    grows with the records while the penalty does not, so it binds rare classes alone. Newton's method
    with halved steps (Lin, Lin and Weng 2007), all classes at once.

    Parameters
    ----------
    targets : ndarray of bool, shape (records, classes)
    logits : ndarray of float64, shape (records, classes)
        Of records the network did not learn from: on its own training records it is overconfident.
    slope_deviation, offset_deviation : float

    Returns
    -------
    Calibration
        Slope 1 and offset 0 for a class that no record or every record carries.

    Raises
    ------
    ValueError
        The shapes differ, or a logit is not finite.
    """
    return _fit(targets, logits, (slope_deviation, offset_deviation), offset_free=True)


def fit_temperature(
    targets: NDArray[np.bool_], logits: NDArray[np.float64], slope_deviation: float = SLOPE_DEVIATION
) -> Calibration:
    """Fit a temperature for each class: the logit is divided by it (Guo et al. 2017), nothing is added.

    Parameters, penalty and errors are those of :func:`fit_platt`; the slope is one over the temperature.
    """
    return _fit(targets, logits, (slope_deviation, 1.0), offset_free=False)


def _fit(
    targets: NDArray[np.bool_], logits: NDArray[np.float64], deviations: tuple[float, float], offset_free: bool
) -> Calibration:
    if targets.shape != logits.shape or targets.ndim != 2:
        raise ValueError(f"labels {targets.shape} and logits {logits.shape} are not of the same records and classes")
    if not np.isfinite(logits).all():
        raise ValueError("a logit is not a finite number")
    count = logits.shape[1]
    identity = np.tile([1.0, 0.0], (count, 1))
    if not len(logits):
        return Calibration(identity[:, 0], identity[:, 1])
    known = targets.any(axis=0) & ~targets.all(axis=0)
    free = np.stack([known, known & offset_free], axis=1)
    fitted = _newton(targets, logits, np.array(deviations), identity, free)
    flat = fitted[:, 0] < LOWEST_SLOPE
    if flat.any():
        # The loss is convex, so its least value under the bound lies on the bound.
        bound = np.tile([LOWEST_SLOPE, 0.0], (int(flat.sum()), 1))
        still = free[flat] & np.array([False, True])
        fitted[flat] = _newton(targets[:, flat], logits[:, flat], np.array(deviations), bound, still)
    return Calibration(fitted[:, 0], fitted[:, 1])


def _newton(
    targets: NDArray[np.bool_],
    logits: NDArray[np.float64],
    deviations: NDArray[np.float64],
    start: NDArray[np.float64],
    free: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the parameters (classes, 2) of least penalised loss; those not free stay at their start."""
    centre, precision = np.array([1.0, 0.0]), 1 / deviations**2

    def loss(parameters: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        scaled = logits * parameters[:, 0] + parameters[:, 1]
        softplus = np.logaddexp(0.0, scaled)
        penalty = ((parameters - centre) ** 2 * precision).sum(axis=1) / 2
        return (softplus - targets * scaled).sum(axis=0) + penalty, np.exp(scaled - softplus)

    parameters = start.copy()
    value, probability = loss(parameters)
    for _ in range(_MOST_STEPS):
        residual, spread = probability - targets, probability * (1 - probability)
        gradient = np.stack([(residual * logits).sum(axis=0), residual.sum(axis=0)], axis=1)
        gradient = (gradient + (parameters - centre) * precision) * free
        spread_logits = spread * logits
        curvature = np.empty((len(start), 2, 2))
        curvature[:, 0, 0] = (spread_logits * logits).sum(axis=0) + precision[0]
        curvature[:, 1, 1] = spread.sum(axis=0) + precision[1]
        curvature[:, 0, 1] = curvature[:, 1, 0] = spread_logits.sum(axis=0) * free.all(axis=1)
        direction = np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0]
        gain = (direction * gradient).sum(axis=1)
        size = np.ones(len(start))
        slack = 1e-12 * (1 + np.abs(value))
        for _ in range(40):
            tried = parameters - size[:, None] * direction
            tried_value, tried_probability = loss(tried)
            too_far = tried_value > value - 1e-4 * size * gain + slack
            if not too_far.any():
                break
            size[too_far] /= 2
        parameters, value, probability = tried, tried_value, tried_probability
        if (gain < 1e-10).all():
            break
    return parameters
