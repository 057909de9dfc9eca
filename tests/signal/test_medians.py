"""The median of some beats is the median."""

from __future__ import annotations

import numpy as np
import pytest

from ecgview.signal.medians import median_of


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 10, 16, 33, 60])
def test_it_is_the_median(count: int) -> None:
    stack = np.random.default_rng(count).normal(size=(count, 3, 40)).astype(np.float32)
    found = median_of(stack)
    assert found.dtype == np.float32
    assert np.allclose(found, np.median(stack, axis=0), atol=1e-6)
