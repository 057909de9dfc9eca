from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from ecgview.training.report import choose_thresholds, crossed_calls, make_report
from ecgview.training.scores import agreement, areas, auroc, average_precision, best_f1_threshold, bootstrap_weights


@given(st.integers(0, 10_000), st.booleans())
def test_areas_equal_an_independent_library_ties_included(seed: int, tied: bool) -> None:
    generator = np.random.default_rng(seed)
    targets = generator.random(60) < 0.3
    targets[:2] = (True, False)
    scores = np.round(generator.random(60), 1 if tied else 12)
    ones = np.ones((1, 60))
    assert auroc(targets, scores, ones)[0] == pytest.approx(roc_auc_score(targets, scores))
    if not tied:
        assert average_precision(targets, scores) == pytest.approx(average_precision_score(targets, scores))


def test_a_record_drawn_twice_counts_twice() -> None:
    generator = np.random.default_rng(4)
    targets, scores = generator.random(30) < 0.5, generator.random(30)
    times = generator.integers(0, 4, 30)
    repeated = np.repeat(np.arange(30), times)
    expected = roc_auc_score(targets[repeated], scores[repeated])
    assert auroc(targets, scores, times[None].astype(float))[0] == pytest.approx(expected)


def test_no_area_without_both_kinds() -> None:
    assert np.isnan(auroc(np.zeros(3, bool), np.arange(3.0), np.ones((1, 3)))[0])


def test_all_records_of_a_patient_are_drawn_together() -> None:
    weights = bootstrap_weights(("a", "b", "a", "c", "a"), 50, seed=1)
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.array_equal(weights[:, 0], weights[:, 4])
    assert weights.std() > 0


def test_the_interval_holds_the_value_and_narrows_with_more_records() -> None:
    generator = np.random.default_rng(0)
    widths = []
    for count in (50, 2000):
        targets = generator.random((count, 1)) < 0.4
        scores = targets + generator.normal(0, 1, (count, 1))
        found, _ = areas(targets, scores, tuple(map(str, range(count))), rounds=200)
        assert found[0].low < found[0].value < found[0].high
        widths.append(found[0].high - found[0].low)
    assert widths[1] < widths[0] / 3


@given(st.integers(0, 10_000))
def test_no_threshold_gives_a_higher_f1(seed: int) -> None:
    generator = np.random.default_rng(seed)
    targets = generator.random(40) < 0.3
    targets[0] = True
    probability = np.round(generator.random(40), 2)

    def f1(threshold: float) -> float:
        called = probability >= threshold
        return 2 * (targets & called).sum() / (targets.sum() + called.sum())

    best = best_f1_threshold(targets, probability)
    assert f1(best) == pytest.approx(f1_score(targets, probability >= best))
    assert f1(best) >= max(f1(other) for other in np.linspace(0.05, 1, 96)) - 1e-12


def test_nothing_below_a_twentieth_is_ever_called() -> None:
    probability = np.array([0.001, 0.02, 0.03, 0.012])
    assert best_f1_threshold(np.array([False, True, True, False]), probability) == 0.05
    # One record above the limit, rightly: the threshold may lie in the gap but not under the limit.
    assert best_f1_threshold(np.array([False, True, True, False]), np.array([0.001, 0.06, 0.02, 0.01])) == 0.05


def test_agreement_counts_as_the_definitions_say() -> None:
    targets = np.array([1, 1, 1, 0, 0, 0, 0], bool)
    called = np.array([1, 1, 0, 1, 0, 0, 0], bool)
    found = agreement(targets, called)
    assert (found.sensitivity, found.specificity) == (pytest.approx(2 / 3), pytest.approx(3 / 4))
    assert found.f1 == pytest.approx(4 / 6)


def test_calls_of_a_part_never_use_that_parts_labels() -> None:
    generator = np.random.default_rng(3)
    targets, probability = generator.random((60, 2)) < 0.4, generator.random((60, 2))
    parts = np.repeat([0, 1, 2], 20)
    before = crossed_calls(targets, probability, parts)
    turned = targets.copy()
    turned[parts == 1] = ~turned[parts == 1]
    after = crossed_calls(turned, probability, parts)
    assert np.array_equal(before[parts == 1], after[parts == 1])
    assert not np.array_equal(choose_thresholds(targets, probability), choose_thresholds(turned, probability))


def test_a_report_leaves_out_what_can_not_be_judged() -> None:
    targets = np.array([[1, 0], [0, 0], [1, 0], [0, 0]], bool)
    probability = np.array([[0.9, 0.1], [0.2, 0.1], [0.8, 0.3], [0.1, 0.2]])
    report = make_report(("SR", "AFIB"), targets, probability, probability > 0.5, ("a", "b", "c", "d"))
    assert [entry.code for entry in report.classes] == ["SR"]
    assert report.macro_statements.value == 1.0
    with pytest.raises(ValueError, match="no class"):
        make_report(("AFIB",), targets[:, 1:], probability[:, 1:], probability[:, 1:] > 0.5, ("a", "b", "c", "d"))
