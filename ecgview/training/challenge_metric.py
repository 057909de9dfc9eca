"""The score of the PhysioNet/Computing in Cardiology Challenges 2020 and 2021, with partial credit."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview.model.vocabulary import statements

# Sinus rhythm: calling this alone is the Challenge's "inactive" reader, whose score is zero.
NORMAL = "426783006"

# A table of rewards for a few dozen classes takes some kilobytes; anything much larger is another file.
_LARGEST_FILE = 1_000_000


class RewardError(ValueError):
    """A table of rewards that cannot be used; the message names the file and the reason."""


@dataclass(frozen=True, eq=False)
class Rewards:
    """What each call earns on a record of each class.

    Attributes
    ----------
    groups : tuple of tuple of str
        SNOMED CT codes of each class: more than one where the Challenge holds them to be the same.
    weights : ndarray of float64, shape (classes, classes)
        Reward for calling the class of the column on a record that carries the class of the row.
    normal : int
        The place of the normal class.
    """

    groups: tuple[tuple[str, ...], ...]
    weights: NDArray[np.float64]
    normal: int

    def __post_init__(self) -> None:
        codes = [code for group in self.groups for code in group]
        if len(set(codes)) != len(codes):
            raise RewardError("a code belongs to more than one class")
        if self.weights.shape != (len(self.groups),) * 2 or not np.isfinite(self.weights).all():
            raise RewardError("the rewards are not one finite number for each pair of classes")
        if not 0 <= self.normal < len(self.groups):
            raise RewardError("the normal class is not among the classes")

    def columns(self, codes: Sequence[str]) -> NDArray[np.int64]:
        """Return the scored class of each statement of the vocabulary, -1 for those not scored.

        Parameters
        ----------
        codes : sequence of str
            Statement codes, for instance a model's classes.

        Raises
        ------
        RewardError
            A statement stands for two scored classes.
        """
        place = {code: column for column, group in enumerate(self.groups) for code in group}
        found = []
        for code in codes:
            places = {place[snomed] for snomed in statements()[code].snomed if snomed in place}
            if len(places) > 1:
                raise RewardError(f"{code} stands for {len(places)} classes of the table of rewards")
            found.append(places.pop() if places else -1)
        return np.array(found, np.int64)


def read_rewards(path: Path, normal: str = NORMAL) -> Rewards:
    """Read a table of rewards as the Challenge publishes it.

    The first row and the first column hold the classes' SNOMED CT codes in the same order, several
    codes of one class joined by ``|``. Classes that give each other full reward and are otherwise
    alike are one class, as in the Challenge's own evaluation.

    Parameters
    ----------
    path : Path
        A CSV file.
    normal : str
        A code of the normal class.

    Raises
    ------
    RewardError
        The file cannot be read or is not such a table.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise RewardError(f"{path}: too large for a table of rewards")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [[cell.strip() for cell in row] for row in csv.reader(stream) if any(map(str.strip, row))]
    except OSError as error:
        raise RewardError(f"{path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise RewardError(f"{path}: not a CSV file: {error}") from error
    try:
        return _rewards(rows, normal)
    except RewardError as error:
        raise RewardError(f"{path}: {error}") from error


def _rewards(rows: list[list[str]], normal: str) -> Rewards:
    names = rows[0][1:] if rows else []
    if not names:
        raise RewardError("the first row names no class")
    if [row[0] for row in rows[1:]] != names:
        raise RewardError("the first column does not name the classes of the first row in the same order")
    groups = [tuple(code.strip() for code in name.split("|")) for name in names]
    for code in (code for group in groups for code in group):
        if not code.isdecimal():
            raise RewardError(f"{code!r} is not a SNOMED CT code")
    for name, row in zip(names, rows[1:], strict=True):
        if len(row) != len(names) + 1:
            raise RewardError(f"the row of {name} has {len(row) - 1} rewards for {len(names)} classes")
    try:
        weights = np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])
    except ValueError as error:
        raise RewardError(f"a reward is not a number: {error}") from error
    groups, weights = _join_equivalent(groups, weights)
    places = [place for place, group in enumerate(groups) if normal in group]
    if not places:
        raise RewardError(f"the normal class {normal} is not among the classes")
    return Rewards(tuple(groups), weights, places[0])


def _join_equivalent(
    groups: list[tuple[str, ...]], weights: NDArray[np.float64]
) -> tuple[list[tuple[str, ...]], NDArray[np.float64]]:
    kept: list[int] = []
    joined: dict[int, tuple[str, ...]] = {}
    for place, group in enumerate(groups):
        same = (
            other
            for other in kept
            if weights[place, other] == weights[other, place] == weights[place, place]
            and np.array_equal(weights[place], weights[other])
            and np.array_equal(weights[:, place], weights[:, other])
        )
        first = next(same, place)
        if first == place:
            kept.append(place)
        joined[first] = joined.get(first, ()) + group
    return [joined[place] for place in kept], weights[np.ix_(kept, kept)]


def merge(values: NDArray[np.bool_], columns: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Join a model's classes into scored ones: present where any class that maps there is.

    Parameters
    ----------
    values : ndarray of bool, shape (records, model's classes)
        Labels or calls.
    columns : ndarray of int64, shape (model's classes,)
        See :meth:`Rewards.columns`.
    count : int
        Scored classes; those the model does not know stay absent everywhere.

    Returns
    -------
    ndarray of bool, shape (records, count)
    """
    found: NDArray[np.bool_] = (values.astype(np.float64) @ (columns[:, None] == np.arange(count))) > 0
    return found


def record_rewards(
    targets: NDArray[np.bool_], calls: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what the calls on each record earn, shape (records,).

    For each class a record carries and each class called on it, the reward of that pair; all divided
    by the number of classes carried or called.
    """
    earned = ((targets.astype(np.float64) @ weights) * calls).sum(axis=1)
    result: NDArray[np.float64] = earned / np.maximum((targets | calls).sum(axis=1), 1)
    return result


def compared_rewards(
    targets: NDArray[np.bool_], calls: NDArray[np.bool_], weights: NDArray[np.float64], normal: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by how much calls, and by how much the truth, out-earn the inactive reader on each record.

    The score of any weighting of records is the weighted sum of the first over that of the second.

    Returns
    -------
    calls, truth : ndarray, shape (records,)
    """
    inactive = np.zeros(targets.shape, bool)
    inactive[:, normal] = True
    nothing_done = record_rewards(targets, inactive, weights)
    return record_rewards(targets, calls, weights) - nothing_done, (
        record_rewards(targets, targets, weights) - nothing_done
    )


def challenge_score(
    targets: NDArray[np.bool_], calls: NDArray[np.bool_], weights: NDArray[np.float64], normal: int
) -> float:
    """Return the Challenge's score.

    With ``A[j, k]`` the sum, over records that carry class j and are called k, of one over the number
    of classes the record carries or is called, the unnormalised score is the sum of ``weights * A``.
    It is normalised so that always calling exactly what a record carries gives 1 and always calling
    the normal class alone gives 0 (Perez Alday et al. 2020, Reyna et al. 2021).

    Parameters
    ----------
    targets : ndarray of bool, shape (records, classes)
    calls : ndarray of bool, shape (records, classes)
    weights : ndarray of float64, shape (classes, classes)
        Rows are what a record carries, columns what it is called.
    normal : int
        Place of the normal class.

    Returns
    -------
    float
        Below zero where calls earn less than the normal class would; 0 where the normal class alone
        earns as much as the truth, as published.

    Raises
    ------
    ValueError
        The shapes do not fit.
    """
    classes = len(weights)
    if targets.shape != calls.shape or targets.ndim != 2 or weights.shape != (targets.shape[1],) * 2:
        raise ValueError(f"labels {targets.shape}, calls {calls.shape} and rewards {weights.shape} do not fit")
    if not 0 <= normal < classes:
        raise ValueError(f"there is no class {normal} among {classes}")
    gained, possible = compared_rewards(targets.astype(bool), calls.astype(bool), weights, normal)
    whole = float(possible.sum())
    return float(gained.sum()) / whole if abs(whole) > 1e-12 * len(targets) else 0.0
