from __future__ import annotations

import numpy as np
import pytest

from ecgview.model.time_scale import UNKNOWN, TimeScale, durations

USUAL = {"rate": 70.0, "qrs_ms": 92.0, "qt_ms": 395.0, "pr_ms": 158.0, "p_ms": 104.0}
SPREAD = {"rate": 0.18, "qrs_ms": 0.12, "qt_ms": 0.08, "pr_ms": 0.14, "p_ms": 0.12}


@pytest.fixture(scope="module")
def scale() -> TimeScale:
    chance = np.random.default_rng(0)
    rows = [
        durations({name: value * np.exp(SPREAD[name] * chance.standard_normal()) for name, value in USUAL.items()})
        for _ in range(300)
    ]
    return TimeScale.fit(np.stack(rows))


def stretched(factor: float) -> dict[str, float]:
    return {name: value / factor if name == "rate" else value * factor for name, value in USUAL.items()}


def test_usual_durations_are_not_suspected(scale: TimeScale) -> None:
    assert scale.odds(durations(USUAL))[0] < -10


@pytest.mark.parametrize(("factor", "direction"), [(2.0, 1.0), (0.5, -1.0)])
def test_durations_all_wrong_by_two_are_suspected(scale: TimeScale, factor: float, direction: float) -> None:
    odds, found = scale.odds(durations(stretched(factor)))
    assert odds > 10
    assert found == direction


def test_a_slow_heart_with_a_wide_complex_is_not_suspected(scale: TimeScale) -> None:
    assert scale.odds(durations(USUAL | {"rate": 36.0, "qrs_ms": 150.0}))[0] < -5


def test_absent_durations_are_left_out(scale: TimeScale) -> None:
    without_p = stretched(2.0) | {"pr_ms": float("nan")}
    del without_p["p_ms"]
    assert scale.odds(durations(without_p))[0] > 5
    assert scale.odds(durations({"rate": 200.0})) == (UNKNOWN, 0.0)
    assert np.isnan(durations({"rate": 0.0})).all()
