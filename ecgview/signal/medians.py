"""Median of a few arrays, sample by sample, many times as fast as numpy's for some ten beats."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def median_of(stack: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the median over the first axis.

    Parameters
    ----------
    stack : ndarray of float, shape (n, ...)
        At least one row; finite.

    Returns
    -------
    ndarray, shape (...)
        Of the same type; the mean of the two middle values where n is even.

    Notes
    -----
    Sorts all samples at once by merge exchange: D. E. Knuth, The Art of Computer Programming,
    volume 3, section 5.2.2, algorithm M.
    """
    rows = list(stack)
    for low, high in _exchanges(len(rows)):
        one, other = rows[low], rows[high]
        rows[low], rows[high] = np.minimum(one, other), np.maximum(one, other)
    middle = len(rows) // 2
    if len(rows) % 2:
        return np.asarray(rows[middle])
    return np.asarray((rows[middle - 1] + rows[middle]) * stack.dtype.type(0.5))


@lru_cache(maxsize=64)
def _exchanges(count: int) -> tuple[tuple[int, int], ...]:
    """Which rows to compare and exchange, in order, to sort `count` of them."""
    out: list[tuple[int, int]] = []
    merged = 1
    while merged < count:
        apart = merged
        while apart:
            for first in range(apart % merged, count - apart, 2 * apart):
                for low in range(first, min(first + apart, count - apart)):
                    if low // (2 * merged) == (low + apart) // (2 * merged):
                        out.append((low, low + apart))
            apart //= 2
        merged *= 2
    return tuple(out)
