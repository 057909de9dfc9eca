"""Samples to lines: every sample, or each device-pixel column's first, least, greatest and last.

Never every n-th sample and never a mean: a spike of one sample is drawn at every scale.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ecgview.ui.sheet.layout import Segment

_MOST_SAMPLES_PER_PIXEL = 2.0
_FARTHEST_MM = 10_000.0
"""Amplitudes beyond ten metres of paper are drawn as ten metres: rasterisers overflow."""
_DOT_MM = 0.4
"""A sample with a gap on either side has no line to belong to: it is drawn this wide."""


class Trace:
    """The stretch of one lead that a segment shows, made ready for drawing.

    Parameters
    ----------
    segment : Segment
        The place.
    samples : ndarray of float32, shape (n,)
        The lead's samples, mV; what is not finite leaves a gap.
    hz : float
        Samples a second.
    begins : int
        Number of the first of `samples` in the record, where they are a stretch of it.

    Attributes
    ----------
    segment : Segment
    x, y : ndarray of float64, shape (k,)
        The samples that belong to the segment, mm on the sheet; y is NaN in a gap.
    """

    def __init__(self, segment: Segment, samples: NDArray[np.float32], hz: float, begins: int = 0) -> None:
        self.segment = segment
        # A hair's breadth, so that a boundary at 2.5 s is sample 1250 in spite of rounding.
        first = max(begins, math.ceil(segment.start * hz - 1e-6))
        last = min(begins + len(samples), math.ceil(segment.end * hz - 1e-6))
        shown = samples[first - begins : last - begins].astype(np.float64)
        index = np.arange(first, first + len(shown))
        self.x: NDArray[np.float64] = segment.x + (index / hz - segment.start) * segment.speed
        up = -segment.gain if segment.inverted else segment.gain
        self.y: NDArray[np.float64] = np.where(
            np.isfinite(shown), segment.y - np.clip(shown * up, -_FARTHEST_MM, _FARTHEST_MM), np.nan
        )
        self._samples_per_mm = hz / segment.speed
        self._gaps = np.cumsum(np.isnan(self.y))
        self._full: NDArray[np.float64] | None = None
        self._thinned: tuple[float, NDArray[np.float64]] | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return len(self.y) == 0 or int(self._gaps[-1]) == len(self.y)

    @property
    def reach(self) -> tuple[float, float]:
        """The least and the greatest y, mm."""
        return float(np.nanmin(self.y)), float(np.nanmax(self.y))

    def span(self, left: float, right: float) -> tuple[float, float] | None:
        """Return the least and greatest y between two x, mm, or None where nothing is drawn."""
        if self.empty or right < self.x[0] or left > self.x[-1]:
            return None
        begin, end = np.searchsorted(self.x, (left, right))
        inside = self.y[begin:end]
        inside = inside[~np.isnan(inside)]
        return (float(inside.min()), float(inside.max())) if len(inside) else None

    def lines(self, pixels_per_mm: float) -> NDArray[np.float64]:
        """Return the lines to draw at a scale.

        Parameters
        ----------
        pixels_per_mm : float
            Device pixels in a millimetre of the sheet.

        Returns
        -------
        ndarray of float64, shape (m, 4), C-contiguous
            x1, y1, x2, y2 of each line in mm, from left to right. Kept for the next call with
            the same scale: do not write to it.
        """
        if self._samples_per_mm <= _MOST_SAMPLES_PER_PIXEL * pixels_per_mm:
            if self._full is None:
                self._full = self._joined(np.arange(len(self.y)))
            return self._full
        if self._thinned is None or self._thinned[0] != pixels_per_mm:
            self._thinned = (pixels_per_mm, self._joined(self._extremes(pixels_per_mm)))
        return self._thinned[1]

    def _extremes(self, pixels_per_mm: float) -> NDArray[np.intp]:
        """Positions of the samples that make out the trace, four at most in a pixel column."""
        if len(self.y) == 0:
            return np.empty(0, np.intp)
        column = ((self.x - self.x[0]) * pixels_per_mm).astype(np.intp)
        starts = np.concatenate([[0], np.flatnonzero(np.diff(column)) + 1])
        ends = np.append(starts[1:], len(self.y)) - 1
        # One row of positions for each column, short ones filled up with their last sample.
        block = np.minimum(starts[:, None] + np.arange((ends - starts).max() + 1), ends[:, None])
        values = self.y[block]
        gap = np.isnan(values)
        row = np.arange(len(block))
        least = block[row, np.argmin(np.where(gap, np.inf, values), axis=1)]
        greatest = block[row, np.argmax(np.where(gap, -np.inf, values), axis=1)]
        chosen: NDArray[np.intp] = np.sort(np.stack([starts, least, greatest, ends], axis=1), axis=1).ravel()
        return np.compress(np.append(True, chosen[1:] > chosen[:-1]), chosen)

    def _joined(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """Lines between neighbouring positions that have no gap between them, and lone samples."""
        positions = positions[~np.isnan(self.y[positions])]
        x, y, gaps = self.x[positions], self.y[positions], self._gaps[positions]
        whole = gaps[1:] == gaps[:-1]
        lines = np.column_stack([x[:-1], y[:-1], x[1:], y[1:]])[whole]
        alone = ~(np.append(False, whole) | np.append(whole, False))[: len(x)]
        if alone.any():
            half = _DOT_MM / 2
            dots = np.column_stack([x[alone] - half, y[alone], x[alone] + half, y[alone]])
            lines = np.concatenate([lines, dots])
            lines = lines[np.argsort(lines[:, 0], kind="stable")]
        return np.ascontiguousarray(lines)
