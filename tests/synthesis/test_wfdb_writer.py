"""What is written is what wfdb reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecgview.record import Record
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


@pytest.fixture
def record() -> Record:
    return generate(Settings(hz=257.5, seconds=3.0), 1).record


def test_wfdb_reads_what_was_written(record: Record, tmp_path: Path) -> None:
    write_wfdb(record, tmp_path, "one_record-1", ("Age: 50", "Sex: Male"))
    found = wfdb.rdrecord(str(tmp_path / "one_record-1"))
    np.testing.assert_allclose(found.p_signal.T, record.signal, atol=0.00051)
    assert tuple(found.sig_name) == record.leads
    assert found.fs == 257.5
    assert found.comments == ["Age: 50", "Sex: Male"]
    raw = wfdb.rdrecord(str(tmp_path / "one_record-1"), physical=False)
    assert raw.checksum == [int(total) - 65536 * (int(total) > 32767) for total in raw.d_signal.sum(axis=0) % 65536]
    assert raw.init_value == raw.d_signal[0].tolist()


def test_invalid_samples_stay_invalid(record: Record, tmp_path: Path) -> None:
    signal = record.signal.copy()
    signal[4, 10:20] = np.nan
    write_wfdb(replace(record, signal=signal), tmp_path, "gap")
    found = wfdb.rdrecord(str(tmp_path / "gap")).p_signal.T
    np.testing.assert_array_equal(np.isnan(found), np.isnan(signal))


def test_a_sample_too_large_for_the_format_is_refused(record: Record, tmp_path: Path) -> None:
    signal = record.signal.copy()
    signal[1, 5] = -40.0
    with pytest.raises(ValueError, match="lead II goes beyond"):
        write_wfdb(replace(record, signal=signal), tmp_path, "large")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "a b", "../up", "ä"])
def test_names_the_format_does_not_know_are_refused(record: Record, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no WFDB record name"):
        write_wfdb(record, tmp_path, name)


def test_a_comment_stays_one_line(record: Record, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line end"):
        write_wfdb(record, tmp_path, "a", ("one\ntwo",))
