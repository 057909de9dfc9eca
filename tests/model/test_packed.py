"""The packed network says what the network says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ecgview.model import packed
from ecgview.model.ensemble import Ensemble
from ecgview.model.network import Architecture, SEResNet
from ecgview.model.packed import PackedNetwork


def learned(seed: int) -> SEResNet:
    """Return a network whose normalisations are not the identity, as after training."""
    torch.manual_seed(seed)
    network = SEResNet(Architecture(5, widths=(8, 16, 16, 24), kernels=(7, 5, 3, 1), blocks=(1, 2, 1, 1)))
    for part in network.modules():
        if isinstance(part, nn.BatchNorm1d):
            nn.init.uniform_(part.weight, 0.3, 2.0)
            nn.init.normal_(part.bias)
            assert part.running_mean is not None
            assert part.running_var is not None
            nn.init.normal_(part.running_mean)
            nn.init.uniform_(part.running_var, 0.2, 3.0)
    return network.eval().requires_grad_(False)


@pytest.mark.parametrize("offered", [True, False], ids=["laid out", "as any build of torch can"])
@pytest.mark.parametrize("windows", [1, 7])
@pytest.mark.parametrize("samples", [1000, 613])
def test_logits_are_the_networks(monkeypatch: pytest.MonkeyPatch, offered: bool, windows: int, samples: int) -> None:
    if offered and not packed.can_pack():
        pytest.skip("this build of torch has no oneDNN")
    monkeypatch.setattr(packed, "can_pack", lambda: offered)
    network = learned(windows)
    signal, patient = torch.randn(windows, 12, samples), torch.randn(windows, 5)
    with torch.inference_mode():
        expected, found = network(signal, patient), PackedNetwork(network)(signal, patient)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_short_and_whole_windows_are_judged_alike_alone_and_together(model_folder: Path) -> None:
    ensemble = Ensemble.load(model_folder, "cpu")
    rng = np.random.default_rng(3)
    windows = rng.normal(0, 0.3, (3, 12, 1000)).astype(np.float32)
    windows[1, :, 700:] = 0
    valid = np.array([1000, 700, 1000])
    patient = np.zeros((3, 5), np.float32)
    measured = rng.normal(100, 30, (3, 299)).astype(np.float32)
    together = ensemble.probabilities(windows, valid, patient, measured)
    for place in range(3):
        one = slice(place, place + 1)
        alone = ensemble.probabilities(windows[one], valid[one], patient[one], measured[one])
        np.testing.assert_allclose(alone[:, 0], together[:, place], atol=1e-5)
