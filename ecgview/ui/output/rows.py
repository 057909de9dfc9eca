"""Rows of leads brought to the height of a real page: moved closer, apart, or on to further pages; never scaled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_GRID_MM = 5.0
_CLOSEST_MM = 10.0
"""Rows nearer than a calibration pulse is high cannot be told apart."""
_FEWEST_AROUND_MM = 10.0
"""At least this much paper above the first and below the last baseline."""
_USUAL_AROUND_MM, _AROUND_SHARE, _ABOVE_SHARE = 25.0, 0.8, 0.6
"""Paper above and below the rows together, at least, mm and as a share of their distance; how much of it is above."""
_FARTHEST_MM = 50.0
_LEAST_ON_GRID_MM = 15.0
_CLOSER = 0.6
"""How far rows may move together for a tall wave at the edge."""
_AIR_MM = 0.5

Reach = tuple[float, float]
"""How far the traces of a row reach above and below its baseline, mm; both are positive there."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where rows lie on the paper of one page.

    Attributes
    ----------
    baselines : tuple of float
        y of each row's 0 mV from the paper's upper edge, mm.
    pitch : float
        Distance of two baselines, mm.
    cut : bool
        Whether a trace leaves the paper.
    """

    baselines: tuple[float, ...]
    pitch: float
    cut: bool


def most_rows(height: float) -> int:
    """Return how many rows fit on paper `height` mm high, at least one."""
    return 1 + max(0, math.floor((height - 2 * _FEWEST_AROUND_MM) / _CLOSEST_MM))


def place_rows(reaches: Sequence[Reach], height: float) -> Rows:
    """Place rows so that they are as far apart as is good to read and no wave leaves the paper.

    Parameters
    ----------
    reaches : sequence of Reach
        One for each row.
    height : float
        Of the paper, mm.

    Returns
    -------
    Rows
        Baselines on the 5 mm grid where rows are 15 mm apart or more, else on whole millimetres.
    """
    gaps = len(reaches) - 1
    for pitch in _pitches(gaps, height):
        for top in _tops(gaps * pitch, height):
            rows = Rows(tuple(top + row * pitch for row in range(gaps + 1)), pitch, cut=False)
            if not _cut(rows, reaches, height):
                return rows
    pitch = _pitches(gaps, height)[0]
    top = _tops(gaps * pitch, height)[0]
    return Rows(tuple(top + row * pitch for row in range(gaps + 1)), pitch, cut=True)


def _cut(rows: Rows, reaches: Sequence[Reach], height: float) -> bool:
    return any(
        y - above < _AIR_MM or y + below > height - _AIR_MM
        for y, (above, below) in zip(rows.baselines, reaches, strict=True)
    )


def _pitches(gaps: int, height: float) -> list[float]:
    """Distances to try, the most wished for first."""
    if gaps == 0:
        return [min(_FARTHEST_MM, height)]
    fits = [
        float(pitch)
        for pitch in np.arange(_FARTHEST_MM, _LEAST_ON_GRID_MM - 1.0, -_GRID_MM)
        if height - gaps * pitch >= max(_USUAL_AROUND_MM, _AROUND_SHARE * pitch)
    ]
    step = -_GRID_MM
    if not fits:
        fits, step = [max(1.0, math.floor((height - 2 * _FEWEST_AROUND_MM) / gaps))], -1.0
    closest = max(_CLOSEST_MM, _CLOSER * fits[0])
    return [fits[0], *(float(pitch) for pitch in np.arange(fits[0] + step, closest - 0.5, step))]


def _tops(span: float, height: float) -> list[float]:
    """First baselines to try, those that leave somewhat more paper above than below first."""
    most = height - span - _FEWEST_AROUND_MM
    wished = (height - span) * _ABOVE_SHARE
    step = _GRID_MM if most - _FEWEST_AROUND_MM >= _GRID_MM else 1.0
    count = math.floor(max(0.0, most) / step)
    tops = [step * number for number in range(1, count + 1) if step * number >= _FEWEST_AROUND_MM]
    return sorted(tops, key=lambda top: abs(top - wished)) or [height - span - _FEWEST_AROUND_MM]
