"""Copies of recordings with readers' labels: the program, wfdb and training read them; originals stay as they are."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
import wfdb
from labelled_records import write_records

from ecgview.model.preprocessing import Preprocessing
from ecgview.model.vocabulary import statement_codes
from ecgview.record import read
from ecgview.review.events import Entry, Region
from ecgview.review.store import Store
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.training.dataset import load_dataset
from ecgview.training.relabelled_folder import FolderError, Stopped, write_folder

OLD = "=Miller-1931"


def bytes_below(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() + str(path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def table_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "ptbxl_database.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_records(tmp_path_factory.mktemp("archive") / "Miller", 4)
    old = generate(Settings(hz=250, seconds=12, age=93), seed=9).record
    comments = ("Age: 93", "Sex: Female", f"Patient ID: {OLD}", "Dx: 39732003,59118001")
    header, _ = write_wfdb(old, folder, "Miller_Anna", comments)
    lines = header.read_text().splitlines()
    header.write_text("\n".join([lines[0] + " 08:15:00 03/04/2024", *lines[1:]]) + "\n")
    return folder


@pytest.fixture
def store(source: Path, tmp_path: Path) -> Store:
    opened = Store(tmp_path / "s.db")
    first, old = (read(source / f"{name}.hea").content_hash for name in ("r00", "Miller_Anna"))
    values = {"kind": "label", "record_name": "Miller"}
    opened.append(
        [
            Entry(reader="Ada", record_hash=first, code="AFIB", decision="present", **values),
            Entry(reader="Ada", record_hash=first, code="SR", decision="absent", **values),
            Entry(
                reader="Ada", record_hash=old, code="CRBBB", decision="absent", region=Region("V2", 1, 3.5), **values
            ),
            Entry(reader="Ada", record_hash=old, code="LVH", decision="present", **values),
            Entry(reader="Ben", record_hash=old, code="LVH", decision="absent", **values),
            Entry(reader="Ben", record_hash=old, code="PVC", decision="uncertain", **values),
        ]
    )
    return opened


def test_the_copies_carry_what_readers_hold_and_the_originals_stay_as_they_are(
    store: Store, source: Path, tmp_path: Path
) -> None:
    before = bytes_below(source)
    out = tmp_path / "relabelled"
    written = write_folder(store, source, out)
    assert bytes_below(source) == before
    assert (written.records, written.relabelled, written.marks, written.ties) == (5, 2, 1, 1)
    copies = {read(path).content_hash: path for path in sorted((out / "records").glob("*.hea"))}
    originals = {read(path).content_hash: read(path) for path in sorted(source.glob("*.hea"))}
    assert set(copies) == set(originals)
    for digest, path in copies.items():
        codes = statement_codes(read(path).labels)
        if digest == read(source / "r00.hea").content_hash:
            assert codes == {"AFIB"}
        elif digest == read(source / "Miller_Anna.hea").content_hash:
            assert "CRBBB" not in codes
            old = path
        else:
            assert codes == statement_codes(originals[digest].labels)
    assert (
        wfdb.rdheader(str(copies[read(source / "r00.hea").content_hash].with_suffix(""))).comments[-1]
        == "Dx: 164889003"
    )
    marks = wfdb.rdann(str(old.with_suffix("")), "atr")
    assert marks.sample.tolist() == [250, 875]
    assert [note.rstrip("\0") for note in marks.aux_note] == ["(CRBBB V2 absent", "CRBBB V2 absent)"]
    assert marks.chan.tolist() == [read(old).leads.index("V2")] * 2
    signal = wfdb.rdrecord(str(old.with_suffix(""))).p_signal
    assert np.allclose(signal.T, read(source / "Miller_Anna.hea").signal, atol=1e-6)


def test_by_default_the_folder_names_nobody_and_no_day(store: Store, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(store, source, out)
    for path in out.rglob("*"):
        assert not any(word in path.name for word in ("Miller", "r0"))
        if path.is_file():
            content = path.read_bytes()
            for word in (b"Miller", b"1931", b"2024", b"08:15", b"Ada", b"Ben", str(tmp_path).encode()):
                assert word not in content, path
    rows = table_of(out)
    assert len({row["patient_id"] for row in rows}) == 5
    assert {row["age"] for row in rows} == {"40.0", "41.0", "42.0", "43.0", "300.0"}
    asked = tmp_path / "asked"
    write_folder(store, source, asked, identified=True, dates=True)
    rows = table_of(asked)
    old = next(row for row in rows if row["filename_hr"] == "records/Miller_Anna")
    assert old["patient_id"] == f"'{OLD}"  # no spreadsheet calculates it
    assert (old["recording_date"], old["age"]) == ("2024-04-03 08:15:00", "93.0")
    assert "03/04/2024" in (asked / "records" / "Miller_Anna.hea").read_text()


def test_training_takes_the_folder_as_it_is_and_keeps_folds_that_are_known(
    store: Store, source: Path, tmp_path: Path
) -> None:
    (source.parent / "ptbxl_database.csv").write_text(
        "ecg_id,patient_id,age,sex,recording_date,scp_codes,heart_axis,validated_by_human,strat_fold,"
        "filename_lr,filename_hr\n"
        "1,7.0,50,0,,\"{'IMI': 80.0, 'SR': 0.0}\",LAD,True,4,Miller/r01,x/r01_hr\n",
        encoding="utf-8",
    )
    try:
        out = tmp_path / "out"
        write_folder(store, source, out)
        digest = read(source / "r01.hea").content_hash
    finally:
        (source.parent / "ptbxl_database.csv").unlink()
    dataset = load_dataset(out, Preprocessing())
    assert len(dataset.names) == 5 - len(dataset.left_out)
    place = dataset.hashes.index(digest)
    assert dataset.folds[place] == 4
    carried = {code for code, on in zip(dataset.classes, dataset.targets[place], strict=True) if on}
    assert {"IMI", "SR", "SUPER.MI"} <= carried
    rows = {row["filename_lr"]: row for row in table_of(out)}
    row = rows[dataset.names[place].removesuffix(".hea")]
    assert "'IMI': 80.0" in row["scp_codes"]  # a likelihood that came with the record stays
    assert (row["heart_axis"], row["strat_fold"], row["validated_by_human"]) == ("LAD", "4", "True")
    first = dataset.hashes.index(read(source / "r00.hea").content_hash)
    assert {code for code, on in zip(dataset.classes, dataset.targets[first], strict=True) if on} == {"AFIB"}


def test_nothing_is_written_to_the_originals_or_over_what_is_there(store: Store, source: Path, tmp_path: Path) -> None:
    before = bytes_below(source)
    link = tmp_path / "link"
    link.symlink_to(source, target_is_directory=True)
    (tmp_path / "there").mkdir()
    for out, said in (
        (source, "folder of the originals"),
        (source / "copies", "folder of the originals"),
        (link / "copies", "folder of the originals"),
        (source.parent, "holds the originals"),
        (tmp_path / "there", "is there already"),
    ):
        with pytest.raises(FolderError, match=said):
            write_folder(store, source, out)
    with pytest.raises(Stopped):
        write_folder(store, source, tmp_path / "stopped", cancelled=lambda: True)
    assert bytes_below(source) == before
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("s.db")) == ["link", "there"]


def test_only_the_relabelled_and_what_is_not_wfdb(store: Store, source: Path, tmp_path: Path) -> None:
    assert write_folder(store, source, tmp_path / "out", relabelled_only=True).records == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "broken.hea").write_text("broken 12 500 5000\n")
    with pytest.raises(FolderError, match="no recording"):
        write_folder(store, empty, tmp_path / "none")
    assert not (tmp_path / "none").exists()
