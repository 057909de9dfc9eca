from __future__ import annotations

import numpy as np
import pytest
import torch
from model_files import random_trees

from ecgview.model.smooth_trees import SmoothTrees, Split, flatten


def answer(split: Split, values: list[float], known: list[float], width: list[float]) -> float:
    """Ask one smooth tree, the slow way."""
    if split.feature is None:
        return split.value
    assert split.left is not None
    assert split.right is not None
    place = split.feature
    share = 1 / (1 + np.exp(-(split.threshold - values[place]) / width[place]))
    share = known[place] * share + (1 - known[place]) * split.missing_left
    return share * answer(split.left, values, known, width) + (1 - share) * answer(split.right, values, known, width)


def random_split(generator: np.random.Generator, depth: int, features: int) -> Split:
    if depth == 0 or generator.random() < 0.2:
        return Split(value=float(generator.normal()))
    left, right = (random_split(generator, depth - 1, features) for _ in range(2))
    return Split(int(generator.integers(features)), float(generator.normal()), bool(generator.integers(2)), left, right)


@pytest.mark.parametrize("seed", range(6))
def test_the_sum_is_that_of_trees_asked_one_by_one(seed: int) -> None:
    generator = np.random.default_rng(seed)
    trees = [[random_split(generator, 4, 5) for _ in range(int(generator.integers(0, 7)))] for _ in range(4)]
    base, width = generator.normal(size=4).tolist(), generator.uniform(0.1, 1, 5).tolist()
    smooth = SmoothTrees(flatten(trees, base, width))
    values, known = generator.normal(size=(8, 5)), generator.uniform(0, 1, (8, 5))
    got = smooth(torch.tensor(values, dtype=torch.float32), torch.tensor(known, dtype=torch.float32))
    wanted = [
        [base[k] + sum(answer(tree, v, c, width) for tree in trees[k]) for k in range(4)]
        for v, c in zip(values.tolist(), known.tolist(), strict=True)
    ]
    assert got.numpy() == pytest.approx(np.array(wanted), abs=1e-5)


def test_far_from_its_limit_a_split_is_the_plain_one() -> None:
    tree = Split(0, 200.0, False, Split(value=-1.0), Split(value=2.0))
    smooth = SmoothTrees(flatten([[tree]], [0.5], [1.0]))
    values = torch.tensor([[150.0], [250.0], [200.0]])
    assert smooth(values, torch.ones(3, 1)).flatten().tolist() == pytest.approx([-0.5, 2.5, 1.0])


def test_a_value_that_is_not_known_goes_where_missing_ones_go() -> None:
    tree = Split(0, 200.0, True, Split(value=-1.0), Split(value=2.0))
    smooth = SmoothTrees(flatten([[tree]], [0.0], [1.0]))
    assert smooth(torch.tensor([[999.0]]), torch.zeros(1, 1)).item() == pytest.approx(-1.0)


def test_the_gradient_says_which_way_a_value_moves_the_logit() -> None:
    tree = Split(0, 200.0, True, Split(value=-1.0), Split(value=2.0))
    smooth = SmoothTrees(flatten([[tree]], [0.0], [10.0]))
    values = torch.tensor([[195.0]], requires_grad=True)
    smooth(values, torch.ones(1, 1)).sum().backward()
    step = 0.01
    change = smooth(values + step, torch.ones(1, 1)) - smooth(values - step, torch.ones(1, 1))
    assert values.grad is not None
    assert values.grad.item() == pytest.approx(change.item() / (2 * step), rel=1e-3)
    assert values.grad.item() > 0


@pytest.mark.parametrize("classes", [[2], [0, 3], [3, 0]])
def test_some_classes_alone_give_the_same_logits(classes: list[int]) -> None:
    smooth = SmoothTrees(random_trees(4, 6, seed=3))
    values, known = torch.randn(5, 6) * 80, torch.ones(5, 6)
    alone = smooth.only(classes)
    assert torch.allclose(alone(values, known), smooth(values, known)[:, classes], atol=1e-6)
    assert len(alone.feature) < len(smooth.feature)


def test_classes_without_trees_keep_their_base() -> None:
    smooth = SmoothTrees(flatten([[], [Split(value=0.25)]], [-3.0, 1.0], [1.0]))
    assert smooth(torch.zeros(2, 1), torch.ones(2, 1)).tolist() == [[-3.0, 1.25]] * 2


def test_tensors_that_point_outside_are_refused() -> None:
    tensors = random_trees(2, 4, seed=1)
    with pytest.raises(ValueError, match="feature points outside"):
        SmoothTrees(tensors | {"feature": tensors["feature"] + 4})
    with pytest.raises(ValueError, match="do not fit together"):
        SmoothTrees(tensors | {"levels": tensors["levels"] + 1})
    with pytest.raises(ValueError, match="the trees need"):
        SmoothTrees({name: value for name, value in tensors.items() if name != "width"})
