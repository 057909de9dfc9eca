"""shap as a second method, and attributions as shap's own objects for its plots. Needs the extra ``explain``."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgview.explain.attribution import Attribution
from ecgview.explain.explaining import Explainer
from ecgview.explain.gradients import Taken
from ecgview.model.network import Member, inputs_of_trees
from ecgview.model.smooth_trees import SmoothTrees
from ecgview.record import Record

if TYPE_CHECKING:
    import shap

METHOD = "shap.GradientExplainer"
SAMPLES = 200
"""What shap draws by default."""


class ShapAbsentError(RuntimeError):
    """shap is not installed; the message says how to get it."""


def load_shap() -> Any:
    """Import shap.

    Raises
    ------
    ShapAbsentError
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own dependencies' age
            import shap
    except ImportError as error:
        raise ShapAbsentError("this needs shap, which is not installed: pip install 'ecgview[explain]'") from error
    return shap


class OneLogit(nn.Module):
    """One member's logit of one class, of inputs as shap hands them.

    Parameters
    ----------
    member : Member
    trees : SmoothTrees
        The member's, of the class alone.
    place : int
        Number of the class.
    valid : int
        Samples that hold signal.
    """

    def __init__(self, member: Member, trees: SmoothTrees, place: int, valid: int) -> None:
        super().__init__()
        self.network, self.trees, self.share = member.signal, trees, member.signal_share
        self.place, self.valid = place, valid

    def forward(self, signal: Tensor, patient: Tensor, values: Tensor, known: Tensor) -> Tensor:
        """Return logits, shape (batch, 1)."""
        counted = torch.full((len(signal),), self.valid, dtype=torch.int64, device=signal.device)
        seen = self.network(signal, patient, counted)[:, self.place : self.place + 1]
        logits: Tensor = self.share * seen + (1 - self.share) * self.trees(*inputs_of_trees(values, known, patient))
        return logits


def shap_attribute(
    explainer: Explainer,
    record: Record,
    code: str,
    samples: int = SAMPLES,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
) -> Attribution:
    """Explain a record by shap.GradientExplainer, against the same background.

    Parameters
    ----------
    explainer : Explainer
        Its ensemble and background are used.
    record : Record
    code : str
        A class of the model.
    samples : int
        Random points that shap draws for each window.
    seed : int
    cancelled : callable, optional
        Asked between members and windows.

    Returns
    -------
    Attribution
        A measured value that only the background has counts as the mean of the background's, since
        shap takes one record to explain.

    Raises
    ------
    ShapAbsentError, UnknownClassError, Refusal, Cancelled
    """
    shap = load_shap()

    def of_member(member: Member, trees: SmoothTrees, place: int, valid: int, window: Taken, background: Taken) -> Any:
        there = background.known.bool()
        usual = (background.values * background.known).sum(0) / background.known.sum(0).clamp_min(1)
        value = torch.where(window.known.bool(), window.values, usual)
        compared = [
            background.signal,
            background.patient,
            torch.where(there, background.values, value),
            background.known,
        ]
        asked = [window.signal, window.patient, value, window.known]
        model = OneLogit(member, trees, place, valid)
        found = shap.GradientExplainer(model, [one.clone() for one in compared]).shap_values(
            [one.clone() for one in asked], nsamples=samples, rseed=seed
        )
        # One record and one logit: shap's axes for both are of length 1.
        return [np.asarray(one, np.float64).reshape(part.shape[1:]) for one, part in zip(found, asked, strict=True)]

    return explainer.by(of_member, METHOD, record, code, samples, cancelled)


def explanation(attribution: Attribution, by: str = "lead") -> shap.Explanation:
    """Return an attribution as shap's own object, so that shap's plots work on it.

    Parameters
    ----------
    attribution : Attribution
    by : {"lead", "sample"}
        ``"lead"`` gives one value each for the twelve leads (the sum over their samples), age, sex and
        each measured value, as shap's bar and waterfall plots take them; ``"sample"`` one for each
        prepared sample, shape (12, samples).

    Returns
    -------
    shap.Explanation

    Raises
    ------
    ShapAbsentError
    ValueError
        `by` is neither.
    """
    if by not in ("lead", "sample"):
        raise ValueError(f"an explanation is by lead or by sample, not by {by!r}")
    explanations = load_shap().Explanation
    if by == "sample":
        return explanations(
            values=attribution.values, base_values=attribution.expected, feature_names=attribution.leads
        )
    values: NDArray[np.float64] = attribution.values.sum(axis=1, dtype=np.float64)
    bars = attribution.bars
    return explanations(
        values=np.concatenate([values, list(bars.values())]),
        base_values=attribution.expected,
        feature_names=[*(f"lead {lead}" for lead in attribution.leads), *bars],
    )
