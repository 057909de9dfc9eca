"""Expected gradients of one class through one member of the ensemble.

G. Erion et al., "Improving performance of deep learning models with axiomatic attribution priors and
expected gradients", Nat Mach Intell 2021;3:620-631: the mean over background records b of integrated
gradients (M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017),
``(x - b) * integral over a from 0 to 1 of df/dx (b + a (x - b))``. What shap.GradientExplainer draws at
random is here computed at chosen points of every path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgview.model.smooth_trees import SmoothTrees
from ecgview.record import STANDARD_LEADS
from ecgview.record.limb_leads import limb_lead


@dataclass(frozen=True, eq=False)
class Taken:
    """One window, or the windows of a background, as tensors.

    Attributes
    ----------
    signal : Tensor, shape (n, 12, samples)
    patient : Tensor, shape (n, 5)
    values, known : Tensor, shape (n, features)
        Measured values, any finite number where not known.
    """

    signal: Tensor
    patient: Tensor
    values: Tensor
    known: Tensor


def folding(derived: frozenset[str]) -> Tensor | None:
    """Return what hands the gradients of computed leads on to the leads they were computed from.

    Parameters
    ----------
    derived : frozenset of str
        Leads that were computed from I and II.

    Returns
    -------
    Tensor, shape (12, 12), or None
        ``folding @ gradient`` is the gradient with respect to the recorded leads alone (chain rule);
        None where all are recorded.
    """
    if not derived:
        return None
    one, nothing = np.ones(1, np.float32), np.zeros(1, np.float32)
    matrix = torch.eye(len(STANDARD_LEADS))
    for name in derived:
        column = STANDARD_LEADS.index(name)
        matrix[column, column] = 0.0
        matrix[0, column] = float(limb_lead(name, {"I": one, "II": nothing})[0])
        matrix[1, column] = float(limb_lead(name, {"I": nothing, "II": one})[0])
    return matrix


@dataclass(frozen=True, eq=False)
class Slopes:
    """How a class's logit changes with each input, at some points.

    Attributes
    ----------
    signal : Tensor, shape (n, 12, samples)
    patient : Tensor, shape (n, 5)
    logits : Tensor, shape (n,)
    """

    signal: Tensor
    patient: Tensor
    logits: Tensor

    def only(self, part: slice) -> Slopes:
        """Return some of the points."""
        return Slopes(self.signal[part], self.patient[part], self.logits[part])

    def towards(
        self, record: Taken, background: Taken, fold: Tensor | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
        """Return what each input has in the slope along paths from the background to a record.

        Parameters
        ----------
        record : Taken
            One window.
        background : Taken
            Where each point's path begins.
        fold : Tensor, shape (12, 12), optional
            From :func:`folding`.

        Returns
        -------
        signal : ndarray of float32, shape (n, 12, samples)
        patient : ndarray of float64, shape (n, 5)
        logits : ndarray of float64, shape (n,)
        """
        by_signal = self.signal if fold is None else torch.matmul(fold.to(self.signal.device), self.signal)
        return (
            (by_signal * (record.signal - background.signal)).cpu().numpy(),
            (self.patient * (record.patient - background.patient)).double().cpu().numpy(),
            self.logits.double().cpu().numpy(),
        )


def slopes_at(network: nn.Module, place: int, signal: Tensor, patient: Tensor, valid: int) -> Slopes:
    """Return how a class's logit changes with each input.

    Parameters
    ----------
    network : nn.Module
        Takes (signal, patient, valid), gives logits.
    place : int
        Number of the class.
    signal : Tensor, shape (n, 12, samples)
    patient : Tensor, shape (n, 5)
    valid : int
        Samples that hold signal.
    """
    signal, patient = signal.detach().requires_grad_(), patient.detach().requires_grad_()
    counted = torch.full((len(signal),), valid, dtype=torch.int64, device=signal.device)
    with torch.enable_grad():
        logits = network(signal, patient, counted)[:, place]
        by_signal, by_patient = torch.autograd.grad(logits.sum(), (signal, patient))
    return Slopes(by_signal, by_patient, logits.detach())


def through_trees(
    trees: SmoothTrees, record: Taken, background: Taken, nodes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Integrate gradients through the trees of one class, the mean over the background.

    A value known here and there moves from one to the other. One that is known on one side alone
    stays as it is, and how far it counts as known moves between 0 and 1.

    Parameters
    ----------
    trees : SmoothTrees
        Of one class.
    record : Taken
        One window.
    background : Taken
    nodes : int
        Gauss-Legendre points of each path.

    Returns
    -------
    values, known : ndarray of float64, shape (features,)
    patient : ndarray of float64, shape (5,)
    """
    places, weights = np.polynomial.legendre.leggauss(nodes)
    device = background.values.device
    step = torch.as_tensor(0.5 + 0.5 * places, dtype=torch.float32, device=device)[:, None, None]
    weight = torch.as_tensor(0.5 * weights, dtype=torch.float32, device=device) / len(background.values)
    here = record.known.bool()
    end = torch.where(here, record.values, background.values)
    start = torch.where(background.known.bool(), background.values, end)
    ones = torch.ones_like(background.patient)
    begin = torch.cat([start, background.patient], 1), torch.cat([background.known, ones], 1)
    towards = torch.cat([end - start, record.patient - background.patient], 1)
    certain = torch.cat([record.known - background.known, torch.zeros_like(ones)], 1)
    values = (begin[0] + step * towards).flatten(0, 1).requires_grad_()
    known = (begin[1] + step * certain).flatten(0, 1).requires_grad_()
    with torch.enable_grad():
        logit = trees(values, known).sum()
        if logit.requires_grad:
            found = torch.autograd.grad(logit, (values, known))
        else:  # trees without a single split
            found = torch.zeros_like(values), torch.zeros_like(known)
    by_value, by_known = (one.view(len(places), len(begin[0]), -1) for one in found)
    features = record.values.shape[-1]
    moved = torch.einsum("n,nbf->f", weight, by_value * towards).double().cpu().numpy()
    became = torch.einsum("n,nbf->f", weight, by_known * certain).double().cpu().numpy()
    return moved[:features], became[:features], moved[features:]
