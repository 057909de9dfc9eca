"""The ensemble: several networks of one shape, asked together.

This module imports torch, which takes a second or more: import it late, and not on the way to the
first picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from ecgview.model.bundle import Bundle, BundleError, open_bundle
from ecgview.model.network import Architecture, SEResNet
from ecgview.model.prediction import Prediction
from ecgview.model.preprocessing import Prepared, Refusal, prepare
from ecgview.record import Record
from ecgview.resources import bundled_model

WINDOWS_AT_ONCE = 64
_WINDOWS_A_JOB = 16


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

    @classmethod
    def load(cls, folder: Path | None = None, device: str = "auto", threads: int | None = None) -> Ensemble:
        """Open a model's folder, by default the one that comes with the program."""
        return cls(open_bundle(bundled_model() if folder is None else folder), device, threads)

    def _member(self, path: Path) -> SEResNet:
        settings = dict(self.bundle.card["architecture"])
        settings["widths"] = tuple(settings["widths"])
        try:
            network = SEResNet(Architecture(**settings))
            network.load_state_dict(load_file(path))
        except (RuntimeError, TypeError, KeyError) as error:
            raise BundleError(f"{path}: the weights do not fit the architecture the card names: {error}") from error
        return network.to(self.device).eval().requires_grad_(False)

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
        prepared = prepare(record, self.preprocessing)
        return self._judge([record.content_hash], [prepared], cancelled)[0]

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
        waiting: list[tuple[str, Prepared | Refusal]] = []
        held = 0
        for record in records:
            try:
                prepared = prepare(record, self.preprocessing)
            except Refusal as refusal:
                waiting.append((record.content_hash, refusal))
            else:
                waiting.append((record.content_hash, prepared))
                held += len(prepared.windows)
            if held >= batch:
                yield from self._settle(waiting)
                waiting, held = [], 0
        yield from self._settle(waiting)

    def _settle(self, waiting: Sequence[tuple[str, Prepared | Refusal]]) -> Iterator[Prediction | Refusal]:
        fit = [(digest, prepared) for digest, prepared in waiting if isinstance(prepared, Prepared)]
        judged = iter(self._judge([digest for digest, _ in fit], [prepared for _, prepared in fit], None))
        for _, prepared in waiting:
            yield prepared if isinstance(prepared, Refusal) else next(judged)

    def _judge(
        self, hashes: Sequence[str], prepared: Sequence[Prepared], cancelled: Callable[[], bool] | None
    ) -> list[Prediction]:
        if not prepared:
            return []
        windows = np.concatenate([part.windows for part in prepared])
        valid = np.concatenate([part.valid for part in prepared])
        patient = np.concatenate([np.repeat(part.patient[None], len(part.windows), axis=0) for part in prepared])
        probability = self.probabilities(windows, valid, patient, cancelled)
        ends = np.cumsum([len(part.windows) for part in prepared])
        return [
            Prediction(
                record_hash=digest,
                model_hash=self.bundle.model_hash,
                classes=self.bundle.classes,
                members=probability[:, end - len(part.windows) : end].mean(axis=1),
                thresholds=self.bundle.thresholds,
                windows=len(part.windows),
            )
            for digest, part, end in zip(hashes, prepared, ends, strict=True)
        ]

    def probabilities(
        self,
        windows: NDArray[np.float32],
        valid: NDArray[np.int64],
        patient: NDArray[np.float32],
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
        cancelled : callable, optional
            Asked between members and batches.

        Returns
        -------
        ndarray of float64, shape (members, n, classes)

        Raises
        ------
        Cancelled
        """
        result = np.empty((len(self.members), len(windows), len(self.bundle.classes)))
        size = _WINDOWS_A_JOB if self.device.type == "cpu" else WINDOWS_AT_ONCE

        def judge(job: tuple[int, int]) -> None:
            place, start = job
            if cancelled is not None and cancelled():
                raise Cancelled
            part = slice(start, start + size)
            with torch.inference_mode():
                inputs = [torch.from_numpy(values[part]).to(self.device) for values in (windows, patient, valid)]
                result[place, part] = torch.sigmoid(self.members[place](*inputs).double()).cpu().numpy()

        jobs = [(place, start) for start in range(0, len(windows), size) for place in range(len(self.members))]
        if self.device.type == "cpu":
            with ThreadPoolExecutor(self.threads, "networks", torch.set_num_threads, (1,)) as pool:
                list(pool.map(judge, jobs))
        else:
            with _repeatable():
                for job in jobs:
                    judge(job)
        return result


@contextmanager
def _repeatable() -> Iterator[None]:
    """Let CUDA choose only kernels that give the same answer twice; the CPU's all do."""
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before
