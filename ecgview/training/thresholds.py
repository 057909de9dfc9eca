"""From which probability a class is called: sets of thresholds, what they aim at, and how they are chosen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ecgview.model import bundle
from ecgview.model.bundle import THRESHOLDS, is_name
from ecgview.training.challenge_metric import Rewards, challenge_score, merge
from ecgview.training.scores import LOWEST_THRESHOLD, best_f1_threshold

_MOST_SWEEPS = 50


class ThresholdError(ValueError):
    """Thresholds that cannot be read, written or chosen; the message says why."""


@dataclass(frozen=True, eq=False)
class ThresholdSet:
    """One threshold for each class, and what they are good for.

    Attributes
    ----------
    objective : str
        What they were chosen for and on, in plain words.
    date : str
        Day they were chosen, ISO 8601.
    thresholds : ndarray of float64, shape (classes,)
        A class is called from this probability on.
    codes : tuple of str
        The classes.
    """

    objective: str
    date: str
    thresholds: NDArray[np.float64]
    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.thresholds.shape != (len(self.codes),) or len(set(self.codes)) != len(self.codes):
            raise ThresholdError("there is not one threshold for each class")
        if not ((self.thresholds >= 0) & (self.thresholds <= 1)).all():
            raise ThresholdError("a threshold is not a number from 0 to 1")
        try:
            calendar_date.fromisoformat(self.date)
        except ValueError as error:
            raise ThresholdError(f"{self.date!r} is not a date such as 2026-01-31") from error

    def to_json(self) -> str:
        """Return the text of a file of thresholds as a model's folder holds it, exact to the last digit."""
        content = {
            "objective": self.objective,
            "date": self.date,
            "thresholds": dict(zip(self.codes, self.thresholds.tolist(), strict=True)),
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ThresholdSet:
        """Take up the text of a file of thresholds.

        Raises
        ------
        ThresholdError
            It is not one.
        """
        try:
            content: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ThresholdError(f"not JSON: {error}") from error
        try:
            stored = content["thresholds"]
            values = np.array([float(value) for value in stored.values()], np.float64)
            return cls(str(content["objective"]), str(content["date"]), values, tuple(stored))
        except (KeyError, TypeError, AttributeError) as error:
            raise ThresholdError("not an object with objective, date and thresholds by class") from error
        except ThresholdError:
            raise
        except (ValueError, OverflowError) as error:
            raise ThresholdError(f"a threshold is not a number: {error}") from error

    def in_order(self, codes: Sequence[str]) -> NDArray[np.float64]:
        """Return the thresholds of `codes`, shape (classes,).

        Raises
        ------
        ThresholdError
            One of them has none.
        """
        known = dict(zip(self.codes, self.thresholds.tolist(), strict=True))
        absent = [code for code in codes if code not in known]
        if absent:
            raise ThresholdError(f"no threshold for {', '.join(absent)}")
        return np.array([known[code] for code in codes])


def thresholds_file(name: str | None) -> str:
    """Return the file name of a set of thresholds; see :func:`ecgview.model.bundle.thresholds_file`.

    Raises
    ------
    ThresholdError
        The name cannot become part of a file name on every system.
    """
    try:
        return bundle.thresholds_file(name)
    except bundle.BundleError as error:
        raise ThresholdError(str(error)) from error


def require_unused(folder: Path, name: str) -> None:
    """Say before a long search that its result could not be kept.

    Raises
    ------
    ThresholdError
        There is a set of this name already, or there can be none.
    """
    path = folder / thresholds_file(name)
    if path.exists():
        raise ThresholdError(f"{path}: there already is such a set, which is kept; choose another name")


def threshold_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the sets of thresholds kept beside a model's own, in order."""
    stem, _, suffix = THRESHOLDS.rpartition(".")
    found = (path.name[len(stem) + 1 : -len(suffix) - 1] for path in folder.glob(f"{stem}-*.{suffix}"))
    return tuple(sorted(name for name in found if is_name(name)))


def read_thresholds(folder: Path, name: str | None = None) -> ThresholdSet:
    """Read a set of thresholds from a model's folder.

    Raises
    ------
    ThresholdError
        The file is absent or is not a set of thresholds; names the file and the reason.
    """
    path = folder / thresholds_file(name)
    try:
        return ThresholdSet.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ThresholdError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ThresholdError(f"{path}: {error}") from error


def write_thresholds(folder: Path, name: str | None, chosen: ThresholdSet) -> Path:
    """Write a set of thresholds into a model's folder, never over one that is there.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ThresholdError
        There is such a set already, or the folder cannot be written to.
    """
    path = folder / thresholds_file(name)
    text = chosen.to_json()
    try:
        stream = path.open("x", encoding="utf-8")
    except FileExistsError as error:
        raise ThresholdError(f"{path}: there already is such a set, which is kept; choose another name") from error
    except OSError as error:
        raise ThresholdError(f"{path}: {error.strerror or error}") from error
    try:
        with stream:
            stream.write(text)
    except OSError as error:
        path.unlink(missing_ok=True)  # half a file would stand in the way of the next attempt
        raise ThresholdError(f"{path}: {error.strerror or error}") from error
    return path


class Objective(Protocol):
    """What thresholds are to achieve."""

    @property
    def words(self) -> str:
        """The aim in plain words, to be stored with the thresholds."""

    def choose(
        self,
        targets: NDArray[np.bool_],
        probability: NDArray[np.float64],
        stored: NDArray[np.float64],
        free: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Return thresholds, shape (classes,).

        Parameters
        ----------
        targets : ndarray of bool, shape (records, classes)
        probability : ndarray, shape (records, classes)
        stored : ndarray, shape (classes,)
            What classes keep that are not to be chosen for.
        free : ndarray of bool, shape (classes,)
            Classes to choose for; some record must carry each.
        """


@dataclass(frozen=True, slots=True)
class HighestF1:
    """The highest F1 of each class; see :func:`ecgview.training.scores.best_f1_threshold`."""

    @property
    def words(self) -> str:
        """The aim in plain words."""
        return f"highest F1 of each class, not below {LOWEST_THRESHOLD:g}"

    def choose(
        self,
        targets: NDArray[np.bool_],
        probability: NDArray[np.float64],
        stored: NDArray[np.float64],
        free: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Return thresholds; see :meth:`Objective.choose`."""
        chosen = stored.astype(np.float64)
        for k in np.flatnonzero(free):
            chosen[k] = best_f1_threshold(targets[:, k], probability[:, k])
        return chosen


@dataclass(frozen=True, slots=True)
class FixedSensitivity:
    """The highest thresholds at which each class is still found in a stated share of its records.

    Nothing holds them above a least value, as that would break what is asked for.

    Attributes
    ----------
    sensitivity : float
        Above 0, at most 1.
    """

    sensitivity: float = 0.90

    def __post_init__(self) -> None:
        if not 0 < self.sensitivity <= 1:
            raise ThresholdError(f"a sensitivity lies above 0 and is at most 1, not {self.sensitivity:g}")

    @property
    def words(self) -> str:
        """The aim in plain words."""
        return f"highest threshold of each class that keeps its sensitivity at {self.sensitivity:g} or above"

    def choose(
        self,
        targets: NDArray[np.bool_],
        probability: NDArray[np.float64],
        stored: NDArray[np.float64],
        free: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Return thresholds; see :meth:`Objective.choose`.

        Each lies halfway between the last record that must be called and the next one below.
        """
        chosen = stored.astype(np.float64)
        for k in np.flatnonzero(free):
            carried = np.sort(probability[targets[:, k], k])[::-1]
            if not len(carried):
                raise ThresholdError("no record carries the class, so no threshold can be chosen")
            # 0.9 of 10 records is 9 of them, whatever binary fractions make of 0.9 x 10.
            last = carried[ceil(self.sensitivity * len(carried) - 1e-9) - 1]
            below = probability[probability[:, k] < last, k]
            chosen[k] = _between(float(below.max()) if len(below) else 0.0, float(last))
        return chosen


@dataclass(frozen=True, eq=False)
class HighestChallengeScore:
    """The highest score by the Challenge's metric; classes outside it get their highest F1.

    Coordinate ascent from the thresholds of highest F1: class by class, every place where a call
    changes is tried within the class's bounds, the others held still, until no class gains. That is
    a grid as fine as the records allow. The score never falls on the way; it need not be the highest
    there is.

    Attributes
    ----------
    rewards : Rewards
    columns : ndarray of int64, shape (classes,)
        The scored class of each class, -1 for none; see :meth:`Rewards.columns`.
    bounds : ndarray of float64, shape (classes, 2), optional
        Lowest and highest threshold of each class. Without it: from
        :data:`~ecgview.training.scores.LOWEST_THRESHOLD` to the highest probability of a record that
        carries the class, so that no class falls silent.
    """

    rewards: Rewards
    columns: NDArray[np.int64]
    bounds: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if not ((self.columns >= -1) & (self.columns < len(self.rewards.groups))).all():
            raise ThresholdError("a class is mapped to a scored class that does not exist")
        if not (self.columns >= 0).any():
            raise ThresholdError("none of the classes is scored by the Challenge's metric")
        if self.bounds is not None:
            fits = self.bounds.shape == (len(self.columns), 2)
            if not fits or not ((self.bounds >= 0) & (self.bounds <= 1)).all() or (np.diff(self.bounds) < 0).any():
                raise ThresholdError("bounds need a lowest and a highest threshold from 0 to 1 for each class")

    @property
    def words(self) -> str:
        """The aim in plain words."""
        covered = len(set(self.columns[self.columns >= 0].tolist()))
        return (
            "highest score by the metric of the PhysioNet/Computing in Cardiology Challenges 2020 and 2021 over "
            f"{covered} of its {len(self.rewards.groups)} classes; highest F1 for classes it does not score"
        )

    def score(self, targets: NDArray[np.bool_], calls: NDArray[np.bool_]) -> float:
        """Return the score of calls, shape (records, classes) like the labels."""
        count = len(self.rewards.groups)
        truth, called = merge(targets, self.columns, count), merge(calls, self.columns, count)
        return challenge_score(truth, called, self.rewards.weights, self.rewards.normal)

    def choose(
        self,
        targets: NDArray[np.bool_],
        probability: NDArray[np.float64],
        stored: NDArray[np.float64],
        free: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Return thresholds; see :meth:`Objective.choose`."""
        chosen = HighestF1().choose(targets, probability, stored, free)
        scored = free & (self.columns >= 0)
        bounds = self._bounds(targets, probability)
        chosen[scored] = np.clip(chosen[scored], bounds[scored, 0], bounds[scored, 1])
        truth = merge(targets, self.columns, len(self.rewards.groups))
        if self.score(targets, targets) <= 0:
            raise ThresholdError("no labelled record tells the normal class from others, so nothing can be scored")
        earned = truth.astype(np.float64) @ self.rewards.weights
        for _ in range(_MOST_SWEEPS):
            before = chosen.copy()
            for k in np.flatnonzero(scored):
                calls = probability >= chosen
                calls[:, k] = False
                others = merge(calls, self.columns, truth.shape[1])
                column = self.columns[k]
                without = (earned * others).sum(axis=1)
                union = (truth | others).sum(axis=1)
                gain = (without + earned[:, column]) / np.maximum(union + ~truth[:, column], 1)
                gain -= without / np.maximum(union, 1)
                gain[others[:, column]] = 0.0  # another class of the model already calls it
                chosen[k] = _best_cut(gain, probability[:, k], chosen[k], bounds[k])
            if np.array_equal(before, chosen):
                break
        return chosen

    def _bounds(self, targets: NDArray[np.bool_], probability: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.bounds is not None:
            return self.bounds
        highest = np.where(targets, probability, 0.0).max(axis=0)
        return np.stack([np.full(len(highest), LOWEST_THRESHOLD), np.maximum(highest, LOWEST_THRESHOLD)], axis=1)


def _best_cut(
    gain: NDArray[np.float64], probability: NDArray[np.float64], current: float, bounds: NDArray[np.float64]
) -> float:
    """Return the threshold within bounds from which calling gains most; the current one unless beaten."""
    order = np.argsort(-probability, kind="stable")
    falling = probability[order]
    # Entry n: the n most probable records are called, by any threshold above `below` and up to `above`.
    total = np.concatenate([[0.0], np.cumsum(gain[order])])
    above = np.minimum(np.concatenate([[1.0], falling]), bounds[1])
    below = np.concatenate([falling, [-1.0]])
    possible = (below < above) & (above >= bounds[0])
    if not possible.any():
        return current
    best = int(np.argmax(np.where(possible, total, -np.inf)))
    if total[best] <= total[int((probability >= current).sum())] + 1e-9:
        return current
    return _between(max(float(below[best]), float(bounds[0])), float(above[best]))


def _between(below: float, above: float) -> float:
    """Return the middle, or `above` where no number lies between."""
    middle = (below + above) / 2
    return middle if below < middle <= above else above
