"""Every storage format gives back the samples that were put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import wfdb
from wfdb_files import INVALID, TWELVE, encode, interleave, ramp, twelve_leads, write_record

from ecgview.record import ReadError, read

LARGEST = {8: 100, 80: 127, 310: 511, 311: 511, 212: 2047, 16: 32767, 61: 32767, 160: 32767, 24: 8388607, 32: 2**31 - 1}


@pytest.mark.parametrize("storage", [16, 61, 160, 80, 212, 310, 311, 24, 32])
@pytest.mark.parametrize("samples", [1, 2, 3, 4, 5, 37])
@pytest.mark.parametrize("leads", [1, 3, 12])
def test_samples_come_back_from_every_format(tmp_path: Path, storage: int, samples: int, leads: int) -> None:
    top = LARGEST[storage]
    channels = {
        name: [(value * (index + 3) * 977) % (2 * top) - top for value in range(samples)]
        for index, name in enumerate(TWELVE[6:] + TWELVE[:6])
        if index < leads
    }
    gain = 100_000 if storage in (24, 32) else 100
    header = write_record(tmp_path, "r", channels, storage=storage, gain=f"{gain}/mV")
    record = read(header)
    for name, values in channels.items():
        assert record.lead(name) == pytest.approx(np.array(values) / gain, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("storage", [16, 61, 160, 80, 212, 310, 24, 32])
def test_wfdb_reads_the_same(tmp_path: Path, storage: int) -> None:
    channels = {
        "I": ramp(50, 3, 10, 120),
        "V2": [INVALID[storage], *ramp(49, 5, 2, 120)],
        "II": ramp(50, 11, 1, 120),
    }
    header = write_record(tmp_path, "r", channels, storage=storage, gain="213(-7)/mV")
    ours = read(header)
    theirs = wfdb.rdrecord(str(tmp_path / "r"))
    for column, name in enumerate(theirs.sig_name):
        np.testing.assert_array_equal(ours.lead(name), theirs.p_signal[:, column].astype(np.float32))


@pytest.mark.parametrize("storage", [16, 61, 160, 80, 212, 310, 311, 24, 32])
def test_the_invalid_value_becomes_nan(tmp_path: Path, storage: int) -> None:
    channels = {"I": [1, INVALID[storage], 3, 4], "V1": [5, 6, 7, INVALID[storage]]}
    record = read(write_record(tmp_path, "r", channels, storage=storage, gain="1/mV"))
    np.testing.assert_array_equal(record.lead("I"), [1, np.nan, 3, 4])
    np.testing.assert_array_equal(record.lead("V1"), [5, 6, 7, np.nan])


def test_format_8_counts_from_the_initial_value(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_bytes(encode([0, 0, 3, -5, -2, 100], 8))
    (tmp_path / "r.hea").write_text("r 2 250 3\nr.dat 8 100/mV 12 0 40 0 0 I\nr.dat 8 100/mV 12 0 -20 0 0 V1\n")
    record = read(tmp_path / "r.hea")
    assert record.lead("I") == pytest.approx([0.40, 0.43, 0.41])
    assert record.lead("V1") == pytest.approx([-0.20, -0.25, 0.75])


@pytest.mark.parametrize("storage", ["516", "524"])
def test_flac_is_read_as_wfdb_reads_it(tmp_path: Path, storage: str) -> None:
    signal = np.array([ramp(600, 3), ramp(600, 5, 20)]).T
    wfdb.wrsamp(
        "f", fs=500, units=["mV"] * 2, sig_name=["I", "V1"], d_signal=signal, fmt=[storage] * 2,
        adc_gain=[200.0] * 2, baseline=[0, 4], write_dir=str(tmp_path),
    )  # fmt: skip
    record = read(tmp_path / "f.hea")
    assert record.leads == ("I", "V1")
    assert record.lead("I") == pytest.approx(signal[:, 0] / 200)
    assert record.lead("V1") == pytest.approx((signal[:, 1] - 4) / 200)


def test_a_mat_file_is_read_behind_its_24_bytes(tmp_path: Path) -> None:
    channels = twelve_leads()
    record = read(write_record(tmp_path, "A0001", channels, offset=24, ending="mat"))
    assert record.leads == TWELVE
    for name, values in channels.items():
        assert record.lead(name) == pytest.approx(np.array(values) / 1000)


def test_leads_in_two_signal_files(tmp_path: Path) -> None:
    limb, chest = {"I": ramp(20), "II": ramp(20, 3)}, {"V1": ramp(20, 5), "V2": ramp(20, 9)}
    (tmp_path / "limb.dat").write_bytes(encode(interleave(list(limb.values())), 16))
    (tmp_path / "chest.dat").write_bytes(bytes(6) + encode(interleave(list(chest.values())), 212))
    (tmp_path / "r.hea").write_text(
        "r 4 250 20\nlimb.dat 16 100 12 0 0 0 0 I\nlimb.dat 16 100 12 0 0 0 0 II\n"
        "chest.dat 212+6 100 12 0 0 0 0 V1\nchest.dat 212+6 100 12 0 0 0 0 V2\n"
    )
    record = read(tmp_path / "r.hea")
    for name, values in {**limb, **chest}.items():
        assert record.lead(name) == pytest.approx(np.array(values) / 100)


def test_skew_moves_a_lead_back_and_leaves_its_end_empty(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"I": [1, 2, 3, 4, 5], "V1": [1, 2, 3, 4, 5]}, gain="1/mV")
    header.write_text(header.read_text().replace("r.dat 16 1/mV 16 0 1 15 0 V1", "r.dat 16:2 1/mV 16 0 1 15 0 V1"))
    record = read(header)
    np.testing.assert_array_equal(record.lead("I"), [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(record.lead("V1"), [3, 4, 5, np.nan, np.nan])


def test_several_samples_in_a_frame_are_a_higher_rate(tmp_path: Path) -> None:
    # Each frame: two samples of I, two of V1, one of a respiration belt.
    (tmp_path / "r.dat").write_bytes(encode([1, 2, 10, 20, 99, 3, 4, 30, 40, 98], 16))
    (tmp_path / "r.hea").write_text(
        "r 3 250 2\nr.dat 16x2 1/mV 12 0 0 0 0 I\nr.dat 16x2 1/mV 12 0 0 0 0 V1\nr.dat 16 1/mV 12 0 0 0 0 RESP\n"
    )
    record = read(tmp_path / "r.hea")
    assert (record.hz, record.samples, record.leads) == (500, 4, ("I", "V1"))
    np.testing.assert_array_equal(record.lead("I"), [1, 2, 3, 4])
    np.testing.assert_array_equal(record.lead("V1"), [10, 20, 30, 40])
    assert any("RESP is left out" in warning for warning in record.warnings)


def test_an_unstated_length_is_what_the_file_holds(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"I": ramp(30), "V1": ramp(30, 3)})
    header.write_text(header.read_text().replace("r 2 500 30", "r 2 500"))
    assert read(header).samples == 30


def test_a_cut_off_signal_file_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    header = write_record(tmp_path, "r", {"I": ramp(30), "V1": ramp(30, 3)})
    (tmp_path / "r.dat").write_bytes((tmp_path / "r.dat").read_bytes()[:-8])
    with pytest.raises(ReadError, match="holds 28 of the 30 samples") as refused:
        read(header)
    assert refused.value.format == "WFDB"
    assert str(header) in str(refused.value)
