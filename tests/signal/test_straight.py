"""What is left of a part of a signal when the straight line between its ends is taken away."""

from __future__ import annotations

import numpy as np

from ecgview.signal.straight import off_line, ramp


def test_a_slope_goes_and_a_hump_on_it_stays() -> None:
    hump = np.array([0.0, 1.0, 3.0, 1.0, 0.0])
    slopes = np.array([[0.5], [-2.0]]) * np.arange(5) + np.array([[7.0], [-1.0]])
    assert np.allclose(off_line(slopes), 0.0)
    assert np.allclose(off_line(slopes + hump), hump)


def test_the_ramp_that_is_kept_cannot_be_changed() -> None:
    assert ramp(3).tolist() == [0.0, 0.5, 1.0]
    assert not ramp(3).flags.writeable
