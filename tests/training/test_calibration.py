from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from ecgview.model.calibration import Calibration
from ecgview.training.calibration import (
    LOWEST_SLOPE,
    OFFSET_DEVIATION,
    SLOPE_DEVIATION,
    fit_platt,
    fit_temperature,
)
from ecgview.training.reliability import brier_score, expected_calibration_error


def overconfident(
    count: int, classes: int, slope: float, offset: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return labels that follow `slope * logit + offset`, and the logits."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(-1.5, 2.0, (count, classes))
    return generator.random((count, classes)) < 1 / (1 + np.exp(-(slope * logits + offset))), logits


def penalised_loss(parameters: np.ndarray, targets: np.ndarray, logits: np.ndarray) -> float:
    slope, offset = parameters
    loss = np.logaddexp(0, np.where(targets, -1, 1) * (slope * logits + offset)).sum()
    return float(loss + (slope - 1) ** 2 / (2 * SLOPE_DEVIATION**2) + offset**2 / (2 * OFFSET_DEVIATION**2))


def test_what_was_planted_is_found_and_the_error_goes() -> None:
    targets, logits = overconfident(8000, 3, slope=0.5, offset=-0.6)
    found = fit_platt(targets, logits)
    assert found.slope == pytest.approx(0.5, abs=0.05)
    assert found.offset == pytest.approx(-0.6, abs=0.1)
    before = expected_calibration_error(targets, 1 / (1 + np.exp(-logits)))
    after = expected_calibration_error(targets, found.apply(logits))
    assert (before > 0.05).all()
    assert (after < 0.02).all()
    assert (brier_score(targets, found.apply(logits)) < brier_score(targets, 1 / (1 + np.exp(-logits)))).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_it_is_the_least_penalised_loss_an_independent_optimiser_finds(seed: int) -> None:
    generator = np.random.default_rng(seed)
    logits = generator.normal(generator.normal(0, 3), generator.uniform(0.1, 4), (60, 2))
    targets = generator.random((60, 2)) < generator.uniform(0.05, 0.95)
    targets[0], targets[1] = True, False
    found = fit_platt(targets, logits)
    for k in range(2):
        expected = minimize(
            penalised_loss,
            (1.0, 0.0),
            (targets[:, k], logits[:, k]),
            "L-BFGS-B",
            bounds=[(LOWEST_SLOPE, None), (None, None)],
        )
        value = penalised_loss(np.array([found.slope[k], found.offset[k]]), targets[:, k], logits[:, k])
        assert value <= expected.fun + 1e-6


def test_ten_perfectly_separated_examples_do_not_run_away() -> None:
    logits = np.linspace(-6, 2, 1700)[:, None]
    targets = np.zeros((1700, 1), bool)
    targets[-10:] = True
    found = fit_platt(targets, logits)
    assert 1.0 < found.slope[0] < 3.0
    assert abs(found.offset[0]) < 3 * OFFSET_DEVIATION
    # With three examples even less is believed.
    few = fit_platt(targets[-20:-7], logits[-20:-7])
    assert abs(few.slope[0] - 1) < abs(found.slope[0] - 1)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_records_keep_their_order_even_where_the_labels_say_the_opposite(seed: int) -> None:
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 3, (80, 3))
    targets = logits < generator.normal(0, 1, (80, 3))
    for found in (fit_platt(targets, logits), fit_temperature(targets, logits)):
        assert (found.slope >= LOWEST_SLOPE).all()
        assert np.array_equal(np.argsort(found.apply(logits), axis=0), np.argsort(logits, axis=0))


def test_a_temperature_adds_nothing_and_cools_overconfidence() -> None:
    targets, logits = overconfident(8000, 2, slope=0.5, offset=0.0)
    found = fit_temperature(targets, logits)
    assert np.array_equal(found.offset, [0.0, 0.0])
    assert found.slope == pytest.approx(0.5, abs=0.05)


def test_what_nobody_or_everybody_carries_is_left_as_it_is() -> None:
    logits = np.random.default_rng(0).normal(0, 1, (50, 2))
    targets = np.stack([np.zeros(50, bool), np.ones(50, bool)], axis=1)
    found = fit_platt(targets, logits)
    assert np.array_equal(found.slope, [1.0, 1.0])
    assert np.array_equal(found.offset, [0.0, 0.0])
    nothing = fit_platt(targets[:0], logits[:0])
    assert nothing.apply(np.array([[0.0, 2.0]])) == pytest.approx(np.array([[0.5, 1 / (1 + np.exp(-2.0))]]))


def test_extreme_logits_neither_overflow_nor_leave_zero_to_one() -> None:
    logits = np.array([[-800.0], [800.0], [-700.0], [3.0], [0.0], [-900.0]])
    targets = np.array([[0], [1], [0], [1], [0], [1]], bool)
    probability = fit_platt(targets, logits).apply(logits)
    assert np.isfinite(probability).all()
    assert ((probability >= 0) & (probability <= 1)).all()


def test_what_is_stored_comes_back() -> None:
    found = Calibration(np.array([0.5, 1 / 3]), np.array([-1.25, 0.1]))
    again = Calibration.from_dict(found.as_dict(("NORM", "IMI")), ("IMI", "NORM"))
    assert again.slope.tolist() == [1 / 3, 0.5]
    assert again.offset.tolist() == [0.1, -1.25]


@pytest.mark.parametrize(
    "stored",
    [{}, {"NORM": [1.0]}, {"NORM": ["x", 0.0]}, {"NORM": 3}, {"NORM": [0.0, 0.0]}, {"NORM": [1.0, float("nan")]}],
)
def test_what_is_no_calibration_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"slope|float"):
        Calibration.from_dict(stored, ("NORM",))


def test_logits_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        fit_platt(np.array([[True], [False]]), np.array([[0.0], [np.nan]]))
    with pytest.raises(ValueError, match="not of the same records"):
        fit_platt(np.zeros((3, 1), bool), np.zeros((2, 1)))
