"""How far readers, labels and models agree: two-by-two tables, Cohen's and Fleiss' kappa, with intervals.

Cohen's kappa: J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46.
Fleiss' kappa: J. L. Fleiss, Psychological Bulletin 76 (1971) 378-382.
Agreement on present and on absent: D. V. Cicchetti and A. R. Feinstein, Journal of Clinical
Epidemiology 43 (1990) 551-558; they show when a low kappa comes of a rare class alone.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import IO, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecgview.review.events import Decision

Comparison = Literal["reader and reader", "reader and label", "reader and model", "reader and the same reader again"]
Readings = Mapping[str, Mapping[str, Decision]]
"""By class, then by record (content hash, or hash and place in a round)."""

RESAMPLES: Final = 2000
_LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Table:
    """How often two readings said what.

    Attributes
    ----------
    both, first_only, second_only, neither : int
        Records that both, one or none called present.
    """

    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def records(self) -> int:
        """All of them."""
        return self.both + self.first_only + self.second_only + self.neither


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two readings of one class on the same records.

    Attributes
    ----------
    code : str
    comparison : str
        What is compared with what.
    first, second : str
        Who.
    table : Table
        Of the records on which both were certain.
    left_out : int
        Records that both read and at least one called uncertain.
    prevalence_first, prevalence_second : float
        Share of `table` called present.
    observed : float
        Share of records on which they agree.
    on_present, on_absent : float
        Agreement on either, 2a/(2a+b+c); NaN where nobody said so.
    kappa, low, high : float
        Cohen's kappa and its 95 % interval; NaN where chance alone would agree on all records.
    """

    code: str
    comparison: Comparison
    first: str
    second: str
    table: Table
    left_out: int
    prevalence_first: float
    prevalence_second: float
    observed: float
    on_present: float
    on_absent: float
    kappa: float
    low: float
    high: float


def tabulate(first: ArrayLike, second: ArrayLike) -> Table:
    """Count two readings.

    Parameters
    ----------
    first, second : array_like of bool, shape (records,)

    Raises
    ------
    ValueError
        They are not of equally many records.
    """
    one, two = np.asarray(first, bool), np.asarray(second, bool)
    if one.ndim != 1 or one.shape != two.shape:
        raise ValueError(f"readings of {one.shape} and {two.shape} records cannot be compared")
    return Table(int((one & two).sum()), int((one & ~two).sum()), int((~one & two).sum()), int((~one & ~two).sum()))


def _kappas(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Cohen's kappa of tables, shape (…, 4) in the order of :class:`Table`; NaN where undefined."""
    total = counts.sum(axis=-1)
    both, first_only, second_only, neither = np.moveaxis(counts, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = (both + neither) / total
        one, two = (both + first_only) / total, (both + second_only) / total
        chance = one * two + (1 - one) * (1 - two)
        return np.asarray(np.where(chance < 1, (observed - chance) / (1 - chance), np.nan))


def cohen_kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Return Cohen's kappa of two readings of one class.

    (observed - chance) / (1 - chance), where chance is the agreement of two readers who call
    present as often as these and know nothing of the record (Cohen 1960).

    Parameters
    ----------
    first, second : array_like of bool, shape (records,)

    Returns
    -------
    float
        NaN without records, and where both give the same answer throughout: chance agrees too.
    """
    return float(_kappas(_counts(tabulate(first, second))))


def kappa_interval(table: Table, resamples: int = RESAMPLES, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of Cohen's kappa (percentiles).

    Records are drawn with replacement, which draws the table's cells from a multinomial
    distribution. Draws for which kappa is undefined are passed over.

    Parameters
    ----------
    table : Table
    resamples : int
    seed : int

    Returns
    -------
    low, high : float
        NaN where kappa is undefined.
    """
    counts = _counts(table)
    if not table.records or math.isnan(float(_kappas(counts))):
        return math.nan, math.nan
    drawn = np.random.default_rng(seed).multinomial(table.records, counts / table.records, size=resamples)
    return _percentiles(_kappas(drawn.astype(np.float64)))


def _counts(table: Table) -> NDArray[np.float64]:
    return np.array([table.both, table.first_only, table.second_only, table.neither], np.float64)


def _percentiles(values: NDArray[np.float64]) -> tuple[float, float]:
    rest = (1 - _LEVEL) / 2
    low, high = np.nanquantile(values, [rest, 1 - rest])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class FleissAgreement:
    """Several readings of one class.

    Attributes
    ----------
    code : str
    readers : tuple of str
    records : int
        Read by all of them.
    kappa, low, high : float
        Fleiss' kappa and its 95 % interval.
    """

    code: str
    readers: tuple[str, ...]
    records: int
    kappa: float
    low: float
    high: float


def fleiss_kappa(counts: ArrayLike) -> float:
    """Return Fleiss' kappa (Fleiss 1971).

    Parameters
    ----------
    counts : array_like of int, shape (records, categories)
        How many readers put the record into the category; equally many readers of each record.

    Returns
    -------
    float
        NaN without records, and where all readers always say the same.

    Raises
    ------
    ValueError
        Records were not read equally often, or by fewer than two.
    """
    table = np.asarray(counts, np.float64)
    if table.ndim != 2:
        raise ValueError("Fleiss' kappa needs a table of records by categories")
    if len(table) == 0:
        return math.nan
    readers = table.sum(axis=1)
    if readers[0] < 2 or (readers != readers[0]).any():
        raise ValueError("Fleiss' kappa needs each record read by the same number of readers, at least two")
    return float(_fleiss((table * (table - 1)).sum(axis=1)[None], table[None], readers[0])[0])


def _fleiss(pairs: NDArray[np.float64], tables: NDArray[np.float64], readers: float) -> NDArray[np.float64]:
    observed = pairs.mean(axis=1) / (readers * (readers - 1))
    chance = ((tables.mean(axis=1) / readers) ** 2).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(chance < 1 - 1e-12, (observed - chance) / (1 - chance), np.nan))


def fleiss(readings: Mapping[str, Readings], code: str, resamples: int = RESAMPLES, seed: int = 0) -> FleissAgreement:
    """Compare several readers on one class, on the records all of them read.

    Uncertain is a category of its own here.

    Parameters
    ----------
    readings : mapping of reader to Readings
    code : str
    resamples : int
    seed : int
        Of the bootstrap over records.
    """
    of_class = [reading.get(code, {}) for reading in readings.values()]
    shared = sorted(set.intersection(*(set(reading) for reading in of_class))) if of_class else []
    categories: tuple[Decision, ...] = ("present", "absent", "uncertain")
    table = np.array([[sum(r[key] == c for r in of_class) for c in categories] for key in shared]).reshape(-1, 3)
    kappa = fleiss_kappa(table)
    low = high = math.nan
    if not math.isnan(kappa):
        chance = np.random.default_rng(seed)
        drawn = [fleiss_kappa(table[chance.integers(0, len(table), len(table))]) for _ in range(resamples)]
        low, high = _percentiles(np.array(drawn))
    return FleissAgreement(code, tuple(readings), len(shared), kappa, low, high)


def compare(
    first: tuple[str, Readings],
    second: tuple[str, Readings],
    comparison: Comparison,
    codes: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Agreement]:
    """Compare two readings, class by class, on the records that both have.

    Parameters
    ----------
    first, second : tuple of str and Readings
        Who, and what they said.
    comparison : str
    codes : sequence of str, optional
        By default the classes that both have.
    resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    list of Agreement
        One for each class.
    """
    wanted = [code for code in first[1] if code in second[1]] if codes is None else codes
    found = []
    for code in wanted:
        one, two = first[1].get(code, {}), second[1].get(code, {})
        shared = [key for key in one if key in two]
        certain = [key for key in shared if "uncertain" not in (one[key], two[key])]
        table = tabulate(
            np.array([one[key] == "present" for key in certain], bool),
            np.array([two[key] == "present" for key in certain], bool),
        )
        low, high = kappa_interval(table, resamples, seed)
        found.append(
            Agreement(
                code=code,
                comparison=comparison,
                first=first[0],
                second=second[0],
                table=table,
                left_out=len(shared) - len(certain),
                prevalence_first=_share(table.both + table.first_only, table.records),
                prevalence_second=_share(table.both + table.second_only, table.records),
                observed=_share(table.both + table.neither, table.records),
                on_present=_share(2 * table.both, 2 * table.both + table.first_only + table.second_only),
                on_absent=_share(2 * table.neither, 2 * table.neither + table.first_only + table.second_only),
                kappa=float(_kappas(_counts(table))),
                low=low,
                high=high,
            )
        )
    return found


def compare_all(
    readers: Mapping[str, Readings],
    label: Readings | None = None,
    model: Readings | None = None,
    again: Mapping[str, Readings] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Agreement]:
    """Compare all readers with each other, the label, the model, and themselves.

    Parameters
    ----------
    readers : mapping of str to Readings
        First readings.
    label, model : Readings, optional
    again : mapping of str to Readings, optional
        What the same readers said when they read the same records once more.
    resamples, seed : int
        Of the bootstrap.
    """
    found = []
    for one, two in combinations(readers, 2):
        found += compare((one, readers[one]), (two, readers[two]), "reader and reader", None, resamples, seed)
    for name, reading in readers.items():
        if label is not None:
            found += compare((name, reading), ("label", label), "reader and label", None, resamples, seed)
        if model is not None:
            found += compare((name, reading), ("model", model), "reader and model", None, resamples, seed)
        if again is not None and name in again:
            same: Comparison = "reader and the same reader again"
            found += compare((name, reading), (name, again[name]), same, None, resamples, seed)
    return found


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


COLUMNS: Final = (
    "class comparison first second records uncertain both first_only second_only neither "
    "prevalence_first prevalence_second observed on_present on_absent kappa low high"
).split()


def write_table(agreements: Iterable[Agreement], stream: IO[str]) -> None:
    """Write agreements as CSV, numbers with four decimals, empty where undefined."""
    from ecgview.review.cells import guarded

    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(COLUMNS)
    for entry in agreements:
        table = entry.table
        counts = (table.records, entry.left_out, table.both, table.first_only, table.second_only, table.neither)
        figures = (
            *(entry.prevalence_first, entry.prevalence_second, entry.observed, entry.on_present, entry.on_absent),
            *(entry.kappa, entry.low, entry.high),
        )
        lines.writerow(
            [
                *(guarded(word) for word in (entry.code, entry.comparison, entry.first, entry.second)),
                *counts,
                *("" if math.isnan(figure) else f"{figure:.4f}" for figure in figures),
            ]
        )
