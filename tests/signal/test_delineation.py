"""The marks of every beat lie where the generator put them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.beats import find_beats
from ecgview.signal.delineation import Delineation, delineate
from ecgview.synthesis import Generated, MuscleNoise, Settings, generate

# Largest error of a single beat's mark in ms; T ends flat, so its end is the least certain.
TOLERANCE = {"p_onset": 12.0, "p_offset": 12.0, "qrs_onset": 10.0, "qrs_offset": 10.0, "t_offset": 15.0}


def errors(made: Generated, marks: Delineation, kinds: tuple[str, ...]) -> dict[str, list[float]]:
    """Error of each mark of each beat in ms; a wave not found where there is one counts as infinite."""
    out: dict[str, list[float]] = {name: [] for name in TOLERANCE}
    for beat in made.truth.beats:
        number = int(np.argmin(np.abs(marks.beats.times - beat.r)))
        whole = 0.5 < beat.r < made.record.duration - 0.5
        if beat.kind not in kinds or not whole:
            continue
        for name in TOLERANCE:
            known = getattr(beat, name)
            if known is not None:
                found = getattr(marks, name)[number]
                out[name].append(1000.0 * (found - known) if np.isfinite(found) else np.inf)
    return out


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(rate=40),
        Settings(rate=100),
        Settings(pr=120),
        Settings(pr=300),
        Settings(hz=100.0),
        Settings(hz=1000.0),
        Settings(rhythm="sinus arrhythmia"),
        Settings(abnormalities=("complete right bundle branch block",)),
        Settings(abnormalities=("complete left bundle branch block",)),
        Settings(abnormalities=("left ventricular hypertrophy",)),
        Settings(abnormalities=("inverted T",)),
    ],
)
def test_marks_lie_where_the_waves_begin_and_end(settings: Settings) -> None:
    for seed in range(3):
        made = generate(settings, seed)
        for name, found in errors(made, delineate(made.record), ("normal",)).items():
            assert len(found) > 3
            assert max(map(abs, found)) <= TOLERANCE[name], f"{name} of seed {seed}: {found}"


def test_marks_of_a_beat_are_in_order() -> None:
    marks = delineate(generate(Settings(), 5).record)
    whole = slice(1, -1)
    rows = [marks.p_onset, marks.p_peak, marks.p_offset, marks.qrs_onset, marks.beats.times, marks.qrs_offset]
    rows += [marks.t_peak, marks.t_offset]
    assert (np.diff(np.stack(rows)[:, whole], axis=0) > 0.0).all()


@pytest.mark.parametrize("rhythm", ["atrial fibrillation", "atrial flutter", "paced"])
def test_no_p_wave_is_marked_where_there_is_none(rhythm: str) -> None:
    for seed in range(6):
        marks = delineate(generate(Settings(rhythm=rhythm), seed).record)  # type: ignore[arg-type]
        assert np.isnan(marks.p_onset).all()
        assert np.isnan(marks.p_offset).all()
        assert np.isfinite(marks.qrs_onset).all()


def test_ventricular_premature_beats_are_another_kind_wide_and_without_p() -> None:
    for seed in range(4):
        made = generate(Settings(rhythm="ventricular premature beats"), seed)
        marks = delineate(made.record)
        for beat in made.truth.beats:
            if not 0.5 < beat.r < 9.0:
                continue
            number = int(np.argmin(np.abs(marks.beats.times - beat.r)))
            premature = beat.kind == "ventricular premature"
            width = marks.qrs_offset[number] - marks.qrs_onset[number]
            assert (marks.kind[number] != 0) == premature
            assert (width > 0.120) == premature
            assert np.isfinite(marks.p_onset[number]) != premature


def test_p_waves_are_marked_between_atrial_premature_beats() -> None:
    for seed in range(4):
        made = generate(Settings(rhythm="atrial premature beats", rate=75), seed)
        marks = delineate(made.record)
        usual = [beat for beat in made.truth.beats if beat.kind == "normal" and 0.5 < beat.r < 9.5]
        numbers = [int(np.argmin(np.abs(marks.beats.times - beat.r))) for beat in usual]
        assert np.isfinite(marks.p_onset[numbers]).mean() > 0.9


# Centre in s after the R peak, half width in s, mV in I, II, V1 and V5 of waves drawn as bell curves.
Wave = tuple[float, float, tuple[float, float, float, float]]
QRS: Wave = (0.0, 0.012, (0.6, 1.0, -0.8, 1.2))
T: Wave = (0.27, 0.045, (0.15, 0.25, 0.10, 0.30))


def drawn(waves: tuple[Wave, ...], rr: float) -> Record:
    time, signal = np.arange(5000) / 500.0, np.zeros((4, 5000))
    for beat in np.arange(-1.0, 12.0, rr):
        for centre, width, heights in waves:
            signal += np.outer(heights, np.exp(-0.5 * np.square((time - beat - centre) / width)))
    noise = np.random.default_rng(1).normal(0.0, 0.004, signal.shape)
    return Record(Path("drawn"), "test", (signal + noise).astype(np.float32), 500.0, ("I", "II", "V1", "V5"))


def pr_of(record: Record) -> float:
    marks = delineate(record)
    return float(1000.0 * np.median((marks.qrs_onset - marks.p_onset)[2:-2]))


@pytest.mark.parametrize("foot", [0.0, 0.03])
def test_a_p_wave_on_the_end_of_t_is_found_whatever_lies_before_the_qrs_complex(foot: float) -> None:
    p: Wave = (-0.270, 0.020, (0.12, 0.22, -0.10, 0.12))
    bump: Wave = (-0.065, 0.012, (foot, foot, foot, foot))
    assert pr_of(drawn((QRS, T, p, bump), 0.66)) == pytest.approx(290.0, abs=25.0)


def test_what_comes_twice_to_each_qrs_complex_is_no_p_wave() -> None:
    heights = (0.05, -0.20, 0.15, -0.05)
    waves: list[Wave] = [(-0.09, 0.025, heights), (-0.09 + 0.22, 0.025, heights)]
    once, twice = drawn((QRS, waves[0]), 0.44), drawn((QRS, *waves), 0.44)
    assert np.isfinite(pr_of(once))
    assert np.isnan(pr_of(twice))


def test_the_foot_of_the_qrs_complex_is_no_p_wave() -> None:
    bump: Wave = (-0.05, 0.010, (0.05, 0.06, 0.05, 0.06))
    assert np.isnan(pr_of(drawn((QRS, T, bump), 0.66)))


def test_what_lies_outside_the_recording_is_not_marked() -> None:
    record = generate(Settings(rate=60), 3).record
    first = find_beats(record).times[1]
    cut = record.signal[:, round((first - 0.10) * record.hz) :]
    marks = delineate(replace(record, signal=cut))
    assert marks.beats.times[0] == pytest.approx(0.10, abs=0.01)
    assert np.isnan(marks.p_onset[0])
    assert np.isfinite(marks.qrs_onset[0])
    for name in TOLERANCE:
        row = getattr(marks, name)
        assert (np.isnan(row) | ((row >= 0.0) & (row < cut.shape[1] / record.hz))).all()


def test_beats_found_before_are_used() -> None:
    record = generate(Settings(), 3).record
    beats = find_beats(record)
    some = replace(beats, times=beats.times[2:6])
    assert len(delineate(record, some).qrs_onset) == 4
    assert np.array_equal(delineate(record, beats).qrs_onset, delineate(record).qrs_onset)


def test_a_record_without_beats_has_no_marks() -> None:
    record = Record(Path("flat"), "test", np.zeros((12, 5000), dtype=np.float32), 500.0, STANDARD_LEADS)
    marks = delineate(record)
    assert len(marks.qrs_onset) == len(marks.kind) == 0
    assert marks.kinds == ()


def test_noise_moves_marks_little() -> None:
    for seed in range(3):
        made = generate(Settings(artefacts=(MuscleNoise(0.05),)), seed)
        found = errors(made, delineate(made.record), ("normal",))
        for name in ("qrs_onset", "qrs_offset", "t_offset"):
            assert max(map(abs, found[name])) <= 20.0, f"{name} of seed {seed}: {found[name]}"
