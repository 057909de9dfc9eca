from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from ecgview.training.reliability import (
    brier_score,
    calibration_intervals,
    chance_calibration_error,
    expected_calibration_error,
    pooled_calibration_error,
    reliability,
)


def slow_error(targets: np.ndarray, probability: np.ndarray, edges: np.ndarray) -> float:
    """Return the expected calibration error as its definition reads, bin by bin."""
    total = 0.0
    for b in range(len(edges) - 1):
        last = b == len(edges) - 2
        inside = [i for i, p in enumerate(probability) if edges[b] <= p and (p < edges[b + 1] or last)]
        if inside:
            confidence = sum(probability[i] for i in inside) / len(inside)
            share = sum(targets[i] for i in inside) / len(inside)
            total += len(inside) / len(probability) * abs(confidence - share)
    return total


@settings(deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["count", "width"]), st.booleans())
def test_the_error_is_what_the_definition_says(seed: int, binning: str, tied: bool) -> None:
    generator = np.random.default_rng(seed)
    probability = np.round(generator.random((70, 2)) ** 3, 1 if tied else 12)
    targets = generator.random((70, 2)) < 0.3
    found = expected_calibration_error(targets, probability, 7, binning)  # type: ignore[arg-type]
    for k in range(2):
        table = reliability(targets[:, k], probability[:, k], 7, binning)  # type: ignore[arg-type]
        assert table.count.sum() == 70
        assert found[k] == pytest.approx(slow_error(targets[:, k], probability[:, k], table.edges), abs=1e-12)
    table = reliability(targets.ravel(), probability.ravel(), 7, binning)  # type: ignore[arg-type]
    pooled = pooled_calibration_error(targets, probability, 7, binning)  # type: ignore[arg-type]
    assert pooled == pytest.approx(slow_error(targets.ravel(), probability.ravel(), table.edges), abs=1e-12)


def test_bins_hold_equal_counts_and_equal_widths() -> None:
    probability = np.random.default_rng(1).random(1000) ** 4
    targets = np.zeros(1000, bool)
    equal = reliability(targets, probability)
    assert equal.count.tolist() == [100] * 10
    assert (equal.edges[0], equal.edges[-1]) == (0.0, 1.0)
    assert (np.diff(equal.predicted) > 0).all()
    wide = reliability(targets, probability, 5, "width")
    assert wide.edges == pytest.approx(np.linspace(0, 1, 6))
    assert wide.count[0] > 500


def test_a_probability_on_an_edge_is_in_the_bin_above() -> None:
    assert reliability(np.array([True, False, True]), np.array([0.2, 0.5, 1.0]), 2, "width").count.tolist() == [1, 2]


def test_equal_probabilities_are_never_parted() -> None:
    probability = np.array([0.1] * 6 + [0.7] * 4)
    table = reliability(np.arange(10) % 2 == 0, probability, 10)
    assert table.count.tolist() == [6, 4]
    assert table.predicted == pytest.approx([0.1, 0.7])
    assert reliability(np.ones(3, bool), np.zeros(3), 10).count.sum() == 3


def test_empty_bins_are_not_numbers_and_not_rows() -> None:
    table = reliability(np.array([True, False]), np.array([0.05, 1.0]), 10, "width")
    assert np.isnan(table.observed[5])
    rows = table.as_dicts()
    assert [(row["from"], row["observed"], row["count"]) for row in rows] == [(0.0, 1.0, 1), (0.9, 0.0, 1)]


def test_nothing_to_judge_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        reliability(np.zeros(0, bool), np.zeros(0))


def test_the_brier_score_equals_an_independent_library() -> None:
    generator = np.random.default_rng(2)
    targets, probability = generator.random((50, 2)) < 0.4, generator.random((50, 2))
    expected = [brier_score_loss(targets[:, k], probability[:, k]) for k in range(2)]
    assert brier_score(targets, probability) == pytest.approx(expected)


def test_a_true_model_errs_as_chance_has_it_and_a_false_one_more() -> None:
    generator = np.random.default_rng(5)
    probability = generator.random((1500, 2))
    targets = generator.random((1500, 2)) < np.stack([probability[:, 0], probability[:, 1] ** 2], axis=1)
    chance = chance_calibration_error(probability)
    found = expected_calibration_error(targets, probability)
    assert chance[:, 0].min() < found[0] < np.percentile(chance[:, 0], 99)
    assert found[1] > 2 * chance[:, 1].max()


def test_intervals_hold_their_value_reach_zero_by_chance_alone_and_mind_patients() -> None:
    generator = np.random.default_rng(6)
    probability = generator.random((600, 2))
    targets = generator.random((600, 2)) < np.stack([probability[:, 0], probability[:, 1] ** 2], axis=1)
    alone = tuple(str(i) for i in range(600))
    classes, pooled = calibration_intervals(targets, probability, alone, rounds=300)
    for found, value in zip(classes, expected_calibration_error(targets, probability), strict=True):
        assert found.value == pytest.approx(value)
        assert found.low <= found.value <= found.high
    assert classes[0].low == 0.0 < classes[1].low
    assert pooled.value == pytest.approx(pooled_calibration_error(targets, probability))
    # The same records ten times over, as records of the same patients, are no more evidence.
    repeated, _ = calibration_intervals(
        np.tile(targets, (10, 1)), np.tile(probability, (10, 1)), alone * 10, rounds=300
    )
    assert repeated[1].high - repeated[1].low == pytest.approx(classes[1].high - classes[1].low, rel=0.25)
