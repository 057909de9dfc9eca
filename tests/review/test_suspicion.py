"""Planted label errors come first in the queue, and each entry says why it is there."""

from __future__ import annotations

import numpy as np
import pytest

from ecgview.review.suspicion import FEWEST, confident_learning, improbability, queue, rare


def planted(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    truth = chance.random((400, 2)) < (0.5, 0.2)
    probabilities = np.clip(np.where(truth, 0.85, 0.15) + chance.normal(0, 0.1, truth.shape), 0, 1)
    flipped = chance.random(truth.shape) < 0.05
    return truth ^ flipped, probabilities, flipped


@pytest.mark.parametrize("score", [improbability, confident_learning])
def test_flipped_labels_score_higher_than_the_others(score) -> None:  # type: ignore[no-untyped-def]
    labels, probabilities, flipped = planted()
    scores = score(labels, probabilities)
    assert scores[flipped].min() > np.median(scores[~flipped])
    first = np.argsort(-scores, axis=None)[: flipped.sum()]
    assert flipped.ravel()[first].mean() > 0.9


def test_a_rare_class_is_scored_without_its_average() -> None:
    labels, probabilities, _ = planted()
    labels[:, 1] = False
    labels[: FEWEST - 1, 1] = True
    assert rare(labels).tolist() == [False, True]
    assert (confident_learning(labels, probabilities) == improbability(labels, probabilities))[:, 1].all()
    everything = queue(("NORM", "PACE"), labels, probabilities, "confident learning", limit=800)
    assert all(("fewer than 10" in entry.why) == (entry.code == "PACE") for entry in everything)


def test_each_order_says_why() -> None:
    codes, (labels, probabilities, flipped) = ("NORM", "LVH"), planted()
    first = queue(codes, labels, probabilities, limit=5)[0]
    assert flipped[first.record, codes.index(first.code)]
    stated = "present" if first.labelled else "absent"
    assert first.why == f"labelled {stated}, the model gives {first.probability:.0%}"
    differing = queue(codes, labels, probabilities, "disagreement", limit=800)
    assert len(differing) == ((probabilities >= 0.5) != labels).sum()
    members = np.stack([probabilities, probabilities])
    members[1, 7, 1] = 1 - members[0, 7, 1]
    unsure = queue(codes, labels, probabilities, "uncertainty", members, limit=1)[0]
    assert (unsure.record, unsure.code) == (7, "LVH")
    assert unsure.why.startswith("members differ by ±")
    drawn = queue(codes, labels, probabilities, "random", limit=30, seed=4)
    assert drawn == queue(codes, labels, probabilities, "random", limit=30, seed=4)
    assert drawn != queue(codes, labels, probabilities, "random", limit=30, seed=5)


def test_what_does_not_fit_is_refused() -> None:
    labels, probabilities, _ = planted()
    with pytest.raises(ValueError, match="do not fit together"):
        queue(("NORM", "LVH"), labels[1:], probabilities)
    with pytest.raises(ValueError, match="between 0 and 1"):
        queue(("NORM", "LVH"), labels, probabilities * 3)
    with pytest.raises(ValueError, match="each member"):
        queue(("NORM", "LVH"), labels, probabilities, "uncertainty")
