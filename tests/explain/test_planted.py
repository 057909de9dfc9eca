"""Small networks that learn something planted in generated records: explanations must point at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from model_files import write_model
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgview.explain.attribution import WAVES, Attribution
from ecgview.explain.explaining import Explainer
from ecgview.explain.summaries import wave_shares
from ecgview.model.ensemble import Ensemble
from ecgview.model.preprocessing import Preprocessing, prepare
from ecgview.record import STANDARD_LEADS, Record
from ecgview.synthesis import Generated, Settings, generate

PREPROCESSING = Preprocessing()
STEPS = 60
Plant = Callable[[Generated, np.random.Generator], NDArray[np.float32]]


def hump(time: NDArray[np.float64], at: float, width: float) -> NDArray[np.float64]:
    return np.exp(-0.5 * ((time - at) / width) ** 2)


def in_v1(made: Generated, chance: np.random.Generator) -> NDArray[np.float32]:
    signal, time = made.record.signal.copy(), np.arange(made.record.samples) / made.record.hz
    for beat in made.truth.beats:
        signal[STANDARD_LEADS.index("V1")] += (0.5 * hump(time, beat.r + 0.05, 0.015)).astype(np.float32)
    return signal


def in_one_beat(made: Generated, chance: np.random.Generator) -> NDArray[np.float32]:
    time = np.arange(made.record.samples) / made.record.hz
    beat = made.truth.beats[int(chance.integers(2, len(made.truth.beats) - 2))]
    return made.record.signal + (0.8 * hump(time, beat.r + 0.06, 0.03)).astype(np.float32)


def in_st(made: Generated, chance: np.random.Generator) -> NDArray[np.float32]:
    signal, time = made.record.signal.copy(), np.arange(made.record.samples) / made.record.hz
    for beat in made.truth.beats:
        signal += (-0.3 * hump(time, beat.qrs_offset + 0.06, 0.02)).astype(np.float32)
    return signal


class Small(nn.Module):
    """Two convolutions and the largest of what they find."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv1d(12, 8, 9, stride=2, padding=4), nn.Conv1d(8, 8, 9, stride=2, padding=4)
        self.last = nn.Linear(8 + 5, 1)

    def forward(self, signal: Tensor, patient: Tensor, valid: Tensor | None = None) -> Tensor:
        hidden = torch.relu(self.second(torch.relu(self.first(signal))))
        logits: Tensor = self.last(torch.cat([hidden.amax(-1), patient], 1))
        return logits


def explained(folder: Path, plant: Plant) -> Iterator[tuple[Generated, Record, Attribution]]:
    """Teach a small network to tell planted records from plain ones, and explain some it never saw."""
    chance = np.random.default_rng(1)
    pairs, windows = [], []
    for seed in range(24):
        made = generate(Settings(rate=float(chance.uniform(55, 95)), axis=float(chance.uniform(0, 75))), seed=seed)
        planted = replace(made.record, signal=plant(made, chance))
        pairs.append((made, planted))
        windows.append([prepare(one, PREPROCESSING).windows[0] for one in (made.record, planted)])
    signal = torch.from_numpy(np.array(windows))
    label = torch.tensor([0.0, 1.0]).repeat(20)[:, None]
    torch.manual_seed(0)
    network = Small()
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(STEPS):
        logits = network(signal[:20].flatten(0, 1), torch.zeros(40, 5))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, label)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    # Without this the network learned nothing, and explaining it would mean nothing.
    with torch.inference_mode():
        plain, planted_logits = (network(signal[20:, place], torch.zeros(4, 5)) for place in (0, 1))
    assert plain.max() < 0 < planted_logits.min()
    ensemble = Ensemble.load(write_model(folder / "model", ("PLANTED",), members=1), "cpu")
    ensemble.members[0].signal = network.requires_grad_(False)  # type: ignore[assignment]
    ensemble.members[0].signal_share = 1.0
    explainer = Explainer(ensemble)
    for made, record in pairs[20:]:
        yield made, record, explainer.attribute(record, "PLANTED")


def test_a_class_that_shows_in_v1_is_explained_by_v1(tmp_path: Path) -> None:
    for _, _, found in explained(tmp_path, in_v1):
        assert found.ranking[0] == "V1", found.lead_shares


def test_a_class_that_shows_in_one_beat_is_explained_by_that_beat(tmp_path: Path) -> None:
    for made, record, found in explained(tmp_path, in_one_beat):
        sizes = np.abs(found.values).sum(axis=0)
        time = np.arange(1000) / 100
        beats = [beat.r for beat in made.truth.beats]
        shares = [sizes[np.abs(time - at - 0.05) < 0.2].sum() for at in beats]
        changed = np.abs(record.signal - made.record.signal).max(axis=0).argmax() / record.hz
        assert int(np.argmax(shares)) == int(np.argmin(np.abs(np.array(beats) - changed))), shares


def test_a_class_that_shows_in_the_st_segment_is_explained_by_it(tmp_path: Path) -> None:
    for _, _, found in explained(tmp_path, in_st):
        shares = wave_shares(found)
        waves = {wave: share for wave, share in shares.items() if wave != "other"}
        assert max(waves, key=lambda wave: waves[wave]) == "ST", shares
        # The stretches that belong to no wave are by far the longest; sample for sample ST has most.
        lengths = dict(zip(WAVES, np.bincount(found.waves, minlength=len(WAVES)), strict=True))
        dense = {wave: share / lengths[wave] for wave, share in shares.items()}
        assert max(dense, key=lambda wave: dense[wave]) == "ST", dense
