"""The least and greatest values of a whole lead, however long, found in pieces that block nothing. No Qt."""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import NDArray

MOST_BLOCKS = 4096
"""No screen has more columns to draw them in."""
PIECE_SAMPLES = 2_000_000
"""What one step looks at: a few milliseconds."""
_OUTLIERS = 0.5
"""Per cent at either end that do not decide the scale: one loose electrode must not flatten the rest."""


class Envelope:
    """Least and greatest value in each of many equal blocks of a lead.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        The lead over the whole record, mV; what is not finite is left out.

    Attributes
    ----------
    low, high : ndarray of float32, shape (blocks,)
        NaN where a block holds nothing, or has not been looked at yet.
    """

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self._samples = samples
        self._size = max(1, math.ceil(len(samples) / MOST_BLOCKS))
        blocks = math.ceil(len(samples) / self._size)
        self.low: NDArray[np.float32] = np.full(blocks, np.nan, np.float32)
        self.high: NDArray[np.float32] = np.full(blocks, np.nan, np.float32)
        self._done = 0

    @property
    def done(self) -> bool:
        """Whether every sample has been looked at."""
        return self._done == len(self.low)

    def step(self) -> None:
        """Look at the next piece."""
        first = self._done
        last = min(len(self.low), first + max(1, PIECE_SAMPLES // self._size))
        piece = self._samples[first * self._size : last * self._size]
        whole = len(piece) // self._size
        rows = piece[: whole * self._size].reshape(whole, self._size)
        self.low[first : first + whole], self.high[first : first + whole] = _extremes(rows)
        if first + whole < last:
            self.low[last - 1 : last], self.high[last - 1 : last] = _extremes(piece[None, whole * self._size :])
        self._done = last

    def columns(self, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return least and greatest values for `count` columns, each shape (count,); NaN where there is nothing."""
        if not len(self.low):
            return np.full(count, np.nan, np.float32), np.full(count, np.nan, np.float32)
        edges = np.arange(count + 1) * len(self.low) / count
        starts = np.minimum(edges[:-1].astype(np.intp), len(self.low) - 1)
        ends = np.maximum(np.ceil(edges[1:] - 1e-9).astype(np.intp), starts + 1)
        bounds = np.minimum(np.column_stack([starts, ends]), len(self.low)).ravel()
        low = np.fmin.reduceat(np.append(self.low, np.nan), bounds)[::2]
        high = np.fmax.reduceat(np.append(self.high, np.nan), bounds)[::2]
        return low, high

    @property
    def reach(self) -> tuple[float, float]:
        """The values that the drawing reaches from and to, mV, outliers left out."""
        low, high = self.low[np.isfinite(self.low)], self.high[np.isfinite(self.high)]
        if not len(low):
            return -1.0, 1.0
        least, most = float(np.percentile(low, _OUTLIERS)), float(np.percentile(high, 100.0 - _OUTLIERS))
        return (least, most) if most > least else (least - 1.0, most + 1.0)


def _extremes(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    low, high = rows.min(axis=1), rows.max(axis=1)
    odd = ~(np.isfinite(low) & np.isfinite(high))
    if odd.any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a block without a valid sample has no extremes
            valid = np.where(np.isfinite(rows[odd]), rows[odd], np.float32(np.nan))
            low[odd], high[odd] = np.nanmin(valid, axis=1), np.nanmax(valid, axis=1)
    return low, high
