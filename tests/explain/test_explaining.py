"""Explanations of the whole ensemble, on a model with weights drawn at random."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ecgview.explain import attribute
from ecgview.explain.attribution import Attribution, Settings
from ecgview.explain.background import background_of, generated_normals, isoelectric
from ecgview.explain.explaining import LONGEST_WINDOWS, Explainer, UnknownClassError
from ecgview.explain.summaries import agreement, over_beat, wave_shares
from ecgview.model.ensemble import Cancelled, Ensemble
from ecgview.model.preprocessing import Preprocessing, Refusal, prepare
from ecgview.record import Record
from ecgview.signal.delineation import delineate
from ecgview.synthesis import Settings as Generated
from ecgview.synthesis import generate


@pytest.fixture(scope="module")
def ensemble(model_folder: Path) -> Ensemble:
    return Ensemble.load(model_folder, "cpu")


@pytest.fixture(scope="module")
def explainer(ensemble: Ensemble) -> Explainer:
    return Explainer(ensemble)


@pytest.fixture(scope="module")
def other() -> Record:
    return generate(Generated(rate=110, age=80, sex="male", abnormalities=("inferior infarction",)), seed=4).record


@pytest.fixture(scope="module")
def found(explainer: Explainer, other: Record) -> Attribution:
    return explainer.attribute(other, "CRBBB")


def test_all_parts_add_up_to_what_separates_the_record_from_the_background(
    found: Attribution, ensemble: Ensemble, other: Record
) -> None:
    assert found.gap < 0.02
    parts = (found.patient, found.measured, found.measurable)
    total = found.values.sum(dtype=np.float64) + sum(sum(part.values()) for part in parts)
    assert found.sum == pytest.approx(total)
    assert total == pytest.approx(found.logit - found.expected, abs=max(0.02 * abs(found.logit - found.expected), 2e-3))
    assert set(found.measured) == {"rate", "pr_ms", "qrs_ms", "qrs_axis"}
    assert found.patient["age"] != 0
    prediction = ensemble.predict(other)
    assert found.probability == pytest.approx(prediction.probability[prediction.classes.index("CRBBB")], abs=1e-6)
    assert (found.record_hash, found.model_hash) == (other.content_hash, ensemble.bundle.model_hash)


def test_an_attribution_cannot_be_changed_and_sums_itself_up(found: Attribution, other: Record) -> None:
    with pytest.raises(ValueError, match="read-only"):
        found.values[0, 0] = 1.0
    assert sum(found.lead_shares.values()) == pytest.approx(1)
    assert found.lead_shares[found.ranking[0]] == max(found.lead_shares.values())
    assert sum(wave_shares(found).values()) == pytest.approx(1)
    assert found.member_shares.shape == (3, 12, 5)
    assert -1 <= agreement(found.member_shares) <= 1
    beat = over_beat(found, delineate(other))
    assert beat is not None
    assert beat.beats > 10
    assert beat.values.shape == (12, 81)
    assert beat.seconds[30] == 0


def test_answers_grow_finer_and_the_last_is_kept(model_folder: Path, record: Record) -> None:
    explainer = Explainer(Ensemble.load(model_folder, "cpu"), Settings(nodes=(1, 3, 7), gap=0.0))
    coarse, better, best = explainer.refine(record, "NORM")
    assert [one.nodes for one in (coarse, better, best)] == [1, 3, 7]
    assert coarse.seconds < better.seconds < best.seconds
    away = [np.abs(one.values - best.values).sum() for one in (coarse, better)]
    assert away[0] > away[1] > 0
    assert list(explainer.refine(record, "NORM")) == [best]
    # Age and sex are no part of the content's hash, and change the answer.
    older = replace(record, patient=replace(record.patient, age=90.0))
    assert explainer.attribute(older, "NORM").patient != best.patient
    assert explainer.attribute(record, "SR") is not best


def test_the_same_seed_gives_the_same_picture(model_folder: Path, other: Record, found: Attribution) -> None:
    again = Explainer(Ensemble.load(model_folder, "cpu", threads=3)).attribute(other, "CRBBB")
    assert np.array_equal(again.values, found.values)
    assert again.bars == found.bars
    moved = Explainer(Ensemble.load(model_folder, "cpu"), Settings(seed=2)).attribute(other, "CRBBB")
    assert not np.array_equal(moved.values, found.values)


def test_the_plain_function_keeps_answers_for_each_ensemble_and_setting(ensemble: Ensemble, record: Record) -> None:
    told: list[Attribution] = []
    once = attribute(ensemble, record, "AFIB", progress=told.append)
    assert told[-1] is once
    assert attribute(ensemble, record, "AFIB") is once
    assert attribute(ensemble, record, "AFIB", Settings(seed=5)) is not once


def test_padding_carries_nothing_and_a_short_record_is_as_long_as_it_is(explainer: Explainer) -> None:
    found = explainer.attribute(generate(Generated(seconds=7), seed=2).record, "SR")
    assert found.values.shape == (12, 700)
    assert found.waves.shape == (700,)
    assert found.gap < 0.02


class Weighted(nn.Module):
    """A network that weighs its samples: its attributions are known."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.weight = torch.linspace(-1, 1, 12 * 1000).view(12, 1000)
        self.classes = classes

    def forward(self, signal: Tensor, patient: Tensor, valid: Tensor) -> Tensor:
        logit = (signal * self.weight).sum((1, 2)) + 0 * patient.sum(1)
        return logit[:, None].expand(-1, self.classes)


def test_a_long_record_is_the_mean_of_its_windows_on_one_time_axis(model_folder: Path) -> None:
    ensemble = Ensemble.load(model_folder, "cpu")
    for member in ensemble.members:
        member.signal = Weighted(5)  # type: ignore[assignment]
    explainer = Explainer(ensemble)
    record = generate(Generated(seconds=25, rate=100), seed=8).record
    found = explainer.attribute(record, "AFIB")
    assert found.starts == (0.0, 7.5, 15.0)
    assert found.gap < 0.001
    prepared = prepare(record, ensemble.preprocessing)
    truth = np.zeros((12, 2500))
    for window, start in zip(prepared.windows, (0, 750, 1500), strict=True):
        away = window - explainer.background.windows.mean(axis=0)
        truth[:, start : start + 1000] += 0.5 * Weighted(5).weight.numpy() * away / 3
    assert found.values == pytest.approx(truth, abs=1e-5)


def test_leads_that_were_computed_carry_no_colour_of_their_own(explainer: Explainer, other: Record) -> None:
    derived = frozenset({"III", "aVR", "aVL", "aVF"})
    found = explainer.attribute(replace(other, derived=derived), "CRBBB")
    assert {lead for lead, share in found.lead_shares.items() if share == 0} == derived
    assert found.gap < 0.02


def test_work_can_be_called_off_before_and_between(explainer: Explainer) -> None:
    record = generate(Generated(seconds=10), seed=77).record
    with pytest.raises(Cancelled):
        explainer.attribute(record, "SR", cancelled=lambda: True)
    seen: list[Attribution] = []
    with pytest.raises(Cancelled):
        explainer.attribute(record, "SR", cancelled=lambda: bool(seen), progress=seen.append)
    assert [one.nodes for one in seen] == [1]
    asked = 0

    def midway() -> bool:
        nonlocal asked
        asked += 1
        return asked > 10

    with pytest.raises(Cancelled):
        explainer.attribute(record, "SR", cancelled=midway)
    assert asked < 30
    assert explainer.attribute(record, "SR").nodes >= 7


def test_what_cannot_be_explained_says_why(explainer: Explainer, record: Record) -> None:
    with pytest.raises(UnknownClassError, match=r"no class 'FLU'; it knows SR, NORM"):
        explainer.attribute(record, "FLU")
    with pytest.raises(Refusal, match="no signal"):
        explainer.attribute(replace(record, signal=np.zeros_like(record.signal)), "SR")
    long = np.tile(record.signal, (1, LONGEST_WINDOWS + 1))
    with pytest.raises(Refusal, match="too long to explain; at most 10"):
        explainer.attribute(replace(record, signal=long), "SR")
    with pytest.raises(ValueError, match="at least one background"):
        Settings(backgrounds=0)


def test_the_background_can_be_a_line_or_given_records(ensemble: Ensemble, other: Record, found: Attribution) -> None:
    normals = generated_normals(ensemble.preprocessing)
    line = Explainer(ensemble, background=isoelectric(normals)).attribute(other, "CRBBB")
    assert "isoelectric" in line.background
    assert line.gap < 0.02
    assert line.expected != found.expected
    own = Explainer(ensemble, background=background_of([other], ensemble.preprocessing)).attribute(other, "CRBBB")
    assert own.logit == pytest.approx(own.expected, abs=1e-5)
    assert np.all(own.values == 0)
    assert other.name in own.background
    with pytest.raises(ValueError, match="none of the records"):
        background_of([generate(Generated(seconds=6), seed=1).record], ensemble.preprocessing)


def test_generated_normals_are_fixed_by_their_seed() -> None:
    preprocessing = Preprocessing()
    background = generated_normals(preprocessing, 4, 3)
    assert len(background) == 4
    assert generated_normals(preprocessing, 4, 3) is background
    assert generated_normals(preprocessing, 4, 4).key != background.key
    assert np.isfinite(background.measured[:, :1]).all()
