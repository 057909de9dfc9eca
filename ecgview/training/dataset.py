"""Labelled records as arrays, and parts of them that share no patient and no signal."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview.model.preprocessing import Preprocessing, Refusal, prepare
from ecgview.model.vocabulary import statement_codes, statements
from ecgview.record import ReadError, read
from ecgview.record.folder import find_records
from ecgview.training.readers import Decisions, overruled

FOLDS = 10


class DatasetError(Exception):
    """Records that cannot be trained on or judged by; the message says why."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Records ready for training.

    A record longer than ten seconds gives several windows, all with its labels.

    Attributes
    ----------
    names : tuple of str
        The records' paths below the folder.
    hashes : tuple of str
        The records' content hashes.
    patients : tuple of str
        Who was recorded; a record without an identifier is a patient of its own.
    folds : ndarray of int64, shape (records,)
        1 to 10, by patient.
    targets : ndarray of bool, shape (records, classes)
        Which statements each record carries.
    classes : tuple of str
        Codes, in the vocabulary's order.
    windows : ndarray of float32, shape (windows, 12, samples)
        Prepared signal, mV.
    valid : ndarray of int64, shape (windows,)
    patient : ndarray of float32, shape (windows, 5)
        Age and sex.
    measured : ndarray of float32, shape (windows, features)
        :data:`ecgview.signal.features.FEATURES`, NaN where not measurable.
    owner : ndarray of int64, shape (windows,)
        The record each window is of.
    left_out : tuple of str
        Files that could not be used, with the reason.
    """

    names: tuple[str, ...]
    hashes: tuple[str, ...]
    patients: tuple[str, ...]
    folds: NDArray[np.int64]
    targets: NDArray[np.bool_]
    classes: tuple[str, ...]
    windows: NDArray[np.float32]
    valid: NDArray[np.int64]
    patient: NDArray[np.float32]
    measured: NDArray[np.float32]
    owner: NDArray[np.int64]
    left_out: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over what was learned from: signals and statements of all records."""
        digest = hashlib.sha256(" ".join(self.classes).encode())
        for name, row in sorted(zip(self.hashes, self.targets, strict=True), key=lambda pair: pair[0]):
            digest.update(name.encode() + np.packbits(row).tobytes())
        return digest.hexdigest()

    def records_mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average values of windows, shape (windows, …), over each record's windows: (records, …)."""
        total = np.zeros((len(self.names), *values.shape[1:]))
        np.add.at(total, self.owner, values)
        count = np.bincount(self.owner, minlength=len(self.names)).reshape(-1, *[1] * (values.ndim - 1))
        return total / count


def load_dataset(
    folder: Path,
    preprocessing: Preprocessing,
    progress: Callable[[int], None] | None = None,
    readers: Mapping[str, Decisions] | None = None,
) -> Dataset:
    """Read all labelled records below a folder.

    Parameters
    ----------
    folder : Path
    preprocessing : Preprocessing
    progress : callable, optional
        Told after each file how many were looked at.
    readers : mapping of str to mapping, optional
        What readers hold of records, by content hash; it goes before what came with the record.

    Returns
    -------
    Dataset

    Raises
    ------
    DatasetError
        No record could be used.
    """
    stated_folds = _ptbxl_folds(folder)
    names: list[str] = []
    hashes: list[str] = []
    patients: list[str] = []
    folds: list[int] = []
    carried: list[frozenset[str]] = []
    windows: list[NDArray[np.float32]] = []
    valid: list[NDArray[np.int64]] = []
    patient: list[NDArray[np.float32]] = []
    measured: list[NDArray[np.float32]] = []
    owner: list[int] = []
    left_out: list[str] = []
    for looked_at, path in enumerate(sorted(find_records(folder)), start=1):
        if progress is not None:
            progress(looked_at)
        name = path.relative_to(folder).as_posix()
        try:
            record = read(path)
            codes = statement_codes(record.labels)
            if readers is not None:
                codes = overruled(codes, readers.get(record.content_hash, {}))
            if not codes:
                raise Refusal("carries no statement of the vocabulary")
            prepared = prepare(record, preprocessing)
        except (ReadError, Refusal) as error:
            left_out.append(f"{name}: {error}")
            continue
        identifier = record.patient.identifier or record.content_hash
        owner += [len(names)] * len(prepared.windows)
        names.append(name)
        hashes.append(record.content_hash)
        patients.append(identifier)
        folds.append(stated_folds.get(path.stem) or _fold_of(identifier))
        carried.append(codes)
        windows.append(prepared.windows)
        valid.append(prepared.valid)
        patient.append(np.repeat(prepared.patient[None], len(prepared.windows), axis=0))
        measured.append(prepared.measured)
    if not names:
        why = f"; the first of {len(left_out)} left out: {left_out[0]}" if left_out else ""
        raise DatasetError(f"{folder}: no labelled record that could be used{why}")
    classes = tuple(code for code in statements() if any(code in codes for codes in carried))
    return Dataset(
        names=tuple(names),
        hashes=tuple(hashes),
        patients=tuple(patients),
        folds=np.array(folds, np.int64),
        targets=np.array([[code in codes for code in classes] for codes in carried]),
        classes=classes,
        windows=np.concatenate(windows),
        valid=np.concatenate(valid),
        patient=np.concatenate(patient),
        measured=np.concatenate(measured),
        owner=np.array(owner, np.int64),
        left_out=tuple(left_out),
    )


def _ptbxl_folds(folder: Path) -> dict[str, int]:
    """Return PTB-XL's own folds by record name, from the table in the folder or above it."""
    for place in (folder, *folder.resolve().parents[:2]):
        table = place / "ptbxl_database.csv"
        if table.is_file():
            with table.open(encoding="utf-8", newline="") as rows:
                return {
                    Path(row[column]).name: int(float(row["strat_fold"]))
                    for row in csv.DictReader(rows)
                    for column in ("filename_lr", "filename_hr")
                    # A table of relabelled records knows the fold of those that PTB-XL knows.
                    if row["strat_fold"].strip()
                }
    return {}


def _fold_of(patient: str) -> int:
    """Return a fold from 1 to 10 that depends on the patient alone."""
    return int.from_bytes(hashlib.sha256(patient.encode()).digest()[:8], "big") % FOLDS + 1


def divide(folds: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Join folds into parts of about equal size.

    Parameters
    ----------
    folds : ndarray of int64, shape (records,)
    parts : int

    Returns
    -------
    ndarray of int64, shape (records,)
        The part of each record, from 0.

    Raises
    ------
    DatasetError
        There are fewer folds than parts.
    """
    sizes = Counter(folds.tolist())
    if len(sizes) < parts:
        raise DatasetError(f"{len(sizes)} folds cannot be divided into {parts} parts")
    filled = [0] * parts
    place: dict[int, int] = {}
    for fold, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        smallest = min(range(parts), key=lambda part: (filled[part], part))
        place[fold] = smallest
        filled[smallest] += size
    return np.array([place[fold] for fold in folds.tolist()], np.int64)


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two or more parts have in common; both must be zero.

    Attributes
    ----------
    patients : int
        Patients with records in more than one part.
    signals : int
        Signals, by content hash, that occur in more than one part.
    """

    patients: int
    signals: int

    def __str__(self) -> str:
        return f"{self.patients} patients and {self.signals} signals in more than one part"


def overlap(dataset: Dataset, parts: NDArray[np.int64]) -> Overlap:
    """Count patients and signals that occur in more than one part."""
    return Overlap(_shared(dataset.patients, parts), _shared(dataset.hashes, parts))


def _shared(keys: tuple[str, ...], parts: NDArray[np.int64]) -> int:
    pairs = set(zip(keys, parts.tolist(), strict=True))
    return sum(1 for count in Counter(key for key, _ in pairs).values() if count > 1)


def require_disjoint(dataset: Dataset, parts: NDArray[np.int64]) -> Overlap:
    """Return the overlap of the parts when it is none.

    Raises
    ------
    DatasetError
        A patient or a signal occurs in more than one part: scores would be too good.
    """
    found = overlap(dataset, parts)
    if found.patients or found.signals:
        raise DatasetError(f"the parts are not apart: {found}")
    return found
