"""Which labels are worth a second look first, and why.

A label is the more suspect the less probable the model finds it (its self-confidence). Confident
learning (C. G. Northcutt, L. Jiang and I. L. Chuang, Journal of Artificial Intelligence Research 70
(2021) 1373-1411), as cleanlab carries it out, weighs that against how probable the model finds the
class's labels on average; docs/review.md says why it is not what the queue uses by itself. Each
class is one question of its own, present or absent, so memory grows with the records alone.

The probabilities must come from models that did not learn from the record in question.
"""

from __future__ import annotations

from collections.abc import Collection
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
    probabilities: NDArray[np.floating],
    order: Order = "suspicion",
    members: NDArray[np.float64] | None = None,
    decisions: NDArray[np.bool_] | None = None,
    limit: int = 100,
    seed: int = 0,
    spread: NDArray[np.floating] | None = None,
    without: Collection[tuple[int, int]] = frozenset(),
    guard_rare: bool = False,
) -> list[Suspect]:
    """Put records and classes in the order in which they deserve a second look.

    One class after another is gone through, so that beside what is given no more memory is needed than
    one class takes; the arrays may lie in a file (:class:`numpy.memmap`).

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
        ``"uncertainty"`` needs this or `spread`.
    decisions : ndarray of bool, shape (records, classes), optional
        Of the model; by default present from a probability of 0.5.
    limit : int
        How many are given back.
    seed : int
        Of what is random.
    spread : ndarray, shape (records, classes), optional
        Standard deviation between members; NaN where it is not known.
    without : collection of (record, class)
        Places that are passed over.
    guard_rare : bool
        Put rare classes after all others where the order rests on how probable a label is: a model
        that hardly saw a class finds each label of it improbable.

    Returns
    -------
    list of Suspect

    Raises
    ------
    ValueError
        What is given does not fit together.
    """
    if labels.ndim != 2 or labels.shape != probabilities.shape:
        raise ValueError(f"labels {labels.shape} and probabilities {probabilities.shape} do not fit together")
    if labels.shape[1] != len(codes):
        raise ValueError(f"{len(codes)} classes do not fit labels of {labels.shape[1]}")
    if order == "uncertainty" and members is not None and members.shape[1:] == labels.shape:
        spread = members.std(axis=0)
    if order == "uncertainty" and (spread is None or spread.shape != labels.shape):
        raise ValueError("the uncertainty between members needs each member's probabilities")
    passed: dict[int, list[int]] = {}
    for record, column in without:
        passed.setdefault(column, []).append(record)
    weighed = order in ("suspicion", "confident learning")
    few = rare(labels) if weighed else np.zeros(len(codes), bool)
    first: list[tuple[float, int, int]] = []
    for column in range(len(codes)):
        stated = labels[:, [column]]
        probability = np.asarray(probabilities[:, [column]], np.float64)
        _check(stated, probability)
        if spread is not None and order == "uncertainty":
            scores = np.nan_to_num(np.asarray(spread[:, column], np.float64), nan=-np.inf)
        elif order in ("random", "disagreement"):
            scores = np.random.default_rng([seed, column]).random(len(labels))
            if order == "disagreement":
                decided = probability[:, 0] >= 0.5 if decisions is None else decisions[:, column]
                scores = np.where(decided != stated[:, 0], 1 + scores, -np.inf)
        else:
            scores = (improbability if order == "suspicion" else confident_learning)(stated, probability)[:, 0]
        scores[passed.get(column, [])] = -np.inf
        behind = 2.0 if guard_rare and few[column] else 0.0
        best = _first(scores, limit)
        first += [(float(scores[record]) - behind, int(record), column) for record in best]
        first = sorted(first, key=lambda entry: (-entry[0], entry[1], entry[2]))[:limit]
    found = []
    for score, record, column in first:
        stated_so, given = bool(labels[record, column]), float(probabilities[record, column])
        why = f"labelled {'present' if stated_so else 'absent'}, the model gives {given:.0%}"
        if order == "uncertainty":
            why = f"members differ by ±{score:.0%}; {why}"
        elif order == "disagreement":
            said = "absent" if stated_so else "present"
            why = f"labelled {'present' if stated_so else 'absent'}, the model says {said} ({given:.0%})"
        elif order == "random":
            why = f"drawn at random; {why}"
        elif order == "confident learning" and few[column]:
            why += f"; fewer than {FEWEST} records on one side, so not weighed against the class's average"
        elif order == "suspicion" and guard_rare and few[column]:
            why += f"; fewer than {FEWEST} records on one side, so put after the others"
        real = score + (2.0 if guard_rare and few[column] else 0.0)
        found.append(Suspect(record, codes[column], real, stated_so, given, why))
    return found


def _first(scores: NDArray[np.float64], limit: int) -> NDArray[np.int64]:
    """Return places of the highest scores, those of equals that come first, without sorting all."""
    if len(scores) > limit:
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        above, at = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
        chosen = np.concatenate([above, at[: limit - len(above)]])
    else:
        chosen = np.arange(len(scores))
    return np.asarray(chosen[np.isfinite(scores[chosen])], np.int64)


def _check(labels: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> None:
    if labels.ndim != 2 or labels.shape != probabilities.shape:
        raise ValueError(f"labels {labels.shape} and probabilities {probabilities.shape} do not fit together")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("a probability does not lie between 0 and 1")
