"""Waves, and the definition of onset and offset."""

from __future__ import annotations

import numpy as np
import pytest

from ecgview.synthesis.pattern import NORMAL, with_axis
from ecgview.synthesis.vector import frontal_axis, project
from ecgview.synthesis.waves import Wave, heart_vector, net_area, visible


def test_a_wave_is_one_at_its_peak_and_exactly_nothing_beyond_its_ends() -> None:
    wave = Wave((1.0, 0.0, 0.0), centre=0.5, before=0.2, after=0.3)
    shape = wave.shape(np.array([0.0, 0.3, 0.31, 0.5, 0.79, 0.8, 1.0]))
    assert shape[3] == 1.0
    assert shape[[0, 1, 5, 6]].tolist() == [0.0, 0.0, 0.0, 0.0]
    assert (shape[[2, 4]] > 0.0).all()


def test_a_plateau_holds() -> None:
    wave = Wave((1.0, 0.0, 0.0), centre=0.2, before=0.1, after=0.1, hold=0.4)
    np.testing.assert_array_equal(wave.shape(np.linspace(0.2, 0.6, 9)), 1.0)
    assert wave.shape(np.array([0.71]))[0] == 0.0


@pytest.mark.parametrize(("size", "threshold"), [(1.0, 0.02), (0.1, 0.05 * 0.1 * 1.213)])
def test_a_wave_begins_and_ends_where_some_lead_reaches_the_threshold(size: float, threshold: float) -> None:
    """A leftward vector is largest in V4: 1.213 times itself."""
    wave = (Wave((size, 0.0, 0.0), centre=0.5, before=0.3, after=0.4),)
    onset, peak, offset = visible(wave)
    assert peak == pytest.approx(0.5, abs=1e-3)
    levels = np.abs(project(heart_vector(wave, np.array([onset, offset])))).max(axis=0)
    np.testing.assert_allclose(levels, threshold, rtol=1e-3)
    assert 0.2 < onset < 0.5 < offset < 0.9


def test_net_area_of_a_plateau() -> None:
    wave = (Wave((2.0, 0.0, -1.0), centre=0.0, before=1e-6, after=1e-6, hold=3.0),)
    np.testing.assert_allclose(net_area(wave), [6.0, 0.0, -3.0], rtol=1e-3)


@pytest.mark.parametrize("axis", [-150.0, -90.0, -45.0, 0.0, 47.0, 100.0, 179.0])
def test_any_axis_can_be_had(axis: float) -> None:
    assert frontal_axis(net_area(with_axis(NORMAL, axis).qrs)) == pytest.approx(axis, abs=1e-4)


def test_a_force_straight_to_the_back_has_no_axis_to_turn() -> None:
    only_back = type(NORMAL)(p=(), qrs=(Wave((0.0, 0.0, 1.0), 0.5, 0.5, 0.5),), repolarisation=(), qrs_ms=90.0)
    with pytest.raises(ValueError, match="no turn"):
        with_axis(only_back, 50.0)
