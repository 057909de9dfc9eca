"""The demo folder is what the module makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecgview.record import CHEST_LEADS, STANDARD_LEADS
from ecgview.resources import resource
from ecgview.synthesis.demo import DEMO, demo_record, main

FOLDER = resource("demo")


def test_the_folder_holds_the_demo_and_nothing_else() -> None:
    files = {path.name for path in FOLDER.iterdir()}
    assert files == {f"{name}{ending}" for name in DEMO for ending in (".hea", ".dat")}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_000_000


@pytest.mark.parametrize("name", list(DEMO))
def test_a_record_of_the_folder_is_what_the_module_makes(name: str) -> None:
    record = demo_record(name)
    stored = wfdb.rdrecord(str(FOLDER / name), physical=False)
    assert tuple(stored.sig_name) == record.leads
    assert stored.fs == record.hz == 500
    assert set(stored.adc_gain) == {1000.0}
    # Another processor may round the last bit otherwise: one unit, 0.001 mV.
    assert np.abs(stored.d_signal.T - 1000.0 * record.signal.astype(np.float64)).max() <= 1.0
    comments = "\n".join(stored.comments)
    assert f"Age: {record.patient.age:g}" in comments
    assert f"Dx: {','.join(label.code for label in record.labels)}" in comments
    assert "not recorded from a person" in comments


def test_the_demo_shows_what_the_program_must_cope_with() -> None:
    codes = {label.code for name in DEMO for label in demo_record(name).labels}
    assert codes >= {
        "426783006", "426177001", "164889003", "713427006", "733534002", "445118002",
        "164873001", "164865005", "427172004", "270492004", "427393009",
    }  # fmt: skip
    records = [demo_record(name) for name in DEMO]
    assert any(record.leads == ("I", "II", *CHEST_LEADS) for record in records)
    assert any(record.duration == 30.0 for record in records)
    assert any(np.ptp(record.signal[record.leads.index("V3")]) == 0.0 for record in records)
    assert sum(record.leads == STANDARD_LEADS for record in records) == len(records) - 1


def test_the_command_writes_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "demo"
    assert main([str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {path.name for path in FOLDER.iterdir()}
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{len(DEMO)} records" in captured.err


def test_wrong_use_and_a_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "file")]) == 1
    assert str(tmp_path / "file") in capsys.readouterr().err
