"""Artefacts are where they were put, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from generated_measures import lead

from ecgview.synthesis import (
    Artefact,
    BaselineWander,
    LeadOff,
    Mains,
    MuscleNoise,
    Settings,
    Spike,
    SwappedArms,
    generate,
)


def added(*artefacts: Artefact) -> np.ndarray:
    """What the artefacts add to the same heart and noise; shape (12, 5000)."""
    with_ = generate(Settings(artefacts=artefacts), 7).record.signal.astype(np.float64)
    return with_ - generate(Settings(), 7).record.signal


def test_baseline_wander_is_slow_and_of_the_size_asked_for() -> None:
    wander = added(BaselineWander(0.5, hz=0.3))
    spectrum = np.abs(np.fft.rfft(wander * np.hanning(wander.shape[1]), axis=1)) ** 2
    frequency = np.fft.rfftfreq(wander.shape[1], 1 / 500)
    assert spectrum[:, frequency < 0.7].sum() / spectrum.sum() > 0.999
    assert 0.1 < np.abs(wander).max() <= 1.0  # a lead is the difference of two electrodes


@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_mains_hum_is_one_line(hz: float) -> None:
    hum = added(Mains(0.08, hz=hz))
    spectrum = np.abs(np.fft.rfft(hum, axis=1))
    frequency = np.fft.rfftfreq(hum.shape[1], 1 / 500)
    assert (frequency[spectrum.argmax(axis=1)] == hz).all()
    assert spectrum.max() / (hum.shape[1] / 2) <= 0.08
    assert spectrum.max() / (hum.shape[1] / 2) > 0.01


def test_muscle_noise_lies_in_its_time_and_its_band() -> None:
    noise = added(MuscleNoise(0.05, start=2.0, end=5.0))
    assert np.abs(noise[:, :1000]).max() < 1e-6
    assert np.abs(noise[:, 2500:]).max() < 1e-6
    inside = noise[:, 1000:2500]
    assert 0.03 < inside.std() < 0.1
    spectrum = (np.abs(np.fft.rfft(inside, axis=1)) ** 2).sum(axis=0)
    frequency = np.fft.rfftfreq(1500, 1 / 500)
    assert spectrum[(frequency > 15) & (frequency < 180)].sum() / spectrum.sum() > 0.95


def test_lead_off_draws_a_flat_line_in_that_lead_alone() -> None:
    off = generate(Settings(artefacts=(LeadOff("V3", start=4.0),)), 7).record.signal
    plain = generate(Settings(), 7).record.signal
    assert (lead(off, "V3")[2000:] == 0.0).all()
    np.testing.assert_array_equal(lead(off, "V3")[:2000], lead(plain, "V3")[:2000])
    np.testing.assert_array_equal(np.delete(off, 8, axis=0), np.delete(plain, 8, axis=0))


def test_swapped_arms_turn_i_over_and_exchange_the_others() -> None:
    swapped = generate(Settings(artefacts=(SwappedArms(),)), 7).record.signal
    plain = generate(Settings(), 7).record.signal
    np.testing.assert_allclose(lead(swapped, "I"), -lead(plain, "I"), atol=1e-6)
    np.testing.assert_allclose(lead(swapped, "II"), lead(plain, "III"), atol=1e-6)
    np.testing.assert_allclose(lead(swapped, "aVR"), lead(plain, "aVL"), atol=1e-6)
    np.testing.assert_allclose(lead(swapped, "aVF"), lead(plain, "aVF"), atol=1e-6)
    np.testing.assert_allclose(swapped[6:], plain[6:], atol=1e-6)


def test_a_spike_is_one_sample() -> None:
    spike = added(Spike("V2", at=4.0, millivolts=2.5))
    assert np.argwhere(spike != 0.0).tolist() == [[7, 2000]]
    assert spike[7, 2000] == pytest.approx(2.5, abs=1e-6)


@pytest.mark.parametrize(
    ("artefact", "words"),
    [
        (LeadOff("X"), "'X' is not a standard lead"),
        (Spike("V9", 1.0), "'V9' is not a standard lead"),
        (Spike("V1", 10.0), "not within 10 s"),
        (LeadOff("V1", start=5.0, end=4.0), "from 5 to 4 s"),
        (MuscleNoise(start=0.0, end=11.0), "from 0 to 11 s"),
    ],
)
def test_an_artefact_outside_the_record_is_refused(artefact: Artefact, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generate(Settings(artefacts=(artefact,)), 0)
