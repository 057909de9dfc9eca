"""From a folder of labelled records to a model bundle: members, held-out predictions, thresholds, card."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file

from ecgview.model.bundle import REFERENCE
from ecgview.model.compared import measured_all
from ecgview.model.preprocessing import Preprocessing
from ecgview.model.smooth_trees import SmoothTrees
from ecgview.model.unlikeness import Reference
from ecgview.training.boosting import grow
from ecgview.training.configuration import Configuration
from ecgview.training.dataset import Dataset, DatasetError, divide, require_disjoint
from ecgview.training.fusion import Opinions
from ecgview.training.learner import Learner, multiplies_bfloat16, settings_digest
from ecgview.training.publishing import HeldOut, publish
from ecgview.training.report import Report
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

    A member is a network that sees the signal and trees over what is measured in it. The two learn
    apart, so that neither leans on the other. Each member learns from all parts of the records but
    one, and that part is predicted by it alone: the report rests on no record that the predicting
    member has seen. A training that was broken off goes on from the last finished epoch when called
    again with the same arguments.

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

    out.mkdir(parents=True, exist_ok=True)
    signal, measured = np.zeros((len(parts), len(codes))), np.zeros((len(parts), len(codes)))
    members = []
    seconds = 0.0
    for member in range(configuration.members):
        inside = parts[dataset.owner] == member
        learner = Learner(dataset, np.flatnonzero(~inside), codes, configuration, preprocessing, member, device)
        held_out = np.flatnonzero(parts == member)
        _learn(learner, out, held_out, np.flatnonzero(inside), configuration, progress)
        began = time.monotonic()
        values = _values(dataset)
        rows = np.flatnonzero(~inside)
        trees = grow(values[rows], learner.targets[dataset.owner[rows]] > 0, configuration, configuration.seed + member)
        seconds += learner.seconds + time.monotonic() - began
        weights = out / f"member-{member + 1}.safetensors"
        save_file(
            {f"signal.{name}": value for name, value in learner.averaged().items()}
            | {f"trees.{name}": value for name, value in trees.items()},
            weights,
        )
        signal[held_out] = _mean_of_windows(dataset, inside, learner.judge(np.flatnonzero(inside)))[held_out]
        measured[held_out] = _mean_of_windows(dataset, inside, _ask_trees(trees, values[inside]))[held_out]
        members.append(
            {
                "file": weights.name,
                "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
                "records": int((parts != member).sum()),
                "folds_held_out": sorted(set(dataset.folds[held_out].tolist())),
            }
        )
    report = publish(
        out=out,
        dataset=dataset,
        held_out=HeldOut(codes, parts, Opinions(signal, measured)),
        architecture=learner.network.architecture.as_dict(),
        preprocessing=preprocessing,
        members=members,
        training={
            "command": command,
            "configuration": asdict(configuration),
            "configuration_sha256": configuration.digest,
            "data_sha256": dataset.digest,
            "records": len(dataset.names),
            "patients": len(set(dataset.patients)),
            "left_out": len(dataset.left_out),
            "unlikeness": _keep_reference(dataset, parts, out),
            "overlap_between_parts": asdict(apart),
            "date": datetime.now(UTC).date().isoformat(),
            "seconds": round(seconds),
            "machine": _machine(device),
            "torch": torch.__version__,
        },
    )
    for member in range(configuration.members):
        _checkpoint(out, member).unlink(missing_ok=True)
    return report


def _keep_reference(dataset: Dataset, parts: NDArray[np.int64], out: Path) -> str:
    """Write what later records are compared with; return what became of it, for the card."""
    measured = measured_all(dataset.windows, dataset.valid, dataset.owner, dataset.measured)
    try:
        Reference.fit(measured, parts).save(out)
    except ValueError as error:
        (out / REFERENCE).unlink(missing_ok=True)
        return f"not judged: {error}"
    return "compared with the training records"


def _values(dataset: Dataset) -> NDArray[np.float64]:
    """Return what the trees take of each window, shape (windows, features + 5)."""
    return np.concatenate([dataset.measured, dataset.patient], axis=1).astype(np.float64)


def _ask_trees(trees: dict[str, torch.Tensor], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the trees' logits, shape (windows, classes)."""
    known = np.isfinite(values)
    inputs = [torch.from_numpy(one.astype(np.float32)) for one in (np.where(known, values, 0), known)]
    with torch.inference_mode():
        logits: NDArray[np.float64] = SmoothTrees(trees)(*inputs).double().numpy()
    return logits


def _mean_of_windows(dataset: Dataset, inside: NDArray[np.bool_], logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each record's mean logits, shape (records, classes), from those of the windows `inside`."""
    every = np.zeros((len(dataset.owner), logits.shape[1]))
    every[inside] = logits
    return dataset.records_mean(every)


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
        inside = np.isin(np.arange(len(data.owner)), held_out_windows)
        scores = _mean_of_windows(data, inside, learner.judge(held_out_windows))[held_out]
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


def _machine(device: torch.device) -> str:
    if device.type == "cuda":
        return f"GPU, {torch.cuda.get_device_name(device)}"
    precision = "bfloat16 and float32" if multiplies_bfloat16(device) else "float32"
    return f"CPU, {platform.machine()}, {torch.get_num_threads()} threads, {precision}"
