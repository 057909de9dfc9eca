"""Two records' measurements side by side."""

from __future__ import annotations

import pytest

from ecgview.signal.difference import Difference, differences
from ecgview.signal.measurements import measure
from ecgview.synthesis import Settings, generate


@pytest.mark.parametrize(
    ("this", "other", "change"),
    [(10.0, 350.0, 20.0), (-170.0, 170.0, 20.0), (170.0, -170.0, -20.0), (90.0, -90.0, 180.0), (5.0, 5.0, 0.0)],
)
def test_axes_differ_by_the_shorter_way_round(this: float, other: float, change: float) -> None:
    assert Difference("QRS axis", "°", this, other).change == pytest.approx(change)


def test_nothing_is_subtracted_from_what_was_not_measured() -> None:
    assert Difference("PR interval", "ms", None, 160.0).change is None
    assert Difference("PR interval", "ms", 160.0, None).change is None


def test_a_wider_complex_is_found_wider() -> None:
    one, other = (measure(generate(Settings(qrs=qrs, rate=70), 1).record) for qrs in (140.0, 90.0))
    found = {entry.name: entry.change for entry in differences(one, other)}
    assert found["QRS duration"] == pytest.approx(50.0, abs=10.0)
    assert found["Heart rate"] == pytest.approx(0.0, abs=1.0)
