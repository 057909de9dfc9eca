"""The waves of a beat: sums of Gaussians of finite length, each with its own heart vector.

Every wave is a Gaussian faded to exactly zero by a raised cosine, so a beat is finite. Still,
the first microvolts of a wave are seen by nobody. **Onset and offset are therefore defined so**:
taken alone and free of noise, a part of the beat (P, QRS, or ST and T together) begins at the
instant at which it first reaches, in any of the twelve leads, the smaller of 0.02 mV (a fifth of a
millimetre on paper) and 5 % of its own largest deflection in any lead; it ends at the instant at
which it last does. The T offset is the end of ST and T. Intervals asked for are set by stretching
the parts in time until they have exactly the length asked for by this definition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgview.synthesis.vector import project

VISIBLE_MV = 0.02
VISIBLE_FRACTION = 0.05
# Standard deviation of the Gaussian as a share of the wave's half-length: at the edge of the
# raised cosine the Gaussian alone has fallen to a third, so neither shape dominates.
_GAUSSIAN_SHARE = 0.70
_GRID = 8001


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of the heart vector.

    Attributes
    ----------
    vector : tuple of float
        Heart vector at the peak (left, down, back), mV.
    centre : float
        Time of the peak, in units of its part (0 and 1 are about its onset and offset).
    before, after : float
        From the first trace of the wave to its peak, and from its peak (or from the end of
        its plateau) to its last trace, in the same units.
    hold : float
        Length of a plateau that follows the peak.
    """

    vector: tuple[float, float, float]
    centre: float
    before: float
    after: float
    hold: float = 0.0

    def scaled(self, factor: float | tuple[float, float, float]) -> Wave:
        """Return the wave with its vector multiplied by a number, or by one for each axis."""
        factors = (factor,) * 3 if isinstance(factor, int | float) else factor
        x, y, z = (float(part * by) for part, by in zip(self.vector, factors, strict=True))
        return replace(self, vector=(x, y, z))

    def squeezed(self, share: float) -> Wave:
        """Return the wave moved and shortened into the first `share` of its part."""
        return replace(
            self,
            centre=self.centre * share,
            before=self.before * share,
            after=self.after * share,
            hold=self.hold * share,
        )

    def shape(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the wave's course in time, 1 at its peak."""
        early = np.minimum(time - self.centre, 0.0) / self.before
        late = np.maximum(time - self.centre - self.hold, 0.0) / self.after
        distance = np.clip(late - early, 0.0, 1.0)
        gaussian = np.exp(-0.5 * (distance / _GAUSSIAN_SHARE) ** 2)
        fading = np.cos(0.5 * np.pi * distance) ** 2
        return np.where(distance < 1.0, gaussian * fading, 0.0)


def heart_vector(waves: Iterable[Wave], time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum waves.

    Parameters
    ----------
    waves : iterable of Wave
        All of one part.
    time : ndarray, shape (samples,)
        In units of the part the waves belong to.

    Returns
    -------
    ndarray, shape (3, samples)
        mV.
    """
    total = np.zeros((3, len(time)))
    for wave in waves:
        total += np.outer(wave.vector, wave.shape(time))
    return total


def _extent(waves: tuple[Wave, ...]) -> tuple[float, float]:
    """First and last trace of a part, in its own units."""
    return min(w.centre - w.before for w in waves), max(w.centre + w.hold + w.after for w in waves)


def visible(waves: tuple[Wave, ...]) -> tuple[float, float, float]:
    """Find where a part of the beat begins, peaks and ends, by the definition of this module.

    Parameters
    ----------
    waves : tuple of Wave
        One part: P, QRS, or ST and T together. At least one of them not zero.

    Returns
    -------
    onset, peak, offset : float
        In units of the part; the peak is the instant of the longest heart vector.
    """
    time = np.linspace(*_extent(waves), _GRID)
    heart = heart_vector(waves, time)
    deflection = np.abs(project(heart)).max(axis=0)
    threshold = min(VISIBLE_MV, VISIBLE_FRACTION * float(deflection.max()))
    above = np.flatnonzero(deflection >= threshold)
    first, last = int(above[0]), int(above[-1])

    def crossing(below: int, over: int) -> float:
        share = (threshold - deflection[below]) / (deflection[over] - deflection[below])
        return float(time[below] + share * (time[over] - time[below]))

    peak = float(time[int(np.argmax(np.linalg.norm(heart, axis=0)))])
    return crossing(first - 1, first), peak, crossing(last + 1, last)


def net_area(waves: tuple[Wave, ...]) -> NDArray[np.float64]:
    """Return the integral of the heart vector over a part, in mV times the part's unit; shape (3,)."""
    time = np.linspace(*_extent(waves), _GRID)
    return np.asarray(np.trapezoid(heart_vector(waves, time), time, axis=1))
