"""One record and class to be explained, and the answer put together from its parts."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from ecgview.explain.attribution import Attribution, Settings
from ecgview.explain.gradients import Taken
from ecgview.explain.summaries import net_shares_of, shares_of
from ecgview.model.bundle import Bundle
from ecgview.model.calibration import Calibration
from ecgview.model.preprocessing import Prepared
from ecgview.record import Record


@dataclass(frozen=True, eq=False)
class Question:
    """One record and class, with all that its answer needs besides the gradients through the networks.

    Attributes
    ----------
    record : Record
    prepared : Prepared
    code : str
    place : int
        Number of the class.
    windows : list of Taken
    fold : Tensor or None
        From :func:`ecgview.explain.gradients.folding`.
    logits, expected : ndarray of float64, shape (members, windows)
        Of the record, and the mean over the background.
    values, known : ndarray of float64, shape (members, features)
        What the trees attribute to measured values and to their being known, in logits of the member.
    patient : ndarray of float64, shape (members, 5)
        What they attribute to age and sex.
    waves : ndarray of int64, shape (samples,)
    samples : int
        Length of the record at the model's rate.
    """

    record: Record
    prepared: Prepared
    code: str
    place: int
    windows: list[Taken]
    fold: torch.Tensor | None
    logits: NDArray[np.float64]
    expected: NDArray[np.float64]
    values: NDArray[np.float64]
    known: NDArray[np.float64]
    patient: NDArray[np.float64]
    waves: NDArray[np.int64]
    samples: int


def answer_of(
    question: Question,
    bundle: Bundle,
    background: str,
    settings: Settings,
    sums: NDArray[np.float32],
    patients: NDArray[np.float64],
    nodes: int,
    seconds: float,
) -> Attribution:
    """Put an answer together.

    Parameters
    ----------
    question : Question
    bundle : Bundle
    background : str
        Its name.
    settings : Settings
    sums : ndarray, shape (members, windows, 12, samples of a window)
        What each network attributes to the samples, in logits of the member.
    patients : ndarray, shape (members, 5)
        What each attributes to age and sex, the mean over windows.
    nodes : int
    seconds : float

    Returns
    -------
    Attribution
        The mean over members and windows: each window's part is divided by their number and laid on
        the record's time axis, so that parts still add up to the mean logit.
    """
    prepared, hz = question.prepared, bundle.preprocessing.hz
    placed = np.zeros((len(sums), sums.shape[2], question.samples))
    for window, (start, valid) in enumerate(zip(prepared.starts, prepared.valid, strict=True)):
        first = round(start * hz)
        placed[:, :, first : first + valid] += sums[:, window, :, :valid] / len(question.windows)
    patient = (patients + question.patient).mean(axis=0)
    of_class = slice(question.place, question.place + 1)
    calibrated = Calibration(bundle.calibration.slope[of_class], bundle.calibration.offset[of_class])
    return Attribution(
        record_hash=question.record.content_hash,
        model_hash=bundle.model_hash,
        code=question.code,
        method="expected gradients",
        background=background,
        values=placed.mean(axis=0).astype(np.float32),
        hz=hz,
        starts=tuple(prepared.starts.tolist()),
        patient=MappingProxyType({"age": float(patient[:2].sum()), "sex": float(patient[2:].sum())}),
        measured=MappingProxyType(dict(zip(bundle.measured, question.values.mean(axis=0).tolist(), strict=True))),
        measurable=MappingProxyType(dict(zip(bundle.measured, question.known.mean(axis=0).tolist(), strict=True))),
        probability=float(calibrated.apply(question.logits[..., None]).mean()),
        logit=float(question.logits.mean()),
        expected=float(question.expected.mean()),
        waves=question.waves,
        member_shares=net_shares_of(placed, question.waves),
        settings=settings,
        nodes=nodes,
        seconds=seconds,
        member_sizes=shares_of(placed, question.waves),
    )
