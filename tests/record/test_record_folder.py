"""Folders as lists, summaries, and records described for JSON."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from wfdb_files import TWELVE, ramp, twelve_leads, write_record

from ecgview.record import describe, expand, find_records, read, read_summary

MINIMAL_AECG = b'<?xml version="1.0"?><AnnotatedECG xmlns="urn:hl7-org:v3"></AnnotatedECG>'


def _names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_records(folder)]


def test_a_folder_lists_its_records_once_and_in_natural_order(tmp_path: Path) -> None:
    for name in ("rec10", "rec2", "rec1"):
        write_record(tmp_path, name, {"I": ramp(5)})
        for annotation in ("atr", "i", "qrs"):
            (tmp_path / f"{name}.{annotation}").write_bytes(b"\0\0")
    (tmp_path / "b").mkdir()
    write_record(tmp_path / "b", "x", {"I": ramp(5)}, ending="mat", offset=24)
    for other in ("RECORDS", "notes.txt", "table.csv", "tool.py", "orphan.dat", "picture.png", "LICENSE"):
        (tmp_path / other).write_text("rec1 is a record of 12 leads\n")
    assert _names(tmp_path) == ["rec1.hea", "rec2.hea", "rec10.hea", "b/x.hea"]


def test_segments_and_signal_files_belong_to_their_record(tmp_path: Path) -> None:
    write_record(tmp_path, "m_1", {"I": ramp(5)})
    write_record(tmp_path, "seg2", {"I": ramp(5)})
    (tmp_path / "m.hea").write_text("m/3 1 500 10\nm_layout 0\nm_1 5\nseg2 5\n")
    (tmp_path / "m_layout.hea").write_text("m_layout 1 500 0\n~ 0 100/mV 12 0 0 0 0 I\n")
    (tmp_path / "two.hea").write_text("two 1 500 2\nsignal.ecg 16\n")
    (tmp_path / "signal.ecg").write_bytes(bytes(4))
    assert _names(tmp_path) == ["m.hea", "two.hea"]


def test_other_formats_are_recognised_by_content_and_refused_ones_stay_visible(tmp_path: Path) -> None:
    (tmp_path / "no_ending").write_bytes(bytes(128) + b"DICM" + bytes(40))
    (tmp_path / "export.bin").write_bytes(MINIMAL_AECG)
    (tmp_path / "strange.ecg").write_bytes(b"\x01\x02\x03")
    (tmp_path / "broken.hea").write_text("not a header\n")
    (tmp_path / "other.xml").write_text("<letter/>")
    (tmp_path / "data.json").write_text('{"a": 1}')
    assert _names(tmp_path) == ["broken.hea", "export.bin", "no_ending", "other.xml", "strange.ecg"]
    assert all(read_summary(path).problem for path in find_records(tmp_path))


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".hidden").mkdir()
    write_record(tmp_path / ".hidden", "r", {"I": ramp(5)})
    (tmp_path / "._r.hea").write_text("r 1 500 5\n")
    assert _names(tmp_path) == []


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    write_record(tmp_path / "a", "r", {"I": ramp(5)})
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "again").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "dead.hea").symlink_to(tmp_path / "nowhere")
    assert _names(tmp_path) == ["a/r.hea"]


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    assert list(find_records(tmp_path / "gone")) == [tmp_path / "gone"]


def test_records_come_while_the_walk_goes_on_and_it_can_be_cancelled(tmp_path: Path) -> None:
    for folder in "abc":
        (tmp_path / folder).mkdir()
        write_record(tmp_path / folder, "r", {"I": ramp(5)})
    found: list[Path] = []
    for path in find_records(tmp_path, cancelled=lambda: len(found) >= 2):
        found.append(path)
    assert len(found) == 2


@pytest.mark.alone
def test_a_large_folder_is_listed_in_time(tmp_path: Path) -> None:
    for number in range(5000):
        (tmp_path / f"r{number}.hea").touch()
        (tmp_path / f"r{number}.dat").touch()
    started = time.perf_counter()
    assert len(_names(tmp_path)) == 5000
    # 100 000 within 10 s, from an empty cache and on a slower disk than this one.
    assert time.perf_counter() - started < 0.5


def test_command_line_paths_are_expanded(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    inside = write_record(tmp_path / "d", "r", {"I": ramp(5)})
    single = write_record(tmp_path, "s", {"I": ramp(5)})
    given = [str(single), tmp_path / "d", tmp_path / "s", tmp_path / "missing.dcm"]
    assert list(expand(given)) == [single, inside, tmp_path / "s", tmp_path / "missing.dcm"]


def test_a_summary_says_what_reading_says(tmp_path: Path) -> None:
    header = write_record(
        tmp_path, "r", {"II": ramp(50), "I": ramp(50, 3)}, comments=("Age: 61", "Sex: F", "Dx: 59118001"),
        when="12-May-2020 12:33:59",
    )  # fmt: skip
    summary, record = read_summary(header), read(header)
    assert summary.problem is None
    for name in ("format", "hz", "duration", "leads", "patient", "recorded_at", "labels"):
        assert getattr(summary, name) == getattr(record, name)


@pytest.mark.alone
def test_a_summary_reads_no_samples_of_a_wfdb_record(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", twelve_leads(5000))
    read_summary(header)
    started = time.perf_counter()
    for _ in range(20):
        read_summary(header)
    assert (time.perf_counter() - started) / 20 < 0.005


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "r.dat").unlink(), "r.dat is missing"),
        (lambda folder: (folder / "r.dat").write_bytes(b"12"), "cut off"),
        (lambda folder: (folder / "r.hea").write_text(""), "empty"),
        (lambda folder: (folder / "r.hea").unlink(), "no such file"),
    ],
)
def test_a_summary_names_the_problem(tmp_path: Path, spoil: object, words: str) -> None:
    header = write_record(tmp_path, "r", {"I": ramp(9)})
    spoil(tmp_path)  # type: ignore[operator]
    summary = read_summary(header)
    assert summary.problem is not None
    assert words in summary.problem
    assert summary.leads == ()


def test_a_description_is_json_without_the_patients_name(tmp_path: Path) -> None:
    header = write_record(
        tmp_path, "r", {"I": [0, 500, -250], "II": [-32768, -32768, -32768]}, comments=("Age: 61", "Dx: 59118001"),
        when="12-May-2020 12:33:59",
    )  # fmt: skip
    described = json.loads(json.dumps(describe(read(header)), allow_nan=False))
    assert described["leads"] == list(TWELVE[:6])
    assert described["derived"] == ["III", "aVR", "aVL", "aVF"]
    assert described["range_mv"]["I"] == [-0.25, 0.5]
    assert described["range_mv"]["II"] is None
    assert described["patient"] == {"identifier": None, "age": 61, "sex": None}
    assert (described["hz"], described["samples"], described["duration"]) == (500, 3, 0.006)
    assert described["recorded_at"] == "2020-05-12T12:33:59"
    assert described["labels"] == [
        {"code": "59118001", "system": "snomed", "provenance": "WFDB header, Dx", "likelihood": None}
    ]
    assert described["content_hash"] == read(header).content_hash
    assert described["warnings"]


def test_a_folder_without_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    scandir = os.scandir

    def guarded(path: Path) -> object:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    # Permissions do not stop an administrator, so the refusal is acted.
    monkeypatch.setattr(os, "scandir", guarded)
    assert list(find_records(tmp_path)) == [closed]
