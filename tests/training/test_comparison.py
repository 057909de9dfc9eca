from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

from ecgview.training.comparison import paired_difference, paired_differences, paired_f1_difference
from ecgview.training.scores import areas, bootstrap_weights, macro

Three = tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]
# Four records of each of 40 patients.
PATIENTS = tuple(str(place // 4) for place in range(160))


@pytest.fixture(scope="module")
def scored() -> Three:
    generator = np.random.default_rng(11)
    targets = generator.random((160, 3)) < (0.5, 0.3, 0.02)
    targets[7, 2] = True
    common = generator.normal(0, 1, targets.shape)
    return targets, targets + common, targets + common + generator.normal(0, 0.7, targets.shape)


def drawn_rows(rounds: int, seed: int) -> list[NDArray[np.int64]]:
    """Spell out which records each round holds, patient by patient."""
    weights = bootstrap_weights(PATIENTS, rounds, seed)
    return [np.repeat(np.arange(160), weights[r].astype(int)) for r in range(rounds)]


def test_the_difference_is_that_of_a_direct_computation_on_repeated_records(scored: Three) -> None:
    targets, first, second = scored
    found = paired_differences(targets, first, second, PATIENTS, rounds=60, seed=3)
    per_round = []
    for rows in [np.arange(160), *drawn_rows(60, 3)]:
        kinds = [k for k in range(3) if 0 < targets[rows, k].sum() < len(rows)]
        differences = np.full(3, np.nan)
        for k in kinds:
            wanted = targets[rows, k]
            differences[k] = roc_auc_score(wanted, first[rows, k]) - roc_auc_score(wanted, second[rows, k])
        per_round.append(differences)
    expected = np.array(per_round)
    assert found.macro.value == pytest.approx(np.nanmean(expected[0]))
    low, high = np.percentile(np.nanmean(expected[1:], axis=1), [2.5, 97.5])
    assert (found.macro.low, found.macro.high) == (pytest.approx(low), pytest.approx(high))
    for k in range(3):
        low, high = np.nanpercentile(expected[1:, k], [2.5, 97.5])
        assert found.classes[k].value == pytest.approx(expected[0, k])
        assert (found.classes[k].low, found.classes[k].high) == (pytest.approx(low), pytest.approx(high))
    assert paired_difference(targets, first, second, PATIENTS, rounds=60, seed=3) == found.macro


def test_pairing_makes_the_interval_narrower_than_two_apart(scored: Three) -> None:
    targets, first, second = (values[:, :2] for values in scored)
    paired = paired_difference(targets, first, second, PATIENTS)
    apart = macro(areas(targets, first, PATIENTS, seed=1)[1] - areas(targets, second, PATIENTS, seed=2)[1])
    assert paired.value == pytest.approx(apart.value)
    assert paired.high - paired.low < 0.8 * (apart.high - apart.low)


def test_turned_around_the_difference_changes_its_sign(scored: Three) -> None:
    targets, first, second = scored
    one = paired_difference(targets, first, second, PATIENTS, 200)
    other = paired_difference(targets, second, first, PATIENTS, 200)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
    none = paired_difference(targets, first, first * 2 + 1, PATIENTS, 200)
    assert (none.value, none.low, none.high) == (0, 0, 0)


def test_the_difference_of_f1_is_that_of_a_direct_computation(scored: Three) -> None:
    targets, first, second = (values[:, 0] for values in scored)
    calls = first > 0.5, second > 0.5
    found = paired_f1_difference(targets, *calls, PATIENTS, rounds=50, seed=9)
    expected = [
        f1_score(targets[rows], calls[0][rows]) - f1_score(targets[rows], calls[1][rows])
        for rows in [np.arange(160), *drawn_rows(50, 9)]
    ]
    low, high = np.percentile(expected[1:], [2.5, 97.5])
    assert (found.value, found.low, found.high) == pytest.approx((expected[0], low, high))
