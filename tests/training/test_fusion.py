from __future__ import annotations

import numpy as np
import pytest

from ecgview.training.fusion import Opinions, choose_share, nested, settle


def made(count: int = 400, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, Opinions]:
    generator = np.random.default_rng(seed)
    truth = generator.normal(-1, 1, (count, classes))
    targets = generator.random((count, classes)) < 1 / (1 + np.exp(-2 * truth))
    signal, measured = (truth + generator.normal(0, spread, truth.shape) for spread in (1.0, 1.0))
    return targets, Opinions(signal, measured)


def test_two_opinions_that_err_apart_are_better_than_either() -> None:
    targets, opinions = made()
    assert 0.3 <= choose_share(targets, opinions) <= 0.7


@pytest.mark.parametrize(("useless", "share"), [("signal", 0.0), ("measured", 1.0)])
def test_an_opinion_that_says_nothing_has_no_say(useless: str, share: float) -> None:
    targets, opinions = made()
    noise = np.random.default_rng(9).normal(0, 1, targets.shape)
    silenced = Opinions(
        noise if useless == "signal" else opinions.signal, noise if useless == "measured" else opinions.measured
    )
    assert choose_share(targets, silenced) == pytest.approx(share, abs=0.11)


def test_a_part_is_judged_without_its_own_labels() -> None:
    targets, opinions = made()
    parts = np.arange(len(targets)) % 4
    before = nested(targets, opinions, parts)
    other = targets.copy()
    other[parts == 2] = ~other[parts == 2]
    after = nested(other, opinions, parts)
    inside = parts == 2
    assert np.array_equal(before.probability[inside], after.probability[inside])
    assert np.array_equal(before.called[inside], after.called[inside])
    assert before.shares[2] == after.shares[2]
    assert not np.array_equal(before.probability[~inside], after.probability[~inside])


def test_probabilities_come_out_as_frequent_as_the_labels() -> None:
    targets, opinions = made(count=4000)
    opinions = Opinions(3 * opinions.signal, 3 * opinions.measured)  # far too sure
    judged = nested(targets, opinions, np.arange(len(targets)) % 4)
    sure = (judged.probability > 0.6) & (judged.probability < 0.8)
    assert targets[sure].mean() == pytest.approx(judged.probability[sure].mean(), abs=0.05)


def test_what_is_settled_reproduces_its_calls() -> None:
    targets, opinions = made()
    chosen = settle(targets, opinions)
    probability = chosen.calibration.apply(opinions.fused(chosen.share))
    called = probability >= chosen.thresholds
    hits = (targets & called).sum(axis=0)
    f1 = 2 * hits / (targets.sum(axis=0) + called.sum(axis=0))
    assert (f1 > 0.5).all()
    for place in range(targets.shape[1]):
        for threshold in np.linspace(0.06, 0.9, 15):
            other = probability[:, place] >= threshold
            score = 2 * (targets[:, place] & other).sum() / (targets[:, place].sum() + other.sum())
            assert score <= f1[place] + 1e-9
