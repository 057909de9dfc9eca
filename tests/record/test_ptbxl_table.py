"""PTB-XL's table beside or above a record."""

from __future__ import annotations

import csv
import os
from datetime import datetime
from pathlib import Path

import pytest
from wfdb_files import twelve_leads, write_record

from ecgview.record import Label, read, read_summary

COLUMNS = ("ecg_id", "patient_id", "age", "sex", "recording_date", "report", "scp_codes", "validated_by_human",
           "filename_lr", "filename_hr")  # fmt: skip
LINE = {
    "ecg_id": "7", "patient_id": "15709.0", "age": "56.0", "sex": "1", "recording_date": "1984-11-09 09:17:34",
    "report": "sinusrhythmus, \"quoted\"\nsecond line", "scp_codes": "{'NORM': 100.0, 'LVOLT': 0.0, 'NST_': 15.0}",
    "validated_by_human": "True", "filename_lr": "records100/00000/00007_lr",
    "filename_hr": "records500/00000/00007_hr",
}  # fmt: skip


def _table(folder: Path, *changes: dict[str, str]) -> Path:
    path = folder / "ptbxl_database.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for change in changes or ({},):
            writer.writerow(LINE | change)
    return path


def _record(folder: Path) -> Path:
    below = folder / "records500" / "00000"
    below.mkdir(parents=True)
    return write_record(below, "00007_hr", twelve_leads())


def test_age_sex_date_and_statements_come_from_the_table(tmp_path: Path) -> None:
    header = _record(tmp_path)
    _table(tmp_path)
    record = read(header)
    assert record.patient.identifier == "15709"
    assert (record.patient.age, record.patient.sex) == (56, "female")
    assert record.recorded_at == datetime(1984, 11, 9, 9, 17, 34)
    provenance = "ptbxl_database.csv, validated by a human"
    assert record.labels == (
        Label("NORM", "scp", provenance, 100.0),
        Label("LVOLT", "scp", provenance, 0.0),
        Label("NST_", "scp", provenance, 15.0),
    )
    assert record.warnings == ()
    summary = read_summary(header)
    assert (summary.patient, summary.labels) == (record.patient, record.labels)


def test_the_low_rate_record_has_the_same_line(tmp_path: Path) -> None:
    below = tmp_path / "records100" / "00000"
    below.mkdir(parents=True)
    header = write_record(below, "00007_lr", twelve_leads(), hz=100)
    _table(tmp_path, {"sex": "0", "validated_by_human": "False"})
    record = read(header)
    assert record.patient.sex == "male"
    assert {label.provenance for label in record.labels} == {"ptbxl_database.csv, not validated by a human"}


def test_the_table_may_lie_beside_the_record_and_three_folders_up_but_not_four(tmp_path: Path) -> None:
    _table(tmp_path)
    folder = tmp_path
    for level in range(5):
        record = read(write_record(folder, "00007_hr", twelve_leads()))
        assert bool(record.labels) == (level <= 3)
        folder = folder / "deeper"
        folder.mkdir()


def test_a_record_the_table_does_not_list_has_nothing_from_it(tmp_path: Path) -> None:
    header = write_record(tmp_path, "other", twelve_leads(), comments=("Age: 40", "Dx: 59118001"))
    _table(tmp_path)
    record = read(header)
    assert record.patient.age == 40
    assert [label.code for label in record.labels] == ["59118001"]


@pytest.mark.parametrize(
    ("change", "age", "words"),
    [({"age": "300.0"}, 90, "above 89"), ({"age": "300"}, 90, "above 89"), ({"age": "777"}, None, "not plausible")],
)
def test_withheld_and_impossible_ages(tmp_path: Path, change: dict[str, str], age: float | None, words: str) -> None:
    header = _record(tmp_path)
    _table(tmp_path, change)
    record = read(header)
    assert record.patient.age == age
    assert len(record.warnings) == 1
    assert words in record.warnings[0]


def test_empty_cells_are_unknown(tmp_path: Path) -> None:
    header = _record(tmp_path)
    _table(tmp_path, {"age": "", "sex": "", "patient_id": "", "recording_date": "", "scp_codes": "{}"})
    record = read(header)
    assert (record.patient.age, record.patient.sex, record.patient.identifier) == (None, None, None)
    assert (record.recorded_at, record.labels, record.warnings) == (None, (), ())


@pytest.mark.parametrize("codes", ["__import__('os').system('true')", "{'NORM': 1e9", "[1]", "{'A': b'x'}", "{1:2}"])
def test_statements_that_are_no_dictionary_are_said(tmp_path: Path, codes: str) -> None:
    header = _record(tmp_path)
    _table(tmp_path, {"scp_codes": codes})
    record = read(header)
    assert record.labels == ()
    assert any("cannot be understood" in warning for warning in record.warnings)


def test_a_changed_table_is_read_again(tmp_path: Path) -> None:
    header = _record(tmp_path)
    table = _table(tmp_path)
    assert read(header).patient.age == 56
    _table(tmp_path, {"age": "57.0"})
    os.utime(table, ns=(1, 1))
    assert read(header).patient.age == 57


@pytest.mark.parametrize("content", [b"ecg_id,age\n1,2\n", b"", b"\xff\xfe\x00\x01", b'"' + b"x" * 200_000])
def test_a_broken_table_does_not_hide_the_record(tmp_path: Path, content: bytes) -> None:
    header = _record(tmp_path)
    (tmp_path / "ptbxl_database.csv").write_bytes(content)
    record = read(header)
    assert len(record.leads) == 12
    assert any("ptbxl_database.csv cannot be read" in warning for warning in record.warnings)
