from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgview.training.challenge_metric import (
    RewardError,
    Rewards,
    challenge_score,
    compared_rewards,
    merge,
    read_rewards,
)


def published_score(labels: list[set[int]], outputs: list[set[int]], weights: np.ndarray, normal: int) -> float:
    """Return the score as the Challenge's paper defines it, one record and one pair at a time."""

    def unnormalised(calls: list[set[int]]) -> float:
        total = 0.0
        for j in range(len(weights)):
            for k in range(len(weights)):
                a_jk = sum(1 / len(x | y) for x, y in zip(labels, calls, strict=True) if j in x and k in y)
                total += weights[j, k] * a_jk
        return total

    correct, inactive = unnormalised(labels), unnormalised([{normal}] * len(labels))
    return (unnormalised(outputs) - inactive) / (correct - inactive)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 100_000))
def test_the_score_equals_the_published_definition_on_random_matrices(seed: int) -> None:
    generator = np.random.default_rng(seed)
    records, classes = int(generator.integers(2, 25)), int(generator.integers(2, 8))
    weights = generator.random((classes, classes))  # not symmetric: rows and columns must not be exchanged
    np.fill_diagonal(weights, 1.0)
    targets = generator.random((records, classes)) < generator.uniform(0.1, 0.9)
    calls = generator.random((records, classes)) < generator.uniform(0.1, 0.9)
    normal = int(generator.integers(classes))
    targets[0] = np.arange(classes) != normal  # something the inactive reader gets wrong
    labels, outputs = ([set(np.flatnonzero(row).tolist()) for row in rows] for rows in (targets, calls))
    expected = published_score(labels, outputs, weights, normal)
    assert challenge_score(targets, calls, weights, normal) == pytest.approx(expected, abs=1e-12, rel=1e-12)


def test_always_right_is_one_and_always_normal_is_zero() -> None:
    generator = np.random.default_rng(0)
    weights = generator.uniform(0, 0.5, (5, 5)) + 0.5 * np.eye(5)
    targets = generator.random((40, 5)) < 0.3
    normal = np.zeros((40, 5), bool)
    normal[:, 2] = True
    assert challenge_score(targets, targets, weights, 2) == pytest.approx(1.0, abs=1e-12)
    assert challenge_score(targets, normal, weights, 2) == pytest.approx(0.0, abs=1e-12)
    assert challenge_score(targets, np.zeros((40, 5), bool), weights, 2) < 0


def test_by_hand() -> None:
    weights = np.array([[1.0, 0.4], [0.2, 1.0]])
    # Carried 0, called both: (1 + 0.4) / 2. Truth earns 1; the normal class, 1, earns 0.4 / 2.
    assert challenge_score(np.array([[1, 0]], bool), np.array([[1, 1]], bool), weights, 1) == pytest.approx(
        (0.7 - 0.2) / (1 - 0.2)
    )


def test_nothing_to_tell_apart_is_zero_and_an_unlabelled_record_changes_nothing() -> None:
    weights = np.array([[1.0, 0.3], [0.3, 1.0]])
    healthy = np.tile([True, False], (5, 1))
    assert challenge_score(healthy, ~healthy, weights, 0) == 0.0
    assert challenge_score(healthy[:0], healthy[:0], weights, 0) == 0.0
    targets, calls = np.array([[0, 1], [1, 0]], bool), np.array([[1, 1], [1, 0]], bool)
    more = np.vstack([targets, [[False, False]]]), np.vstack([calls, [[True, True]]])
    assert challenge_score(*more, weights, 0) == pytest.approx(challenge_score(targets, calls, weights, 0))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        challenge_score(np.zeros((2, 3), bool), np.zeros((2, 2), bool), np.eye(3), 0)
    with pytest.raises(ValueError, match="no class 3"):
        challenge_score(np.zeros((2, 3), bool), np.zeros((2, 3), bool), np.eye(3), 3)


def test_records_can_be_weighed() -> None:
    generator = np.random.default_rng(1)
    weights = generator.random((4, 4)) + np.eye(4)
    targets, calls = generator.random((30, 4)) < 0.4, generator.random((30, 4)) < 0.4
    times = generator.integers(0, 4, 30)
    gained, possible = compared_rewards(targets, calls, weights, 1)
    drawn = np.repeat(np.arange(30), times)
    expected = challenge_score(targets[drawn], calls[drawn], weights, 1)
    assert (times @ gained) / (times @ possible) == pytest.approx(expected)


TABLE = """,11|12,426783006,14,15
11|12,1,0.2,0.5,0.5
426783006,0.2,1,0.3,0.3
14,0.5,0.3,1,1
15,0.5,0.3,1,1
"""


def test_a_table_as_published_is_read_and_equivalent_classes_are_one(tmp_path: Path) -> None:
    path = tmp_path / "weights.csv"
    path.write_text(TABLE, encoding="utf-8")
    found = read_rewards(path)
    assert found.groups == (("11", "12"), ("426783006",), ("14", "15"))
    assert found.weights.tolist() == [[1, 0.2, 0.5], [0.2, 1, 0.3], [0.5, 0.3, 1]]
    assert found.normal == 1


def test_classes_with_other_rewards_stay_apart_even_where_they_excuse_each_other(tmp_path: Path) -> None:
    path = tmp_path / "weights.csv"
    path.write_text(TABLE.replace("15,0.5,0.3,1,1", "15,0.4,0.3,1,1"), encoding="utf-8")
    assert read_rewards(path).groups == (("11", "12"), ("426783006",), ("14",), ("15",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "names no class"),
        (TABLE.replace("\n14,", "\n99,"), "same order"),
        (TABLE.replace("14,0.5,0.3,1,1\n", ""), "same order"),
        (TABLE.replace("14,0.5,0.3,1,1", "14,0.5,0.3,1"), "3 rewards for 4 classes"),
        (TABLE.replace("0.5", "half"), "not a number"),
        (TABLE.replace("0.5", "nan"), "finite"),
        (TABLE.replace("11|12", "IAVB"), "'IAVB' is not a SNOMED CT code"),
        (TABLE.replace("426783006", "77"), "normal class 426783006 is not among"),
        (TABLE.replace("11|12", "11|14"), "more than one class"),
        ("\x00\n\x00", r"names no class|CSV"),
    ],
)
def test_what_is_no_table_of_rewards_is_refused_by_name(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "weights.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RewardError, match=reason) as refusal:
        read_rewards(path)
    assert str(path) in str(refusal.value)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RewardError, match="No such file"):
        read_rewards(tmp_path / "absent.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(RewardError, match="not a CSV file"):
        read_rewards(tmp_path / "binary.csv")
    (tmp_path / "large.csv").write_bytes(b"1" * 1_000_001)
    with pytest.raises(RewardError, match="too large"):
        read_rewards(tmp_path / "large.csv")


def test_a_models_classes_find_their_scored_class() -> None:
    rewards = Rewards((("426783006",), ("713427006", "59118001"), ("1",)), np.eye(3), 0)
    columns = rewards.columns(("NORM", "SR", "CRBBB", "SUPER.CD"))
    assert columns.tolist() == [-1, 0, 1, -1]
    values = np.array([[1, 0, 1, 1], [1, 1, 0, 0]], bool)
    assert merge(values, columns, 3).tolist() == [[False, True, False], [True, False, False]]
    # Two of the model's classes may be one scored class: either makes it present.
    assert merge(np.array([[1, 0], [0, 1], [0, 0]], bool), np.array([1, 1]), 2).tolist() == [
        [False, True],
        [False, True],
        [False, False],
    ]
    with pytest.raises(RewardError, match="CRBBB stands for 2"):
        Rewards((("426783006",), ("713427006",), ("59118001",)), np.eye(3), 0).columns(("CRBBB",))
