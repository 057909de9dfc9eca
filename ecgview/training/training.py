"""From a folder of labelled records to a model bundle: members, held-out predictions, thresholds, card."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file

import ecgview
from ecgview.model.bundle import CARD, OUT_OF_FOLD, THRESHOLDS
from ecgview.model.preprocessing import Preprocessing
from ecgview.model.vocabulary import statements
from ecgview.training.configuration import Configuration
from ecgview.training.dataset import Dataset, DatasetError, divide, require_disjoint
from ecgview.training.learner import Learner, settings_digest
from ecgview.training.report import Report, choose_thresholds, crossed_calls, make_report
from ecgview.training.scores import auroc


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is.

    Attributes
    ----------
    member, members : int
        The network that learns, from 1, and how many there are.
    epoch, epochs : int
        Epochs it has finished, and how many there will be.
    loss : float
        Mean of the last epoch.
    held_out : float
        Mean AUROC on the part kept from this network; for the eye only, nothing is chosen by it.
    """

    member: int
    members: int
    epoch: int
    epochs: int
    loss: float
    held_out: float


def train(
    dataset: Dataset,
    out: Path,
    configuration: Configuration,
    preprocessing: Preprocessing,
    device: torch.device,
    command: str,
    progress: Callable[[Progress], None],
) -> Report:
    """Train an ensemble and write its bundle.

    Each member learns from all parts of the records but one, and that part is predicted by it
    alone: the report rests on no record that the predicting network has seen. A training that was
    broken off goes on from the last finished epoch when called again with the same arguments.

    Parameters
    ----------
    dataset : Dataset
    out : Path
        Folder of the bundle; made if need be.
    configuration : Configuration
    preprocessing : Preprocessing
    device : torch.device
    command : str
        What was typed, for the card.
    progress : callable
        Told after each epoch.

    Returns
    -------
    Report

    Raises
    ------
    DatasetError
        Parts share patients or signals, or no statement has enough records.
    """
    parts = divide(dataset.folds, configuration.members)
    apart = require_disjoint(dataset, parts)
    counts = dataset.targets.sum(axis=0)
    codes = tuple(
        code for code, count in zip(dataset.classes, counts, strict=True) if configuration.fewest <= count < len(parts)
    )
    if not codes:
        raise DatasetError(f"no statement is carried by {configuration.fewest} records or more")
    targets = dataset.targets[:, [dataset.classes.index(code) for code in codes]]

    out.mkdir(parents=True, exist_ok=True)
    logits = np.zeros(targets.shape)
    members = []
    seconds = 0.0
    for member in range(configuration.members):
        inside = parts[dataset.owner] == member
        learner = Learner(dataset, np.flatnonzero(~inside), codes, configuration, preprocessing, member, device)
        held_out = np.flatnonzero(parts == member)
        _learn(learner, out, held_out, np.flatnonzero(inside), configuration, progress)
        seconds += learner.seconds
        weights = out / f"member-{member + 1}.safetensors"
        save_file(learner.averaged(), weights)
        window_logits = np.zeros((len(dataset.owner), len(codes)))
        window_logits[inside] = learner.judge(np.flatnonzero(inside))
        logits[held_out] = dataset.records_mean(window_logits)[held_out]
        members.append(
            {
                "file": weights.name,
                "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
                "records": int((parts != member).sum()),
                "folds_held_out": sorted(set(dataset.folds[held_out].tolist())),
            }
        )
    probability = 1 / (1 + np.exp(-logits))
    report = make_report(codes, targets, probability, crossed_calls(targets, probability, parts), dataset.patients)
    np.savez_compressed(
        out / OUT_OF_FOLD,
        hashes=np.array(dataset.hashes),
        parts=parts.astype(np.int8),
        logits=logits.astype(np.float32),
        classes=np.array(codes),
    )
    thresholds = choose_thresholds(targets, probability)
    _write_json(
        out / THRESHOLDS,
        {
            "objective": "highest F1 of each class on the predictions each member made for its held-out part",
            "date": _today(),
            "thresholds": {code: round(float(value), 6) for code, value in zip(codes, thresholds, strict=True)},
        },
    )
    card = {
        "name": out.name,
        "research_use": ecgview.RESEARCH_USE,
        "architecture": learner.network.architecture.as_dict(),
        "preprocessing": asdict(preprocessing),
        "classes": _class_entries(report, codes, targets),
        "members": members,
        "scores": {
            "protocol": (
                f"{configuration.members} parts by patient; each part is predicted by the one network that did not "
                "learn from it, after a number of epochs fixed beforehand; F1, sensitivity and specificity at "
                "thresholds chosen on the other parts; intervals from 1000 draws of patients. The ensemble's mean, "
                "which the program shows, was not judged: every record was seen by all members but one."
            ),
            "macro_auroc_reference_statements": report.macro_statements.as_list(),
            "reference_statements": report.statements,
            "macro_auroc_superclasses": report.macro_superclasses.as_list() if report.macro_superclasses else None,
            "macro_auroc_all_classes": report.macro_all.as_list(),
        },
        "training": {
            "command": command,
            "configuration": asdict(configuration),
            "configuration_sha256": configuration.digest,
            "data_sha256": dataset.digest,
            "records": len(dataset.names),
            "patients": len(set(dataset.patients)),
            "left_out": len(dataset.left_out),
            "overlap_between_parts": asdict(apart),
            "date": _today(),
            "seconds": round(seconds),
            "machine": _machine(device),
            "torch": torch.__version__,
        },
    }
    _write_json(out / CARD, card)
    for member in range(configuration.members):
        _checkpoint(out, member).unlink(missing_ok=True)
    return report


def _learn(
    learner: Learner,
    out: Path,
    held_out: NDArray[np.int64],
    held_out_windows: NDArray[np.int64],
    configuration: Configuration,
    progress: Callable[[Progress], None],
) -> None:
    """Take a learner through its remaining epochs."""
    checkpoint = _checkpoint(out, learner.member)
    if checkpoint.is_file():
        _require_same_settings(checkpoint, learner)
        learner.load(checkpoint)
    data = learner.dataset
    while learner.epoch < configuration.epochs:
        loss = learner.learn_epoch()
        learner.save(checkpoint)
        scores = np.zeros((len(data.owner), learner.targets.shape[1]))
        scores[held_out_windows] = learner.judge(held_out_windows)
        scores = data.records_mean(scores)[held_out]
        targets = learner.targets[held_out].astype(bool)
        once = np.ones((1, len(held_out)))
        values = [auroc(targets[:, k], scores[:, k], once)[0] for k in range(targets.shape[1])]
        known = [value for value in values if not np.isnan(value)]
        progress(
            Progress(
                member=learner.member + 1,
                members=configuration.members,
                epoch=learner.epoch,
                epochs=configuration.epochs,
                loss=loss,
                held_out=float(np.mean(known)) if known else float("nan"),
            )
        )


def _checkpoint(out: Path, member: int) -> Path:
    return out / f"unfinished-{member + 1}.safetensors"


def _require_same_settings(checkpoint: Path, learner: Learner) -> None:
    with safe_open(checkpoint, "pt") as stored:
        if stored.metadata().get("settings") != settings_digest(learner):
            raise DatasetError(
                f"{checkpoint}: belongs to a training with other records or settings; "
                "remove it, or choose another folder to write to"
            )


def _class_entries(report: Report, codes: tuple[str, ...], targets: NDArray[np.bool_]) -> list[dict[str, Any]]:
    judged = {entry.code: entry for entry in report.classes}
    entries: list[dict[str, Any]] = []
    for code, count in zip(codes, targets.sum(axis=0).tolist(), strict=True):
        entry = judged[code]
        entries.append(
            {
                "code": code,
                "name": statements()[code].name,
                "records": count,
                "auroc": entry.auroc.as_list(),
                "average_precision": round(entry.average_precision, 4),
                "f1": round(entry.calls.f1, 4),
                "sensitivity": round(entry.calls.sensitivity, 4),
                "specificity": round(entry.calls.specificity, 4),
            }
        )
    return entries


def _machine(device: torch.device) -> str:
    if device.type == "cuda":
        return f"GPU, {torch.cuda.get_device_name(device)}"
    return f"CPU, {platform.machine()}, {torch.get_num_threads()} threads"


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _write_json(path: Path, content: dict[str, Any]) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
