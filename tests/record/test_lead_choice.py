"""Which channels become leads, in which order, and which leads are computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from wfdb_files import TWELVE, encode, interleave, ramp, twelve_leads, write_record

from ecgview.record import STANDARD_LEADS, ReadError, read, standard_lead
from ecgview.record.units import millivolts_per


@pytest.mark.parametrize(
    ("spelling", "lead"),
    [
        ("I", "I"), ("ii", "II"), ("AVR", "aVR"), ("avl", "aVL"), ("aV F", "aVF"), ("v1", "V1"), ("C6", "V6"),
        ("MDC_ECG_LEAD_AVR", "aVR"), ("MDC_ECG_LEAD_V3", "V3"), ("Lead II", "II"), ("lead_iii", "III"),
        ("ECG aVR", "aVR"), ("EKG V1", "V1"), ("ECG Lead V2", "V2"), ("ECG-II", "II"), ("LEADV3", "V3"),
        ("Lead aVR (Einthoven)", "aVR"), ("V1 [mV]", "V1"), ("DIII", "III"), ("D1", "I"), ("L2", "II"),
        ("Lead 1", "I"), ("I.", "I"), ("II lead", "II"),
        ("1", None), ("ECG 1", None), ("ECG1", None), ("-aVR", None), ("ECG -aVR", None), ("MLII", None),
        ("V3R", None), ("V7", None), ("X", None), ("", None), ("RESP", None), ("MDC_ECG_LEAD_AVRNEG", None),
    ],
)  # fmt: skip
def test_spellings_of_leads(spelling: str, lead: str | None) -> None:
    assert standard_lead(spelling) == lead


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("V", 1000), ("v", 1000), ("mV", 1), ("mv", 1), ("MV", 1), ("uV", 1e-3), ("UV", 1e-3), ("µV", 1e-3),
        ("μV", 1e-3), ("nV", 1e-6), ("MICROVOLTS", 1e-3), ("Millivolt", 1), ("bpm", None), ("", None), ("s", None),
    ],
)  # fmt: skip
def test_units_of_voltage(unit: str, factor: float | None) -> None:
    assert millivolts_per(unit) == factor


def test_leads_stand_in_standard_order_whatever_the_file_has(tmp_path: Path) -> None:
    channels = twelve_leads()
    shuffled = {name: channels[name] for name in reversed(TWELVE)}
    record = read(write_record(tmp_path, "r", {"vz": ramp(40), **shuffled, "V3R": ramp(40, 3)}))
    assert record.leads == (*STANDARD_LEADS, "vz", "V3R")
    for name, values in channels.items():
        assert record.lead(name) == pytest.approx(np.array(values) / 1000)


def test_fifteen_leads_keep_their_extra_leads(tmp_path: Path) -> None:
    channels = {**{name.lower(): values for name, values in twelve_leads().items()},
                "vx": ramp(40), "vy": ramp(40, 3), "vz": ramp(40, 5)}  # fmt: skip
    record = read(write_record(tmp_path, "s0001", channels))
    assert record.leads == (*STANDARD_LEADS, "vx", "vy", "vz")
    assert record.derived == frozenset()


def test_limb_leads_follow_from_one_and_two(tmp_path: Path) -> None:
    one, two = np.array(ramp(30, 7)) / 1000, np.array(ramp(30, 13)) / 1000
    record = read(write_record(tmp_path, "r", {"I": ramp(30, 7), "II": ramp(30, 13), "V2": ramp(30)}))
    assert record.leads == ("I", "II", "III", "aVR", "aVL", "aVF", "V2")
    assert record.derived == {"III", "aVR", "aVL", "aVF"}
    for name, expected in {
        "III": two - one,
        "aVR": -(one + two) / 2,
        "aVL": one - two / 2,
        "aVF": two - one / 2,
    }.items():
        assert record.lead(name) == pytest.approx(expected, abs=1e-6)
    assert any("III, aVR, aVL and aVF are not in the file" in warning for warning in record.warnings)


def test_only_missing_limb_leads_are_computed(tmp_path: Path) -> None:
    own = [9] * 30
    record = read(write_record(tmp_path, "r", {"I": ramp(30), "II": ramp(30, 3), "III": own, "aVF": own}))
    assert record.derived == {"aVR", "aVL"}
    assert record.lead("III") == pytest.approx(np.array(own) / 1000)


@pytest.mark.parametrize("present", [("I", "V1"), ("II", "V1"), ("III", "aVF"), ("V1", "V2", "V3")])
def test_nothing_is_computed_without_both_one_and_two(tmp_path: Path, present: tuple[str, ...]) -> None:
    record = read(write_record(tmp_path, "r", {name: ramp(9, 3 + step) for step, name in enumerate(present)}))
    assert record.leads == present
    assert record.derived == frozenset()


def test_an_invalid_sample_of_one_is_invalid_in_what_follows(tmp_path: Path) -> None:
    record = read(write_record(tmp_path, "r", {"I": [1, -32768, 3], "II": [4, 5, 6]}))
    for name in ("III", "aVR", "aVL", "aVF"):
        np.testing.assert_array_equal(np.isnan(record.lead(name)), [False, True, False])


def test_of_two_leads_of_one_name_the_first_is_shown(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_bytes(encode(interleave([[1, 2], [3, 4]]), 16))
    (tmp_path / "r.hea").write_text("r 2 500 2\nr.dat 16 1 16 0 1 3 0 V1\nr.dat 16 1 16 0 3 7 0 v1\n")
    record = read(tmp_path / "r.hea")
    np.testing.assert_array_equal(record.signal, [[1, 2]])
    assert record.warnings == ("V1 occurs more than once in the file; the first is shown.",)


def test_what_is_not_a_voltage_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_bytes(encode(interleave([[1, 2]] * 4), 16))
    (tmp_path / "r.hea").write_text(
        "r 4 500 2\nr.dat 16 1/mV 16 0 1 3 0 V1\nr.dat 16 1/mV 16 0 1 3 0 Resp\n"
        "r.dat 16 1/mmHg 16 0 1 3 0 ABP\nr.dat 16 1/% 16 0 1 3 0 CO2\n"
    )
    record = read(tmp_path / "r.hea")
    assert record.leads == ("V1",)
    assert record.warnings == (
        "Resp is left out: it is not an ECG lead.",
        "ABP is left out: its unit is 'mmHg', not a voltage.",
        "CO2 is left out: its unit is '%', not a voltage.",
    )


def test_a_file_without_any_ecg_lead_is_refused(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"RESP": ramp(9), "PLETH": ramp(9)})
    with pytest.raises(ReadError, match="no ECG lead"):
        read(header)


def test_a_lead_without_a_name_is_shown_as_a_channel(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_bytes(encode([1, 2], 16))
    (tmp_path / "r.hea").write_text("r 1 500 2\nr.dat 16\n")
    assert read(tmp_path / "r.hea").leads == ("channel 1",)


def test_leads_unlike_the_others_are_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_bytes(encode([1, 2, 10, 20, 7, 3, 4, 30, 40, 8], 16))
    (tmp_path / "r.hea").write_text(
        "r 3 250 2\nr.dat 16x2 1 12 0 0 10 0 V1\nr.dat 16x2 1 12 0 0 100 0 V2\nr.dat 16 1 12 0 0 15 0 V3\n"
    )
    record = read(tmp_path / "r.hea")
    assert (record.hz, record.leads) == (500, ("V1", "V2"))
    assert len(record.warnings) == 1
    assert "V3 is left out" in record.warnings[0]
    assert "250 Hz instead of 500 Hz" in record.warnings[0]


def test_amplitudes_beyond_any_voltage_are_marked_invalid(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"V1": [0, 1], "V2": [5, 5]}, gain="1e-300/mV")
    header.write_text(header.read_text().replace("1e-300/mV 16 0 5", "1/mV 16 0 5"))
    record = read(header)
    np.testing.assert_array_equal(record.lead("V1"), [0, np.nan])
    assert any("too large" in warning for warning in record.warnings)


def test_a_silent_lead_is_said(tmp_path: Path) -> None:
    record = read(write_record(tmp_path, "r", {"V1": [1, 2], "V2": [-32768, -32768]}))
    assert record.warnings == ("V2 holds no valid sample.",)


def scaled_limb_leads(factor: float) -> dict[str, list[int]]:
    """Six limb leads of a made-up heart, III multiplied by a factor."""
    one = [round(400 * np.sin(k / 5)) for k in range(200)]
    two = [round(700 * np.sin(k / 5 + 0.4)) for k in range(200)]
    three = [round(factor * (b - a)) for a, b in zip(one, two, strict=True)]
    augmented = {
        "aVR": [round(-(a + b) / 2) for a, b in zip(one, two, strict=True)],
        "aVF": [round(b - a / 2) for a, b in zip(one, two, strict=True)],
    }
    return {"I": one, "II": two, "III": three, **augmented}


@pytest.mark.parametrize(("factor", "warned"), [(1.0, False), (1.05, False), (1.5, True), (-1.0, True)])
def test_limb_leads_that_do_not_fit_each_other_are_said(tmp_path: Path, factor: float, warned: bool) -> None:
    record = read(write_record(tmp_path, "r", scaled_limb_leads(factor)))
    said = [text for text in record.warnings if "do not fit each other" in text]
    assert bool(said) is warned
    if warned:
        assert "III is not what" in said[0]


def test_computed_limb_leads_always_fit(tmp_path: Path) -> None:
    channels = {name: values for name, values in scaled_limb_leads(1.0).items() if name in ("I", "II")}
    record = read(write_record(tmp_path, "r", channels))
    assert not [text for text in record.warnings if "fit" in text]
