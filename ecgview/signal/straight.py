"""Straight lines between the ends of parts of a signal, which are taken away before waves are compared."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=256)
def ramp(samples: int) -> NDArray[np.float64]:
    """Return what rises evenly from 0 to 1, shape (samples,); read-only, as it is kept."""
    result = np.linspace(0.0, 1.0, samples)
    result.flags.writeable = False
    return result


def off_line(parts: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how far parts lie off the straight line between their first and last sample.

    Parameters
    ----------
    parts : ndarray, shape (..., samples)
        At least one sample each.

    Returns
    -------
    ndarray of float64, shape (..., samples)
    """
    first = parts[..., :1]
    return np.asarray(parts - first - ramp(parts.shape[-1]) * (parts[..., -1:] - first), dtype=np.float64)
