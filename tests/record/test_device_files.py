"""Files of electrocardiographs and archives."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from device_files import EIGHT, aecg, edf, eight_leads, ishne, kardia, mfer, muse, scp, sierra, zigzag
from pydicom.data import get_testdata_file

from ecgview.record import STANDARD_LEADS, Label, ReadError, read, read_summary


def _write(folder: Path, content: bytes, name: str = "file.bin") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("write", "format", "mv", "hz"),
    [
        (muse, "GE MUSE XML", 0.00488, 500),
        (aecg, "HL7 aECG", 0.0025, 500),
        (sierra, "Philips Sierra XML", 0.005, 500),
        (edf, "EDF", 0.0001, 500),
        (ishne, "ISHNE", 0.002, 200),
        (mfer, "MFER", 0.001, 500),
        (scp, "SCP-ECG", 0.0025, 500),
    ],
)
def test_eight_stored_leads_become_twelve(
    tmp_path: Path, write: Callable[[dict[str, list[int]]], bytes], format: str, mv: float, hz: float
) -> None:
    leads = eight_leads()
    record = read(_write(tmp_path, write(leads)))
    assert (record.format, record.hz, record.samples) == (format, hz, 50)
    assert record.leads == STANDARD_LEADS
    assert record.derived == {"III", "aVR", "aVL", "aVF"}
    for name in EIGHT:
        assert record.lead(name) == pytest.approx(np.array(leads[name]) * mv, abs=1e-6)
    assert record.lead("aVL") == pytest.approx((np.array(leads["I"]) - np.array(leads["II"]) / 2) * mv, abs=1e-6)
    assert record.signal.dtype == np.float32


@pytest.mark.parametrize(
    ("write", "identifier", "age", "sex", "recorded_at"),
    [
        (muse, "P7", 64, "female", datetime(2020, 5, 12, 12, 33, 59)),
        (sierra, "P8", 69, "male", datetime(2020, 5, 18, 15, 48, 11)),
        (edf, "MCH-0234567", 50, "female", datetime(2002, 3, 2, 9, 10, 11)),
        (ishne, "H9", 50, "female", datetime(2002, 3, 2, 9, 10, 11)),
        (scp, "S5", 49, "female", datetime(2002, 11, 22, 9, 10)),
        (aecg, None, None, None, datetime(2002, 11, 22, 9, 10)),
    ],
)
def test_patients_and_dates(
    tmp_path: Path,
    write: Callable[[dict[str, list[int]]], bytes],
    identifier: str | None,
    age: float | None,
    sex: str | None,
    recorded_at: datetime,
) -> None:
    record = read(_write(tmp_path, write(eight_leads())))
    assert record.patient.identifier == identifier
    assert (record.patient.age, record.patient.sex, record.recorded_at) == (age, sex, recorded_at)


def test_the_age_of_an_infant_keeps_its_months(tmp_path: Path) -> None:
    content = edf(eight_leads()).replace(b"02-MAY-1951", b"02-DEC-2001")
    assert read(_write(tmp_path, content)).patient.age == 0.25


def test_a_birth_after_the_recording_is_not_an_age(tmp_path: Path) -> None:
    record = read(_write(tmp_path, edf(eight_leads()).replace(b"02-MAY-1951", b"02-DEC-2021")))
    assert record.patient.age is None
    assert any("not plausible" in warning for warning in record.warnings)


def test_statements_say_who_made_them(tmp_path: Path) -> None:
    assert read(_write(tmp_path, muse(eight_leads()))).labels == (
        Label("Sinus rhythm", "text", "GE MUSE XML file, confirmed by a physician"),
        Label("Atrial fibrillation", "text", "GE MUSE XML file, machine statement"),
    )
    assert read(_write(tmp_path, scp(eight_leads()))).labels == (
        Label("Sinus rhythm", "text", "SCP-ECG file, confirmed by a physician"),
    )


@pytest.mark.parametrize(
    ("unit", "factor"), [("MICROVOLTS", 1e-3), ("MILLIVOLTS", 1), ("uV", 1e-3), ("NANOVOLTS", 1e-6)]
)
def test_units_of_a_muse_file(tmp_path: Path, unit: str, factor: float) -> None:
    record = read(_write(tmp_path, muse({"V1": [100, 200]}, unit=unit, scale=2)))
    assert record.lead("V1") == pytest.approx(np.array([200, 400]) * factor)


def test_leads_of_unknown_unit_are_refused_when_they_are_all_there_is(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"no ECG lead.*does not state its unit"):
        read(_write(tmp_path, muse({"V1": [100, 200]}, unit="COUNTS")))


def test_a_respiration_channel_of_another_rate_is_left_out(tmp_path: Path) -> None:
    record = read(_write(tmp_path, edf(eight_leads(100), records=2, other_hz=50)))
    assert record.leads == STANDARD_LEADS
    assert record.warnings[0] == "Resp is left out: the file does not state its unit."


def test_the_calibration_pulse_of_a_philips_file_is_cut_off(tmp_path: Path) -> None:
    pulse = [0] * 40 + [200] * 100 + [0] * 50
    leads = {name: zigzag(5500 - len(pulse), 3 + index) + pulse for index, name in enumerate(EIGHT)}
    record = read(_write(tmp_path, sierra(leads)))
    assert record.duration == 10
    assert record.lead("V1") == pytest.approx(np.array(leads["V1"][:5000]) * 0.005)
    assert any("calibration pulse" in warning and "last 1 s" in warning for warning in record.warnings)


@pytest.mark.parametrize("tail", [[0] * 200, [200] * 20 + [0] * 180, [7] * 200, [0] * 100 + [100] * 100])
def test_what_is_no_calibration_pulse_stays(tmp_path: Path, tail: list[int]) -> None:
    leads = {name: zigzag(5300, 3 + index) + tail for index, name in enumerate(EIGHT)}
    record = read(_write(tmp_path, sierra(leads)))
    assert record.samples == 5500
    assert not any("calibration" in warning for warning in record.warnings)


def test_rates_that_are_no_whole_numbers_stay_exact(tmp_path: Path) -> None:
    assert read(_write(tmp_path, aecg(eight_leads(), increment="0.0039"))).hz == pytest.approx(1 / 0.0039)
    assert read(_write(tmp_path, aecg(eight_leads(), increment="0.002"))).hz == 500


def test_an_origin_is_added(tmp_path: Path) -> None:
    record = read(_write(tmp_path, aecg({"V1": [0, 100]}, origin=50)))
    assert record.lead("V1") == pytest.approx([0.05, 0.3])


def test_two_leads_of_one_name_in_a_device_file(tmp_path: Path) -> None:
    content = aecg({"V1": [1, 2], "V2": [3, 4]}).replace(b"LEAD_V2", b"LEAD_V1")
    record = read(_write(tmp_path, content))
    assert record.lead("V1") == pytest.approx([0.0025, 0.005])
    assert record.warnings == ("V1 occurs more than once in the file; the first is shown.",)


def test_a_holter_lead_without_a_name_is_not_taken_for_a_limb_lead(tmp_path: Path) -> None:
    record = read(_write(tmp_path, ishne({"?": [1, 2], "??": [3, 4], "V1": [5, -32768]})))
    assert record.leads == ("V1", "channel 1", "channel 2")
    np.testing.assert_array_equal(record.lead("V1"), np.array([0.01, np.nan], dtype=np.float32))


def test_a_kardia_recording(tmp_path: Path) -> None:
    record = read(_write(tmp_path, kardia({"I": [0, 1000, 2000]})))
    assert (record.format, record.leads, record.hz) == ("AliveCor Kardia JSON", ("I",), 300)
    assert record.lead("I") == pytest.approx([0, 0.5, 1.0])
    assert [label.code for label in record.labels] == ["sinus rhythm"]


def test_a_dicom_file_shows_its_rhythm_not_its_averaged_beat(tmp_path: Path) -> None:
    path = tmp_path / "ecg"
    shutil.copy(get_testdata_file("waveform_ecg.dcm", download=False), path)
    record = read(path)
    dataset = pydicom.dcmread(path)
    rhythm = dataset.WaveformSequence[0]
    words = np.frombuffer(rhythm.WaveformData, dtype="<i2").reshape(-1, 12)
    assert (record.format, record.hz, record.samples) == ("DICOM", float(rhythm.SamplingFrequency), len(words))
    assert record.leads == STANDARD_LEADS
    channel = rhythm.ChannelDefinitionSequence[1]
    microvolts = words[:, 1] * float(channel.ChannelSensitivity) * float(channel.ChannelSensitivityCorrectionFactor)
    assert record.lead("II") == pytest.approx(microvolts / 1000, abs=1e-6)
    assert "The file also holds an averaged beat; the rhythm recording is shown." in record.warnings


def test_a_wrong_checksum_of_an_scp_file_is_said(tmp_path: Path) -> None:
    content = bytearray(scp(eight_leads()))
    assert read(_write(tmp_path, bytes(content))).warnings[0].startswith("III, aVR")
    content[-20] ^= 1
    assert any("checksum" in warning for warning in read(_write(tmp_path, bytes(content))).warnings)


@pytest.mark.parametrize(
    ("content", "format", "reason"),
    [
        (b"", "unknown", "empty"),
        (b"hello", "unknown", "no format read here"),
        (b"<letter/>", "unknown", "XML, but neither"),
        (b'<?xml version="1.0"?><AnnotatedECG xmlns="urn:hl7-org:v3"/>', "HL7 aECG", "No rhythm series"),
        (muse(eight_leads())[:1500], "GE MUSE XML", "Malformed XML"),
        (aecg(eight_leads()).replace(b"<digits>", b"<digits>x"), "HL7 aECG", "Invalid digits"),
        (edf(eight_leads())[:3000], "EDF", "truncated"),
        (scp(eight_leads())[:700], "SCP-ECG", "declares"),
        (bytes(128) + b"DICM" + bytes(20), "DICOM", ""),
        (b"\xffBIOSEMI" + bytes(300), "BDF", "not read"),
        (sierra(eight_leads()).replace(b"1.04.01", b"9.99"), "Philips Sierra XML", "unsupported"),
    ],
)
def test_refusals_name_file_format_and_reason(tmp_path: Path, content: bytes, format: str, reason: str) -> None:
    path = _write(tmp_path, content, "given.ecg")
    with pytest.raises(ReadError) as refused:
        read(path)
    assert refused.value.path == path
    assert refused.value.format == format
    assert reason in refused.value.reason
    assert str(path) in str(refused.value)
    summary = read_summary(path)
    assert (summary.format, summary.problem) == (format, refused.value.reason)


def test_a_summary_of_a_device_file_says_what_reading_says(tmp_path: Path) -> None:
    path = _write(tmp_path, muse(eight_leads()))
    summary, record = read_summary(path), read(path)
    assert summary.problem is None
    for name in ("format", "hz", "duration", "leads", "patient", "recorded_at", "labels"):
        assert getattr(summary, name) == getattr(record, name)


def test_a_folder_or_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="it is a folder"):
        read(tmp_path)
    with pytest.raises(ReadError, match="no such file"):
        read(tmp_path / "missing.dcm")
    with pytest.raises(ReadError, match="not a file name"):
        read("a\0b")
    with pytest.raises(ReadError):
        read(tmp_path / ("x" * 300))
