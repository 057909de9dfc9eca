"""Damaged files are opened or refused, quickly and in little memory; nothing else happens.

Each format has its own process, so that a hang or a crash is that format's failure alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import wfdb
from damaged import read_damaged
from device_files import aecg, edf, eight_leads, ishne, kardia, mfer, muse, scp, sierra, zigzag
from wfdb_files import twelve_leads, write_record


def _device(write: Callable[[dict[str, list[int]]], bytes]) -> Callable[[Path], list[Path]]:
    def build(folder: Path) -> list[Path]:
        leads = {"I": zigzag(200, 3), "II": zigzag(200, 5)} if write is kardia else eight_leads(200)
        (folder / "file.bin").write_bytes(write(leads))
        return [folder / "file.bin"]

    return build


def _wfdb(storage: int, ending: str, offset: int) -> Callable[[Path], list[Path]]:
    def build(folder: Path) -> list[Path]:
        comments = ("Age: 60", "Sex: F", "Dx: 59118001")
        header = write_record(
            folder, "r", twelve_leads(200), storage=storage, ending=ending, offset=offset, comments=comments
        )
        return [header, folder / f"r.{ending}"]

    return build


def _segments(folder: Path) -> list[Path]:
    write_record(folder, "m_1", twelve_leads(100))
    write_record(folder, "m_2", twelve_leads(60))
    (folder / "m.hea").write_text("m/3 12 500 170\nm_1 100\n~ 10\nm_2 60\n# age: 60\n")
    return [folder / name for name in ("m.hea", "m_1.hea", "m_1.dat", "m_2.hea", "m_2.dat")]


def _flac(folder: Path) -> list[Path]:
    import numpy as np

    signal = np.array([zigzag(900, 3), zigzag(900, 5)]).T
    wfdb.wrsamp(
        "f", fs=500, units=["mV"] * 2, sig_name=["I", "V1"], d_signal=signal, fmt=["516"] * 2,
        adc_gain=[200.0] * 2, baseline=[0, 4], write_dir=str(folder),
    )  # fmt: skip
    return [folder / "f.hea", folder / "f.dat"]


FILES: dict[str, Callable[[Path], list[Path]]] = {
    "WFDB format 16 in a mat file": _wfdb(16, "mat", 24),
    "WFDB format 212": _wfdb(212, "dat", 0),
    "WFDB segments": _segments,
    "WFDB FLAC": _flac,
    "GE MUSE XML": _device(muse),
    "HL7 aECG": _device(aecg),
    "Philips Sierra XML": _device(sierra),
    "SCP-ECG": _device(scp),
    "EDF": _device(edf),
    "ISHNE": _device(ishne),
    "MFER": _device(mfer),
    "AliveCor Kardia JSON": _device(kardia),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_hundred_damaged_copies(tmp_path: Path, kind: str) -> None:
    read_damaged(FILES[kind](tmp_path), 100, 60)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_two_thousand_damaged_copies(tmp_path: Path, kind: str) -> None:
    read_damaged(FILES[kind](tmp_path), 2000, 600)
