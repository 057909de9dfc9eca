"""One class learned alone, to see whether learning many together helps the rare ones.

The question of arXiv 1812.00497, where a network with common classes beside them found rare ones
better, by F1, than networks of a single class.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ecgview.model.preprocessing import Preprocessing
from ecgview.model.vocabulary import statements
from ecgview.training.comparison import paired_difference, paired_f1_difference
from ecgview.training.configuration import Configuration
from ecgview.training.dataset import Dataset, require_disjoint
from ecgview.training.learner import Learner
from ecgview.training.report import REFERENCE_STATEMENTS, crossed_calls
from ecgview.training.scores import agreement, areas, average_precision


def rarest(codes: Sequence[str], targets: NDArray[np.bool_], count: int = 3) -> tuple[str, ...]:
    """Return the reference statements carried by the fewest records.

    Parameters
    ----------
    codes : sequence of str
        The ensemble's classes.
    targets : ndarray of bool, shape (records, classes)
    count : int
        How many to return. They follow from the data alone, so that nobody picks those that suit.

    Returns
    -------
    tuple of str
        The rarest first; of equally rare ones the first of `codes`.
    """
    carried = [k for k, code in enumerate(codes) if code in REFERENCE_STATEMENTS and targets[:, k].any()]
    return tuple(codes[k] for k in sorted(carried, key=lambda k: int(targets[:, k].sum()))[:count])


def single_task(
    dataset: Dataset,
    code: str,
    parts: NDArray[np.int64],
    configuration: Configuration,
    preprocessing: Preprocessing,
    device: torch.device,
    progress: Callable[[int, int, float], None] | None = None,
    predicted: Collection[int] | None = None,
) -> NDArray[np.float64]:
    """Train the ensemble's network for one class only, and predict each part without having seen it.

    All else is as for the ensemble: the same parts, the same settings and the same number of epochs,
    so the two differ in nothing but the other classes.

    Parameters
    ----------
    dataset : Dataset
    code : str
        The class.
    parts : ndarray of int64, shape (records,)
        Those of the ensemble; one network is trained for each.
    configuration : Configuration
        That of the ensemble.
    preprocessing : Preprocessing
    device : torch.device
    progress : callable, optional
        Told after each epoch: the part, the epochs done, and the mean loss.
    predicted : collection of int, optional
        Parts to predict; all by default. Each costs a training.

    Returns
    -------
    ndarray of float64, shape (records,)
        Logits; 0 for parts that were not to be predicted.

    Raises
    ------
    ecgview.training.dataset.DatasetError
        The parts share a patient or a signal.
    """
    require_disjoint(dataset, parts)
    logits = np.zeros(len(parts))
    for part in np.unique(parts).tolist():
        if predicted is not None and part not in predicted:
            continue
        inside = parts[dataset.owner] == part
        learner = Learner(dataset, np.flatnonzero(~inside), (code,), configuration, preprocessing, part, device)
        while learner.epoch < configuration.epochs:
            loss = learner.learn_epoch()
            if progress is not None:
                progress(part, learner.epoch, loss)
        of_windows = np.zeros((len(dataset.owner), 1))
        of_windows[inside] = learner.judge(np.flatnonzero(inside))
        logits[parts == part] = dataset.records_mean(of_windows)[parts == part, 0]
    return logits


def single_task_entry(
    code: str,
    targets: NDArray[np.bool_],
    single: NDArray[np.float64],
    together: NDArray[np.float64],
    parts: NDArray[np.int64],
    patients: tuple[str, ...],
) -> dict[str, Any]:
    """Set a class learned alone beside the same class of the ensemble, for the model card.

    Parameters
    ----------
    code : str
    targets : ndarray of bool, shape (records,)
    single, together : ndarray, shape (records,)
        Logits of :func:`single_task`, and the ensemble's on the same parts.
    parts : ndarray of int64, shape (records,)
    patients : tuple of str

    Returns
    -------
    dict
        Area, average precision and F1 of both, F1 at thresholds chosen on the other parts, and by
        how much the ensemble is better: value, low and high end.
    """
    called = {}
    entry: dict[str, Any] = {"code": code, "name": statements()[code].name, "records": int(targets.sum())}
    for name, logits in (("alone", single), ("together", together)):
        probability = 1 / (1 + np.exp(-logits))
        called[name] = crossed_calls(targets[:, None], probability[:, None], parts)[:, 0]
        entry[name] = {
            "auroc": areas(targets[:, None], logits[:, None], patients)[0][0].as_list(),
            "average_precision": round(average_precision(targets, logits), 4),
            "f1": round(agreement(targets, called[name]).f1, 4),
        }
    entry["auroc_difference"] = paired_difference(
        targets[:, None], together[:, None], single[:, None], patients
    ).as_list()
    entry["f1_difference"] = paired_f1_difference(targets, called["together"], called["alone"], patients).as_list()
    return entry
