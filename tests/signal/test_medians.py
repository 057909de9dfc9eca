"""Medians and percentiles are those of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from ecgview.signal.medians import median_last, median_of, median_of_few, percentile_of_few

COUNTS = [1, 2, 3, 4, 7, 10, 16, 33, 60]


@pytest.mark.parametrize("count", COUNTS)
def test_it_is_the_median(count: int) -> None:
    stack = np.random.default_rng(count).normal(size=(count, 3, 40)).astype(np.float32)
    found = median_of(stack)
    assert found.dtype == np.float32
    assert np.allclose(found, np.median(stack, axis=0), atol=1e-6)


@pytest.mark.parametrize("count", COUNTS)
def test_the_median_over_the_last_axis_and_of_a_few_numbers(count: int) -> None:
    values = np.random.default_rng(count).normal(size=(5, count)).astype(np.float32)
    found = median_last(values)
    assert found.dtype == np.float32
    assert np.array_equal(found, np.median(values, axis=1))
    assert median_of_few(values[0].astype(np.float64)) == np.median(values[0].astype(np.float64))
    assert median_of_few(list(range(count))) == np.median(np.arange(count))


def test_a_median_of_something_unknown_is_unknown() -> None:
    assert np.isnan(median_of_few(np.array([3.0, np.nan, 1.0, 2.0])))


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("percent", [0.0, 15.0, 50.0, 90.0, 100.0])
def test_percentiles(count: int, percent: float) -> None:
    values = np.random.default_rng(count).normal(size=count)
    assert percentile_of_few(values, percent) == np.percentile(values, percent)
