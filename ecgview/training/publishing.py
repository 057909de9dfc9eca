"""What a training leaves beside its weights: held-out predictions, thresholds and the card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import ecgview
from ecgview.model.bundle import CARD, OUT_OF_FOLD, THRESHOLDS
from ecgview.model.preprocessing import Preprocessing
from ecgview.model.vocabulary import statements
from ecgview.training.dataset import Dataset
from ecgview.training.report import Report, choose_thresholds, crossed_calls, make_report
from ecgview.training.scores import LOWEST_THRESHOLD


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What each network said of the records kept from it.

    Attributes
    ----------
    codes : tuple of str
        Classes.
    parts : ndarray of int64, shape (records,)
        The part of each record, which is the network that did not learn from it.
    logits : ndarray of float64, shape (records, classes)
    """

    codes: tuple[str, ...]
    parts: NDArray[np.int64]
    logits: NDArray[np.float64]


def publish(
    out: Path,
    dataset: Dataset,
    held_out: HeldOut,
    architecture: dict[str, object],
    preprocessing: Preprocessing,
    members: Sequence[dict[str, object]],
    training: dict[str, object],
) -> Report:
    """Judge held-out predictions, choose thresholds and write what a bundle needs beside its weights.

    Parameters
    ----------
    out : Path
        The bundle's folder.
    dataset : Dataset
        The records, in the order of `held_out`.
    held_out : HeldOut
    architecture : dict
        Of the networks, for the card.
    preprocessing : Preprocessing
    members : sequence of dict
        File, hash and held-out folds of each network, for the card.
    training : dict
        How it came about, for the card.

    Returns
    -------
    Report
    """
    codes = held_out.codes
    targets = dataset.targets[:, [dataset.classes.index(code) for code in codes]]
    probability = 1 / (1 + np.exp(-held_out.logits))
    called = crossed_calls(targets, probability, held_out.parts)
    report = make_report(codes, targets, probability, called, dataset.patients)
    np.savez_compressed(
        out / OUT_OF_FOLD,
        hashes=np.array(dataset.hashes),
        parts=held_out.parts.astype(np.int8),
        logits=held_out.logits.astype(np.float32),
        classes=np.array(codes),
    )
    thresholds = choose_thresholds(targets, probability)
    _write_json(
        out / THRESHOLDS,
        {
            "objective": (
                "highest F1 of each class on the predictions each network made for the part kept from it, "
                f"not below {LOWEST_THRESHOLD:g}"
            ),
            "date": training["date"],
            "thresholds": {code: round(float(value), 6) for code, value in zip(codes, thresholds, strict=True)},
        },
    )
    _write_json(
        out / CARD,
        {
            "name": out.name,
            "research_use": ecgview.RESEARCH_USE,
            "architecture": architecture,
            "preprocessing": asdict(preprocessing),
            "classes": _class_entries(report, targets),
            "members": list(members),
            "scores": _scores(report, len(members)),
            "training": training,
        },
    )
    return report


def _scores(report: Report, members: int) -> dict[str, object]:
    return {
        "protocol": (
            f"{members} parts by patient; each part is predicted by the one network that did not learn from it, "
            "after a number of epochs fixed beforehand; F1, sensitivity and specificity at thresholds chosen on the "
            "other parts; intervals from 1000 draws of patients. The ensemble's mean, which the program shows, was "
            "not judged: every record was seen by all members but one."
        ),
        "macro_auroc_reference_statements": report.macro_statements.as_list(),
        "reference_statements": report.statements,
        "macro_auroc_superclasses": report.macro_superclasses.as_list() if report.macro_superclasses else None,
        "macro_auroc_all_classes": report.macro_all.as_list(),
    }


def _class_entries(report: Report, targets: NDArray[np.bool_]) -> list[dict[str, Any]]:
    return [
        {
            "code": entry.code,
            "name": statements()[entry.code].name,
            "records": count,
            "auroc": entry.auroc.as_list(),
            "average_precision": round(entry.average_precision, 4),
            "f1": round(entry.calls.f1, 4),
            "sensitivity": round(entry.calls.sensitivity, 4),
            "specificity": round(entry.calls.specificity, 4),
        }
        for entry, count in zip(report.classes, targets.sum(axis=0).tolist(), strict=True)
    ]


def _write_json(path: Path, content: dict[str, Any]) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
