"""What is doubtful about a lead is found where it was planted, and nowhere else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.lead_quality import lead_concerns
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.artefacts import Artefact, BaselineWander, LeadOff, Mains, MuscleNoise, SwappedArms


def words(record: Record) -> dict[str, tuple[str, ...]]:
    return {lead: tuple(concern.word for concern in found) for lead, found in lead_concerns(record).items()}


def made(*artefacts: Artefact, seed: int = 1, **settings: float) -> Record:
    return generate(Settings(artefacts=artefacts, **settings), seed).record


@pytest.mark.parametrize("seed", range(6))
def test_a_clean_record_carries_no_badge(seed: int) -> None:
    assert words(made(seed=seed)) == {}


def test_a_lead_that_comes_off_is_named_with_its_time() -> None:
    found = lead_concerns(made(LeadOff("V2", 3.0, 6.0)))
    assert list(found) == ["V2"]
    assert found["V2"][0].word == "lead off"
    assert found["V2"][0].reason == "flat from 3.0 s to 6.0 s"
    assert words(made(LeadOff("aVL"))).get("aVL", ("",))[0] == "lead off"


def test_wander_needs_to_be_wide() -> None:
    found = words(made(BaselineWander(1.5)))
    assert any("wander" in each for each in found.values())
    assert not any("wander" in each for each in words(made(BaselineWander(0.2))).values())


@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_mains_are_told_from_other_noise(hz: float) -> None:
    found = lead_concerns(made(Mains(0.15, hz)))
    told = [concern.reason for concerns in found.values() for concern in concerns if concern.word == "mains"]
    assert told
    assert all(f"at {hz:g} Hz" in reason for reason in told)
    assert not any(concern.word == "noise" for concerns in found.values() for concern in concerns)
    noisy = words(made(MuscleNoise(0.08)))
    assert any("noise" in each for each in noisy.values())


def test_a_noisy_stretch_of_a_long_record_is_enough() -> None:
    found = words(made(MuscleNoise(0.08, 31.0, 44.0), seconds=60.0))
    assert any("noise" in each for each in found.values())


def test_a_saturated_and_an_implausible_lead() -> None:
    record = made()
    signal = np.array(record.signal)
    signal[6] = np.clip(signal[6] * 6, -1.5, 1.5)
    signal[7, 100] = 300.0
    found = words(replace(record, signal=signal))
    assert found["V1"][0] == "saturated"
    assert found["V2"][0] == "implausible"


@pytest.mark.parametrize("seed", range(4))
def test_exchanged_arms_are_suspected(seed: int) -> None:
    found = lead_concerns(made(SwappedArms(), seed=seed))
    assert list(found) == ["I"]
    assert found["I"][0].word == "reversed?"
    assert "arms exchanged?" in found["I"][0].reason


def test_a_right_leg_electrode_on_an_arm_leaves_one_lead_flat() -> None:
    record = made()
    one = record.lead("I")
    assert one is not None
    small = 0.01 * np.sin(np.arange(record.samples)).astype(np.float32)
    swapped = {"I": one, "II": small + 0.02 * one, "III": small - 0.98 * one}
    swapped |= {"aVR": -(one + swapped["II"]) / 2, "aVL": one - swapped["II"] / 2, "aVF": swapped["II"] - one / 2}
    signal = np.stack([swapped.get(lead, record.lead(lead)) for lead in record.leads])
    found = lead_concerns(replace(record, signal=signal))
    assert "right arm and the right leg" in found["II"][0].reason


def test_limb_leads_that_contradict_each_other_are_named() -> None:
    record = made()
    signal = np.array(record.signal)
    signal[record.leads.index("aVF")] *= 3.0
    assert words(replace(record, signal=signal)) == {"aVF": ("does not fit",)}


@pytest.mark.parametrize("samples", [0, 1, 3, 900])
@pytest.mark.parametrize("hz", [10.0, 100.0, 500.0])
@pytest.mark.parametrize("leads", [STANDARD_LEADS, ("I", "II"), ("X",), ()])
def test_any_record_is_borne(samples: int, hz: float, leads: tuple[str, ...]) -> None:
    signal = np.random.default_rng(0).normal(size=(len(leads), samples)).astype(np.float32)
    record = Record(Path("made.hea"), "made", signal, hz, leads)
    assert set(lead_concerns(record)) <= set(leads)


def test_of_a_long_record_the_beginning_is_looked_at() -> None:
    record = made()
    long = np.tile(record.signal, (1, 40))
    long[3, 200_000:] = 0.0
    assert words(replace(record, signal=long)) == {}
