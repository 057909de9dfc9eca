"""What is said of an ensemble, from predictions of records that each network had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.model.vocabulary import statements
from ecgview.training.scores import Calls, Interval, agreement, areas, average_precision, best_f1_threshold, macro

# The statements the published reference on PTB-XL is compared over: each with enough examples.
REFERENCE_STATEMENTS: tuple[str, ...] = tuple(
    "SR NORM NDT LVH ASMI IMI STD_ LAFB ISC_ IRBBB AFIB PVC NST_ QWAVE LOWT VCLVH NT_ SARRH IVCD 1AVB STACH LPR "
    "PAC ABQRS SBRAD INVT CRBBB LAO/LAE ISCAL DIG CLBBB ILMI".split()
)


@dataclass(frozen=True, slots=True)
class ClassReport:
    """One class.

    Attributes
    ----------
    code : str
    records : int
        That carry it.
    auroc : Interval
    average_precision : float
    calls : Calls
        At thresholds chosen on other records than those judged.
    """

    code: str
    records: int
    auroc: Interval
    average_precision: float
    calls: Calls


@dataclass(frozen=True, slots=True)
class Report:
    """All classes, and the means people compare by.

    Attributes
    ----------
    classes : tuple of ClassReport
    macro_statements : Interval
        Mean AUROC over those of :data:`REFERENCE_STATEMENTS` that occur.
    statements : int
        How many those are.
    macro_superclasses : Interval or None
        Mean AUROC over the five superclasses, where all occur.
    macro_all : Interval
        Mean AUROC over every class.
    """

    classes: tuple[ClassReport, ...]
    macro_statements: Interval
    statements: int
    macro_superclasses: Interval | None
    macro_all: Interval


def make_report(
    codes: Sequence[str],
    targets: NDArray[np.bool_],
    scores: NDArray[np.float64],
    called: NDArray[np.bool_],
    patients: tuple[str, ...],
) -> Report:
    """Judge predictions.

    Parameters
    ----------
    codes : sequence of str
        Classes; those without a record that carries and one that lacks them are left out.
    targets : ndarray of bool, shape (records, classes)
    scores : ndarray, shape (records, classes)
        Probabilities or logits: only their order counts.
    called : ndarray of bool, shape (records, classes)
        Decisions at thresholds chosen on other records.
    patients : tuple of str
        Resampled together for the intervals.
    """
    judged = [k for k in range(len(codes)) if 0 < targets[:, k].sum() < len(targets)]
    if not judged:
        raise ValueError("no class has both records that carry it and records that lack it")
    intervals, samples = areas(targets[:, judged], scores[:, judged], patients)
    places = {codes[k]: place for place, k in enumerate(judged)}
    reference = [places[code] for code in REFERENCE_STATEMENTS if code in places]
    supers = [place for code, place in places.items() if statements()[code].kind == "superclass"]
    return Report(
        classes=tuple(
            ClassReport(
                code=codes[k],
                records=int(targets[:, k].sum()),
                auroc=intervals[place],
                average_precision=average_precision(targets[:, k], scores[:, k]),
                calls=agreement(targets[:, k], called[:, k]),
            )
            for place, k in enumerate(judged)
        ),
        macro_statements=macro(samples[:, reference or list(places.values())]),
        statements=len(reference),
        macro_superclasses=macro(samples[:, supers]) if len(supers) == 5 else None,
        macro_all=macro(samples),
    )


def choose_thresholds(targets: NDArray[np.bool_], probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each class's threshold of highest F1, shape (classes,); 0.5 where no record carries it."""
    return np.array(
        [
            best_f1_threshold(targets[:, k], probability[:, k]) if targets[:, k].any() else 0.5
            for k in range(targets.shape[1])
        ]
    )


def crossed_calls(
    targets: NDArray[np.bool_], probability: NDArray[np.float64], parts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return decisions for each part at thresholds chosen on all other parts.

    A threshold judged on the records it was chosen on looks better than it is.

    Parameters
    ----------
    targets : ndarray of bool, shape (records, classes)
    probability : ndarray, shape (records, classes)
    parts : ndarray of int64, shape (records,)

    Returns
    -------
    ndarray of bool, shape (records, classes)
    """
    called = np.zeros(targets.shape, bool)
    for part in np.unique(parts):
        inside = parts == part
        called[inside] = probability[inside] >= choose_thresholds(targets[~inside], probability[~inside])
    return called
