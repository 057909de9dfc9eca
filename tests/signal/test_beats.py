"""Every beat is found once, in any rhythm, at any rate, through noise and faulty leads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.beats import find_beats
from ecgview.synthesis import (
    BaselineWander,
    LeadOff,
    Mains,
    MuscleNoise,
    Settings,
    Spike,
    SwappedArms,
    Truth,
    generate,
)

RHYTHMS = (
    "sinus arrhythmia",
    "first degree AV block",
    "atrial fibrillation",
    "atrial flutter",
    "ventricular premature beats",
    "atrial premature beats",
    "paced",
)
ABNORMALITIES = (
    "complete right bundle branch block",
    "complete left bundle branch block",
    "left anterior fascicular block",
    "left ventricular hypertrophy",
    "inferior infarction",
    "anteroseptal infarction",
    "inverted T",
    "low voltage",
)


def assert_found(record: Record, truth: Truth) -> None:
    times = find_beats(record).times
    known = np.array([beat.r for beat in truth.beats])
    assert (np.diff(times) > 0).all()
    for r in known:
        assert (np.abs(times - r) < 0.05).sum() == 1, f"beat at {r:.2f} s in {times}"
    # The generator lists whole beats only; what is found besides must be one cut off by an end.
    for time in times:
        inside = 0.1 < time < record.duration - 0.1
        assert np.abs(known - time).min() < 0.05 or not inside, f"no beat at {time:.2f} s"


@pytest.mark.parametrize("rate", [25, 40, 60, 90, 130, 180, 210])
def test_at_every_rate(rate: int) -> None:
    for seed in range(3):
        made = generate(Settings(rate=rate), seed)
        assert_found(made.record, made.truth)


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_in_every_rhythm(rhythm: str) -> None:
    for seed in range(3):
        made = generate(Settings(rhythm=rhythm), seed)  # type: ignore[arg-type]
        assert_found(made.record, made.truth)


@pytest.mark.parametrize("abnormality", ABNORMALITIES)
def test_whatever_the_beats_look_like(abnormality: str) -> None:
    for seed in range(3):
        made = generate(Settings(abnormalities=(abnormality,)), seed)  # type: ignore[arg-type]
        assert_found(made.record, made.truth)


@pytest.mark.parametrize(
    "artefact",
    [
        BaselineWander(2.0),
        Mains(0.3),
        MuscleNoise(0.2),
        LeadOff("II"),
        LeadOff("V3", 2.0, 5.0),
        Spike("V2", 3.1, 8.0),
        SwappedArms(),
    ],
)
def test_through_artefacts(artefact) -> None:  # type: ignore[no-untyped-def]
    for seed in range(3):
        made = generate(Settings(artefacts=(artefact,)), seed)
        assert_found(made.record, made.truth)


@pytest.mark.parametrize("hz", [50.0, 100.0, 128.0, 250.0, 1000.0])
def test_at_every_sampling_rate(hz: float) -> None:
    made = generate(Settings(hz=hz), 4)
    assert_found(made.record, made.truth)


@pytest.mark.parametrize("seconds", [1.5, 2.5, 30.0])
def test_in_short_and_long_recordings(seconds: float) -> None:
    made = generate(Settings(seconds=seconds), 4)
    assert_found(made.record, made.truth)


@pytest.mark.parametrize("lead", STANDARD_LEADS)
def test_in_a_single_lead(lead: str) -> None:
    made = generate(Settings(), 6)
    row = made.record.lead(lead)
    assert row is not None
    assert_found(replace(made.record, signal=row[None], leads=(lead,)), made.truth)


def test_faulty_leads_are_left_out_and_named() -> None:
    made = generate(Settings(artefacts=(LeadOff("V6"),)), 2)
    signal = made.record.signal.copy()
    signal[0, 100] = np.nan
    record = replace(made.record, signal=signal)
    beats = find_beats(record)
    assert "I" not in beats.leads
    assert "V6" not in beats.leads
    assert set(beats.skipped) == {"I", "V6"}
    assert "NaN" in beats.skipped["I"]
    assert_found(record, made.truth)


def bare(signal, hz: float = 500.0, leads: tuple[str, ...] | None = None) -> Record:  # type: ignore[no-untyped-def]
    rows = np.asarray(signal, dtype=np.float32)
    return Record(Path("bare"), "test", rows, hz, STANDARD_LEADS[: len(rows)] if leads is None else leads)


@pytest.mark.parametrize(
    "record",
    [
        bare(np.zeros((12, 0))),
        bare(np.zeros((12, 5000))),
        bare(np.full((12, 5000), np.nan)),
        bare(np.zeros((0, 5000)), leads=()),
        bare(np.random.default_rng(0).standard_normal((12, 5000)) * 0.05),
        bare(np.random.default_rng(0).standard_normal((2, 13))),
        bare(np.sin(np.arange(5000) / 50.0)[None].repeat(12, 0)),
        bare(generate(Settings(), 1).record.signal[:3], leads=("X", "Y", "Z")),
    ],
)
def test_where_there_is_no_heartbeat_none_is_found(record: Record) -> None:
    assert len(find_beats(record)) == 0


def test_the_same_record_gives_the_same_beats() -> None:
    record = generate(Settings(artefacts=(MuscleNoise(0.1),)), 9).record
    assert np.array_equal(find_beats(record).times, find_beats(record).times)
