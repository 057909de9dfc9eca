"""Judging a model by labelled records, only ever by records the judged network has not seen."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview import RESEARCH_USE
from ecgview.model.bundle import OUT_OF_FOLD, Bundle, open_bundle
from ecgview.model.ensemble import Ensemble
from ecgview.training.dataset import Dataset, DatasetError, load_dataset, require_disjoint
from ecgview.training.report import Report, crossed_calls, make_report


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A report and what must be said before it.

    Attributes
    ----------
    statements : tuple of str
        Which records were judged by what, and that nothing overlaps.
    report : Report
    model_hash : str
    """

    statements: tuple[str, ...]
    report: Report
    model_hash: str

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        report = self.report
        return {
            "research_use": RESEARCH_USE,
            "model": self.model_hash,
            "protocol": list(self.statements),
            "macro_auroc_reference_statements": report.macro_statements.as_list(),
            "reference_statements": report.statements,
            "macro_auroc_superclasses": report.macro_superclasses.as_list() if report.macro_superclasses else None,
            "macro_auroc_all_classes": report.macro_all.as_list(),
            "classes": {
                entry.code: {
                    "records": entry.records,
                    "auroc": entry.auroc.as_list(),
                    "average_precision": round(entry.average_precision, 4),
                    "f1": round(entry.calls.f1, 4),
                    "sensitivity": round(entry.calls.sensitivity, 4),
                    "specificity": round(entry.calls.specificity, 4),
                }
                for entry in report.classes
            },
        }


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What each network said of the records kept from it.

    Attributes
    ----------
    hashes : tuple of str
        Content hashes of all records the ensemble was trained with.
    parts : ndarray of int64, shape (records,)
        The part of each record, which is the network that did not learn from it.
    logits : ndarray of float64, shape (records, classes)
    """

    hashes: tuple[str, ...]
    parts: NDArray[np.int64]
    logits: NDArray[np.float64]


def read_out_of_fold(bundle: Bundle) -> OutOfFold:
    """Read a model's stored held-out predictions.

    Raises
    ------
    DatasetError
        The file is absent or is not what training writes.
    """
    path = bundle.folder / OUT_OF_FOLD
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = OutOfFold(
                tuple(stored["hashes"].tolist()), stored["parts"].astype(np.int64), stored["logits"].astype(np.float64)
            )
            classes = tuple(stored["classes"].tolist())
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{path}: the predictions of held-out records cannot be read: {error}") from error
    if classes != bundle.classes or found.logits.shape != (len(found.hashes), len(classes)):
        raise DatasetError(f"{path}: the predictions are not of this model's classes")
    return found


def evaluate(model: Path, data: Path, device: str = "auto") -> Evaluation:
    """Judge a model by the labelled records of a folder.

    Parameters
    ----------
    model, data : Path
    device : {"auto", "cpu", "cuda"}

    Returns
    -------
    Evaluation

    Raises
    ------
    DatasetError
        Some of the records were trained with and others not, or parts overlap.
    ecgview.model.bundle.BundleError
        `model` is not a usable model.
    """
    bundle = open_bundle(model)
    dataset = load_dataset(data, bundle.preprocessing)
    stored = read_out_of_fold(bundle)
    place = {digest: position for position, digest in enumerate(stored.hashes)}
    seen = [digest in place for digest in dataset.hashes]
    used = [code for code in bundle.classes if code in dataset.classes]
    columns = [bundle.classes.index(code) for code in used]
    targets = dataset.targets[:, [dataset.classes.index(code) for code in used]]
    if all(seen):
        rows = [place[digest] for digest in dataset.hashes]
        parts, logits = stored.parts[rows], stored.logits[rows][:, columns]
        apart = require_disjoint(dataset, parts)
        probability = 1 / (1 + np.exp(-logits))
        called = crossed_calls(targets, probability, parts)
        said: tuple[str, ...] = (
            f"{len(rows)} of the records the model was trained with, each judged by the network that did not see it",
            f"overlap between the parts: {apart}",
            "F1, sensitivity and specificity at thresholds chosen on the other parts",
        )
    elif not any(seen):
        probability, called = _outside(bundle, dataset, columns, device)
        said = (
            f"{len(seen)} records the model was not trained with, judged by the whole ensemble",
            f"overlap with the {len(stored.hashes)} training records: 0 signals",
            "F1, sensitivity and specificity at the thresholds stored with the model",
        )
    else:
        raise DatasetError(
            f"{data}: {sum(seen)} of {len(seen)} records were trained with and the others not; "
            "judge the two kinds apart"
        )
    report = make_report(used, targets, probability, called, dataset.patients)
    if dataset.left_out:
        said += (f"{len(dataset.left_out)} files left out, the first: {dataset.left_out[0]}",)
    return Evaluation(said, report, bundle.model_hash)


def _outside(
    bundle: Bundle, dataset: Dataset, columns: list[int], device: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    ensemble = Ensemble(bundle, device)
    members = ensemble.probabilities(dataset.windows, dataset.valid, dataset.patient)
    probability = dataset.records_mean(members.mean(axis=0))[:, columns]
    return probability, probability >= bundle.thresholds[columns]
