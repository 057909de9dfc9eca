"""Whether the stated sampling rate can be right: RR, QRS, QT, PR and P belong together.

A rate stated twice too high halves all of them, one stated at half doubles them. A slow heart with
a wide complex does neither: its other durations stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DURATIONS: tuple[str, ...] = ("rate", "qrs_ms", "qt_ms", "pr_ms", "p_ms")
"""The features used, by their names in :func:`ecgview.signal.features.feature_vector`."""

UNKNOWN = -20.0
"""Log odds where too little could be measured to tell."""

# Measuring at 100 Hz scatters short durations by about a tenth of themselves.
_SCATTER = np.diag([0.0, 0.005, 0.0, 0.005, 0.010])
_DOUBLE = np.log(2.0)


def durations(features: Mapping[str, float]) -> NDArray[np.float64]:
    """Return natural logarithms of RR, QRS, QT, PR and P (in units that do not matter), NaN where unknown."""
    values = np.array([features.get(name, np.nan) for name in DURATIONS], dtype=np.float64)
    logs = np.log(np.where(values > 0, values, np.nan))
    logs[0] = -logs[0]
    return logs


@dataclass(frozen=True, eq=False)
class TimeScale:
    """How the durations of a heartbeat lie to each other.

    Attributes
    ----------
    mean : ndarray of float64, shape (5,)
    covariance : ndarray of float64, shape (5, 5)
        Of :func:`durations`.
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @classmethod
    def fit(cls, rows: NDArray[np.float64]) -> TimeScale:
        """Learn from recordings whose rate is right.

        Parameters
        ----------
        rows : ndarray, shape (recordings, 5)
            :func:`durations` of each; those with a gap say nothing of the covariance.

        Raises
        ------
        ValueError
            Fewer than ten recordings have all five.
        """
        whole = rows[~np.isnan(rows).any(axis=1)]
        if len(whole) < 10:
            raise ValueError(f"only {len(whole)} recordings have RR, QRS, QT, PR and P; ten are needed")
        mean = np.nanmedian(rows, axis=0)
        return cls(mean, np.cov((whole - mean).T) + _SCATTER)

    def odds(self, row: NDArray[np.float64]) -> tuple[float, float]:
        """Return the log odds that all durations are wrong by a factor of two, and log2 of the likelier factor.

        Parameters
        ----------
        row : ndarray, shape (5,)
            :func:`durations`; at least two must be known, else the odds are :data:`UNKNOWN`.

        Returns
        -------
        odds : float
        factor : float
            1 where the durations look doubled, -1 where they look halved.
        """
        known = np.flatnonzero(~np.isnan(row))
        if len(known) < 2:
            return UNKNOWN, 0.0
        inverse = np.linalg.inv(self.covariance[np.ix_(known, known)])
        away = (row - self.mean)[known]

        def distance(shift: float) -> float:
            return float((away - shift) @ inverse @ (away - shift))

        doubled, halved = distance(_DOUBLE), distance(-_DOUBLE)
        return (distance(0.0) - min(doubled, halved)) / 2, 1.0 if doubled <= halved else -1.0
