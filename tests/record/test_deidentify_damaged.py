"""Damaged files are copied without identity or refused; nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from damaged import read_damaged
from device_files import aecg, edf, eight_leads, muse, scp, sierra
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from mutating import damage, damages
from planted import Person, plant_dicom
from wfdb_files import twelve_leads, write_record

from ecgview.record import read
from ecgview.record.deidentify import deidentify
from ecgview.record.deidentify_key import Key

KEY = Key(bytes(32))


def _device(write: Callable[[dict[str, list[int]]], bytes]) -> Callable[[Path], list[Path]]:
    def build(folder: Path) -> list[Path]:
        (folder / "file.bin").write_bytes(write(eight_leads(100)))
        return [folder / "file.bin"]

    return build


def _wfdb(folder: Path) -> list[Path]:
    comments = ("Age: 60", "Sex: F", "Dx: 59118001")
    header = write_record(folder, "r", twelve_leads(100), comments=comments, when="10:00:00 01/02/2003")
    return [header, folder / "r.dat"]


def _dicom(folder: Path) -> list[Path]:
    return [plant_dicom(folder / "made", Person(1), samples=60)]


FILES: dict[str, Callable[[Path], list[Path]]] = {
    "WFDB": _wfdb,
    "DICOM": _dicom,
    "HL7 aECG": _device(aecg),
    "GE MUSE XML": _device(muse),
    "Philips Sierra XML": _device(sierra),
    "SCP-ECG": _device(scp),
    "EDF": _device(edf),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("count", [15, pytest.param(500, marks=pytest.mark.slow)])
def test_damaged_copies_are_written_exactly_or_refused(tmp_path: Path, kind: str, count: int) -> None:
    originals = {file.name: file.read_bytes() for file in FILES[kind](tmp_path)}
    first = next(iter(originals))
    (tmp_path / "in").mkdir()
    runs = iter(range(count + 100))

    @seed(1)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.sampled_from(sorted(originals)).flatmap(
        lambda name: st.tuples(st.just(name), damages(originals[name]))))  # fmt: skip
    def one(case: tuple[str, list[tuple[object, ...]]]) -> None:
        name, injuries = case
        for other, content in originals.items():
            (tmp_path / "in" / other).write_bytes(damage(content, injuries) if other == name else content)
        source = tmp_path / "in" / first
        (outcome,) = deidentify(source, tmp_path / f"out{next(runs)}", KEY)
        if outcome.written is None:
            assert outcome.problem
        else:
            assert read(outcome.written).samples == read(source).samples
            assert read(outcome.written).patient.name in (None, outcome.patient)

    one()


def test_a_hundred_damaged_dicom_files(tmp_path: Path) -> None:
    read_damaged(_dicom(tmp_path), 100, 120)


@pytest.mark.slow
def test_two_thousand_damaged_dicom_files(tmp_path: Path) -> None:
    read_damaged(_dicom(tmp_path), 2000, 1200)


def test_the_undamaged_files_are_written(tmp_path: Path) -> None:
    for number, (kind, build) in enumerate(FILES.items()):
        (tmp_path / kind).mkdir()
        (outcome,) = deidentify(build(tmp_path / kind)[0], tmp_path / f"out{number}", KEY)
        assert outcome.problem is None, kind
