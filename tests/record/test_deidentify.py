"""Copies that can leave: what is gone, what is kept, and that the samples are the same."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import wfdb
from device_files import edf, eight_leads, ishne, mfer, muse, scp, sierra, zigzag
from planted import Person, plant_aecg, plant_dicom, plant_wfdb
from pydicom import dcmread
from pydicom.data import get_testdata_file
from wfdb_files import ramp, twelve_leads, write_record

from ecgview.record import Record, read
from ecgview.record.deidentify import DeidentificationError, Outcome, deidentify
from ecgview.record.deidentify_check import find_identifiers
from ecgview.record.deidentify_key import Key, KeyFileError, load_key, new_key
from ecgview.record.wfdb_reading import load_header
from ecgview.record.wfdb_signal import read_digital
from ecgview.signal.measurements import measure
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb

KEY = Key(bytes(range(32)))


def one(source: Path, out: Path, **how: bool) -> Record:
    """De-identify one recording and read the copy."""
    (outcome,) = deidentify(source, out, KEY, **how)
    assert outcome.problem is None
    assert outcome.written is not None
    return read(outcome.written)


@pytest.mark.parametrize("count", [18, pytest.param(200, marks=pytest.mark.slow)])
def test_of_planted_identifiers_none_remains(tmp_path: Path, count: int) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    people = [Person(number) for number in range(count)]
    plant = (plant_wfdb, plant_dicom, plant_aecg)
    files = {plant[person.number % 3](source, person): person for person in people}
    outcomes = list(deidentify(source, out, KEY))
    assert sorted(outcome.source for outcome in outcomes) == sorted(files)
    assert [outcome.problem for outcome in outcomes if outcome.problem] == []
    assert len({outcome.patient for outcome in outcomes}) == count
    identifiers = [identifier for person in people for identifier in person.identifiers]
    assert find_identifiers(out, identifiers) == []
    for outcome in outcomes:
        assert outcome.written is not None
        assert find_identifiers(outcome.written.parent, files[outcome.source].dates) == []
    # The same search finds every one of them where they were planted.
    dates = [day for person in people for day in person.dates]
    found = {finding.identifier for finding in find_identifiers(source, identifiers + dates)}
    assert found == {*identifiers, *dates}
    for outcome in outcomes:
        assert outcome.written is not None
        before, after = read(outcome.source), read(outcome.written)
        assert np.array_equal(before.signal, after.signal)
        assert after.hz == before.hz
        assert after.patient.sex == "female"
        assert after.patient.age is not None
        assert after.patient.age <= 90
        assert after.patient.identifier == outcome.patient


@pytest.mark.parametrize("write", [muse, sierra, edf, ishne, mfer, scp])
def test_every_readable_format_becomes_wfdb(tmp_path: Path, write: object) -> None:
    (tmp_path / "in.bin").write_bytes(write(eight_leads(200)))  # type: ignore[operator]
    before, after = read(tmp_path / "in.bin"), one(tmp_path / "in.bin", tmp_path / "out")
    assert after.format == "WFDB"
    assert after.content_hash == before.content_hash
    assert after.derived == before.derived
    assert (after.patient.age, after.patient.sex) == (before.patient.age, before.patient.sex)
    assert after.labels == ()


@pytest.mark.parametrize("storage", [8, 16, 24, 32, 61, 80, 160, 212, 310, 311])
def test_the_numbers_of_the_converter_are_the_same(tmp_path: Path, storage: int) -> None:
    largest = {8: 60, 80: 120}.get(storage, 500)
    source = write_record(tmp_path, "r", {"I": ramp(60, largest=largest), "V1": ramp(60, 7, largest=largest)},
                          storage=storage, gain="203.7(12)/mV")  # fmt: skip
    (outcome,) = deidentify(source, tmp_path / "out", KEY)
    assert outcome.written is not None
    before, after = load_header(source), load_header(outcome.written)
    stored = [read_digital(path.parent, header.signals, 60) for path, header in
              ((source, before), (outcome.written, after))]  # fmt: skip
    assert all(np.array_equal(one, other) for one, other in zip(*stored, strict=True))
    assert [(signal.gain, signal.baseline) for signal in after.signals] == [(203.7, 12)] * 2
    assert read(outcome.written).content_hash == read(source).content_hash


def test_other_programs_read_the_copy_alike(tmp_path: Path) -> None:
    (tmp_path / "r.scp").write_bytes(scp(eight_leads(200)))
    copy = one(tmp_path / "r.scp", tmp_path / "out")
    theirs = wfdb.rdrecord(str(copy.path.with_suffix("")))
    stored = [copy.lead(name) for name in theirs.sig_name]
    assert np.allclose(theirs.p_signal.T, np.array(stored) * 1000, atol=1e-3)  # it is in microvolts
    assert (theirs.fs, set(theirs.units)) == (500, {"uV"})
    assert theirs.base_datetime == copy.recorded_at


@pytest.mark.parametrize("storage", [16, 212])
def test_an_invalid_sample_stays_invalid(tmp_path: Path, storage: int) -> None:
    values = ramp(50)
    values[7] = {16: -32768, 212: -2048}[storage]
    copy = one(write_record(tmp_path, "r", {"I": values, "II": ramp(50, 3)}, storage=storage), tmp_path / "out")
    assert np.isnan(copy.signal[0]).nonzero()[0].tolist() == [7]
    assert not np.isnan(copy.signal[1]).any()


def test_an_offset_between_two_steps_is_stored_exactly(tmp_path: Path) -> None:
    content = edf({"V1": zigzag(40, 3), "V2": zigzag(40, 7)})
    content = content.replace(b"-3276.8 ", b"-3276   ").replace(b"3276.7  ", b"3277    ")
    (tmp_path / "r.edf").write_bytes(content)
    before = read(tmp_path / "r.edf")
    assert one(tmp_path / "r.edf", tmp_path / "out").content_hash == before.content_hash


def test_a_record_of_segments_becomes_one(tmp_path: Path) -> None:
    write_record(tmp_path, "m_1", twelve_leads(100))
    write_record(tmp_path, "m_2", twelve_leads(60))
    (tmp_path / "m.hea").write_text("m/3 12 500 170\nm_1 100\n~ 10\nm_2 60\n")
    before = read(tmp_path / "m.hea")
    assert one(tmp_path / "m.hea", tmp_path / "out").content_hash == before.content_hash
    assert np.isnan(before.signal[:, 100:110]).all()


def test_samples_that_cannot_be_stored_exactly_are_refused(tmp_path: Path) -> None:
    write_record(tmp_path, "m_1", twelve_leads(100), gain="1000/mV")
    write_record(tmp_path, "m_2", twelve_leads(60), gain="777/mV")
    (tmp_path / "m.hea").write_text("m/2 12 500 160\nm_1 100\nm_2 60\n")
    (outcome,) = deidentify(tmp_path / "m.hea", tmp_path / "out", KEY)
    assert outcome.problem is not None
    assert "exactly" in outcome.problem
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("format", ["WFDB", "DICOM"])
def test_measurements_of_the_copy_are_those_of_the_original(tmp_path: Path, format: str) -> None:
    if format == "WFDB":
        write_wfdb(generate(Settings(), 5).record, tmp_path, "r", ("Name: Doe",))
        source = tmp_path / "r.hea"
    else:
        source = tmp_path / "r.dcm"
        shutil.copy(get_testdata_file("waveform_ecg.dcm"), source)
    copy = one(source, tmp_path / "out")
    assert copy.format == format
    assert measure(copy).as_dict() == measure(read(source)).as_dict()


def test_dates_move_and_their_intervals_stay(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, when in (("a", "10:00:00 01/02/2003"), ("b", "10:00:30 01/02/2003"), ("c", "09:59:59 29/02/2004")):
        write_record(tmp_path / "in", name, twelve_leads(40), when=when, comments=("Patient ID: 7",))
    outcomes = list(deidentify(tmp_path / "in", tmp_path / "out", KEY))
    before, after = ([read(path).recorded_at for path in paths] for paths in
                     ([one.source for one in outcomes], [one.written for one in outcomes]))  # fmt: skip
    shifts = {one - other for one, other in zip(before, after, strict=True)}
    assert shifts == {outcomes[0].shift}
    assert 366 <= outcomes[0].shift.days < 3653


def test_a_date_before_all_calendars_is_left_out(tmp_path: Path) -> None:
    source = write_record(tmp_path, "r", twelve_leads(), when="10:00:00 01/02/0001")
    assert read(source).recorded_at == datetime(1, 2, 1, 10)
    assert one(source, tmp_path / "out").recorded_at is None


def test_one_patient_has_one_pseudonym_in_all_formats_and_runs(tmp_path: Path) -> None:
    person = Person(4)
    for plant in (plant_wfdb, plant_dicom, plant_aecg):
        plant(tmp_path / "in", person)
    first, second = (list(deidentify(tmp_path / "in", tmp_path / name, KEY)) for name in ("one", "two"))
    assert len({outcome.patient for outcome in first + second}) == 1
    assert _names(first, tmp_path / "one") == _names(second, tmp_path / "two")
    other = list(deidentify(tmp_path / "in", tmp_path / "three", Key(bytes(32))))
    assert {outcome.patient for outcome in other}.isdisjoint({outcome.patient for outcome in first})
    assert {outcome.shift for outcome in other}.isdisjoint({outcome.shift for outcome in first})


def _names(outcomes: list[Outcome], out: Path) -> list[Path]:
    return [outcome.written.relative_to(out) for outcome in outcomes if outcome.written is not None]


def test_records_that_name_no_patient_are_not_made_one(tmp_path: Path) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True)
    for number in range(3):
        comments = (f"Patient ID: {('unknown', '0', 'Anonymous')[number]}",)
        write_record(tmp_path / "in" / "a", f"r{number}", twelve_leads(40 + number), comments=comments)
    apart = list(deidentify(tmp_path / "in", tmp_path / "out", KEY))
    assert len({outcome.patient for outcome in apart}) == 3
    together = list(deidentify(tmp_path / "in", tmp_path / "out2", KEY, folder_is_patient=True))
    assert len({outcome.patient for outcome in together}) == 1


def test_the_same_recording_twice_is_written_twice(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        write_record(tmp_path / "in" / folder, "r", twelve_leads())
    outcomes = list(deidentify(tmp_path / "in", tmp_path / "out", KEY))
    assert len({outcome.written for outcome in outcomes}) == 2
    assert all(read(outcome.written).samples == 40 for outcome in outcomes if outcome.written)


def test_diagnoses_stay_only_as_codes(tmp_path: Path) -> None:
    comments = ("Age: 89", "Sex: M", "Dx: 426783006,59118001,12345678,480123456")
    copy = one(write_record(tmp_path, "r", twelve_leads(), comments=comments), tmp_path / "out")
    # The last two are no identifiers of SNOMED CT concepts: a patient's number may stand there.
    assert [label.code for label in copy.labels] == ["426783006", "59118001"]
    assert copy.patient.age == 89


@pytest.mark.parametrize(("age", "kept"), [("0.52", 0.5), ("17.6", 17.0), ("90", 90.0), ("103", 90.0)])
def test_ages_are_made_coarse(tmp_path: Path, age: str, kept: float) -> None:
    source = write_record(tmp_path, "r", twelve_leads(), comments=(f"Age: {age}",))
    assert one(source, tmp_path / "out").patient.age == kept


def test_dicom_stays_dicom_and_says_what_was_done(tmp_path: Path) -> None:
    source = plant_dicom(tmp_path / "in", Person(2))
    (outcome,) = deidentify(tmp_path / "in", tmp_path / "out", KEY)
    assert outcome.written is not None
    before, after = dcmread(source), dcmread(outcome.written)
    assert after.SOPClassUID == before.SOPClassUID
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert (after.PatientIdentityRemoved, after.LongitudinalTemporalInformationModified) == ("YES", "MODIFIED")
    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113107", "113108"]
    assert after.PatientName == after.PatientID == outcome.patient
    assert (after.PatientBirthDate, after.PatientAge, after.PatientSex) == ("", "090Y", "F")
    assert after.preamble == bytes(128)
    assert not [element for element in after.iterall() if element.tag.is_private]
    for keyword in ("PixelData", "EncapsulatedDocument", "WaveformAnnotationSequence", "InstitutionName"):
        assert keyword not in after
    assert 0x60003000 not in after
    one, other = before.WaveformSequence[0], after.WaveformSequence[0]
    length = one.NumberOfWaveformSamples * one.NumberOfWaveformChannels * 2
    assert other.WaveformData == one.WaveformData[:length]
    moved = datetime(2013, 11, 23, 10, 11, 12) - outcome.shift
    assert after.StudyDate + after.StudyTime == f"{moved:%Y%m%d%H%M%S}"
    assert after.AcquisitionDateTime == f"{moved:%Y%m%d%H%M%S}"


def test_dicom_becomes_wfdb_where_that_is_wanted_or_must_be(tmp_path: Path) -> None:
    source = plant_dicom(tmp_path / "in", Person(2))
    wanted = one(source, tmp_path / "out", only_wfdb=True)
    assert (wanted.format, wanted.content_hash) == ("WFDB", read(source).content_hash)
    foreign = dcmread(source)
    foreign.SOPClassUID = "1.2.840.10008.5.1.4.1.1.104.1"
    foreign.save_as(tmp_path / "foreign.dcm")
    (outcome,) = deidentify(tmp_path / "foreign.dcm", tmp_path / "out2", KEY)
    assert outcome.written is not None
    assert outcome.written.suffix == ".hea"
    assert "written as WFDB" in outcome.notes[0]


def test_a_bad_file_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    write_record(source, "good", twelve_leads())
    (source / "bad.hea").write_text("bad 1 500 100\nbad.dat 16 200 16 0 0 0 0 I\n")
    (source / "worse.dcm").write_bytes(bytes(128) + b"DICM")
    outcomes = list(deidentify(source, tmp_path / "out", KEY))
    assert {outcome.source.name: outcome.problem is None for outcome in outcomes} == {
        "good.hea": True, "bad.hea": False, "worse.dcm": False,
    }  # fmt: skip


def test_the_input_is_not_touched(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for plant in (plant_wfdb, plant_dicom, plant_aecg):
        plant(source, Person(3))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in source.rglob("*") if path.is_file()}
    list(deidentify(source, tmp_path / "out", KEY))
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in source.rglob("*") if path.is_file()}
    assert after == before


def test_nothing_is_written_over_or_into_the_input(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    write_record(source, "r", twelve_leads())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "there").write_text("mine")
    (tmp_path / "link").symlink_to(source)
    for out, why in (
        (source, "in the input"), (source / "new", "in the input"), (tmp_path / "link" / "new", "in the input"),
        (tmp_path, "in the output"), (tmp_path / "full", "not an empty folder"), (source / "r.hea", "in the input"),
    ):  # fmt: skip
        with pytest.raises(DeidentificationError, match=why):
            deidentify(source, out, KEY)
    with pytest.raises(DeidentificationError, match="no such file"):
        deidentify(tmp_path / "absent", tmp_path / "out", KEY)


def test_a_key_is_private_and_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made = new_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_key(file) == made
    assert made.secret.hex() not in repr(made)
    assert new_key(tmp_path / "other") != made
    with pytest.raises(KeyFileError, match="never overwritten"):
        new_key(file)
    assert load_key(file) == made


@pytest.mark.skipif(os.name != "posix", reason="there are no such permissions here")
def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load_key(tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"secret", b"\xff\xfe" * 40, b"0" * 64])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(KeyFileError, match="no key"):
        load_key(tmp_path / "key")
