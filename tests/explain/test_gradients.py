"""Attributions where the truth is known, and beside shap's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from model_files import random_trees
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgview.explain.gradients import Taken, folding, slopes_at, through_trees
from ecgview.model.network import inputs_of_trees
from ecgview.model.smooth_trees import SmoothTrees, Split, flatten

SAMPLES, FEATURES = 40, 4
PLACES, SHARES = (np.arange(15) + 0.5) / 15, np.full(15, 1 / 15)


def taken(count: int, seed: int, known: float = 1.0) -> Taken:
    torch.manual_seed(seed)
    return Taken(
        torch.randn(count, 12, SAMPLES),
        torch.rand(count, 5),
        torch.rand(count, FEATURES) * 150,
        (torch.rand(count, FEATURES) < known).float(),
    )


class Linear(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight, self.of_patient = torch.randn(2, 12, SAMPLES), torch.randn(2, 5)

    def forward(self, signal: Tensor, patient: Tensor, valid: Tensor | None = None) -> Tensor:
        return torch.einsum("bln,cln->bc", signal, self.weight) + patient @ self.of_patient.T + 3.0


class Convolutional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv1d(12, 6, 5, padding=2), nn.Conv1d(6, 4, 5, stride=2)
        self.last = nn.Linear(4 + 5, 1)

    def forward(self, signal: Tensor, patient: Tensor, valid: Tensor | None = None) -> Tensor:
        hidden = torch.relu(self.second(torch.relu(self.first(signal))))
        logits: Tensor = self.last(torch.cat([hidden.amax(-1), patient], 1))
        return logits


def integrated(
    network: nn.Module,
    record: Taken,
    background: Taken,
    places: NDArray[np.float64] = PLACES,
    shares: NDArray[np.float64] = SHARES,
    fold: Tensor | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected gradients over the points of every path."""
    paths = len(background.signal)
    spread = Taken(*(part.repeat(len(places), *([1] * (part.ndim - 1))) for part in vars(background).values()))
    step, weight = torch.tensor(np.repeat(places, paths)).float(), np.repeat(shares, paths) / paths
    at = spread.signal + step[:, None, None] * (record.signal - spread.signal)
    of_patient = spread.patient + step[:, None] * (record.patient - spread.patient)
    signal, patient, _ = slopes_at(network, 0, at, of_patient, SAMPLES).towards(record, spread, fold)
    return np.einsum("n,nls->ls", weight, signal), weight @ patient


def test_a_linear_model_gives_weight_times_distance_from_the_mean_background() -> None:
    record, background, model = taken(1, 1), taken(5, 2), Linear()
    signal, patient = integrated(model, record, background)
    truth = model.weight[0] * (record.signal[0] - background.signal.mean(0))
    assert np.abs(signal - truth.numpy()).max() < 1e-4
    of_patient = model.of_patient[0] * (record.patient[0] - background.patient.mean(0))
    assert np.abs(patient - of_patient.numpy()).max() < 1e-4


def test_a_small_network_gives_what_shap_gives_within_its_sampling_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shap = pytest.importorskip("shap")
    record, background = taken(1, 3), taken(5, 4)
    torch.manual_seed(0)
    model = Convolutional()
    draws = 20_000
    explainer = shap.GradientExplainer(model, [background.signal, background.patient])
    values, variances = explainer.shap_values(
        [record.signal.clone(), record.patient.clone()], nsamples=draws, rseed=1, return_variances=True
    )
    # Kinks of so small a network show along a path, so it is followed closely.
    dense = (np.arange(2000) + 0.5) / 2000
    found = integrated(model, record, background, dense, np.full(2000, 1 / 2000))
    for ours, theirs, variance in zip(found, values, variances[0], strict=True):
        truth, error = np.ravel(theirs), np.sqrt(np.ravel(variance) / np.sqrt(draws))  # shap's is var / sqrt(n)
        apart = (ours.ravel() - truth) / np.maximum(error, 1e-7)
        assert np.sqrt(np.mean(apart**2)) < 1.5
        assert np.abs(ours.ravel() - truth).max() < 6 * error.max()
        # And that error is small beside what there is to see.
        assert np.linalg.norm(ours.ravel() - truth) < 0.05 * np.linalg.norm(truth)


def test_what_is_attributed_to_leads_that_were_computed_lies_in_those_they_came_from() -> None:
    record, background, model = taken(1, 5), taken(3, 6), Linear()
    for part in (record, background):
        part.signal[:, 2] = part.signal[:, 1] - part.signal[:, 0]
        part.signal[:, 3] = -(part.signal[:, 0] + part.signal[:, 1]) / 2
    plain, _ = integrated(model, record, background)
    folded, _ = integrated(model, record, background, fold=folding(frozenset({"III", "aVR"})))
    assert np.all(folded[2:4] == 0)
    assert np.any(plain[2:4] != 0)
    assert folded.sum() == pytest.approx(plain.sum(), abs=1e-3)
    assert np.allclose(folded[4:], plain[4:])
    assert folding(frozenset()) is None


def test_trees_attribute_all_of_the_difference_in_their_logits() -> None:
    trees = SmoothTrees(random_trees(1, FEATURES + 5, seed=2, count=20))
    record, background = taken(1, 7, known=0.5), taken(6, 8, known=0.7)
    values, known, patient = through_trees(trees, record, background, 64)
    with torch.inference_mode():
        logits = [trees(*inputs_of_trees(one.values, one.known, one.patient)).mean() for one in (record, background)]
    assert values.sum() + known.sum() + patient.sum() == pytest.approx(float(logits[0] - logits[1]), abs=2e-3)
    # A value that is known here has a part for its size only where the background knows it too.
    alone = record.known[0].bool() & ~background.known.bool().any(0)
    assert np.all(values[alone.numpy()] == 0)
    assert np.all(values[~record.known[0].bool().numpy()] == 0)


def test_being_measurable_at_all_is_attributed_as_such() -> None:
    trees = SmoothTrees(flatten([[Split(0, 1e9, False, Split(value=2.0), Split(value=-1.0))]], [0.0], [5.0] * 9))
    record, background = taken(1, 9), taken(2, 10)
    background.known[:, 0] = 0.0
    values, known, patient = through_trees(trees, record, background, 8)
    assert known[0] == pytest.approx(3.0, abs=1e-5)
    assert np.all(values == 0)
    assert np.all(patient == 0)
