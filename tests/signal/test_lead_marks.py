"""Marks of the single leads lie around those of all leads, and the widest reach farthest out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecgview.record import STANDARD_LEADS
from ecgview.signal.delineation import delineate
from ecgview.signal.lead_marks import LeadMarks, marks_by_lead
from ecgview.signal.marks import Hump
from ecgview.synthesis import Settings, generate

NAMES = ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset")


def test_every_beat_is_marked_in_every_lead() -> None:
    made = generate(Settings(), 2)
    common = delineate(made.record)
    found = marks_by_lead(common)
    assert tuple(found) == STANDARD_LEADS
    for beat in made.truth.beats[1:-1]:
        number = int(np.argmin(np.abs(common.beats.times - beat.r)))
        for name in NAMES:
            every = np.array([found[lead][name][number] for lead in found])
            seen = every[np.isfinite(every)]
            assert len(seen) >= 6, name
            known = getattr(beat, name)
            assert float(np.median(seen)) == pytest.approx(known, abs=0.015), name
            assert np.abs(seen - known).max() < 0.050, name


def test_a_lead_without_a_wave_has_no_mark() -> None:
    record = generate(Settings(), 2).record
    signal = record.signal.copy()
    signal[3] *= 0.1
    found = marks_by_lead(delineate(replace(record, signal=signal)))
    assert np.isnan(found["aVR"]["qrs_onset"]).all()
    assert np.isfinite(found["II"]["qrs_onset"]).all()


def test_outliers_do_not_decide() -> None:
    rows = {name: np.full(12, 100.0) for name in NAMES}
    rows["qrs_onset"][:4] = [10.0, 20.0, 30.0, np.nan]
    rows["t_offset"][:3] = [180.0, 170.0, 160.0]
    marks = LeadMarks(**rows)
    assert marks.widest("qrs", Hump(90, 95, 99)) == Hump(30, 95, 100)
    assert marks.widest("t", Hump(90, 95, 99)) == Hump(90, 95, 160)


def test_few_leads_leave_the_common_marks() -> None:
    rows = {name: np.array([1.0, np.nan]) for name in NAMES}
    assert LeadMarks(**rows).widest("p", Hump(90, 95, 99)) == Hump(90, 95, 99)


@pytest.mark.parametrize("rhythm", ["atrial fibrillation", "paced"])
def test_without_p_waves_there_are_no_p_marks(rhythm: str) -> None:
    found = marks_by_lead(delineate(generate(Settings(rhythm=rhythm), 1).record))  # type: ignore[arg-type]
    assert all(np.isnan(one["p_onset"]).all() for one in found.values())
