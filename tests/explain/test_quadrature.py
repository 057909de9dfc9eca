from __future__ import annotations

import numpy as np
import pytest

from ecgview.explain.quadrature import STAGES, added, points, weights


@pytest.mark.parametrize("count", STAGES)
def test_polynomials_are_integrated_exactly(count: int) -> None:
    degree = 1 if count == 1 else (3 * count + 1) // 2
    for power in range(degree + 1):
        assert weights(count) @ points(count) ** power == pytest.approx(1 / (power + 1), abs=1e-14)
    beyond = weights(count) @ points(count) ** 60
    if count < 31:
        assert abs(beyond - 1 / 61) > 1e-9


def test_every_stage_takes_up_the_points_of_the_one_before() -> None:
    stages = (1, 3, 7, 15)
    seen: list[float] = []
    total = np.zeros(len(stages))
    for stage, (places, shares) in enumerate(added(stages)):
        seen.extend(places.tolist())
        assert sorted(seen) == points(stages[stage]).tolist()
        total += shares @ np.exp(places)
    # Each row of shares is the whole rule of its stage.
    for stage, count in enumerate(stages):
        assert total[stage] == pytest.approx(weights(count) @ np.exp(points(count)), abs=1e-14)


@pytest.mark.parametrize("stages", [(3, 1), (2,), (7, 7)])
def test_stages_that_do_not_fit_are_refused(stages: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="stages"):
        added(stages)
