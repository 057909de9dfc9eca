"""Filters take away what they say and move nothing in time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ecgview.signal.filters import band_pass, between, high_pass, low_pass

HZ = 500.0
TIME = np.arange(5000) / HZ


def sine(hz: float) -> NDArray[np.float64]:
    return np.sin(2.0 * np.pi * hz * TIME)[None]


def share(after: NDArray[np.float32], before: NDArray[np.float64]) -> float:
    """Amplitude that is left, in the middle of the signal."""
    return float(np.ptp(after[0, 1000:4000]) / np.ptp(before[0, 1000:4000]))


@pytest.mark.parametrize(
    ("filtered", "kept", "taken"),
    [
        (lambda x: high_pass(x, HZ, 0.5), 3.0, 0.1),
        (lambda x: low_pass(x, HZ, 40.0), 10.0, 150.0),
        (lambda x: band_pass(x, HZ, 6.0, 30.0), 14.0, 1.0),
    ],
)
def test_the_one_frequency_passes_and_the_other_does_not(filtered, kept, taken) -> None:  # type: ignore[no-untyped-def]
    assert share(filtered(sine(kept)), sine(kept)) > 0.95
    assert share(filtered(sine(taken)), sine(taken)) < 0.06


def test_a_peak_stays_where_it_is() -> None:
    bump = np.exp(-0.5 * ((TIME - 5.0) / 0.02) ** 2)[None]
    for out in (low_pass(bump, HZ, 20.0), high_pass(bump, HZ, 0.5), band_pass(bump, HZ, 1.0, 30.0)):
        assert int(np.argmax(out[0])) == int(np.argmax(bump[0]))
        assert np.allclose(out[0], out[0, ::-1][np.r_[4999, 0:4999]], atol=2e-3)


def test_half_of_the_amplitude_passes_at_the_named_frequency() -> None:
    assert share(low_pass(sine(40.0), HZ, 40.0), sine(40.0)) == pytest.approx(0.5, abs=0.02)
    assert share(high_pass(sine(2.0), HZ, 2.0), sine(2.0)) == pytest.approx(0.5, abs=0.02)


def test_both_in_one_step_are_one_after_the_other() -> None:
    noise = np.random.default_rng(1).normal(size=(3, 5000)).cumsum(axis=1) / 30.0
    apart = high_pass(low_pass(noise, HZ, 40.0), HZ, 0.4)
    assert np.allclose(between(noise, HZ, 0.4, 40.0)[:, 500:-500], apart[:, 500:-500], atol=0.01)


def test_a_straight_line_passes_or_does_not() -> None:
    line = np.linspace(-3.0, 5.0, 5000)[None]
    assert np.allclose(low_pass(line, HZ, 40.0), line, atol=1e-4)
    assert np.abs(high_pass(line, HZ, 0.5)).max() < 1e-4


def test_what_cannot_exist_cannot_be_filtered() -> None:
    with pytest.raises(ValueError, match="at most half"):
        low_pass(sine(1.0), 80.0, 40.0)
    with pytest.raises(ValueError, match="at most half"):
        low_pass(sine(1.0), 100.0, 50.0)


def test_signals_too_short_to_filter_have_nothing_left() -> None:
    assert low_pass(np.zeros((12, 0)), HZ, 40.0).shape == (12, 0)
    assert (high_pass(np.ones((2, 1)), HZ, 0.5) == 0.0).all()
    assert high_pass(np.ones((2, 3)), HZ, 0.5).shape == (2, 3)
