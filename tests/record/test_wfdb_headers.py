"""Headers as they occur: gains, units, dates, names, comments, segments."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from wfdb_files import TWELVE, encode, interleave, ramp, twelve_leads, write_record

from ecgview.record import Label, ReadError, read


@pytest.mark.parametrize(
    ("gain", "in_mv"),
    [
        ("1000/mV", 0.25),
        ("1000/mv", 0.25),
        ("1000", 0.25),
        ("1000.0(0)/mV", 0.25),
        ("1000(50)/mV", 0.2),
        ("1e3(-250)/mV", 0.5),
        ("1/uV", 0.25),
        ("1/µV", 0.25),
        ("0.001/nV", 0.25),
        ("500000/V", 0.5),
        (".5/uV", 0.5),
    ],
)
def test_gains_and_units_give_millivolts(tmp_path: Path, gain: str, in_mv: float) -> None:
    record = read(write_record(tmp_path, "r", {"I": [250, 250], "V1": [0, 1]}, gain=gain))
    assert record.lead("I") == pytest.approx([in_mv, in_mv])
    assert record.warnings == ()


@pytest.mark.parametrize("gain", ["0/mV", "0", ""])
def test_a_missing_gain_is_200_and_said(tmp_path: Path, gain: str) -> None:
    header = tmp_path / "r.hea"
    (tmp_path / "r.dat").write_bytes(encode([100, 300], 16))
    header.write_text(f"r 1 500 2\nr.dat 16 {gain}{' 12 0 100 400 0' if gain else ''} V3\n")
    record = read(header)
    assert record.lead("V3") == pytest.approx([0.5, 1.5])
    assert len(record.warnings) == 1
    assert "no gain for V3" in record.warnings[0]
    assert "200 units per mV" in record.warnings[0]


def test_the_zero_of_the_converter_is_the_baseline_where_none_is_stated(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_bytes(encode([1024, 1224], 212))
    (tmp_path / "r.hea").write_text("r 1 360 2\nr.dat 212 200 11 1024 1024 2248 0 II\n")
    assert read(tmp_path / "r.hea").lead("II") == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("12-May-2020 12:33:59", datetime(2020, 5, 12, 12, 33, 59)),
        ("12:33:59 12-May-2020", datetime(2020, 5, 12, 12, 33, 59)),
        ("12:33:59 12/05/2020", datetime(2020, 5, 12, 12, 33, 59)),
        ("12/05/2020 12:33:59", datetime(2020, 5, 12, 12, 33, 59)),
        ("12:33:59.5 12/5/2020", datetime(2020, 5, 12, 12, 33, 59, 500_000)),
        ("2020-05-12 12:33:59", datetime(2020, 5, 12, 12, 33, 59)),
        ("12:33:59", None),
        ("12-May-2020", None),
        ("99:99:99 45/45/2020", None),
        ("", None),
    ],
)
def test_date_and_time_in_any_order(tmp_path: Path, when: str, expected: datetime | None) -> None:
    assert read(write_record(tmp_path, "r", {"I": [1, 2]}, when=when)).recorded_at == expected


def test_a_record_name_with_an_ending(tmp_path: Path) -> None:
    header = write_record(tmp_path, "E1", twelve_leads(), ending="mat", offset=24)
    header.write_text(header.read_text().replace("E1 12 500 40", "E1.mat 12 500 40 05-May-2020 09:49:17"))
    record = read(header)
    assert record.leads == TWELVE
    assert record.recorded_at == datetime(2020, 5, 5, 9, 49, 17)


def test_a_record_is_found_by_any_of_its_names(tmp_path: Path) -> None:
    header = write_record(tmp_path, "a", {"I": ramp(9)}, ending="mat", offset=24)
    write_record(tmp_path, "b.2", {"V1": ramp(9)})
    for name in ("a", "a.mat", "a.hea"):
        record = read(tmp_path / name)
        assert (record.path, record.leads) == (header, ("I",))
    for name in ("b.2", "b.2.dat", "b.2.hea"):
        assert read(str(tmp_path / name)).leads == ("V1",)


def test_the_content_decides_not_the_ending(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"I": ramp(9)})
    header.rename(tmp_path / "renamed.txt")
    assert read(tmp_path / "renamed.txt").leads == ("I",)


def test_the_annotations_of_a_record_are_not_the_record(tmp_path: Path) -> None:
    write_record(tmp_path, "r", {"I": ramp(9)})
    (tmp_path / "r.atr").write_bytes(b"\x12\x70\x00\x00")
    with pytest.raises(ReadError, match="not a known ECG format"):
        read(tmp_path / "r.atr")


@pytest.mark.parametrize(
    ("comments", "age", "sex"),
    [
        (("Age: 53", "Sex: Female"), 53, "female"),
        ((" age: 69", " sex: male"), 69, "male"),
        (("<age>: 51", "<sex>: F"), 51, "female"),
        (("<age>: 69  <sex>: M  <diagnoses> (1) Myocardial infarction",), 69, "male"),
        (("69 M 1085 1629 x1", "Aldomet, Inderal"), 69, "male"),
        (("Age: NaN", "Sex: Unknown"), None, None),
        (("Age: n/a",), None, None),
        (("Age: 0.5", "Sex: m"), 0.5, "male"),
        ((), None, None),
    ],
)
def test_patients_in_comments(tmp_path: Path, comments: tuple[str, ...], age: float | None, sex: str | None) -> None:
    record = read(write_record(tmp_path, "r", {"I": [1, 2]}, comments=comments))
    assert (record.patient.age, record.patient.sex) == (age, sex)
    assert record.warnings == ()


@pytest.mark.parametrize(("stated", "age", "words"), [("300", 90, "above 89"), ("400", None, "not plausible"),
                                                      ("-3", None, "not plausible")])  # fmt: skip
def test_ages_that_cannot_be_are_said(tmp_path: Path, stated: str, age: float | None, words: str) -> None:
    record = read(write_record(tmp_path, "r", {"I": [1, 2]}, comments=(f"Age: {stated}",)))
    assert record.patient.age == age
    assert len(record.warnings) == 1
    assert words in record.warnings[0]


def test_snomed_codes_are_labels_with_their_provenance(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"I": [1, 2]}, comments=("Dx: 164889003, 59118001,59118001", "Rx: Unknown"))
    assert read(header).labels == (
        Label("164889003", "snomed", "WFDB header, Dx"),
        Label("59118001", "snomed", "WFDB header, Dx"),
    )


def test_diagnoses_in_words_are_labels(tmp_path: Path) -> None:
    comments = ("<age>: 51", "<diagnoses>:", "Rhythm: Sinus bradycardia.", "Left ventricular hypertrophy. ")
    assert read(write_record(tmp_path, "r", {"I": [1, 2]}, comments=comments)).labels == (
        Label("Rhythm: Sinus bradycardia", "text", "WFDB header, diagnoses"),
        Label("Left ventricular hypertrophy", "text", "WFDB header, diagnoses"),
    )


def test_unknown_diagnoses_are_no_labels(tmp_path: Path) -> None:
    assert read(write_record(tmp_path, "r", {"I": [1, 2]}, comments=("Dx: Unknown",))).labels == ()


def test_a_wrong_checksum_is_said_and_the_record_read(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"I": ramp(20), "V1": ramp(20, 3)})
    data = bytearray((tmp_path / "r.dat").read_bytes())
    data[2] ^= 1
    (tmp_path / "r.dat").write_bytes(data)
    record = read(header)
    assert len(record.warnings) == 1
    assert "V1" in record.warnings[0]
    assert "checksum" in record.warnings[0]
    assert read(write_record(tmp_path, "ok", {"I": [-5, 3]})).warnings == ()


def _segment(folder: Path, name: str, channels: dict[str, list[int]], gain: str = "100/mV") -> None:
    write_record(folder, name, channels, gain=gain)


def test_segments_of_one_layout_are_joined(tmp_path: Path) -> None:
    first, second = {"I": ramp(10), "V1": ramp(10, 3)}, {"I": ramp(6, 5), "V1": ramp(6, 7)}
    _segment(tmp_path, "m_1", first)
    _segment(tmp_path, "m_2", second, gain="50/mV")
    (tmp_path / "m.hea").write_text("m/3 2 500 20\nm_1 10\n~ 4\nm_2 6\n# age: 70\n")
    record = read(tmp_path / "m")
    assert record.samples == 20
    for name in ("I", "V1"):
        expected = [*(np.array(first[name]) / 100), *[np.nan] * 4, *(np.array(second[name]) / 50)]
        np.testing.assert_allclose(record.lead(name), expected, rtol=1e-6)
    assert record.patient.age == 70
    assert any("gaps" in warning for warning in record.warnings)


def test_segments_of_changing_layout_are_joined(tmp_path: Path) -> None:
    (tmp_path / "m_layout.hea").write_text(
        "m_layout 3 500 0\n~ 0 100/mV 12 0 0 0 0 I\n~ 0 100/mV 12 0 0 0 0 II\n~ 0 1/bpm 12 0 0 0 0 HR\n"
    )
    _segment(tmp_path, "m_1", {"II": ramp(4), "I": ramp(4, 3)})
    _segment(tmp_path, "m_2", {"I": ramp(5, 9), "V9": ramp(5)})
    (tmp_path / "m.hea").write_text("m/3 3 500 9\nm_layout 0\nm_1 4\nm_2 5\n")
    record = read(tmp_path / "m.hea")
    np.testing.assert_allclose(record.lead("I"), np.array([*ramp(4, 3), *ramp(5, 9)]) / 100, rtol=1e-6)
    np.testing.assert_allclose(record.lead("II"), [*(np.array(ramp(4)) / 100), *[np.nan] * 5], rtol=1e-6)
    assert record.leads[:2] == ("I", "II")
    assert any("HR is left out" in warning for warning in record.warnings)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("m/2 1 500 20\nm_1 10\nmissing 10\n", "missing.hea is missing"),
        ("m/2 1 500 20\nm_1 10\nm 10\n", "consists of segments itself"),
        ("m/2 1 500 20\nm_1 10\n../m_1 10\n", "own folder"),
        ("m/2 1 500 30\nm_1 10\nm_1 20\n", "holds 10 of the 20"),
        ("m/2 1 500 20\n~ 10\n~ 10\n", "gaps"),
        ("m/9 1 500 20\nm_1 10\n", "announces 9 segments"),
        ("m/2 1 250 20\nm_1 10\nm_1 10\n", "500 Hz"),
    ],
)
def test_segments_that_do_not_fit_are_refused(tmp_path: Path, lines: str, reason: str) -> None:
    _segment(tmp_path, "m_1", {"I": ramp(10)})
    (tmp_path / "m.hea").write_text(lines)
    with pytest.raises(ReadError, match=reason):
        read(tmp_path / "m.hea")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("r 1 500 2\nr.dat 16 1O00/mV 16 0 0 0 0 I\n", "gain '1O00/mV'"),
        ("r 1 500 2\nr.dat 16 1e999/mV 16 0 0 0 0 I\n", "gain '1e999/mV'"),
        ("r 2 500 2\nr.dat 16 200 16 0 0 0 0 I\n", "announces 2 signals and describes 1"),
        ("r 1 500 2\nr.dat 17 200 16 0 0 0 0 I\n", "format 17"),
        ("r 1 500 2\nother.dat 16 200 16 0 0 0 0 I\n", "other.dat is missing"),
        ("r 1 5 2\nr.dat 16 200 16 0 0 0 0 I\n", "5 Hz"),
        ("r 1 1e9 2\nr.dat 16 200 16 0 0 0 0 I\n", "1e[+]09 Hz"),
        ("r 0 500 2\n", "no ECG lead"),
        ("r 1 500 0\nempty.dat 16 200 16 0 0 0 0 I\n", "no samples"),
        ("r 2 500 1\nr.dat 16 200 16 0 0 0 0 I\nr.dat 212 200 16 0 0 0 0 II\n", "different formats"),
        ("r 1 500 2\nr.dat 16 200/degC 16 0 0 0 0 I\n", "no ECG lead.*degC"),
        ("not a header at all\n", "does not begin with a record line"),
        ("r 1 500 2\nr.dat what\n", "signal line 'r.dat what'"),
    ],
)
def test_headers_that_make_no_sense_are_refused(tmp_path: Path, header: str, reason: str) -> None:
    (tmp_path / "r.dat").write_bytes(encode(interleave([[1, 2], [3, 4]]), 16))
    (tmp_path / "empty.dat").touch()
    (tmp_path / "r.hea").write_text(header)
    with pytest.raises(ReadError, match=reason) as refused:
        read(tmp_path / "r.hea")
    assert refused.value.path == tmp_path / "r.hea"


def test_a_header_behind_pages_of_comments_is_read(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"I": [1, 2]})
    header.write_text("# licence\n" * 2000 + header.read_text())
    assert read(header).leads == ("I",)


def test_a_signal_without_one_valid_sample_is_refused(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"I": [-32768] * 4, "II": [-32768] * 4})
    with pytest.raises(ReadError, match="not one of its samples is valid"):
        read(header)
