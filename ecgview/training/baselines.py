"""What simple methods reach on the same parts: the yardstick an ensemble has to show its worth against.

Zhang et al. 2020 (arXiv 2010.10328) set their network beside classical learners on expert features;
here these are the program's own measurements with age and sex.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ecgview.model.vocabulary import statements
from ecgview.training.report import REFERENCE_STATEMENTS
from ecgview.training.scores import areas, macro

Baseline = Literal["naive prior", "logistic regression", "gradient boosting"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)

# Settings are fixed beforehand and the same for every class: nothing is chosen by what it scores.
_PENALTY = 0.03  # scikit-learn's C
_FARTHEST = 4.0  # standard deviations; one absurd measurement must not outweigh all others


class BaselineError(Exception):
    """A baseline that cannot be computed; the message says why."""


def baseline_logits(
    kind: Baseline,
    features: NDArray[np.float32],
    patient: NDArray[np.float32],
    targets: NDArray[np.bool_],
    parts: NDArray[np.int64],
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """Predict each part by a simple method that learned from all other parts.

    Works on one core.

    Parameters
    ----------
    kind : {"naive prior", "logistic regression", "gradient boosting"}
        The prior says each class's share in the other parts, of every record alike: pooled over
        parts its area lies a little under one half, as a part rich in a class is told so by parts
        that are poorer. The regression is penalised by squared weights; it gets the median of the
        other parts for a missing measurement, and is told that it is missing. The boosted trees
        take missing values as they are.
    features : ndarray of float32, shape (records, features)
        Measurements (:func:`ecgview.signal.features.feature_vector`), NaN where missing.
    patient : ndarray of float32, shape (records, 5)
        Age and sex (:func:`ecgview.model.preprocessing.patient_features`), one row a record.
    targets : ndarray of bool, shape (records, classes)
    parts : ndarray of int64, shape (records,)
        See :func:`ecgview.training.dataset.divide`.
    seed : int
        For the trees' choice of features.
    progress : callable, optional
        Told after each class and part how many are done, and of how many.

    Returns
    -------
    ndarray of float64, shape (records, classes)
        Logits. Where the other parts hold no record with the class, or none without it, all
        methods say the prior.

    Raises
    ------
    BaselineError
        scikit-learn is not installed.
    ValueError
        There is only one part, or the method is not known.
    """
    if kind not in BASELINES:
        raise ValueError(f"there is no baseline {kind!r}; there are {', '.join(BASELINES)}")
    held_out = np.unique(parts)
    if len(held_out) < 2:
        raise ValueError("records of one part only: there is nothing else to learn from")
    logits = np.empty(targets.shape)
    done, steps = 0, len(held_out) * targets.shape[1]
    with nullcontext() if kind == "naive prior" else _one_core():
        for part in held_out:
            inside = parts == part
            learn, judge = _inputs(kind, features, patient, inside)
            for k in range(targets.shape[1]):
                wanted = targets[~inside, k]
                if kind == "naive prior" or wanted.all() or not wanted.any():
                    logits[inside, k] = _prior(wanted)
                else:
                    model = _model(kind, seed).fit(learn, wanted)
                    logits[inside, k] = model.decision_function(judge)
                done += 1
                if progress is not None:
                    progress(done, steps)
    return logits


def baseline_entries(
    codes: Sequence[str],
    targets: NDArray[np.bool_],
    ensemble: NDArray[np.float64],
    predictions: dict[str, NDArray[np.float64]],
    patients: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Set baselines beside an ensemble, for the model card.

    Parameters
    ----------
    codes : sequence of str
        Classes.
    targets : ndarray of bool, shape (records, classes)
    ensemble : ndarray, shape (records, classes)
        Its predictions of records kept from the predicting network.
    predictions : dict of str to ndarray, shape (records, classes)
        Name of each baseline and what it predicts on the same parts.
    patients : tuple of str

    Returns
    -------
    list of dict
        Name, mean AUROC over the reference statements and over the superclasses, and by how much
        the baseline differs from the ensemble over the reference statements (below zero: it is
        worse). Each figure is a list of value, low and high end; None where no class of the kind
        can be judged.
    """
    judged = [k for k in range(len(codes)) if 0 < targets[:, k].sum() < len(targets)]
    reference = [place for place, k in enumerate(judged) if codes[k] in REFERENCE_STATEMENTS]
    supers = [place for place, k in enumerate(judged) if statements()[codes[k]].kind == "superclass"]

    def drawn(scores: NDArray[np.float64]) -> NDArray[np.float64]:
        # The same patients each time, so that differences are paired.
        return areas(targets[:, judged], scores[:, judged], patients)[1]

    def mean(samples: NDArray[np.float64], columns: list[int]) -> list[float] | None:
        return macro(samples[:, columns]).as_list() if columns else None

    best = drawn(ensemble)
    entries = []
    for name, scores in predictions.items():
        samples = drawn(scores)
        entries.append(
            {
                "name": name,
                "macro_auroc": mean(samples, reference),
                "superclasses": mean(samples, supers),
                "difference": mean(samples - best, reference),
            }
        )
    return entries


def _one_core() -> AbstractContextManager[Any]:
    """Keep scikit-learn to one core: on this little data its threads mostly wait for each other."""
    try:
        import sklearn  # noqa: F401 - asked for here, so that its absence is said plainly
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise BaselineError(
            "logistic regression and gradient boosting need scikit-learn, which is not installed "
            "(pip install scikit-learn)"
        ) from error
    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits


def _prior(wanted: NDArray[np.bool_]) -> float:
    # Half a record more of each kind keeps the logit finite (Jeffreys' prior).
    return float(np.log((wanted.sum() + 0.5) / ((~wanted).sum() + 0.5)))


def _inputs(
    kind: Baseline, features: NDArray[np.float32], patient: NDArray[np.float32], inside: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a method learns from and what it judges."""
    values = np.concatenate([features, patient], axis=1).astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    values = values[:, ~np.isnan(values[~inside]).all(axis=0)]
    if kind != "logistic regression":
        return values[~inside], values[inside]
    missing = np.isnan(values)
    values = np.where(missing, np.nanmedian(values[~inside], axis=0), values)
    spread = values[~inside].std(axis=0)
    values = (values - values[~inside].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    values = np.concatenate([values.clip(-_FARTHEST, _FARTHEST), missing[:, missing[~inside].any(axis=0)]], axis=1)
    return values[~inside], values[inside]


def _model(kind: Baseline, seed: int) -> Any:
    if kind == "logistic regression":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=_PENALTY, max_iter=1000)
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=100,
        max_leaf_nodes=6,
        min_samples_leaf=8,
        l2_regularization=5.0,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )
