from __future__ import annotations

import numpy as np
import pytest

from ecgview.model.preprocessing import Preprocessing, prepare
from ecgview.model.signal_quantities import QUANTITIES, amplitude, look_at
from ecgview.record import STANDARD_LEADS
from ecgview.synthesis import Settings, generate


@pytest.fixture(scope="module")
def window() -> np.ndarray:
    return prepare(generate(Settings(rate=75.0), seed=4).record, Preprocessing()).windows[0]


def value(window: np.ndarray, quantity: str, lead: str = "") -> float:
    return float(look_at(window, 1000).values[QUANTITIES.index((quantity, lead))])


def test_there_is_a_finite_value_for_each_quantity(window: np.ndarray) -> None:
    for signal in (window, np.zeros_like(window), np.full_like(window, 6.0)):
        values = look_at(signal, 1000).values
        assert values.shape == (len(QUANTITIES),)
        assert np.isfinite(values).all()


def test_size_is_counted_in_powers_of_ten(window: np.ndarray) -> None:
    assert value(window * 10, "size", "II") - value(window, "size", "II") == pytest.approx(1.0)
    assert value(window * 10, "amplitude") - value(window, "amplitude") == pytest.approx(1.0)
    assert amplitude(window * 3) == pytest.approx(3 * amplitude(window))


def test_beats_are_counted(window: np.ndarray) -> None:
    assert 10 ** value(window, "beats") == pytest.approx(75 / 60, abs=0.11)


def test_a_lead_of_another_heart_goes_with_no_other_lead(window: np.ndarray) -> None:
    other = prepare(generate(Settings(rate=55.0), seed=9).record, Preprocessing()).windows[0]
    row = STANDARD_LEADS.index("V4")
    mixed = window.copy()
    mixed[row] = other[row]
    assert value(mixed, "unexplained", "V4") > value(window, "unexplained", "V4") + 1
    assert value(mixed, "unrepeated", "V4") > value(window, "unrepeated", "V4") + 1


def test_leads_scaled_each_to_a_height_of_its_own_still_go_together(window: np.ndarray) -> None:
    scaled = window / np.ptp(window, axis=1, keepdims=True)
    for lead in ("III", "aVL", "V2"):
        assert value(scaled, "unexplained", lead) == pytest.approx(value(window, "unexplained", lead), abs=0.2)


def test_what_lies_beyond_a_short_recording_has_no_say(window: np.ndarray) -> None:
    loud = window.copy()
    loud[:, 700:] = 9.0
    assert np.array_equal(look_at(loud, 700).values, look_at(window, 700).values)
