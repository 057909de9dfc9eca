"""Samples become lines without losing a spike, a gap or a lone sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ecgview.ui.sheet.layout import Segment
from ecgview.ui.sheet.trace import Trace

STRIP = Segment("II", 0.0, 10.0, 20.0, 100.0, 0)


def trace(samples: object, hz: float = 500.0, segment: Segment = STRIP) -> Trace:
    return Trace(segment, np.asarray(samples, np.float32), hz)


def test_a_second_is_25_mm_and_a_millivolt_10_mm_upward() -> None:
    line = trace([0.0, 1.0, -0.5], hz=1.0)
    np.testing.assert_allclose(line.x, [20.0, 45.0, 70.0])
    np.testing.assert_allclose(line.y, [100.0, 90.0, 105.0])


def test_each_sample_belongs_to_one_column() -> None:
    samples = np.arange(5000, dtype=np.float32) / 5000
    columns = [Segment("I", 2.5 * k, 2.5 * (k + 1), 20.0 + 62.5 * k, 0.0, 0) for k in range(4)]
    shown = [trace(samples, segment=segment).y for segment in columns]
    assert [len(y) for y in shown] == [1250] * 4
    np.testing.assert_allclose(np.concatenate(shown), -10.0 * samples, atol=1e-5)


@pytest.mark.parametrize("hz", [100.0, 250.0, 257.0, 360.0, 1000.0])
def test_columns_join_without_loss_at_any_rate(hz: float) -> None:
    samples = np.zeros(int(10 * hz), np.float32)
    columns = [Segment("I", 2.5 * k, 2.5 * (k + 1), 20.0 + 62.5 * k, 0.0, 0) for k in range(4)]
    assert sum(len(trace(samples, hz, segment).y) for segment in columns) == len(samples)


def test_all_samples_are_joined_when_there_is_room() -> None:
    line = trace(np.sin(np.arange(100)))
    lines = line.lines(100.0)
    np.testing.assert_array_equal(lines[:, 0], line.x[:-1])
    np.testing.assert_array_equal(lines[:, 3], line.y[1:])


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.6, 5.6, 9.0, 40.0])
@pytest.mark.parametrize("at", [0, 1, 137, 2500, 4998, 4999])
def test_a_spike_of_one_sample_is_drawn_at_every_scale(scale: float, at: int) -> None:
    samples = np.zeros(5000, np.float32)
    samples[at] = 2.0
    lines = trace(samples).lines(scale)
    assert lines[:, [1, 3]].min() == pytest.approx(80.0)
    peak = lines[np.argmin(lines[:, [1, 3]].min(axis=1))]
    assert peak[0] - 1e-9 <= 20.0 + at / 20.0 <= peak[2] + 1e-9


def test_few_lines_are_drawn_where_many_samples_share_a_pixel() -> None:
    lines = trace(np.random.default_rng(0).normal(size=10_000), hz=1000.0).lines(2.0)
    assert len(lines) <= 4 * 500 + 4


@given(
    samples=hnp.arrays(
        np.float32,
        st.integers(1, 400),
        elements=st.one_of(st.floats(-5, 5, width=32), st.just(float("nan")), st.just(float("inf"))),
    ),
    scale=st.floats(0.1, 30.0),
)
def test_what_is_drawn_covers_what_was_measured(samples: np.ndarray, scale: float) -> None:
    line = trace(samples)
    lines = line.lines(scale)
    assert np.isfinite(lines).all()
    good = np.isfinite(samples)
    if not good.any():
        assert line.empty
        assert len(lines) == 0
        return
    drawn = lines[:, [1, 3]]
    assert drawn.min() == pytest.approx(line.y[good].min())
    assert drawn.max() == pytest.approx(line.y[good].max())
    # Every sample lies, within a pixel to the side, between the heights of a line over its place.
    for x, y in zip(line.x[good], line.y[good], strict=True):
        near = (lines[:, 0] <= x + 1.01 / scale) & (lines[:, 2] >= x - 1.01 / scale)
        assert lines[near][:, [1, 3]].min() <= y + 1e-9
        assert lines[near][:, [1, 3]].max() >= y - 1e-9
    # No line runs over a gap.
    for x in line.x[~good]:
        assert not ((lines[:, 0] < x - 0.21) & (lines[:, 2] > x + 0.21)).any()


def test_a_lone_sample_is_a_dot() -> None:
    samples = np.full(1000, np.nan)
    samples[500] = 1.0
    for scale in (0.5, 50.0):
        (dot,) = trace(samples).lines(scale)
        assert dot[1] == dot[3] == pytest.approx(90.0)
        assert dot[2] - dot[0] == pytest.approx(0.4)


def test_monstrous_amplitudes_stay_drawable() -> None:
    lines = trace([0.0, 3e38, -3e38, 0.0]).lines(10.0)
    assert np.abs(lines).max() <= 10_200.0


def test_lines_are_kept_for_the_same_scale() -> None:
    line = trace(np.zeros(5000))
    assert line.lines(2.0) is line.lines(2.0)
    assert line.lines(20.0) is line.lines(30.0)


def test_the_span_between_two_places() -> None:
    line = trace([0.0, 1.0, np.nan, -1.0], hz=1.0)
    assert line.span(0.0, 500.0) == (90.0, 110.0)
    assert line.span(40.0, 50.0) == (90.0, 90.0)
    assert line.span(60.0, 72.0) is None
    assert line.span(0.0, 10.0) is None
    assert line.reach == (90.0, 110.0)
