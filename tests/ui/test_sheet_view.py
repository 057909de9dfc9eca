"""Zoom, pan and their bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgview.ui.sheet.view import LARGEST_ZOOM, View

SHEET = (0.0, 0.0, 280.0, 150.0)


def view(area: tuple[float, float] = (1600.0, 970.0), ratio: float = 1.0) -> View:
    it = View()
    it.place(area, ratio, SHEET, SHEET)
    return it


def seen(it: View, area: tuple[float, float] = (1600.0, 970.0)) -> tuple[float, float, float, float]:
    return it.x, it.y, it.x + area[0] / it.scale, it.y + area[1] / it.scale


@pytest.mark.parametrize("area", [(1600.0, 970.0), (740.0, 650.0), (2560.0, 1410.0), (300.0, 900.0)])
def test_fit_shows_the_whole_sheet_in_the_middle(area: tuple[float, float]) -> None:
    it = view(area)
    left, top, right, bottom = seen(it, area)
    assert left <= 0.0
    assert top <= 0.0
    assert right >= 280.0
    assert bottom >= 150.0
    assert -left == pytest.approx(right - 280.0, abs=1.0 / it.scale)
    assert -top == pytest.approx(bottom - 150.0, abs=1.0 / it.scale)


def test_a_window_without_room_is_borne() -> None:
    it = view((0.0, 0.0))
    it.zoom(2.0, (0.0, 0.0))
    assert it.scale > 0.0


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
def test_five_millimetres_are_whole_device_pixels(ratio: float) -> None:
    it = view(ratio=ratio)
    for factor in (1.0, 1.37, 1.1, 0.93, 2.2):
        it.zoom(factor, (200.0, 100.0))
        fives = it.scale * 5 * ratio
        assert fives == pytest.approx(round(fives))
        assert it.x * it.scale == pytest.approx(round(it.x * it.scale))


def test_the_point_under_the_pointer_stays() -> None:
    it = view()
    it.zoom(3.0, (800.0, 500.0))
    for factor in (1.2, 1.3, 0.9, 1.7):
        before = it.x + 700.0 / it.scale, it.y + 400.0 / it.scale
        it.zoom(factor, (700.0, 400.0))
        assert it.x + 700.0 / it.scale == pytest.approx(before[0], abs=0.6 / it.scale)
        assert it.y + 400.0 / it.scale == pytest.approx(before[1], abs=0.6 / it.scale)


def test_zoom_has_bounds() -> None:
    it = view()
    least = it.scale
    it.zoom(1e-6, (0.0, 0.0))
    assert it.scale == least
    assert it.fitted
    it.zoom(1e9, (0.0, 0.0))
    assert it.scale == pytest.approx(LARGEST_ZOOM * least, rel=0.01)
    # The bound is no trap: one step back is one step back.
    it.zoom(0.5, (0.0, 0.0))
    assert it.scale == pytest.approx(LARGEST_ZOOM / 2 * least, rel=0.01)


def test_many_small_steps_add_up() -> None:
    it = view()
    least = it.scale
    for _ in range(200):
        it.zoom(1.01, (800.0, 500.0))
    assert it.scale == pytest.approx(least * 1.01**200, rel=0.02)


def test_the_whole_sheet_does_not_move() -> None:
    it = view()
    before = it.x, it.y
    it.pan(50.0, 50.0)
    assert (it.x, it.y) == before


@given(
    steps=st.lists(
        st.tuples(
            st.floats(0.2, 5.0), st.floats(0, 1600), st.floats(0, 970), st.floats(-500, 500), st.floats(-500, 500)
        ),
        max_size=8,
    )
)
def test_no_movement_loses_the_sheet(steps: list[tuple[float, float, float, float, float]]) -> None:
    it = view()
    for factor, x, y, dx, dy in steps:
        it.zoom(factor, (x, y))
        it.pan(dx, dy)
        left, top, right, bottom = seen(it)
        for low, high, end in ((left, right, 280.0), (top, bottom, 150.0)):
            inside = min(high, end) - max(low, 0.0)
            margin = 17.0 / it.scale
            assert inside >= min(end, high - low) - margin


def test_a_fitted_view_follows_the_window_and_a_zoomed_one_keeps_its_middle() -> None:
    it = view()
    it.place((800.0, 500.0), 1.0, SHEET, SHEET)
    assert it.scale == it.fit_scale
    it.zoom(5.0, (400.0, 250.0))
    scale = it.scale
    middle = it.x + 400.0 / scale, it.y + 250.0 / scale
    it.place((900.0, 600.0), 1.0, SHEET, SHEET)
    assert it.scale == scale
    assert it.x + 450.0 / scale == pytest.approx(middle[0], abs=1.0 / scale)
    assert it.y + 300.0 / scale == pytest.approx(middle[1], abs=1.0 / scale)


def test_a_window_grown_past_the_zoom_fits_again() -> None:
    it = view((400.0, 300.0))
    it.zoom(1.5, (200.0, 150.0))
    it.place((1600.0, 970.0), 1.0, SHEET, SHEET)
    assert it.fitted
    assert it.scale == it.fit_scale


def test_tall_waves_can_be_panned_to() -> None:
    it = View()
    it.place((1600.0, 970.0), 1.0, SHEET, (0.0, -200.0, 280.0, 150.0))
    it.zoom(4.0, (800.0, 500.0))
    it.pan(0.0, -1000.0)
    assert it.y == pytest.approx(-200.0, abs=10.0 / it.scale)
