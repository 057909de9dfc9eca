"""An ensemble judged by recordings of other hospitals, source by source, as those labelled them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgview.model.ensemble import Ensemble
from ecgview.model.prediction import Prediction
from ecgview.model.preprocessing import Refusal
from ecgview.model.vocabulary import statement_codes, statements
from ecgview.record import ReadError, Record, read
from ecgview.record.folder import find_records
from ecgview.record.limb_leads import misfitting_limb_leads
from ecgview.training.dataset import DatasetError
from ecgview.training.out_of_fold import read_out_of_fold
from ecgview.training.scores import Calls, Interval, agreement, areas, macro

FEWEST = 5  # records with a class, and without it, for an area that means anything

# The Challenges of 2020 and 2021 named their records by source.
_CHALLENGE_NAME = re.compile(r"(?P<source>A|Q|I|S|HR|E|JS)\d{4,5}")
_CHALLENGE_SOURCES = {
    "A": "CPSC 2018",
    "Q": "CPSC 2018, records not used there",
    "I": "St Petersburg INCART",
    "S": "PTB",
    "HR": "PTB-XL",
    "E": "Georgia",
    "JS": "Chapman-Shaoxing and Ningbo",
}
_CHALLENGE_PROVENANCE = "WFDB header, Dx"


@dataclass(frozen=True, slots=True)
class ExternalClass:
    """How one class fared with one source.

    Attributes
    ----------
    code : str
    records : int
        Judged records that carry it.
    auroc : Interval
    calls : Calls
        At the thresholds stored with the model.
    """

    code: str
    records: int
    auroc: Interval
    calls: Calls


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How the ensemble fared with one source.

    A statement the source does not make of a record counts as absent, also where the source never
    makes it of any record that has it: the figures are as complete as the source's labels.

    Attributes
    ----------
    source : str
    records : int
        Found, of whatever kind.
    judged : int
    unlabelled : int
        Readable, but without a statement of the vocabulary.
    refused : tuple of str
        Records the model will not judge, with the reason.
    unreadable : tuple of str
        Files that could not be read, with the reason.
    misscaled : int
        Judged records whose limb leads do not fit each other, as where each was scaled by itself:
        what is read off heights and axis suffers.
    classes : tuple of ExternalClass
        The model's classes with enough records with and without them.
    macro_auroc : Interval or None
        Mean over the statements among `classes`; superclasses, which repeat them, left out.
    macro_f1 : float or None
        The same mean of F1.
    """

    source: str
    records: int
    judged: int
    unlabelled: int
    refused: tuple[str, ...]
    unreadable: tuple[str, ...]
    misscaled: int
    classes: tuple[ExternalClass, ...]
    macro_auroc: Interval | None
    macro_f1: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "source": self.source,
            "records": self.records,
            "judged": self.judged,
            "unlabelled": self.unlabelled,
            "refused": len(self.refused),
            "unreadable": len(self.unreadable),
            "misscaled": self.misscaled,
            "macro_auroc": self.macro_auroc.as_list() if self.macro_auroc else None,
            "macro_f1": None if self.macro_f1 is None else round(self.macro_f1, 4),
            "classes": [
                {
                    "code": entry.code,
                    "name": statements()[entry.code].name,
                    "records": entry.records,
                    "auroc": entry.auroc.as_list(),
                    "f1": round(entry.calls.f1, 4),
                    "sensitivity": round(entry.calls.sensitivity, 4),
                    "specificity": round(entry.calls.specificity, 4),
                }
                for entry in self.classes
            ],
        }


@dataclass(frozen=True, eq=False)
class _Judged:
    source: str
    patient: str
    codes: frozenset[str]
    misscaled: bool
    probability: NDArray[np.float64]
    decision: NDArray[np.bool_]


def judge_sources(
    ensemble: Ensemble,
    folders: Mapping[str, Path],
    fewest: int = FEWEST,
    rounds: int = 1000,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> tuple[SourceReport, ...]:
    """Judge an ensemble by labelled records of other sources.

    Parameters
    ----------
    ensemble : Ensemble
    folders : mapping of str to Path
        What to call each folder of labelled records. Records of a PhysioNet/CinC Challenge are
        told apart by the source that their names tell, and those of one folder are judged
        together as well, under the folder's own name.
    fewest : int
        Judged records that must carry a class, and lack it.
    rounds, seed : int
        Of the bootstrap over patients. A record that names no patient is one of its own.
    progress : callable, optional
        Told after each file how many were looked at.

    Returns
    -------
    tuple of SourceReport
        In the order of the folders, within a folder by name of the source.

    Raises
    ------
    DatasetError
        A folder holds no record, or one the ensemble was trained with.
    """
    trained_with = frozenset(read_out_of_fold(ensemble.bundle).hashes)
    reports: list[SourceReport] = []
    looked_at = 0

    def looked() -> None:
        nonlocal looked_at
        looked_at += 1
        if progress is not None:
            progress(looked_at)

    for name, folder in folders.items():
        gathered = _Gathered(name)
        for record, codes, outcome in _judge(ensemble, gathered.readable(folder, trained_with, looked)):
            gathered.add(record, codes, outcome)
        if not gathered.found:
            raise DatasetError(f"{folder}: no recording")
        sources = sorted(set(gathered.found))
        reports += [gathered.report(source, {source}, ensemble, fewest, rounds, seed) for source in sources]
        if len(sources) > 1:
            reports.append(gathered.report(f"{name}, together", set(sources), ensemble, fewest, rounds, seed))
    return tuple(reports)


def source_of(record: Record, folder: str) -> str:
    """Return the source a record came from: a Challenge's by its name, else the folder's."""
    name = _CHALLENGE_NAME.fullmatch(record.path.stem)
    if name is not None and any(label.provenance == _CHALLENGE_PROVENANCE for label in record.labels):
        return _CHALLENGE_SOURCES[name["source"]]
    return folder


def _judge(
    ensemble: Ensemble, records: Iterator[tuple[Record, frozenset[str]]]
) -> Iterator[tuple[Record, frozenset[str], Prediction | Refusal]]:
    """Pair each record with what the ensemble says of it, a batch at a time."""
    waiting: list[tuple[Record, frozenset[str]]] = []

    def signals() -> Iterator[Record]:
        for record, codes in records:
            waiting.append((record, codes))
            yield record

    for outcome in ensemble.predict_many(signals()):
        yield *waiting.pop(0), outcome


class _Gathered:
    """What came of the records of one folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.found: list[str] = []
        self.unlabelled: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.unreadable: list[tuple[str, str]] = []
        self.judged: list[_Judged] = []

    def readable(
        self, folder: Path, trained_with: frozenset[str], looked: Callable[[], None]
    ) -> Iterator[tuple[Record, frozenset[str]]]:
        """Yield the labelled records of the folder, and note the others."""
        for path in sorted(find_records(folder)):
            looked()
            try:
                record = read(path)
            except ReadError as error:
                self.found.append(self.folder)
                self.unreadable.append((self.folder, f"{path.name}: {error.reason}"))
                continue
            if record.content_hash in trained_with:
                raise DatasetError(f"{path}: the ensemble was trained with this record, so it cannot be judged by it")
            source = source_of(record, self.folder)
            self.found.append(source)
            codes = statement_codes(record.labels)
            if codes:
                yield record, codes
            else:
                self.unlabelled.append(source)

    def add(self, record: Record, codes: frozenset[str], outcome: Prediction | Refusal) -> None:
        """Note what the ensemble said of a record."""
        source = source_of(record, self.folder)
        if isinstance(outcome, Refusal):
            self.refused.append((source, f"{record.path.name}: {outcome}"))
            return
        self.judged.append(
            _Judged(
                source=source,
                patient=record.patient.identifier or record.content_hash,
                codes=codes,
                misscaled=bool(misfitting_limb_leads(dict(zip(record.leads, record.signal, strict=True)))),
                probability=outcome.probability,
                decision=outcome.decision,
            )
        )

    def report(
        self, name: str, sources: set[str], ensemble: Ensemble, fewest: int, rounds: int, seed: int
    ) -> SourceReport:
        """Judge the records of some sources together."""
        judged = [entry for entry in self.judged if entry.source in sources]
        # One hospital's patient 7 is not another's.
        patients = tuple(f"{entry.source} {entry.patient}" for entry in judged)
        codes = ensemble.bundle.classes
        targets = np.array([[code in entry.codes for code in codes] for entry in judged], bool).reshape(-1, len(codes))
        counts = targets.sum(axis=0)
        used = [k for k in range(len(codes)) if fewest <= counts[k] <= len(judged) - fewest]
        classes: list[ExternalClass] = []
        macro_auroc = macro_f1 = None
        if used:
            probability = np.stack([entry.probability for entry in judged])
            decision = np.stack([entry.decision for entry in judged])
            intervals, samples = areas(targets[:, used], probability[:, used], patients, rounds, seed)
            classes = [
                ExternalClass(codes[k], int(counts[k]), found, agreement(targets[:, k], decision[:, k]))
                for k, found in zip(used, intervals, strict=True)
            ]
            single = [place for place, k in enumerate(used) if statements()[codes[k]].kind != "superclass"]
            if single:
                macro_auroc = macro(samples[:, single])
                macro_f1 = float(np.mean([classes[place].calls.f1 for place in single]))
        return SourceReport(
            source=name,
            records=sum(source in sources for source in self.found),
            judged=len(judged),
            unlabelled=sum(source in sources for source in self.unlabelled),
            refused=tuple(reason for source, reason in self.refused if source in sources),
            unreadable=tuple(reason for source, reason in self.unreadable if source in sources),
            misscaled=sum(entry.misscaled for entry in judged),
            classes=tuple(classes),
            macro_auroc=macro_auroc,
            macro_f1=macro_f1,
        )
