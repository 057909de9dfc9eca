"""Growing the trees over measured values: gradient boosting, made smooth afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ecgview.model.smooth_trees import Split, flatten
from ecgview.training.configuration import Configuration

# A split narrower than this share of the standard deviation would be a step again: values that most
# records share have no interquartile range.
_LEAST_WIDTH = 0.02


def grow(
    values: NDArray[np.float64], targets: NDArray[np.bool_], configuration: Configuration, seed: int
) -> dict[str, Tensor]:
    """Grow trees for every class.

    Boosting by LightGBM with logistic loss, class by class: few leaves, many trees, each split free
    to choose among a random share of the values. The splits are then made smooth over a tenth (or
    what the configuration says) of each value's interquartile range.

    Parameters
    ----------
    values : ndarray, shape (records, features)
        Of the records to learn from; NaN where not measurable.
    targets : ndarray of bool, shape (records, classes)
    configuration : Configuration
    seed : int

    Returns
    -------
    dict of str to Tensor
        For :class:`ecgview.model.smooth_trees.SmoothTrees`.
    """
    import lightgbm

    settings = {
        "objective": "binary",
        "learning_rate": configuration.boosting_rate,
        "num_leaves": configuration.boosting_leaves,
        "min_data_in_leaf": configuration.boosting_fewest,
        "lambda_l2": configuration.boosting_shrinkage,
        "feature_fraction_bynode": configuration.boosting_choice,
        "max_bin": 127,
        "seed": seed % 2**31,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    trees: list[list[Split]] = []
    # The frequency of a class is in the first tree's leaves; a class none or all carry has no trees.
    base = np.zeros(targets.shape[1])
    for place in range(targets.shape[1]):
        wanted = targets[:, place]
        if not wanted.any() or wanted.all():
            share = (wanted.sum() + 0.5) / (len(wanted) + 1)
            base[place] = np.log(share / (1 - share))
            trees.append([])
            continue
        learned = lightgbm.train(
            settings, lightgbm.Dataset(values, wanted.astype(np.float32)), configuration.boosting_rounds
        )
        trees.append([_split(tree["tree_structure"]) for tree in learned.dump_model()["tree_info"]])
    return flatten(trees, base.tolist(), widths(values, configuration.softness).tolist())


def widths(values: NDArray[np.float64], softness: float) -> NDArray[np.float64]:
    """Return how wide the splits of each feature are, shape (features,): in the feature's own unit."""
    known = np.isfinite(values).any(axis=0)
    spread = np.ones(values.shape[1])
    low, high = np.nanquantile(values[:, known], [0.25, 0.75], axis=0)
    deviation = np.nanstd(values[:, known], axis=0)
    spread[known] = np.maximum(softness * (high - low), _LEAST_WIDTH * deviation)
    return np.where(spread > 0, spread, 1.0)


def _split(node: dict[str, Any]) -> Split:
    """Return LightGBM's description of a tree as ours."""
    if "split_feature" not in node:
        return Split(value=float(node["leaf_value"]))
    if node["decision_type"] != "<=":
        raise ValueError(f"a split by {node['decision_type']!r} cannot be made smooth")
    # Without missing values in training a missing one counts as 0 when LightGBM predicts; here it
    # goes where most of the records went.
    left, right = node["left_child"], node["right_child"]
    missing_left = bool(node["default_left"]) if node["missing_type"] == "NaN" else _records(left) >= _records(right)
    return Split(int(node["split_feature"]), float(node["threshold"]), missing_left, _split(left), _split(right))


def _records(node: dict[str, Any]) -> int:
    return int(node.get("internal_count", node.get("leaf_count", 0)))
