"""Judging a model by labelled records, only ever by records the judged network has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview import RESEARCH_USE
from ecgview.model.bundle import Bundle, open_bundle
from ecgview.model.ensemble import Ensemble
from ecgview.model.vocabulary import statements
from ecgview.training.challenge_metric import read_rewards
from ecgview.training.dataset import Dataset, DatasetError, load_dataset, require_disjoint
from ecgview.training.fusion import Opinions, nested
from ecgview.training.out_of_fold import read_out_of_fold
from ecgview.training.readers import Decisions
from ecgview.training.reliability import calibration_intervals
from ecgview.training.report import Report, make_report
from ecgview.training.scores import Interval
from ecgview.training.thresholds import FixedSensitivity, HighestChallengeScore, HighestF1, Objective, ThresholdSet
from ecgview.training.tuning import Tuned, halves, tune


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """How far probabilities and frequencies of one class lie apart: see :mod:`ecgview.training.reliability`."""

    code: str
    error: Interval


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A report and what must be said before it.

    Attributes
    ----------
    statements : tuple of str
        Which records were judged by what, and that nothing overlaps.
    report : Report
    calibration : tuple of CalibrationError
        Of the superclasses, or of all classes where there are no superclasses.
    model_hash : str
    tuned : Tuned or None
        A new set of thresholds, where one was asked for.
    """

    statements: tuple[str, ...]
    report: Report
    calibration: tuple[CalibrationError, ...]
    model_hash: str
    tuned: Tuned | None = None

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
            "expected_calibration_error": {entry.code: entry.error.as_list() for entry in self.calibration},
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
            **({"tuned": self.tuned.as_dict()} if self.tuned is not None else {}),
        }


def evaluate(
    model: Path,
    data: Path,
    device: str = "auto",
    tuning: Callable[[Sequence[str]], Objective] | None = None,
    readers: Mapping[str, Decisions] | None = None,
) -> Evaluation:
    """Judge a model by the labelled records of a folder.

    Parameters
    ----------
    model, data : Path
    device : {"auto", "cpu", "cuda"}
    tuning : callable, optional
        Gives the aim for the classes judged: new thresholds are chosen with it on half of the
        patients and judged on the others.
    readers : mapping of str to mapping, optional
        What readers hold of records, by content hash; it goes before what came with the record.

    Returns
    -------
    Evaluation

    Raises
    ------
    DatasetError
        Some of the records were trained with and others not, or parts overlap.
    ecgview.training.thresholds.ThresholdError
        No thresholds can be chosen from these records.
    ecgview.model.bundle.BundleError
        `model` is not a usable model.
    """
    bundle = open_bundle(model)
    dataset = load_dataset(data, bundle.preprocessing, readers=readers)
    stored = read_out_of_fold(bundle)
    place = {digest: position for position, digest in enumerate(stored.hashes)}
    seen = [digest in place for digest in dataset.hashes]
    used = [code for code in bundle.classes if code in dataset.classes]
    columns = [bundle.classes.index(code) for code in used]
    targets = dataset.targets[:, [dataset.classes.index(code) for code in used]]
    if all(seen):
        rows = [place[digest] for digest in dataset.hashes]
        parts = stored.parts[rows]
        apart = require_disjoint(dataset, parts)
        opinions = Opinions(stored.opinions.signal[rows][:, columns], stored.opinions.measured[rows][:, columns])
        judged = nested(targets, opinions, parts)
        scores, probability, called = judged.logits, judged.probability, judged.called
        said: tuple[str, ...] = (
            f"{len(rows)} of the records the model was trained with, each judged by the member that did not see it",
            f"overlap between the parts: {apart}",
            "share of the signal, calibration and thresholds of each part chosen on the other parts",
        )
    elif not any(seen):
        probability, called = _outside(bundle, dataset, columns, device)
        scores = probability
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
    report = make_report(used, targets, scores, called, dataset.patients)
    if dataset.left_out:
        said += (f"{len(dataset.left_out)} files left out, the first: {dataset.left_out[0]}",)
    tuned = None
    if tuning is not None:
        said += (f"overlap between the halves for tuning: {require_disjoint(dataset, halves(dataset.patients))}",)
        own = bundle.thresholds[columns]
        tuned = tune(used, targets, probability, dataset.patients, own, tuning(used), stored_knew=all(seen))
    return Evaluation(said, report, _calibration(used, targets, probability, dataset), bundle.model_hash, tuned)


def objective_of(aim: str, sensitivity: float, rewards: Path | None) -> Callable[[Sequence[str]], Objective]:
    """Return what thresholds are to achieve, for the classes it is then asked for.

    Parameters
    ----------
    aim : {"f1", "sensitivity", "challenge"}
    sensitivity : float
        The least, for ``"sensitivity"``.
    rewards : Path, optional
        The Challenge's table of weights, for ``"challenge"``.

    Raises
    ------
    ValueError
        What the aim needs is absent or out of range.
    """
    if aim == "challenge":
        if rewards is None:
            raise ValueError("the Challenge's metric needs its table of weights: name it with --rewards FILE")
        table = read_rewards(rewards)
        return lambda codes: HighestChallengeScore(table, table.columns(codes))
    objective = FixedSensitivity(sensitivity) if aim == "sensitivity" else HighestF1()
    return lambda _: objective


def every_threshold(bundle: Bundle, tuned: Tuned) -> ThresholdSet:
    """Return the tuned thresholds with the model's own for classes that the labels do not have."""
    own = dict(zip(bundle.classes, bundle.thresholds.tolist(), strict=True))
    chosen = own | dict(zip(tuned.thresholds.codes, tuned.thresholds.thresholds.tolist(), strict=True))
    return replace(tuned.thresholds, thresholds=np.array(list(chosen.values())), codes=tuple(chosen))


def _calibration(
    codes: list[str], targets: NDArray[np.bool_], probability: NDArray[np.float64], dataset: Dataset
) -> tuple[CalibrationError, ...]:
    places = [place for place, code in enumerate(codes) if statements()[code].kind == "superclass"]
    columns = places or list(range(len(codes)))
    errors, _ = calibration_intervals(targets[:, columns], probability[:, columns], dataset.patients)
    return tuple(CalibrationError(codes[place], error) for place, error in zip(columns, errors, strict=True))


def _outside(
    bundle: Bundle, dataset: Dataset, columns: list[int], device: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    ensemble = Ensemble(bundle, device)
    members = ensemble.probabilities(dataset.windows, dataset.valid, dataset.patient, dataset.measured)
    probability = dataset.records_mean(members.mean(axis=0))[:, columns]
    return probability, probability >= bundle.thresholds[columns]
