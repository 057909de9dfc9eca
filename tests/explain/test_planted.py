"""Small networks that learn something planted in generated records: explanations must point at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from model_files import write_model
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgview.explain.attribution import WAVES, Attribution
from ecgview.explain.attribution import Settings as Explaining
from ecgview.explain.explaining import Explainer
from ecgview.explain.summaries import wave_shares
from ecgview.model.ensemble import Ensemble
from ecgview.model.preprocessing import Preprocessing, prepare
from ecgview.record import STANDARD_LEADS, Record
from ecgview.synthesis import Generated, Settings, generate

PREPROCESSING = Preprocessing()
STEPS = 60
LEARNED, HELD_OUT = 20, 10
MOST, MARGIN = 0.75, 1.5
"""What explanations must reach: the share of records, and how far ahead of the next place."""
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


@dataclass(frozen=True, eq=False)
class Case:
    """A record with something planted, and what its explanation says."""

    made: Generated
    record: Record
    found: Attribution


@pytest.fixture(scope="module")
def plain() -> list[tuple[Generated, NDArray[np.float32]]]:
    """Records in which nothing is planted, and what the networks see of them."""
    chance = np.random.default_rng(1)
    found = []
    for seed in range(LEARNED + HELD_OUT):
        made = generate(Settings(rate=float(chance.uniform(55, 95)), axis=float(chance.uniform(0, 75))), seed=seed)
        found.append((made, prepare(made.record, PREPROCESSING).windows[0]))
    return found


def explained(folder: Path, plain: list[tuple[Generated, NDArray[np.float32]]], plant: Plant) -> list[Case]:
    """Teach a small network to tell planted records from plain ones, and explain those it never saw."""
    chance = np.random.default_rng(2)
    pairs, windows = [], []
    for made, window in plain:
        planted = replace(made.record, signal=plant(made, chance))
        pairs.append((made, planted))
        windows.append([window, prepare(planted, PREPROCESSING).windows[0]])
    signal = torch.from_numpy(np.array(windows))
    label = torch.tensor([0.0, 1.0]).repeat(LEARNED)[:, None]
    torch.manual_seed(0)
    network = Small()
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(STEPS):
        logits = network(signal[:LEARNED].flatten(0, 1), torch.zeros(2 * LEARNED, 5))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, label)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    # Without this the network learned nothing, and explaining it would mean nothing.
    with torch.inference_mode():
        without, with_it = (network(signal[LEARNED:, place], torch.zeros(HELD_OUT, 5)) for place in (0, 1))
    assert (without < 0).float().mean() > 0.8
    assert (with_it > 0).float().mean() > 0.8
    ensemble = Ensemble.load(write_model(folder / "model", ("PLANTED",), members=1), "cpu")
    ensemble.members[0].signal = network.requires_grad_(False)  # type: ignore[assignment]
    ensemble.members[0].signal_share = 1.0
    explainer = Explainer(ensemble, Explaining(backgrounds=4))
    return [Case(made, record, explainer.attribute(record, "PLANTED")) for made, record in pairs[LEARNED:]]


def shuffled(cases: list[Case], seed: int) -> list[Case]:
    """Return what an attribution says that knows nothing: the same values, leads and times thrown about."""
    chance = np.random.default_rng(seed)
    return [
        replace(
            case,
            found=replace(
                case.found, values=chance.permutation(case.found.values.ravel()).reshape(case.found.values.shape)
            ),
        )
        for case in cases
    ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Over the records: how often the largest share lies where the truth is, and by how much.

    `margin` is the median over records of the true place's share beside the largest other one.
    """

    first: float
    margin: float

    @property
    def right(self) -> bool:
        return self.first >= MOST and self.margin >= MARGIN


def judged(cases: list[Case], shares_and_truth: Callable[[Case], tuple[NDArray[np.float64], int]]) -> Verdict:
    """Judge explanations by the shares of the places they could name."""
    ratios = []
    for case in cases:
        shares, truth = shares_and_truth(case)
        ratios.append(shares[truth] / np.delete(shares, truth).max())
    return Verdict(float(np.mean(np.array(ratios) > 1)), float(np.median(ratios)))


def by_lead(case: Case) -> tuple[NDArray[np.float64], int]:
    return np.array(list(case.found.lead_shares.values())), STANDARD_LEADS.index("V1")


def by_beat(case: Case) -> tuple[NDArray[np.float64], int]:
    """Shares of 400 ms around each beat; the truth is the beat whose signal was changed."""
    sizes, time = np.abs(case.found.values).sum(axis=0), np.arange(1000) / 100
    beats = np.array([beat.r for beat in case.made.truth.beats])
    changed = np.abs(case.record.signal - case.made.record.signal).max(axis=0).argmax() / case.record.hz
    shares = np.array([sizes[np.abs(time - at - 0.05) < 0.2].sum() for at in beats])
    return shares, int(np.argmin(np.abs(beats - changed)))


def by_wave(case: Case) -> tuple[NDArray[np.float64], int]:
    """Shares of each wave and of what belongs to none, sample for sample: the last is by far the longest."""
    shares = wave_shares(case.found)
    lengths = np.maximum(np.bincount(case.found.waves, minlength=len(WAVES)), 1)
    return np.array([shares[wave] for wave in WAVES]) / lengths, WAVES.index("ST")


@pytest.mark.parametrize(("plant", "places"), [(in_v1, by_lead), (in_one_beat, by_beat), (in_st, by_wave)])
def test_what_was_planted_is_named_and_by_no_attribution_that_knows_nothing(
    tmp_path: Path,
    plain: list[tuple[Generated, NDArray[np.float32]]],
    plant: Plant,
    places: Callable[[Case], tuple[NDArray[np.float64], int]],
) -> None:
    cases = explained(tmp_path, plain, plant)
    found = judged(cases, places)
    assert found.right, found
    for seed in range(20):
        by_chance = judged(shuffled(cases, seed), places)
        assert not by_chance.right, by_chance
        assert by_chance.margin < 1.1 < MARGIN, by_chance
    if plant is in_st:
        # Of the waves proper it has the largest share outright, short as it is.
        largest = [max(WAVES[:-1], key=lambda wave: wave_shares(case.found)[wave]) for case in cases]
        assert largest.count("ST") >= MOST * len(largest), largest
