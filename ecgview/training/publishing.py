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
from ecgview.signal.features import FEATURES
from ecgview.training.dataset import Dataset
from ecgview.training.fusion import Nested, Opinions, Settled, nested, settle
from ecgview.training.reliability import calibration_intervals, expected_calibration_error, reliability
from ecgview.training.report import Report, make_report
from ecgview.training.thresholds import HighestF1, ThresholdSet


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What each network said of the records kept from it.

    Attributes
    ----------
    codes : tuple of str
        Classes.
    parts : ndarray of int64, shape (records,)
        The part of each record, which is the member that did not learn from it.
    opinions : Opinions
    """

    codes: tuple[str, ...]
    parts: NDArray[np.int64]
    opinions: Opinions


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
    judged = nested(targets, held_out.opinions, held_out.parts)
    report = make_report(codes, targets, judged.logits, judged.called, dataset.patients)
    np.savez_compressed(
        out / OUT_OF_FOLD,
        hashes=np.array(dataset.hashes),
        parts=held_out.parts.astype(np.int8),
        signal=held_out.opinions.signal.astype(np.float32),
        measured=held_out.opinions.measured.astype(np.float32),
        classes=np.array(codes),
    )
    settled = settle(targets, held_out.opinions)
    chosen = ThresholdSet(
        objective=f"{HighestF1().words}, on calibrated probabilities of the records kept from each member",
        date=str(training["date"]),
        thresholds=settled.thresholds,
        codes=codes,
    )
    _replace(out / THRESHOLDS, chosen.to_json())
    card = {
        "name": out.name,
        "research_use": ecgview.RESEARCH_USE,
        "architecture": architecture,
        "measured": list(FEATURES),
        "signal_share": settled.share,
        "slope_and_offset": settled.calibration.as_dict(codes),
        "preprocessing": asdict(preprocessing),
        "classes": _class_entries(report, targets),
        "members": list(members),
        "scores": _scores(report, len(members), judged.shares),
        "calibration": _calibration(codes, targets, held_out, judged, settled, dataset.patients),
        "training": training,
    }
    _replace(out / CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    return report


def _scores(report: Report, members: int, shares: tuple[float, ...]) -> dict[str, object]:
    return {
        "protocol": (
            f"Nested cross-validation over {members} parts by patient. Each part is predicted by the one member that "
            "did not learn from it, after a number of epochs fixed beforehand; the signal's share of the say, the "
            "calibration and the thresholds for a part are chosen on the other parts. Intervals from 1000 draws of "
            "patients. The mean over members, which the program shows, was not judged here: every record was seen by "
            "all members but one."
        ),
        "signal_share_by_part": list(shares),
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


def _calibration(
    codes: Sequence[str],
    targets: NDArray[np.bool_],
    held_out: HeldOut,
    judged: Nested,
    settled: Settled,
    patients: tuple[str, ...],
) -> dict[str, Any]:
    """Return the calibration and how well it holds, for the card."""
    before = 1 / (1 + np.exp(-held_out.opinions.fused(settled.share)))
    places = [place for place, code in enumerate(codes) if statements()[code].kind == "superclass"]
    columns = places or list(range(len(codes)))
    errors, pooled = calibration_intervals(targets[:, columns], judged.probability[:, columns], patients)
    return {
        "method": (
            "Slope and offset for each class (Platt), fitted to the records kept from each member; the errors and the "
            "table are of parts that the fit had not seen. Bins hold equal counts."
        ),
        "superclasses": [
            {
                "code": codes[place],
                "ece_before": round(float(expected_calibration_error(targets[:, [place]], before[:, [place]])[0]), 4),
                "ece_after": error.as_list(),
            }
            for place, error in zip(places, errors, strict=False)
        ],
        "pooled_ece": pooled.as_list(),
        "reliability": reliability(targets[:, columns].ravel(), judged.probability[:, columns].ravel()).as_dicts(),
    }


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
