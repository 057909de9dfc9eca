"""Real PTB-XL records through the queue and out again: held-out predictions are found, folds and statements kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecgview.model.preprocessing import Preprocessing
from ecgview.record import find_records, read
from ecgview.review.events import Entry
from ecgview.review.store import Store
from ecgview.review.worklist import worklist
from ecgview.training.dataset import load_dataset
from ecgview.training.relabelled_folder import write_folder
from ecgview.training.second_look import axis_candidates, look

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ptb-xl"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no recordings beside the checkout (../shared/data)")


def linked(folder: Path, count: int) -> Path:
    """Give a folder of links to real records, with PTB-XL's table beside them."""
    (folder / "ptbxl_database.csv").symlink_to(DATA / "ptbxl_database.csv")
    for header in sorted((DATA / "records100").rglob("*.hea"))[:count]:
        for ending in (".hea", ".dat"):
            (folder / header.name).with_suffix(ending).symlink_to(header.with_suffix(ending))
    return folder


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return linked(tmp_path_factory.mktemp("ptb-xl"), 40)


def test_every_record_is_judged_by_what_did_not_learn_from_it(records: Path) -> None:
    judged = look(records)
    assert judged.held_out.all()
    assert len(judged.hashes) == 40
    assert not judged.left_out
    # Members that had seen these records would find nearly every label probable.
    assert judged.labels[judged.called].mean() > 0.5
    assert 0.02 < np.mean(judged.labels != judged.called) < 0.25
    assert worklist(judged, limit=5)[0].score > 0.8


def test_the_label_s_axis_stands_beside_the_measured_one(records: Path) -> None:
    found = axis_candidates(records)
    assert len(found) >= 5
    assert {item.label for item in found} == {True, False}


def test_copies_are_the_same_records_with_the_same_folds_and_statements(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    records = linked(tmp_path / "records", 8)
    before = load_dataset(records, Preprocessing())
    changed = read(next(iter(find_records(records))))
    with Store(tmp_path / "s.db") as store:
        entry = Entry(kind="label", reader="Ada", record_hash=changed.content_hash, code="PACE", decision="present")
        store.append([entry])
        assert write_folder(store, records, tmp_path / "out").relabelled == 1
    after = load_dataset(tmp_path / "out", Preprocessing())
    assert sorted(after.hashes) == sorted(before.hashes)
    for place, digest in enumerate(before.hashes):
        copy = after.hashes.index(digest)
        assert after.folds[copy] == before.folds[place]
        stated, now = (
            {code for code, on in zip(one.classes, one.targets[row], strict=True) if on}
            for one, row in ((before, place), (after, copy))
        )
        assert now == stated | ({"PACE"} if digest == changed.content_hash else set())
    assert len(set(after.patients)) == len(set(before.patients))
