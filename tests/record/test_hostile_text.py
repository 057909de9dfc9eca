"""Names, numbers and links that are made to mislead."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner
from wfdb_files import encode, ramp, twelve_leads, write_record

from ecgview import cli
from ecgview.record import ReadError, describe, find_records, read
from ecgview.record.printing import cleaned, printable

ESCAPES = "\x1b[2J\x1b]0;owned\x07\u202ereversed\x9b31m"


def unharmful(text: str) -> bool:
    return printable(text.replace("\n", "")) == text.replace("\n", "")


def test_a_files_name_cannot_command_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / f"a{ESCAPES}\nforged: line.hea"
    file.write_text("broken")
    with pytest.raises(ReadError) as refused:
        read(file)
    assert printable(str(refused.value)) == str(refused.value)
    assert "\\x1b[2J" in str(refused.value)
    for command in (
        ["info", str(file)],
        ["measure", str(file)],
        ["predict", str(file), "--out", str(tmp_path / "o.csv")],
    ):
        result = CliRunner().invoke(cli.app, command)
        assert result.exit_code == cli.SOME_FAILED
        assert unharmful(result.output), command


def test_a_name_that_is_no_text_at_all_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = write_record(tmp_path, "r", twelve_leads()).rename(os.fsdecode(b"\xff.hea"))
    result = CliRunner().invoke(cli.app, ["info", str(file)])
    assert result.exit_code == 0
    assert "\\udcff.hea" in result.stdout


def test_what_a_header_says_of_the_patient_cannot_command_the_terminal(tmp_path: Path) -> None:
    comments = (f"Patient ID: 7{ESCAPES}", f"Dx: {ESCAPES}text", "Age:\t61", f"<diagnoses>: {ESCAPES}")
    header = write_record(tmp_path, "r", twelve_leads(), comments=comments)
    record = read(header)
    assert record.patient.age == 61
    assert all(unharmful(str(value)) for value in (record.patient, record.labels, describe(record)))
    assert unharmful(CliRunner().invoke(cli.app, ["info", str(header)]).stdout)


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("Müßigmann", "Żółkiewska, Zoë", "نازنین", "वर्मा", "孫悟空", "a\xa0b", "tab "):
        assert printable(name) == cleaned(name) == name


@pytest.mark.parametrize(
    "line",
    ["r 1 -500 40", "r 1 nan 40", "r 1 inf 40", "r 1 0 40", "r 1 500 -40", "r 1 1e300 40", "r 1 24 40", "r -1 500 40",
     "r 1 500 4e1", "r 1 0x1f4 40"],
)  # fmt: skip
def test_numbers_that_cannot_be_are_refused_and_not_replaced_by_others(tmp_path: Path, line: str) -> None:
    write_record(tmp_path, "r", {"I": ramp(40)})
    lines = (tmp_path / "r.hea").read_text().splitlines()
    (tmp_path / "r.hea").write_text("\n".join([line, *lines[1:]]))
    with pytest.raises(ReadError):
        read(tmp_path / "r.hea")


@pytest.mark.parametrize("gain", ["nan/mV", "inf/mV", "-inf(3)/mV", "1e9999/mV", "1e-9999999/mV", "--1/mV"])
def test_gains_that_are_no_numbers_are_refused(tmp_path: Path, gain: str) -> None:
    with pytest.raises(ReadError, match="gain"):
        read(write_record(tmp_path, "r", {"I": ramp(40)}, gain=gain))


def test_absurd_gains_give_no_absurd_voltages(tmp_path: Path) -> None:
    values = [0, *ramp(39)]
    record = read(write_record(tmp_path, "r", {"I": values}, gain="1e-300/mV"))
    assert "invalid" in " ".join(record.warnings)
    assert not np.nanmax(np.abs(record.signal))
    with pytest.raises(ReadError, match="not one of its samples is valid"):
        read(write_record(tmp_path, "s", {"I": values}, gain="200(999999999999)/mV"))


def test_links_that_lead_in_circles_end(tmp_path: Path) -> None:
    write_record(tmp_path, "r", {"I": ramp(40)})
    (tmp_path / "loop.hea").symlink_to("loop.hea")
    (tmp_path / "self").symlink_to(".")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "back").symlink_to(tmp_path)
    (tmp_path / "s.hea").write_text("s 1 500 40\nloop.dat 16 200 16 0 0 0 0 I\n")
    (tmp_path / "loop.dat").symlink_to("loop.dat")
    assert [path.name for path in find_records(tmp_path)] == ["r.hea", "s.hea"]
    for name in ("loop.hea", "s.hea"):
        with pytest.raises(ReadError):
            read(tmp_path / name)


@pytest.mark.parametrize("name", ["../r", "/etc/passwd", "sub/r", "..\\r", "C:r"])
def test_a_segment_cannot_lie_elsewhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for place in (tmp_path, tmp_path / "in" / "sub"):
        write_record(place, "r", {"I": ramp(40)})
    (tmp_path / "in" / "m.hea").write_text(f"m/1 1 500 40\n{name} 40\n")
    with pytest.raises(ReadError, match="own folder"):
        read(tmp_path / "in" / "m.hea")


def test_a_record_cannot_be_its_own_segment(tmp_path: Path) -> None:
    (tmp_path / "m.hea").write_text("m/1 1 500 40\nm 40\n")
    with pytest.raises(ReadError, match="segments itself"):
        read(tmp_path / "m.hea")


@pytest.mark.parametrize("ending", [".gz", ".zip", ".bz2", ".xz"])
def test_packed_files_are_not_unpacked(tmp_path: Path, ending: str) -> None:
    starts = {".gz": b"\x1f\x8b\x08", ".zip": b"PK\x03\x04", ".bz2": b"BZh9", ".xz": b"\xfd7zXZ\x00"}
    (tmp_path / f"r.hea{ending}").write_bytes(starts[ending] + encode(ramp(4000), 16))
    with pytest.raises(ReadError, match="no format"):
        read(tmp_path / f"r.hea{ending}")
