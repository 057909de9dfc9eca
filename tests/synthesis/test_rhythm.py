"""Rhythms: when beats come, and what the atria do."""

from __future__ import annotations

import numpy as np
import pytest
from generated_measures import at, lead, r_times
from scipy.signal import welch

from ecgview.synthesis import Settings, generate
from ecgview.synthesis.rhythm import fibrillation


def intervals(times: np.ndarray) -> np.ndarray:
    return np.diff(times)


@pytest.mark.parametrize(
    ("rate", "name"), [(48, "sinus bradycardia"), (70, "sinus rhythm"), (120, "sinus tachycardia")]
)
def test_sinus_rhythm_is_named_by_its_rate(rate: float, name: str) -> None:
    truth = generate(Settings(rate=rate), 1).truth
    assert truth.rhythm == name
    assert np.std(np.diff([beat.r for beat in truth.beats])) / (60 / rate) < 0.03


@pytest.mark.parametrize("seed", range(4))
def test_sinus_arrhythmia_swings_by_more_than_120_ms(seed: int) -> None:
    generated = generate(Settings(rhythm="sinus arrhythmia"), seed)
    assert np.ptp(intervals(r_times(generated))) > 0.12
    assert generated.truth.pr == 160.0


@pytest.mark.parametrize("seed", range(4))
def test_atrial_fibrillation_is_irregular_and_without_p(seed: int) -> None:
    generated = generate(Settings(rhythm="atrial fibrillation", seconds=20.0), seed)
    rr = intervals(r_times(generated))
    assert rr.std() / rr.mean() > 0.12
    assert generated.truth.pr is None
    assert all(beat.p_onset is None for beat in generated.truth.beats)
    # The beat before tells nothing of the next.
    assert abs(np.corrcoef(rr[:-1], rr[1:])[0, 1]) < 0.6
    assert {label.code for label in generated.record.labels} == {"164889003"}


@pytest.mark.parametrize("seed", range(4))
def test_fibrillatory_waves_are_4_to_9_a_second_and_largest_in_v1_and_ii(seed: int) -> None:
    generated = generate(Settings(rhythm="atrial fibrillation"), seed)
    between = [
        lead(generated.truth.clean, "V1")[round(one.t_offset * 500) : round((two.qrs_onset - 0.02) * 500)]
        for one, two in zip(generated.truth.beats[:-1], generated.truth.beats[1:], strict=True)
        if one.t_offset is not None and two.qrs_onset - one.t_offset > 0.15
    ]
    assert np.concatenate(between).std() > 0.015
    waves = fibrillation(np.arange(10000) / 500, np.random.default_rng(seed))
    frequency, power = welch(waves[2], fs=500, nperseg=2500)
    inside = (frequency >= 4) & (frequency <= 9)
    assert power[inside].sum() / power.sum() > 0.9


def test_in_sinus_rhythm_the_same_stretch_is_quiet() -> None:
    generated = generate(Settings(), 1)
    one, two = generated.truth.beats[2:4]
    assert one.t_offset is not None
    assert two.p_onset is not None
    quiet = lead(generated.truth.clean, "V1")[round(one.t_offset * 500) + 15 : round(two.p_onset * 500) - 15]
    assert np.abs(quiet).max() < 0.002


def test_flutter_conducts_one_in_four_with_a_saw_of_300_a_minute() -> None:
    generated = generate(Settings(rhythm="atrial flutter"), 2)
    assert generated.truth.rate == pytest.approx(75.0, abs=1e-6)
    assert generated.truth.pr is None
    frequency, power = welch(lead(generated.record.signal, "aVF"), fs=500, nperseg=5000)
    band = (frequency > 4.6) & (frequency < 5.4)
    around = (frequency > 4.6) & (frequency < 5.4) & (np.abs(frequency - 5.0) > 0.15)
    assert power[band].sum() > 20 * power[around].sum()
    with pytest.raises(ValueError, match="one QRS to 1 flutter waves"):
        generate(Settings(rhythm="atrial flutter", rate=220), 2)


def test_first_degree_block_has_a_long_pr_interval_throughout() -> None:
    generated = generate(Settings(rhythm="first degree AV block"), 3)
    assert generated.truth.pr == 250.0
    for beat in generated.truth.beats[1:]:
        assert beat.p_onset is not None
        assert beat.qrs_onset - beat.p_onset == pytest.approx(0.25)
        assert at(generated, beat.p_onset + 0.055, "II") > 0.06


@pytest.mark.parametrize("seed", range(4))
def test_ventricular_premature_beats_are_early_wide_without_p_and_followed_by_a_full_pause(seed: int) -> None:
    generated = generate(Settings(rhythm="ventricular premature beats"), seed)
    beats = generated.truth.beats
    found = [k for k in range(1, len(beats) - 1) if beats[k].kind == "ventricular premature"]
    assert found
    usual = 60 / 72
    for k in found:
        assert beats[k].p_onset is None
        assert beats[k].qrs_offset - beats[k].qrs_onset == pytest.approx(0.15)
        assert beats[k].qrs_onset - beats[k - 1].qrs_onset < 0.75 * usual
        assert beats[k + 1].qrs_onset - beats[k - 1].qrs_onset == pytest.approx(2 * usual, rel=0.05)
        # A T wave against the QRS complex.
        assert at(generated, beats[k].r, "II") > 1.0
        assert at(generated, beats[k].qrs_offset + 0.17, "II") < -0.2
    times = r_times(generated)
    assert all(np.abs(times - beat.r).min() < 0.05 for beat in beats)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("seconds", [10.0, 60.0])
def test_atrial_premature_beats_are_early_and_narrow_and_the_record_is_filled(seed: int, seconds: float) -> None:
    generated = generate(Settings(rhythm="atrial premature beats", seconds=seconds), seed)
    beats = generated.truth.beats
    found = [k for k in range(1, len(beats)) if beats[k].kind == "atrial premature"]
    assert found
    for k in found:
        previous = beats[k - 1]
        assert beats[k].qrs_offset - beats[k].qrs_onset == pytest.approx(0.09)
        assert beats[k].qrs_onset - previous.qrs_onset < 0.75 * 60 / 70
        assert previous.t_offset is not None
        onset = beats[k].p_onset
        assert onset is not None
        assert onset > previous.t_offset
        assert at(generated, onset + 0.055, "II") < 0.05  # another P wave than the sinus node's
    assert beats[-1].qrs_onset > seconds - 1.5


def test_a_paced_beat_follows_its_pulse() -> None:
    generated = generate(Settings(rhythm="paced", hz=1000.0), 1)
    assert generated.truth.pr is None
    assert generated.truth.qrs >= 150
    assert -100 < generated.truth.axis < -40
    row = lead(generated.truth.clean, "II")
    for beat in generated.truth.beats[1:]:
        onset = round(beat.qrs_onset * 1000)
        assert np.abs(np.diff(row[onset - 12 : onset - 2])).max() > 5 * np.abs(np.diff(row[onset : onset + 100])).max()
    assert generated.record.labels[0].code == "10370003"


def test_premature_beats_need_a_rate_at_which_they_can_be_premature() -> None:
    with pytest.raises(ValueError, match="not premature"):
        generate(Settings(rhythm="atrial premature beats", rate=150), 1)
