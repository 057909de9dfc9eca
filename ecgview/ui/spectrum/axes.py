"""Axes of the spectrum: where a frequency, a time or a level lies, and which are named. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = (1.0, 2.0, 5.0)
_LOG_LABELS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """Values along a line.

    Attributes
    ----------
    least, most : float
        At its beginning and its end.
    logarithmic : bool
        Whether equal lengths are equal ratios; `least` is above 0 then.
    """

    least: float
    most: float
    logarithmic: bool = False

    def share(self, value: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return how far along the line values lie, 0 to 1; what lies outside is put at its ends."""
        held = np.clip(np.asarray(value, dtype=np.float64), self.least, self.most)
        if self.logarithmic:
            return np.asarray(np.log(held / self.least) / math.log(self.most / self.least))
        return np.asarray((held - self.least) / (self.most - self.least))

    def value(self, share: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the values at these places, 0 to 1."""
        share = np.asarray(share, dtype=np.float64)
        if self.logarithmic:
            return np.asarray(self.least * (self.most / self.least) ** share)
        return np.asarray(self.least + share * (self.most - self.least))

    def ticks(self, most: int) -> list[float]:
        """Return round values to name, at most so many."""
        most = max(2, most)
        if self.logarithmic:
            found = [tick for tick in _LOG_LABELS if self.least <= tick <= self.most]
            while len(found) > most:
                found = found[::2]
            return found
        span = self.most - self.least
        size = 10.0 ** math.floor(math.log10(span / most))
        step = next((one * size for one in (*_STEPS, 10.0) if span / (one * size) <= most), 10.0 * size)
        first = math.ceil(self.least / step - 1e-9)
        return [number * step for number in range(first, math.floor(self.most / step + 1e-9) + 1)]
