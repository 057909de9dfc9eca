from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from ecgview.model.smooth_trees import SmoothTrees
from ecgview.training.boosting import grow, widths
from ecgview.training.configuration import Configuration

SETTINGS = Configuration(boosting_rounds=30)


def made(count: int = 600, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return values, some of them missing, and two classes: one by a limit and one by a missing value."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(count, 4))
    values[generator.random(count) < 0.3, 2] = np.nan
    above = values[:, 1] + 0.3 * generator.normal(size=count) > 0.8
    return values, np.stack([above, np.isnan(values[:, 2])], axis=1)


def ask(trees: dict[str, torch.Tensor], values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    inputs = [torch.from_numpy(one.astype(np.float32)) for one in (np.where(known, values, 0), known)]
    logits: np.ndarray = SmoothTrees(trees)(*inputs).numpy()
    return logits


def test_what_can_be_learned_from_a_limit_and_from_a_missing_value_is_learned() -> None:
    values, targets = made()
    trees = grow(values, targets, SETTINGS, seed=1)
    fresh, wanted = made(seed=5)
    logits = ask(trees, fresh)
    assert roc_auc_score(wanted[:, 0], logits[:, 0]) > 0.93
    assert roc_auc_score(wanted[:, 1], logits[:, 1]) > 0.99
    assert (1 / (1 + np.exp(-logits[:, 0]))).mean() == pytest.approx(wanted[:, 0].mean(), abs=0.05)


def test_hardly_softened_trees_say_what_lightgbm_says() -> None:
    import lightgbm

    values, targets = made()
    trees = grow(values, targets[:, :1], Configuration(boosting_rounds=20, softness=1e-9), seed=3)
    settings = {
        "objective": "binary",
        "learning_rate": 0.08,
        "num_leaves": 6,
        "min_data_in_leaf": 8,
        "lambda_l2": 5.0,
        "feature_fraction_bynode": 0.3,
        "max_bin": 127,
        "seed": 3,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    plain = lightgbm.train(settings, lightgbm.Dataset(values, targets[:, 0].astype(np.float32)), 20)
    # Even the narrowest split is a fiftieth of a deviation wide: compare where no value lies near one.
    trees["width"] = torch.full((4,), 1e-6)
    difference = np.abs(ask(trees, values)[:, 0] - plain.predict(values, raw_score=True))
    assert np.median(difference) < 1e-5
    assert (difference < 1e-4).mean() > 0.98


def test_the_same_seed_gives_the_same_trees() -> None:
    values, targets = made()
    once, again, other = (grow(values, targets, SETTINGS, seed) for seed in (1, 1, 2))
    assert all(torch.equal(once[name], again[name]) for name in once)
    assert any(once[name].shape != other[name].shape or not torch.equal(once[name], other[name]) for name in once)


def test_a_class_that_all_or_none_carry_has_no_trees() -> None:
    values, _ = made(50)
    trees = grow(values, np.stack([np.zeros(50, bool), np.ones(50, bool)], axis=1), SETTINGS, seed=1)
    logits = ask(trees, values)
    assert (logits[:, 0] < -4).all()
    assert (logits[:, 1] > 4).all()


def test_splits_are_as_wide_as_the_values_are_spread() -> None:
    values = np.random.default_rng(0).normal(size=(4000, 1)) * np.array([1.0, 100.0, 0.0, 1.0])
    values[:, 3] = np.nan
    found = widths(values, 0.1)
    assert found[0] == pytest.approx(0.135, rel=0.1)
    assert found[1] == pytest.approx(100 * found[0])
    assert found[2:].tolist() == [1.0, 1.0]
