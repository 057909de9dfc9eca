"""From attributions to steps of colour. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.explain.summaries import smoothed
from ecgview.record import STANDARD_LEADS

STEPS = 12
"""Steps of colour on either side of none."""
SMOOTHINGS = (30, 50, 70)
"""Stretches that can be smoothed over, ms: odd numbers of samples at the 100 Hz that the networks see."""
THRESHOLDS = (0, 2, 5, 10, 20, 40)
MOST_THRESHOLD = 50
STYLES = ("trace", "band")
_EXPONENT = 0.6
"""Below 1 small attributions get more colour: a few samples of a QRS complex would outshine all else."""


@dataclass(frozen=True, slots=True)
class Look:
    """How attributions are shown.

    Attributes
    ----------
    style : {"trace", "band"}
        Colour along the trace, or as a band behind it.
    smoothing : int
        Of :data:`SMOOTHINGS`, ms.
    threshold : int
        Per cent of the largest, below which there is no colour.
    shares : bool
        Whether the leads' shares stand beside their names.
    """

    style: str = "trace"
    smoothing: int = 50
    threshold: int = 5
    shares: bool = True


class Scale:
    """An attribution as it is shown: smoothed, and in steps of colour.

    Parameters
    ----------
    values : ndarray of float32, shape (12, samples)
        Logits a sample, leads in standard order.
    hz : float
    look : Look
    limit : float, optional
        The size that has full colour, logits a sample; the largest of these by default.

    Attributes
    ----------
    values : ndarray of float32, shape (12, samples)
        Smoothed, logits a sample.
    steps : ndarray of int8, shape (12, samples)
        -STEPS (against the class) to STEPS (for it); 0 has no colour.
    largest, limit : float
        Size of the largest, and of what has full colour.
    """

    def __init__(self, values: NDArray[np.float32], hz: float, look: Look, limit: float | None = None) -> None:
        self.hz = hz
        self.values = smoothed(values, hz, look.smoothing)
        sizes = np.abs(self.values)
        self.largest = float(sizes.max(initial=0.0))
        self.limit = self.largest if limit is None else limit
        share = sizes / (self.limit or 1.0)
        strength = np.ceil(np.minimum(share, 1.0) ** _EXPONENT * STEPS)
        shown = (share > 0) & (share >= look.threshold / 100)
        self.steps: NDArray[np.int8] = np.where(shown, np.copysign(strength, self.values), 0.0).astype(np.int8)

    def at(self, lead: str, seconds: float) -> float | None:
        """Return the value at an instant, logits a sample; None outside of what was attributed."""
        place = int(np.floor(seconds * self.hz + 0.5))
        if lead not in STANDARD_LEADS or not 0 <= place < self.values.shape[1]:
            return None
        return float(self.values[STANDARD_LEADS.index(lead), place])

    def steps_at(self, lead: str, seconds: NDArray[np.float64]) -> NDArray[np.int8]:
        """Return the steps of colour at instants; 0 outside of what was attributed, shape as `seconds`."""
        if lead not in STANDARD_LEADS:
            return np.zeros(seconds.shape, np.int8)
        row = self.steps[STANDARD_LEADS.index(lead)]
        place = np.floor(seconds * self.hz + 0.5).astype(np.intp)
        inside = (place >= 0) & (place < len(row))
        return np.where(inside, row[np.clip(place, 0, len(row) - 1)], 0).astype(np.int8)


def strength_of(share: float) -> float:
    """Return how strong the colour of a share of the limit is, 0 to 1."""
    return float(min(max(share, 0.0), 1.0) ** _EXPONENT)
