"""Generated records measured independently of how they are made."""

from __future__ import annotations

import numpy as np
import pytest
from generated_measures import lead, qrs, r_times, whole_beats

from ecgview.record import STANDARD_LEADS
from ecgview.synthesis import BaselineWander, Settings, Spike, generate, usual_qt

SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_limb_leads_obey_einthoven_and_goldberger(seed: int) -> None:
    signal = generate(Settings(artefacts=(BaselineWander(2.0),)), seed).record.signal.astype(np.float64)
    one, two, three, right, left, foot = signal[:6]
    np.testing.assert_allclose(two - one, three, atol=1e-6)
    np.testing.assert_allclose(-(one + two) / 2, right, atol=1e-6)
    np.testing.assert_allclose((one - three) / 2, left, atol=1e-6)
    np.testing.assert_allclose((two + three) / 2, foot, atol=1e-6)


@pytest.mark.parametrize("hz", [100.0, 257.0, 500.0, 1000.0])
def test_shape_and_type(hz: float) -> None:
    record = generate(Settings(hz=hz, seconds=4.0), 1).record
    assert record.signal.shape == (12, round(4 * hz))
    assert record.signal.dtype == np.float32
    assert record.leads == STANDARD_LEADS
    assert record.hz == hz


def test_same_seed_same_record_and_other_seed_other_record() -> None:
    settings = Settings(rhythm="atrial fibrillation", artefacts=(BaselineWander(),))
    assert generate(settings, 5).record.content_hash == generate(settings, 5).record.content_hash
    assert generate(settings, 5).record.content_hash != generate(settings, 6).record.content_hash


def test_artefacts_leave_the_heart_and_the_noise_as_they_are() -> None:
    plain, spiked = generate(Settings(), 3), generate(Settings(artefacts=(Spike("V2", 4.0),)), 3)
    np.testing.assert_array_equal(plain.truth.clean, spiked.truth.clean)
    assert np.count_nonzero(plain.record.signal != spiked.record.signal) == 1


@pytest.mark.parametrize("axis", [-60.0, -30.0, 0.0, 30.0, 60.0, 90.0, 120.0])
def test_axis_from_net_areas_in_noisy_leads(axis: float) -> None:
    generated = generate(Settings(axis=axis), 2)
    hz, signal = generated.record.hz, generated.record.signal
    areas = np.zeros(2)
    for beat in whole_beats(generated):
        start, end = round(beat.qrs_onset * hz), round(beat.qrs_offset * hz)
        for k, name in enumerate(("I", "aVF")):
            row = lead(signal, name)
            areas[k] += (row[start : end + 1] - row[start - 15 : start].mean()).sum()
    measured = np.degrees(np.arctan2(2 * areas[1], np.sqrt(3) * areas[0]))
    assert measured == pytest.approx(axis, abs=5.0)
    assert generated.truth.axis == pytest.approx(axis, abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_normal_heart_has_a_normal_axis_and_r_progression(seed: int) -> None:
    generated = generate(Settings(), seed)
    assert 20.0 < generated.truth.axis < 75.0
    beat = whole_beats(generated)[0]
    upright = {name: float(qrs(generated, beat, name).max()) for name in STANDARD_LEADS}
    deepest = {name: float(-qrs(generated, beat, name).min()) for name in STANDARD_LEADS}
    assert 0.1 < upright["V1"] < 0.5 * deepest["V1"]
    assert upright["V2"] < 0.7 * deepest["V2"]
    assert upright["V4"] > deepest["V4"]
    assert 1.0 < upright["V5"] < 2.2
    assert upright["V1"] < upright["V3"] < upright["V4"]
    assert deepest["V1"] + upright["V5"] < 3.5  # no voltage of hypertrophy
    assert deepest["aVR"] > 4 * upright["aVR"]
    assert 0.01 < deepest["V6"] < 0.25 * upright["V6"]


@pytest.mark.parametrize("rate", [45.0, 70.0, 115.0])
def test_beats_found_in_the_signal_are_those_of_the_truth(rate: float) -> None:
    generated = generate(Settings(rate=rate), 1)
    found = r_times(generated)
    true = np.array([beat.r for beat in generated.truth.beats])
    inner = found[(found > 0.2) & (found < 9.8)]
    assert all(np.abs(true - time).min() < 0.03 for time in inner)
    assert all(np.abs(found - time).min() < 0.03 for time in true)
    assert 60.0 / np.diff(inner).mean() == pytest.approx(generated.truth.rate, rel=0.01)
    assert generated.truth.rate == pytest.approx(rate, rel=0.04)


@pytest.mark.parametrize(
    "asked",
    [
        Settings(),
        Settings(pr=130, qrs=80, qt=360),
        Settings(pr=220, qrs=110, qt=430, rate=60),
        Settings(axis=-20.0, amplitude=1.4),
    ],
)
def test_onsets_and_offsets_lie_where_the_clean_signal_crosses_the_threshold(asked: Settings) -> None:
    """Measured sample by sample on the leads; the beats differ by up to 3 % in size, hence 2 samples."""
    generated = generate(asked, 8)
    hz, height = 500, np.abs(generated.truth.clean).max(axis=0)
    p_size = t_size = 0.0
    for beat in whole_beats(generated):
        assert beat.p_onset is not None
        assert beat.p_offset is not None
        assert beat.t_offset is not None
        p_size = max(p_size, height[round(beat.p_onset * hz) : round(beat.p_offset * hz)].max())
        t_size = max(t_size, height[round((beat.qrs_offset + 0.02) * hz) : round(beat.t_offset * hz)].max())
    for beat in whole_beats(generated):
        assert beat.p_onset is not None
        assert beat.p_offset is not None
        assert beat.t_offset is not None
        p_begin, between = round((beat.p_onset - 0.03) * hz), round((beat.p_offset + beat.qrs_onset) / 2 * hz)
        first_p = p_begin + np.argmax(height[p_begin:] > min(0.02, 0.05 * p_size))
        last_p = between - np.argmax(height[between::-1] > min(0.02, 0.05 * p_size))
        first_qrs = between + np.argmax(height[between:] > 0.02)
        beyond = round((beat.t_offset + 0.03) * hz)
        last_t = beyond - np.argmax(height[beyond::-1] > min(0.02, 0.05 * t_size))
        assert first_p / hz == pytest.approx(beat.p_onset, abs=0.0045)
        assert last_p / hz == pytest.approx(beat.p_offset, abs=0.0045)
        assert first_qrs / hz == pytest.approx(beat.qrs_onset, abs=0.0045)
        assert last_t / hz == pytest.approx(beat.t_offset, abs=0.0045)
        assert 1000 * (beat.qrs_onset - beat.p_onset) == pytest.approx(generated.truth.pr, abs=1e-6)
        assert 1000 * (beat.qrs_offset - beat.qrs_onset) == pytest.approx(generated.truth.qrs, abs=1e-6)
        assert 1000 * (beat.t_offset - beat.qrs_onset) == pytest.approx(generated.truth.qt, abs=1e-6)


def test_the_qrs_ends_where_the_truth_says() -> None:
    """In a normal beat nothing has begun to repolarise there, so the last crossing can be seen."""
    generated = generate(Settings(qrs=96), 4)
    height = np.abs(generated.truth.clean).max(axis=0)
    for beat in whole_beats(generated):
        middle, beyond = round(beat.r * 500), round((beat.qrs_offset + 0.012) * 500)
        last = beyond - np.argmax(height[beyond:middle:-1] > 0.02)
        assert last / 500 == pytest.approx(beat.qrs_offset, abs=0.0045)


def test_asked_intervals_are_the_truth_and_the_usual_ones_fill_in() -> None:
    truth = generate(Settings(pr=142, qrs=101, qt=377, axis=33), 1).truth
    assert (truth.pr, truth.qrs, truth.qt) == (142, 101, 377)
    assert truth.axis == pytest.approx(33, abs=1e-3)
    usual = generate(Settings(rate=60), 1).truth
    assert (usual.pr, usual.qrs) == (160.0, 90.0)
    assert usual.qt == pytest.approx(410.0)
    assert usual_qt(60.0, 140.0) == pytest.approx(450.0)


def test_beats_vary_a_little_in_size_and_no_more_than_said() -> None:
    generated = generate(Settings(), 6)
    sizes = np.array([np.ptp(qrs(generated, beat, "V5")) for beat in whole_beats(generated)])
    assert 0.005 < np.ptp(sizes) / sizes.mean() < 0.07


def test_waves_cut_by_the_ends_of_the_record_are_drawn_but_not_counted() -> None:
    for seed in range(12):
        generated = generate(Settings(seconds=3.0), seed)
        for beat in generated.truth.beats:
            assert beat.qrs_onset >= 0.0
            assert beat.qrs_offset < 3.0
            assert beat.p_onset is None or beat.p_onset >= 0.0
            assert beat.t_offset is None or beat.t_offset < 3.0
        last = generated.truth.beats[-1]
        if last.t_offset is None and last.qrs_offset < 2.75:
            assert np.abs(generated.truth.clean[:, -30:]).max() > 0.05
            break
    else:
        pytest.fail("no seed cuts a T wave")


def test_age_sex_and_what_was_planted_stand_in_the_record() -> None:
    generated = generate(Settings(age=71, sex="female", abnormalities=("left anterior fascicular block",)), 1)
    record = generated.record
    assert (record.patient.age, record.patient.sex) == (71, "female")
    assert [label.code for label in record.labels] == ["426783006", "445118002"]
    assert "not recorded from a person" in record.warnings[0]


def test_individuality_makes_hearts_differ_and_none_makes_them_alike() -> None:
    alike = {round(generate(Settings(individuality=0.0), seed).truth.axis, 6) for seed in SEEDS}
    different = {round(generate(Settings(), seed).truth.axis, 6) for seed in SEEDS}
    assert len(alike) == 1
    assert len(different) == len(SEEDS)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(rate=10), "outside 20 to 220"),
        (Settings(pr=60), "PR interval of 60"),
        (Settings(pr=700), "PR interval of 700"),
        (Settings(qrs=300), "QRS 300"),
        (Settings(qt=150), "QT 150"),
        (Settings(rate=150, qt=450), "longer than the RR interval"),
        (Settings(rhythm="first degree AV block", pr=180), "above 200"),
        (Settings(hz=10), "at least 50 Hz"),
        (Settings(amplitude=0), "amplitude must be above 0"),
        (Settings(rhythm="torsade"), "unknown rhythm 'torsade'; known are: sinus"),  # type: ignore[arg-type]
        (Settings(rhythm="paced", abnormalities=("low T",)), "paced"),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_words(settings: Settings, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generate(settings, 0)
