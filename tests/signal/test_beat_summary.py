"""What is shown of beats agrees with what is measured, and with what was generated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecgview.record import Record
from ecgview.signal.analysis import analyse
from ecgview.signal.beat_summary import found_beats_of, premature_rr
from ecgview.signal.found_beats import FoundBeats
from ecgview.signal.measurements import measurements_of
from ecgview.signal.values import Measurements
from ecgview.synthesis import Settings, generate


def found_in(record: Record) -> tuple[FoundBeats, Measurements]:
    analysis = analyse(record)
    measured = measurements_of(record, analysis)
    return found_beats_of(analysis, measured), measured


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_average_beat_has_the_intervals_of_the_measurements(seed: int) -> None:
    record = generate(Settings(rate=60 + 10 * seed), seed).record
    found, measured = found_in(record)
    assert found.record_hash == record.content_hash
    for key in ("p", "pr", "qrs", "qt"):
        assert found.averages[0].interval(key) == pytest.approx(measured[key].value)


def test_premature_beats_are_told_by_time_and_shape() -> None:
    made = generate(Settings(rhythm="ventricular premature beats", rate=74), 19)
    found, _ = found_in(made.record)
    # Beats cut off by an end of the record are in one list alone.
    number = [int(np.abs(found.times - beat.r).argmin()) for beat in made.truth.beats]
    premature = [beat.kind == "ventricular premature" for beat in made.truth.beats]
    assert sum(premature) > 1
    assert found.premature[number].tolist() == premature
    assert (found.kind[number] != 0).tolist() == premature
    assert found.premature.sum() == sum(premature)
    assert found.kinds == (len(found) - sum(premature), sum(premature))
    assert found.averages[0].words == ""
    assert found.averages[1].words == "wide and early"
    assert found.averages[1].interval("qrs") > found.averages[0].interval("qrs") + 30


def test_every_other_beat_of_bigeminy_is_premature() -> None:
    rr = np.tile([0.55, 1.1], 30)
    assert premature_rr(rr).tolist() == [True, False] * 30


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_intervals_have_no_usual_one(count: int) -> None:
    assert not premature_rr(np.full(count, 0.8)).any()


def test_a_rate_that_changes_slowly_has_no_premature_beats() -> None:
    assert not premature_rr(60.0 / np.linspace(55.0, 130.0, 400)).any()


def test_in_fibrillation_no_beat_is_called_premature() -> None:
    found, _ = found_in(generate(Settings(rhythm="atrial fibrillation", rate=92), 13).record)
    assert found.irregular
    assert not found.premature.any()
    assert "p_onset" not in found.averages[0].marks
    assert found.averages[0].interval("pr") is None


def test_the_average_of_other_beats_is_the_recorded_one_counted_from_before_the_complex() -> None:
    record = generate(Settings(rhythm="ventricular premature beats", rate=74), 19).record
    found, _ = found_in(record)
    shifted, _ = found_in(replace(record, signal=record.signal + np.float32(0.4)))
    for beat, other in zip(found.averages, shifted.averages, strict=True):
        assert beat.signal == pytest.approx(other.signal, abs=2e-3)
        level = beat.signal[:, beat.onset - 10 : beat.onset - 2]
        assert np.abs(level.mean(axis=1)).max() < 0.05


def test_a_record_too_slow_to_measure_has_beats_without_marks() -> None:
    found, measured = found_in(generate(Settings(hz=60.0), 1).record)
    assert measured["qrs"].value is None
    assert len(found) > 5
    assert found.averages[0].marks == {}
    assert found.averages[0].reason == measured["qrs"].reason


def test_nothing_is_found_in_silence() -> None:
    silence = replace(generate(Settings(), 1).record, signal=np.zeros((12, 5000), np.float32))
    found, _ = found_in(silence)
    assert len(found) == 0
    assert found.averages == ()
    assert not len(found.rates)
