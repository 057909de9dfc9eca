"""Which labels are worth a second look first, and why.

A label is the more suspect the less probable the model finds it (its self-confidence). Confident
learning (C. G. Northcutt, L. Jiang and I. L. Chuang, Journal of Artificial Intelligence Research 70
(2021) 1373-1411), as cleanlab carries it out, weighs that against how probable the model finds the
class's labels on average; docs/review.md says why it is not what the queue uses by itself. Each
class is one question of its own, present or absent, so memory grows with the records alone.

The probabilities must come from models that did not learn from the record in question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Order = Literal["suspicion", "confident learning", "disagreement", "uncertainty", "random"]

FEWEST: Final = 10
"""Records with, and without, a class, below which its average probability means nothing."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One class of one record, in the queue.

    Attributes
    ----------
    record : int
        Place of the record in what was given.
    code : str
    score : float
        What the queue is ordered by; higher comes first.
    labelled : bool
        Whether the record's label states the class.
    probability : float
        Of the model.
    why : str
        In words.
    """

    record: int
    code: str
    score: float
    labelled: bool
    probability: float
    why: str


def confident_learning(labels: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score how suspect labels are.

    Parameters
    ----------
    labels : ndarray of bool, shape (records, classes)
    probabilities : ndarray, shape (records, classes)
        Out of sample, 0 to 1.

    Returns
    -------
    ndarray, shape (records, classes)
        0 to 1. A class with fewer than :data:`FEWEST` records on either side is scored by
        :func:`improbability`.

    Raises
    ------
    ValueError
        The shapes do not fit, or a probability is none.
    """
    _check(labels, probabilities)
    # cleanlab brings pandas and scikit-learn along: two seconds.
    from cleanlab.rank import get_label_quality_scores

    scores = improbability(labels, probabilities)
    for column in np.flatnonzero(~rare(labels)):
        both = np.column_stack([1 - probabilities[:, column], probabilities[:, column]])
        answers = labels[:, column].astype(np.int64)
        scores[:, column] = 1 - get_label_quality_scores(
            answers, both, method="self_confidence", adjust_pred_probs=True
        )
    return scores


def improbability(labels: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how improbable the model finds each label: 1 - p where present, p where absent."""
    _check(labels, probabilities)
    return np.where(labels, 1 - probabilities, probabilities)


def rare(labels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which classes have too few records with or without them, shape (classes,)."""
    present = labels.sum(axis=0)
    return np.asarray(np.minimum(present, len(labels) - present) < FEWEST)


def queue(
    codes: tuple[str, ...],
    labels: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    order: Order = "suspicion",
    members: NDArray[np.float64] | None = None,
    decisions: NDArray[np.bool_] | None = None,
    limit: int = 100,
    seed: int = 0,
) -> list[Suspect]:
    """Put records and classes in the order in which they deserve a second look.

    Parameters
    ----------
    codes : tuple of str
    labels : ndarray of bool, shape (records, classes)
    probabilities : ndarray, shape (records, classes)
        Out of sample.
    order : str
        ``"suspicion"`` by :func:`improbability`, ``"confident learning"``, ``"disagreement"`` those
        whose label and decision differ, in random order, ``"uncertainty"`` by the standard deviation
        between members, ``"random"``.
    members : ndarray, shape (members, records, classes), optional
        Needed for ``"uncertainty"``.
    decisions : ndarray of bool, shape (records, classes), optional
        Of the model; by default present from a probability of 0.5.
    limit : int
        How many are given back.
    seed : int
        Of what is random.

    Returns
    -------
    list of Suspect

    Raises
    ------
    ValueError
        What is given does not fit together.
    """
    _check(labels, probabilities)
    if labels.shape[1] != len(codes):
        raise ValueError(f"{len(codes)} classes do not fit labels of {labels.shape[1]}")
    if order == "uncertainty":
        if members is None or members.shape[1:] != labels.shape:
            raise ValueError("the uncertainty between members needs each member's probabilities")
        scores = members.std(axis=0)
    elif order in ("random", "disagreement"):
        scores = np.random.default_rng(seed).random(labels.shape)
        if order == "disagreement":
            decided = probabilities >= 0.5 if decisions is None else decisions
            scores = np.where(decided != labels, 1 + scores, 0.0)
    else:
        scores = (improbability if order == "suspicion" else confident_learning)(labels, probabilities)
    few = rare(labels)
    first = np.argsort(-scores, axis=None, kind="stable")[:limit]
    if order == "disagreement":
        first = first[scores.ravel()[first] > 0]
    found = []
    for record, column in zip(*np.unravel_index(first, scores.shape), strict=True):
        stated, probability = bool(labels[record, column]), float(probabilities[record, column])
        why = f"labelled {'present' if stated else 'absent'}, the model gives {probability:.0%}"
        if order == "uncertainty":
            why = f"members differ by ±{scores[record, column]:.0%}; {why}"
        elif order == "random":
            why = f"drawn at random; {why}"
        elif order == "confident learning" and few[column]:
            why += f"; fewer than {FEWEST} records on one side, so not weighed against the class's average"
        found.append(Suspect(int(record), codes[column], float(scores[record, column]), stated, probability, why))
    return found


def _check(labels: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> None:
    if labels.ndim != 2 or labels.shape != probabilities.shape:
        raise ValueError(f"labels {labels.shape} and probabilities {probabilities.shape} do not fit together")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("a probability does not lie between 0 and 1")
