"""Filters for looking take away what they say, move nothing and leave the record alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.view_filters import LOW_PASS_HZ, Filtered, ViewFilters, find_mains
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.artefacts import BaselineWander, Mains

HZ = 500.0
TIME = np.arange(5000) / HZ
CLEAN = generate(Settings(hz=HZ, noise=0.0), seed=4)


def made(signal: NDArray[np.floating], hz: float = HZ) -> Record:
    return Record(Path("made.hea"), "made", np.asarray(signal, np.float32), hz, STANDARD_LEADS[: len(signal)])


def shown(record: Record, filters: ViewFilters) -> NDArray[np.float32]:
    """The whole record as it is shown."""
    filtered = Filtered(record, filters)
    return np.stack([filtered.stretch(lead, 0, record.samples) for lead in record.leads])


def left(frequency: float, filters: ViewFilters, hum: float | None = None) -> float:
    """Which share of a sine is left, in the middle of 40 s; of `hum` where the mains filter is to find one."""
    time = np.arange(20_000) / HZ
    sine = np.sin(2.0 * np.pi * frequency * time)
    beside = np.zeros_like(sine) if hum is None else 3.0 * np.cos(2.0 * np.pi * hum * time)
    out = shown(made((sine + beside)[None]), filters)[0]
    middle = slice(5000, 15_000)  # whole periods of every frequency asked for
    waves = np.exp(-2j * np.pi * frequency * time[middle])
    return float(np.abs(np.mean(out[middle] * waves)) * 2.0)


# ---------------------------------------------------------------- what passes


@pytest.mark.parametrize("cut", LOW_PASS_HZ)
def test_a_low_pass_lets_71_per_cent_through_at_its_frequency(cut: float) -> None:
    filters = ViewFilters(low_pass=cut)
    assert left(cut, filters) == pytest.approx(0.707, abs=0.005)
    assert left(0.25 * cut, filters) > 0.99
    assert left(min(2.5 * cut, 240.0), filters) < 0.1


def test_the_baseline_filter_takes_slow_changes_alone() -> None:
    filters = ViewFilters(baseline=True)
    assert left(0.5, filters) == pytest.approx(0.707, abs=0.005)
    assert left(0.1, filters) < 0.01
    assert left(1.5, filters) > 0.98
    assert left(30.0, filters) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_the_mains_filter_takes_the_hum_it_found_and_little_beside_it(mains: float) -> None:
    filters = ViewFilters(mains=True)
    assert left(mains, filters, hum=mains) < 0.01
    for beside in (mains - 10.0, mains + 10.0):
        assert left(beside, filters, hum=mains) > 0.95


def test_a_straight_line_is_the_baseline() -> None:
    line = np.linspace(-3.0, 5.0, 5000)[None]
    assert np.abs(shown(made(line), ViewFilters(baseline=True))).max() < 1e-3
    assert np.allclose(shown(made(line), ViewFilters(low_pass=40.0)), line, atol=1e-3)


def test_without_filters_the_samples_are_those_recorded() -> None:
    assert np.array_equal(shown(CLEAN.record, ViewFilters()), CLEAN.record.signal)


# ---------------------------------------------------------------- what stays


@pytest.mark.parametrize(
    "filters", [ViewFilters(baseline=True), ViewFilters(low_pass=40.0), ViewFilters(True, True, 100.0)]
)
def test_no_r_peak_moves_by_more_than_a_sample(filters: ViewFilters) -> None:
    hum = 0.2 * np.sin(2.0 * np.pi * 50.0 * np.arange(CLEAN.record.samples) / HZ) if filters.mains else 0.0
    before = CLEAN.record.signal[1]
    after = shown(replace(CLEAN.record, signal=CLEAN.record.signal + np.float32(hum)), filters)[1]
    peaks = [round(beat.r * HZ) for beat in CLEAN.truth.beats if 0.2 < beat.r < 9.8]
    assert len(peaks) > 5
    for peak in peaks:
        around = slice(peak - 40, peak + 40)
        assert abs(int(np.argmax(after[around])) - int(np.argmax(before[around]))) <= 1


def test_a_wave_stays_symmetrical() -> None:
    bump = np.exp(-0.5 * ((TIME - 5.0) / 0.02) ** 2)[None]
    out = shown(made(bump), ViewFilters(baseline=True, low_pass=40.0))[0]
    np.testing.assert_allclose(out[2000:2500], out[3000:2500:-1], atol=1e-4)


def test_the_record_stays_as_it_was() -> None:
    record = replace(CLEAN.record)
    digest, before = record.content_hash, record.signal.copy()
    shown(record, ViewFilters(True, True, 40.0))
    assert np.array_equal(record.signal, before)
    assert replace(record).content_hash == digest


# ---------------------------------------------------------------- ends, gaps, stretches


def test_hum_is_gone_up_to_the_very_ends() -> None:
    for phase in (0.0, 1.0, 2.0, 3.0):
        hum = 0.3 * np.sin(2.0 * np.pi * 50.0 * TIME + phase)
        out = shown(made((CLEAN.record.signal[1] + hum)[None]), ViewFilters(mains=True))[0]
        assert np.abs(out - CLEAN.record.signal[1]).max() < 0.02


def test_the_ends_of_a_record_do_not_ring() -> None:
    """The same beats cut out of a longer record come out alike, but for a slow change of level at the ends."""
    long = generate(Settings(hz=HZ, seconds=30.0, noise=0.0), seed=9).record
    for filters in (ViewFilters(low_pass=40.0), ViewFilters(low_pass=150.0)):
        whole = shown(long, filters)[:, 5100:10_100]
        cut = shown(replace(long, signal=long.signal[:, 5100:10_100]), filters)
        assert np.abs(cut - whole).max() < 0.03
    drifting = made((2.0 + 0.3 * np.sin(2.0 * np.pi * 0.1 * TIME + 1.0))[None])
    assert np.abs(shown(drifting, ViewFilters(baseline=True))).max() < 0.05


def test_a_record_that_ends_within_a_wave_keeps_its_baseline_there() -> None:
    long = generate(Settings(hz=HZ, seconds=40.0, noise=0.0), seed=9).record
    filters = ViewFilters(baseline=True)
    whole = shown(long, filters)
    for first in range(7000, 7400, 50):
        cut = shown(replace(long, signal=long.signal[:, first : first + 5000]), filters)
        assert np.abs(cut - whole[:, first : first + 5000]).max() < 0.1


@pytest.mark.parametrize(
    "filters", [ViewFilters(low_pass=40.0), ViewFilters(baseline=True), ViewFilters(True, True, 150.0)]
)
def test_a_stretch_comes_out_as_of_the_whole(filters: ViewFilters) -> None:
    settings = Settings(hz=200.0, seconds=90.0, artefacts=(BaselineWander(1.0), Mains(0.1, 50.0)))
    record = generate(settings, seed=2).record
    signal = record.signal.copy()
    signal[1, 9000:9010] = np.nan
    signal[1, 6000:8100] = np.nan  # longer than any margin, and the stretch below begins in it
    record = replace(record, signal=signal)
    whole = shown(record, filters)
    for first, last in ((0, 2000), (8000, 10_000), (16_000, 18_000)):
        part = Filtered(record, filters)
        for row, lead in enumerate(record.leads):
            np.testing.assert_allclose(part.stretch(lead, first, last), whole[row, first:last], atol=2e-4)


def test_gaps_stay_gaps_and_disturb_nothing_beside_them() -> None:
    signal = np.tile(CLEAN.record.signal[1], (3, 1))
    signal[1, 2000:2020] = np.nan
    signal[2, :700] = np.nan
    signal[2, 3000:4000] = np.nan
    signal[2, 3500] = 0.1  # one sample alone
    out = shown(made(signal), ViewFilters(True, False, 150.0))
    assert np.array_equal(np.isnan(out), np.isnan(signal))
    far = np.r_[0:1700, 2400:5000]
    np.testing.assert_allclose(out[1, far], out[0, far], atol=0.02)
    assert np.nanmax(np.abs(out[2])) < 1.2 * np.max(np.abs(out[0]))


@pytest.mark.parametrize("samples", [0, 1, 2, 7, 300])
def test_short_and_empty_records_are_shown_too(samples: int) -> None:
    record = made(np.full((2, samples), 0.5))
    out = shown(record, ViewFilters(low_pass=40.0, mains=True))
    np.testing.assert_allclose(out, record.signal, atol=1e-5)
    assert shown(record, ViewFilters(True, True, 150.0)).shape == (2, samples)


def test_what_is_at_hand_is_not_filtered_again() -> None:
    filtered = Filtered(CLEAN.record, ViewFilters(baseline=True))
    wanted = {"I": (0, 1250), "II": (0, 5000)}
    assert not filtered.has(wanted)
    assert filtered.effort(wanted) > 6250
    filtered.keep(filtered.compute(wanted))
    assert filtered.has(wanted)
    assert filtered.has({"II": (100, 200)})
    assert not filtered.has({"V1": (0, 1)})
    assert filtered.stretch("I", 10, 20).base is filtered.stretch("I", 30, 40).base


# ---------------------------------------------------------------- what is found and said


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_the_hum_is_found_by_itself(mains: float) -> None:
    humming = generate(Settings(hz=HZ, artefacts=(Mains(0.05, mains),)), seed=1).record
    assert find_mains(humming.signal, HZ) == mains
    assert f"mains filter: {mains:g} Hz found" in Filtered(humming, ViewFilters(mains=True)).words


def test_where_there_is_no_hum_none_is_found() -> None:
    for seed in range(4):
        record = generate(Settings(hz=HZ), seed=seed).record
        assert find_mains(record.signal, HZ) is None
    assert "mains filter: no hum found" in Filtered(record, ViewFilters(mains=True)).words
    assert find_mains(np.full((2, 5000), np.nan), HZ) is None
    assert find_mains(np.zeros((0, 5000)), HZ) is None
    assert find_mains(np.ones((1, 1000)), 100.0) is None


def test_what_is_on_is_said_and_40_hz_with_a_warning() -> None:
    words = Filtered(CLEAN.record, ViewFilters(True, True, 40.0)).words
    assert words == (
        "baseline filter 0.5 Hz  ·  mains filter: no hum found  ·  "
        "▲ low-pass 40 Hz: ST and QRS detail are altered  ·  values are measured unfiltered"
    )
    assert "▲" not in Filtered(CLEAN.record, ViewFilters(low_pass=100.0)).words


def test_a_low_pass_above_what_was_recorded_says_so_and_changes_nothing() -> None:
    slow = made(np.random.default_rng(0).normal(size=(1, 1000)), hz=100.0)
    assert "low-pass 150 Hz: nothing above 50 Hz was recorded" in Filtered(slow, ViewFilters(low_pass=150.0)).words
    assert np.array_equal(shown(slow, ViewFilters(low_pass=150.0)), slow.signal)


def test_filters_are_read_from_text() -> None:
    assert ViewFilters.parse("baseline,mains,150") == ViewFilters(True, True, 150.0)
    assert ViewFilters.parse(" 40 ") == ViewFilters(low_pass=40.0)
    assert not ViewFilters.parse("")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("35", "'35' is no filter: there are baseline, mains and 150, 100, 40"),
        ("baseline,", "'' is no filter"),
        ("mains,mains", "names the filter mains twice"),
        ("40,150", "names the filter low-pass twice"),
    ],
)
def test_text_that_names_no_filters_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ViewFilters.parse(text)
    with pytest.raises(ValueError, match="is no low-pass"):
        ViewFilters(low_pass=35.0)
