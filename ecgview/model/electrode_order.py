"""Whether the limb electrodes are where the lead names say.

Exchanging two limb electrodes turns or mirrors the heart's vector in the frontal plane and leaves
the chest leads alone, so what every exchange would have made of a recording is known exactly. A
linear model learns, from recordings taken as they are, which of the four arrangements looks natural:
where P, QRS and T point, how they lie to each other, and how the limb leads go with V1 to V6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from ecgview.model.signal_quantities import BEFORE, INDEPENDENT

TERMS = 102
"""Numbers that describe a beat in one arrangement."""

EXCHANGES: tuple[str, ...] = ("right arm and left arm", "right arm and left leg", "left arm and left leg")

# What the recorded (I, II) would be in truth if nothing, or these electrodes, were exchanged. With the
# potentials R, L and F, I = L - R and II = F - R; each of these is its own inverse.
ARRANGEMENTS: NDArray[np.float64] = np.array(
    [[[1, 0], [0, 1]], [[-1, 0], [-1, 1]], [[1, -1], [0, -1]], [[0, 1], [1, 0]]], dtype=np.float64
)
# The same of all six limb leads: which recorded lead each is in truth, and which are upside down.
_SOURCES = ((0, 2, 1, 4, 3, 5), (2, 1, 0, 5, 4, 3), (1, 0, 2, 3, 5, 4))
_SIGNS = ((-1, 1, 1, 1, 1, 1), (-1, -1, -1, 1, 1, 1), (1, 1, -1, 1, 1, 1))
# (I, II) to right-angled axes, in which every exchange is a mirror (Einthoven's triangle has equal sides).
_RIGHT_ANGLED = np.array([[1.0, 0.0], [-1.0 / np.sqrt(3.0), 2.0 / np.sqrt(3.0)]])
_MIRRORS = _RIGHT_ANGLED @ ARRANGEMENTS
# Samples of the average beat: before the QRS complex, the complex, after it.
_P, _QRS, _T = slice(BEFORE - 28, BEFORE - 8), slice(BEFORE - 7, BEFORE + 9), slice(BEFORE + 10, BEFORE + 44)
_LEVEL = slice(BEFORE - 8, BEFORE - 6)
# Below these mV a mean deflection has no direction to speak of.
_NO_DIRECTION = (0.005, 0.02, 0.01)
_SMALL, _SMALL_POWER = 0.02, 1e-4
_PENALTY = 20.0


def arrangement_terms(beat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Describe a beat once for each arrangement of the limb electrodes it may come from.

    Parameters
    ----------
    beat : ndarray, shape (12, BEFORE + AFTER)
        Average beat, mV.

    Returns
    -------
    ndarray of float64, shape (4, 102)
        As recorded, then with each of :data:`EXCHANGES` taken back.
    """
    leads = beat[INDEPENDENT]
    leads = leads - leads[:, _LEVEL].mean(axis=1, keepdims=True)
    before = leads[:, _P]
    ramp = np.linspace(0.0, 1.0, before.shape[1])
    before = before - before[:, :1] - ramp * (before[:, -1:] - before[:, :1])
    terms: list[NDArray[np.float64]] = []
    directions = []
    for wave, none in zip((before, leads[:, _QRS], leads[:, _T]), _NO_DIRECTION, strict=True):
        mean, products = wave.mean(axis=1), wave @ wave.T
        limb, chest = _MIRRORS @ mean[:2], mean[2:]
        direction = limb / (np.hypot(limb[:, 0], limb[:, 1]) + none)[:, None]
        frontal = _MIRRORS @ products[:2, :2] @ _MIRRORS.transpose(0, 2, 1)
        power = (frontal[:, 0, 0] + frontal[:, 1, 1])[:, None] + _SMALL_POWER
        chest_size = np.sqrt(products.diagonal()[2:] + _SMALL_POWER)
        together = _MIRRORS @ products[:2, 2:] / chest_size / np.sqrt(power)[:, :, None]
        chest_length = np.sqrt(chest @ chest) + _SMALL
        terms += [
            direction,
            direction[:, :1] * direction,
            np.stack([frontal[:, 0, 1], frontal[:, 0, 0] - frontal[:, 1, 1]], axis=1) / power,
            together.reshape(len(together), -1),
            limb / chest_length,
            (direction[:, :, None] * (chest / chest_length)).reshape(len(direction), -1),
        ]
        directions.append(direction)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        a, b = directions[one], directions[other]
        terms += [(a * b).sum(axis=1, keepdims=True), (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])[:, None]]
    return np.concatenate(terms, axis=1)


def taken_back(windows: NDArray[np.float32], exchange: int) -> NDArray[np.float32]:
    """Return windows, shape (windows, 12, samples), as they were with one of :data:`EXCHANGES` taken back."""
    out = windows.copy()
    out[:, :6] = windows[:, list(_SOURCES[exchange])] * np.array(_SIGNS[exchange], np.float32)[:, None]
    return out


@dataclass(frozen=True, eq=False)
class ElectrodeOrder:
    """Which arrangement of the limb electrodes looks natural.

    Attributes
    ----------
    mean, scale, weights : ndarray of float64, shape (terms,)
        Of :func:`arrangement_terms`.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def fit(cls, terms: NDArray[np.float64]) -> ElectrodeOrder:
        """Learn from recordings taken to be right.

        A conditional logit: of the four descriptions of each beat, that of the recording as it is
        must come out first (McFadden, "Conditional logit analysis of qualitative choice
        behavior", 1974), with a squared penalty on the weights.

        Parameters
        ----------
        terms : ndarray, shape (recordings, 4, terms)
            :func:`arrangement_terms` of each.
        """
        flat = terms.reshape(-1, terms.shape[2])
        mean, scale = flat.mean(axis=0), flat.std(axis=0) + 1e-9
        standard = (terms - mean) / scale

        def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            values = standard @ weights
            total = logsumexp(values, axis=1)
            chances = np.exp(values - total[:, None])
            slope = np.einsum("na,nat->t", chances, standard) - standard[:, 0].sum(axis=0) + _PENALTY * weights
            return float((total - values[:, 0]).sum() + _PENALTY * weights @ weights / 2), slope

        start = np.zeros(terms.shape[2])
        weights = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
        return cls(mean, scale, weights)

    def odds(self, terms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the logarithm of the odds of each exchange against the recording as it is.

        Parameters
        ----------
        terms : ndarray, shape (..., 4, terms)

        Returns
        -------
        ndarray of float64, shape (..., 3)
            In the order of :data:`EXCHANGES`.
        """
        values = ((terms - self.mean) / self.scale) @ self.weights
        odds: NDArray[np.float64] = values[..., 1:] - values[..., :1]
        return odds
