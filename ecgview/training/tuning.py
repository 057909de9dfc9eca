"""Thresholds from a user's own labelled records: chosen on one half of the patients, judged on the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as calendar_date

import numpy as np
from numpy.typing import NDArray

from ecgview.training.challenge_metric import compared_rewards, merge
from ecgview.training.scores import Interval, bootstrap_weights, interval
from ecgview.training.thresholds import HighestChallengeScore, Objective, ThresholdError, ThresholdSet

# A threshold hangs on the few records around it: with fewer patients than this it would be chance.
FEWEST_PATIENTS = 10

_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Half:
    """How much one half holds."""

    patients: int
    records: int

    def __str__(self) -> str:
        return f"{self.records} records of {self.patients} patients"


@dataclass(frozen=True, slots=True)
class Judged:
    """What thresholds achieve on records they were not chosen on."""

    f1: Interval
    sensitivity: Interval
    specificity: Interval

    def as_dict(self) -> dict[str, list[float]]:
        """Return value, low and high of each, for JSON."""
        return {
            "f1": self.f1.as_list(),
            "sensitivity": self.sensitivity.as_list(),
            "specificity": self.specificity.as_list(),
        }


@dataclass(frozen=True, slots=True)
class TunedClass:
    """One class before and after.

    Attributes
    ----------
    code : str
    chosen_on, judged_on : int
        Records that carry it in the one half and in the other.
    tuned : bool
        Whether its threshold was chosen anew; if not, the stored one was kept.
    stored, chosen : float
        The threshold before and after.
    before, after : Judged
    """

    code: str
    chosen_on: int
    judged_on: int
    tuned: bool
    stored: float
    chosen: float
    before: Judged
    after: Judged


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure at the stored thresholds, at the new ones, and the difference on the same draws."""

    before: Interval
    after: Interval
    difference: Interval

    def __str__(self) -> str:
        return f"{self.before} with the stored thresholds, {self.after} with the new, difference {self.difference}"

    def as_dict(self) -> dict[str, list[float]]:
        """Return value, low and high of each, for JSON."""
        return {
            "before": self.before.as_list(),
            "after": self.after.as_list(),
            "difference": self.difference.as_list(),
        }


@dataclass(frozen=True, eq=False)
class Tuned:
    """A new set of thresholds and what it is worth.

    Attributes
    ----------
    thresholds : ThresholdSet
        As judged: chosen on the first half alone.
    chosen_on, judged_on : Half
    kept : tuple of str
        Classes with too few patients to choose a threshold, which keep the stored one.
    fewest : int
        Patients a class needs.
    classes : tuple of TunedClass
        Those the second half has records with and without.
    unjudged : tuple of str
        The others.
    f1 : Comparison
        Mean F1 over `classes`.
    challenge : Comparison or None
        The Challenge's score, where that was the aim.
    stored_knew : bool
        Whether the stored thresholds were chosen with records of the second half.
    """

    thresholds: ThresholdSet
    chosen_on: Half
    judged_on: Half
    kept: tuple[str, ...]
    fewest: int
    classes: tuple[TunedClass, ...]
    unjudged: tuple[str, ...]
    f1: Comparison
    challenge: Comparison | None
    stored_knew: bool

    @property
    def statements(self) -> tuple[str, ...]:
        """What must be said with the figures, in plain words."""
        said = [f"thresholds chosen on {self.chosen_on}, judged on {self.judged_on}, none of them in both"]
        if self.kept:
            said.append(
                f"too few patients to choose a threshold (fewer than {self.fewest} with or without the class), "
                f"so the stored one was kept: {', '.join(self.kept)}"
            )
        if self.unjudged:
            said.append(f"no records both with and without them to judge by: {', '.join(self.unjudged)}")
        said.append(f"mean F1 over {len(self.classes)} classes: {self.f1}")
        if self.challenge is not None:
            said.append(f"Challenge score: {self.challenge}")
        if self.stored_knew:
            said.append(
                "the stored thresholds were chosen on these very records, so their figures are too good: "
                "the difference says nothing against the new ones"
            )
        return tuple(said)

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON; what cannot be known is absent."""
        return {
            "objective": self.thresholds.objective,
            "date": self.thresholds.date,
            "chosen_on": {"patients": self.chosen_on.patients, "records": self.chosen_on.records},
            "judged_on": {"patients": self.judged_on.patients, "records": self.judged_on.records},
            "fewest_patients": self.fewest,
            "kept": list(self.kept),
            "unjudged": list(self.unjudged),
            "stored_thresholds_knew_these_records": self.stored_knew,
            "macro_f1": self.f1.as_dict(),
            **({"challenge_score": self.challenge.as_dict()} if self.challenge is not None else {}),
            "classes": {
                entry.code: {
                    "chosen_on": entry.chosen_on,
                    "judged_on": entry.judged_on,
                    "tuned": entry.tuned,
                    "threshold_before": entry.stored,
                    "threshold_after": entry.chosen,
                    "before": entry.before.as_dict(),
                    "after": entry.after.as_dict(),
                }
                for entry in self.classes
            },
        }


def halves(patients: Sequence[str], seed: int = 0) -> NDArray[np.int64]:
    """Return 0 or 1 for each record, by patient.

    A patient's half depends on nothing but the patient and the seed, so it stays when records are
    added. The halves are therefore only about equal.

    Returns
    -------
    ndarray of int64, shape (records,)
    """
    return np.array([hashlib.sha256(f"{seed} {name}".encode()).digest()[0] & 1 for name in patients], np.int64)


def tune(
    codes: Sequence[str],
    targets: NDArray[np.bool_],
    probability: NDArray[np.float64],
    patients: Sequence[str],
    stored: NDArray[np.float64],
    objective: Objective,
    seed: int = 0,
    fewest: int = FEWEST_PATIENTS,
    date: str | None = None,
    stored_knew: bool = False,
) -> Tuned:
    """Choose thresholds on half of the patients and judge them, beside the stored ones, on the others.

    Parameters
    ----------
    codes : sequence of str
        All of the model's classes.
    targets : ndarray of bool, shape (records, classes)
    probability : ndarray, shape (records, classes)
        By networks that did not learn from these records.
    patients : sequence of str
    stored : ndarray, shape (classes,)
        The model's thresholds now.
    objective : Objective
    seed : int
        Another seed, other halves.
    fewest : int
        Patients with, and patients without, a class that the first half needs to choose for it.
    date : str, optional
        ISO 8601; today.
    stored_knew : bool
        Whether the stored thresholds were chosen on these records, as a model's own were on those it
        was trained with; the result then says that they look better than they are.

    Returns
    -------
    Tuned

    Raises
    ------
    ThresholdError
        The records do not give two halves, or no class can be chosen for or judged.
    ValueError
        The shapes do not fit.
    """
    if targets.shape != probability.shape or targets.shape != (len(patients), len(codes)):
        raise ValueError(f"labels {targets.shape} and probabilities {probability.shape} are not of these records")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("a probability is not a number from 0 to 1")
    if stored.shape != (len(codes),):
        raise ValueError("there is not one stored threshold for each class")
    names = np.array(patients)
    first = halves(patients, seed) == 0
    sizes = [Half(len(set(names[half].tolist())), int(half.sum())) for half in (first, ~first)]
    if not all(size.records for size in sizes):
        raise ThresholdError(f"all records fall into one half ({sizes[0]}, {sizes[1]}); more patients are needed")
    free = _choosable(targets[first], names[first], fewest)
    if not free.any():
        raise ThresholdError(
            f"no class has {fewest} patients with it and {fewest} without it among the {sizes[0].patients} patients "
            "thresholds would be chosen on"
        )
    chosen = objective.choose(targets[first], probability[first], stored, free)
    kept = tuple(code for code, chosen_for in zip(codes, free.tolist(), strict=True) if not chosen_for)
    words = f"{objective.words}; chosen on {sizes[0]}"
    if kept:
        words += f"; {len(kept)} of {len(codes)} classes had fewer than {fewest} patients and keep their threshold"
    new = ThresholdSet(words, date or calendar_date.today().isoformat(), chosen, tuple(codes))

    truth, shown = targets[~first], probability[~first]
    judged = np.flatnonzero(truth.any(axis=0) & ~truth.all(axis=0))
    if not len(judged):
        raise ThresholdError("no class has records both with and without it in the half thresholds are judged on")
    weights = np.vstack([np.ones(len(truth)), bootstrap_weights(tuple(names[~first].tolist()), _ROUNDS, seed)])
    rates = [_rates(truth[:, judged], (shown >= used)[:, judged], weights) for used in (stored, chosen)]
    return Tuned(
        thresholds=new,
        chosen_on=sizes[0],
        judged_on=sizes[1],
        kept=kept,
        fewest=fewest,
        classes=tuple(
            TunedClass(
                code=codes[k],
                chosen_on=int(targets[first, k].sum()),
                judged_on=int(truth[:, k].sum()),
                tuned=bool(free[k]),
                stored=float(stored[k]),
                chosen=float(chosen[k]),
                before=_judged(rates[0], place),
                after=_judged(rates[1], place),
            )
            for place, k in enumerate(judged.tolist())
        ),
        unjudged=tuple(code for k, code in enumerate(codes) if k not in judged),
        f1=_compare(*(_mean_of_known(rate[0]) for rate in rates)),
        challenge=(
            _compare(*(_scores(objective, truth, shown >= used, weights) for used in (stored, chosen)))
            if isinstance(objective, HighestChallengeScore)
            else None
        ),
        stored_knew=stored_knew,
    )


def _choosable(targets: NDArray[np.bool_], patients: NDArray[np.str_], fewest: int) -> NDArray[np.bool_]:
    """Return which classes enough patients carry, and enough lack, shape (classes,)."""
    _, owner = np.unique(patients, return_inverse=True)
    with_it = np.zeros((owner.max() + 1, targets.shape[1]), bool)
    np.logical_or.at(with_it, owner, targets)
    enough: NDArray[np.bool_] = (with_it.sum(axis=0) >= fewest) & ((~with_it).sum(axis=0) >= fewest)
    return enough


def _rates(targets: NDArray[np.bool_], called: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return F1, sensitivity, specificity for each row of weights, shape (3, rows, classes).

    NaN where a row has no record with the class, or for the specificity none without.
    """
    hits, carried = weights @ (targets & called), weights @ targets
    calls, right = weights @ called, weights @ (~targets & ~called)
    lacking = weights.sum(axis=1, keepdims=True) - carried
    pairs = ((2 * hits, carried + calls), (hits, carried), (right, lacking))
    return np.stack(
        [np.where((carried > 0) & (whole > 0), part / np.maximum(whole, 1e-300), np.nan) for part, whole in pairs]
    )


def _judged(rates: NDArray[np.float64], place: int) -> Judged:
    return Judged(*(interval(rates[kind, :, place]) for kind in range(3)))


def _mean_of_known(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    known = (~np.isnan(samples)).sum(axis=1)
    return np.where(known > 0, np.nansum(samples, axis=1) / np.maximum(known, 1), np.nan)


def _scores(
    objective: HighestChallengeScore,
    targets: NDArray[np.bool_],
    called: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    rewards, columns = objective.rewards, objective.columns
    truth, calls = (merge(values, columns, len(rewards.groups)) for values in (targets, called))
    gained, possible = compared_rewards(truth, calls, rewards.weights, rewards.normal)
    whole = weights @ possible
    return np.where(np.abs(whole) > 1e-9, (weights @ gained) / np.where(whole == 0, 1.0, whole), np.nan)


def _compare(before: NDArray[np.float64], after: NDArray[np.float64]) -> Comparison:
    return Comparison(interval(before), interval(after), interval(after - before))
