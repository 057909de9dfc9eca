"""Leads that cannot be judged are named with the reason; others are left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.quality import lead_faults, missing_leads
from ecgview.synthesis import BaselineWander, LeadOff, Mains, MuscleNoise, Settings, Spike, SwappedArms, generate


def record_with(name: str, change) -> Record:  # type: ignore[no-untyped-def]
    """A normal record with one lead's samples changed by `change`."""
    record = generate(Settings(), 3).record
    signal = record.signal.copy()
    row = record.leads.index(name)
    signal[row] = change(signal[row])
    return replace(record, signal=signal)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(noise=0.0, individuality=0.0),
        Settings(rate=30, noise=0.0),
        Settings(abnormalities=("low voltage",), noise=0.0),
        Settings(abnormalities=("left ventricular hypertrophy",), amplitude=3.0, noise=0.0),
        Settings(hz=100.0, noise=0.0),
        Settings(seconds=1.3, noise=0.0, rate=40),
        Settings(artefacts=(BaselineWander(3.0), Mains(0.5), MuscleNoise(0.3))),
        Settings(artefacts=(Spike("V2", 3.0, 8.0), SwappedArms())),
        Settings(artefacts=(LeadOff("V3", start=2.0, end=6.0),)),
    ],
)
def test_whatever_can_be_read_is_not_refused(settings: Settings) -> None:
    assert lead_faults(generate(settings, 2).record) == {}


def test_a_lead_that_is_off_is_flat() -> None:
    record = generate(Settings(artefacts=(LeadOff("V3"), LeadOff("aVL"))), 2).record
    reason = "no signal: flat for the whole recording"
    assert lead_faults(record) == {"aVL": reason, "V3": reason}
    assert list(lead_faults(record)) == ["aVL", "V3"]


def test_flat_at_another_level_or_with_the_faintest_noise_is_flat() -> None:
    level = record_with("II", lambda row: np.full_like(row, -1.7))
    assert lead_faults(level) == {"II": "no signal: flat for the whole recording"}
    faint = record_with("II", lambda row: 0.003 * np.sin(np.arange(len(row)), dtype=np.float32))
    assert lead_faults(faint) == {"II": "no signal: flat for the whole recording"}


def test_flat_for_more_than_half_says_from_when_to_when() -> None:
    record = generate(Settings(artefacts=(LeadOff("V1", start=4.0),)), 2).record
    assert lead_faults(record) == {"V1": "no signal for more than half of the recording: flat from 4.0 s to 10.0 s"}
    twice = generate(Settings(artefacts=(LeadOff("V1", end=3.0), LeadOff("V1", start=6.0))), 2).record
    assert lead_faults(twice)["V1"].endswith("flat from 0.0 s to 3.0 s, from 6.0 s to 10.0 s")


def test_invalid_samples_say_where() -> None:
    def gap(row: np.ndarray) -> np.ndarray:
        row[1050:1200] = np.nan
        return row

    assert lead_faults(record_with("V2", gap)) == {"V2": "holds invalid samples (NaN) from 2.1 s to 2.4 s"}

    def many(row: np.ndarray) -> np.ndarray:
        row[::500] = np.nan
        return row

    assert lead_faults(record_with("V2", many))["V2"].endswith("and in 7 more places")
    nothing = record_with("V2", lambda row: np.full_like(row, np.nan))
    assert lead_faults(nothing) == {"V2": "holds no valid sample"}


def test_amplitudes_no_heart_makes_are_implausible() -> None:
    record = generate(Settings(artefacts=(Spike("V4", 3.0, -32.0),)), 2).record
    (reason,) = lead_faults(record).values()
    assert reason.startswith("implausible: reaches −")
    assert reason.endswith("beyond ±20 mV")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_amplifier_at_its_limit_is_saturated(sign: float) -> None:
    def clip(row: np.ndarray) -> np.ndarray:
        return np.asarray(sign * np.minimum(8 * row + 3 * np.sin(np.arange(len(row)) / 800), 3.0))

    assert lead_faults(record_with("V5", clip))["V5"].startswith(
        "saturated: cut off at " + ("3.0" if sign > 0 else "−3.0")
    )


def test_a_value_held_for_a_tenth_of_a_second_at_the_end_is_no_saturation() -> None:
    def hold(row: np.ndarray) -> np.ndarray:
        row[-50:] = row.max() + 0.1
        return row

    assert lead_faults(record_with("V5", hold)) == {}


def test_no_samples() -> None:
    record = Record(Path("empty"), "WFDB", np.zeros((1, 0), dtype=np.float32), 500.0, ("I",))
    assert lead_faults(record) == {"I": "holds no samples"}


def test_missing_leads_in_standard_order() -> None:
    record = generate(Settings(), 1).record
    assert missing_leads(record) == ()
    some = replace(record, signal=np.array(record.signal[[8, 0]]), leads=("V3", "I"))
    assert missing_leads(some) == tuple(name for name in STANDARD_LEADS if name not in ("I", "V3"))
