"""The ensemble: several networks of one shape, asked together.

This module imports torch, which takes a second or more: import it late, and not on the way to the
first picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from ecgview.model.bundle import Bundle, BundleError, open_bundle
from ecgview.model.likeness import Unlikeness
from ecgview.model.network import Architecture, Member, SEResNet, inputs_of_trees
from ecgview.model.packed import PackedNetwork
from ecgview.model.prediction import Prediction
from ecgview.model.preprocessing import PATIENT_FEATURES, Prepared, Refusal, prepare
from ecgview.model.smooth_trees import SmoothTrees
from ecgview.model.unlikeness import Reference, ReferenceFileError
from ecgview.record import Record
from ecgview.resources import bundled_model
from ecgview.signal.features import FEATURES

WINDOWS_AT_ONCE = 64
_WINDOWS_A_JOB = 16

Job = TypeVar("Job")
Found = TypeVar("Found")


class Cancelled(Exception):
    """The caller no longer wants the result."""


def choose_device(name: str = "auto") -> torch.device:
    """Return where to compute: CUDA when it is there, else the CPU.

    Parameters
    ----------
    name : {"auto", "cpu", "cuda"}

    Raises
    ------
    ValueError
        CUDA is asked for by name and absent, or the name is none of the three.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device {name!r} is none of auto, cpu, cuda")
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise ValueError("no CUDA device is to be had on this machine")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, eq=False)
class _Taken:
    """A record ready to be judged."""

    record_hash: str
    prepared: Prepared
    unlikeness: Unlikeness | None


class Ensemble:
    """Networks that judge a record together.

    Parameters
    ----------
    bundle : Bundle
        The model's folder.
    device : {"auto", "cpu", "cuda"}
    threads : int, optional
        Networks at work side by side on the CPU, each on one core; as many as there are cores by
        default. A window beside it wants one core fewer. (Spreading single operations over
        threads is as fast on an idle machine, but takes twice as long beside another busy
        process: the threads wait for each other at every step.)

    Raises
    ------
    BundleError
        The weights do not fit the architecture the card names.
    ValueError
        The device is not to be had.
    """

    def __init__(self, bundle: Bundle, device: str = "auto", threads: int | None = None) -> None:
        self.bundle = bundle
        self.threads = cores() if threads is None else threads
        self.device = choose_device(device)
        self.preprocessing = bundle.preprocessing
        self.members = [self._member(path) for path in bundle.weights]
        here = self.device.type == "cpu"
        # Kept as long as the ensemble: starting threads anew takes as long as one of the networks.
        self._workers = ThreadPoolExecutor(self.threads, "networks", torch.set_num_threads, (1,)) if here else None
        # By them and not here: what one core wants is laid out in another order than what two want,
        # and laid out anew at every call where it does not fit, in seven times the time.
        self._packed = list(self.side_by_side(PackedNetwork, [one.signal for one in self.members])) if here else []
        try:
            self.reference = Reference.load(bundle.folder) if bundle.reference.is_file() else None
        except ReferenceFileError as error:
            raise BundleError(str(error)) from error
        self._columns = [FEATURES.index(name) for name in bundle.measured]

    @classmethod
    def load(
        cls,
        folder: Path | None = None,
        device: str = "auto",
        threads: int | None = None,
        thresholds: str | None = None,
    ) -> Ensemble:
        """Open a model's folder, by default the one that comes with the program and its own thresholds."""
        return cls(open_bundle(bundled_model() if folder is None else folder, thresholds), device, threads)

    def _member(self, path: Path) -> Member:
        try:
            stored = load_file(path)
            network = SEResNet(Architecture.from_dict(self.bundle.card["architecture"]))
            network.load_state_dict(below(stored, "signal."))
            trees = SmoothTrees(below(stored, "trees."))
            features = len(self.bundle.measured) + PATIENT_FEATURES
            if (trees.classes, trees.features) != (len(self.bundle.classes), features):
                raise ValueError("the trees are of other classes or measured values")
        except (RuntimeError, TypeError, KeyError, ValueError) as error:
            raise BundleError(f"{path}: the weights do not fit the architecture the card names: {error}") from error
        return Member(network, trees, self.bundle.signal_share).to(self.device).eval().requires_grad_(False)

    def predict(self, record: Record, cancelled: Callable[[], bool] | None = None) -> Prediction:
        """Judge one record.

        Parameters
        ----------
        record : Record
            Any rate, any length from :attr:`Preprocessing.shortest` on.
        cancelled : callable, optional
            Asked between members and batches; True ends the work.

        Returns
        -------
        Prediction

        Raises
        ------
        Refusal
            The record lacks what the model needs; the message says what.
        Cancelled
        """
        return self._judge([self._take(record)], cancelled)[0]

    def _take(self, record: Record) -> _Taken:
        """Prepare a record and compare it with the training records."""
        try:
            prepared = prepare(record, self.preprocessing)
        except Refusal as refusal:
            raise self._explained(record, refusal) from refusal
        unlikeness = None
        if self.reference is not None:
            unlikeness = self.reference.judge(record, self.preprocessing, prepared)
        return _Taken(record.content_hash, prepared, unlikeness)

    def _explained(self, record: Record, refusal: Refusal) -> Refusal:
        """Add to a refusal what may have gone wrong in recording: a wrong gain can be why leads look faulty."""
        if self.reference is None:
            return refusal
        try:
            found = self.reference.judge(record, self.preprocessing)
        except Refusal:
            return refusal  # too short to be compared either
        return Refusal(". ".join([str(refusal), *(one.text.rstrip(".") for one in found.suspicions)]))

    def predict_many(self, records: Iterable[Record], batch: int = WINDOWS_AT_ONCE) -> Iterator[Prediction | Refusal]:
        """Judge records as they come, a batch at a time.

        Parameters
        ----------
        records : iterable of Record
            Taken in one at a time; no more than a batch is held.
        batch : int
            Windows judged together.

        Yields
        ------
        Prediction or Refusal
            One for each record, in the same order.
        """
        # While a batch is judged the next one is measured: each would leave a core idle alone.
        with ThreadPoolExecutor(1, "judging") as judging:
            before: Future[list[Prediction | Refusal]] | None = None
            for waiting in self._batches(records, batch):
                following = judging.submit(self._settle, waiting)
                if before is not None:
                    yield from before.result()
                before = following
            if before is not None:
                yield from before.result()

    def _batches(self, records: Iterable[Record], batch: int) -> Iterator[list[_Taken | Refusal]]:
        waiting: list[_Taken | Refusal] = []
        held = 0
        for record in records:
            try:
                taken = self._take(record)
            except Refusal as refusal:
                waiting.append(refusal)
            else:
                waiting.append(taken)
                held += len(taken.prepared.windows)
            if held >= batch:
                yield waiting
                waiting, held = [], 0
        if waiting:
            yield waiting

    def _settle(self, waiting: Sequence[_Taken | Refusal]) -> list[Prediction | Refusal]:
        judged = iter(self._judge([one for one in waiting if isinstance(one, _Taken)], None))
        return [one if isinstance(one, Refusal) else next(judged) for one in waiting]

    def _judge(self, taken: Sequence[_Taken], cancelled: Callable[[], bool] | None) -> list[Prediction]:
        if not taken:
            return []
        prepared = [one.prepared for one in taken]
        windows = np.concatenate([part.windows for part in prepared])
        valid = np.concatenate([part.valid for part in prepared])
        patient = np.concatenate([np.repeat(part.patient[None], len(part.windows), axis=0) for part in prepared])
        measured = np.concatenate([part.measured for part in prepared])
        probability = self.probabilities(windows, valid, patient, measured, cancelled)
        ends = np.cumsum([len(part.windows) for part in prepared])
        return [
            Prediction(
                record_hash=one.record_hash,
                model_hash=self.bundle.model_hash,
                classes=self.bundle.classes,
                members=probability[:, end - len(one.prepared.windows) : end].mean(axis=1),
                thresholds=self.bundle.thresholds,
                windows=len(one.prepared.windows),
                unlikeness=one.unlikeness,
            )
            for one, end in zip(taken, ends, strict=True)
        ]

    def probabilities(
        self,
        windows: NDArray[np.float32],
        valid: NDArray[np.int64],
        patient: NDArray[np.float32],
        measured: NDArray[np.float32],
        cancelled: Callable[[], bool] | None = None,
    ) -> NDArray[np.float64]:
        """Return each member's probability for each window.

        Parameters
        ----------
        windows : ndarray, shape (n, 12, samples)
            Prepared signal, mV.
        valid : ndarray, shape (n,)
            Samples that hold signal.
        patient : ndarray, shape (n, 5)
            Age and sex.
        measured : ndarray, shape (n, len(FEATURES))
            Measured values, NaN where not measurable.
        cancelled : callable, optional
            Asked between members and batches.

        Returns
        -------
        ndarray of float64, shape (members, n, classes)
            Calibrated.

        Raises
        ------
        Cancelled
        """
        result = np.empty((len(self.members), len(windows), len(self.bundle.classes)))
        size = _WINDOWS_A_JOB if self.device.type == "cpu" else WINDOWS_AT_ONCE

        taken = measured[:, self._columns]
        known = np.isfinite(taken)
        inputs = (windows, patient, np.where(known, taken, 0).astype(np.float32), known.astype(np.float32), valid)

        def judge(job: tuple[int, int]) -> None:
            place, start = job
            if cancelled is not None and cancelled():
                raise Cancelled
            part = slice(start, start + size)
            with torch.inference_mode():
                logits = self._logits(place, *(torch.from_numpy(one[part]).to(self.device) for one in inputs))
                result[place, part] = self.bundle.calibration.apply(logits.double().cpu().numpy())

        jobs = [(place, start) for start in range(0, len(windows), size) for place in range(len(self.members))]
        for _ in self.side_by_side(judge, jobs):
            pass
        return result

    def side_by_side(self, work: Callable[[Job], Found], jobs: Sequence[Job]) -> Iterator[Found]:
        """Do jobs: on the CPU side by side, each on one core, on a GPU one after another.

        Parameters
        ----------
        work : callable
            Must not ask for jobs in turn.
        jobs : sequence

        Yields
        ------
        Found
            What the jobs find, in their order, the same every time.
        """
        if self._workers is not None:
            yield from self._workers.map(work, jobs)
        else:
            with _repeatable():
                for job in jobs:
                    yield work(job)

    def _logits(
        self,
        place: int,
        signal: torch.Tensor,
        patient: torch.Tensor,
        measured: torch.Tensor,
        known: torch.Tensor,
        valid: torch.Tensor,
    ) -> torch.Tensor:
        member = self.members[place]
        if not self._packed or bool((valid < signal.shape[-1]).any()):
            logits: torch.Tensor = member(signal, patient, measured, known, valid)
            return logits
        seen = self._packed[place](signal, patient)
        return member.together(seen, member.trees(*inputs_of_trees(measured, known, patient)))


@contextmanager
def _repeatable() -> Iterator[None]:
    """Let CUDA choose only kernels that give the same answer twice; the CPU's all do."""
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before


def below(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """Return the tensors whose names begin with `prefix`, without it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
