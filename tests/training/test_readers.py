from __future__ import annotations

from pathlib import Path

import pytest
from labelled_records import write_records

from ecgview.model.preprocessing import Preprocessing
from ecgview.record import read
from ecgview.review.events import Entry
from ecgview.review.store import Store
from ecgview.training.dataset import load_dataset
from ecgview.training.readers import overruled, readers_labels

CAME = frozenset({"SR", "IMI", "SUPER.MI", "LAFB", "SUPER.CD"})


@pytest.mark.parametrize(
    ("decisions", "wanted"),
    [
        ({}, CAME),
        ({"IMI": "uncertain"}, CAME),
        ({"IMI": "absent"}, {"SR", "LAFB", "SUPER.CD"}),
        ({"IMI": "absent", "ASMI": "present"}, {"SR", "ASMI", "SUPER.MI", "LAFB", "SUPER.CD"}),
        ({"AFIB": "present", "SR": "absent"}, {"AFIB", "IMI", "SUPER.MI", "LAFB", "SUPER.CD"}),
        ({"SUPER.MI": "absent"}, {"SR", "IMI", "LAFB", "SUPER.CD"}),
        ({"no such class": "present"}, CAME),
    ],
)
def test_readers_go_before_what_came_with_the_record(decisions: dict[str, str], wanted: set[str]) -> None:
    assert overruled(CAME, decisions) == wanted


def test_a_superclass_that_was_stated_by_itself_stays() -> None:
    assert overruled(frozenset({"SUPER.MI"}), {"IMI": "absent"}) == {"SUPER.MI"}


def test_a_stores_labels_reach_the_data_set(tmp_path: Path) -> None:
    folder = write_records(tmp_path / "records", 4)
    record = read(folder / "r01.hea")  # with bundle branch block, as its header says
    with Store(tmp_path / "labels.db") as store:
        values = {"kind": "label", "record_hash": record.content_hash, "record_name": "r01", "reader": "Ada"}
        store.append(
            [
                Entry(code="CRBBB", decision="absent", **values),
                Entry(code="AFIB", decision="present", **values),
            ]
        )
    before = load_dataset(folder, Preprocessing())
    after = load_dataset(folder, Preprocessing(), readers=readers_labels(str(tmp_path / "labels.db")))
    assert after.names == before.names
    carried = {
        code for code, here in zip(after.classes, after.targets[after.names.index("r01.hea")], strict=True) if here
    }
    assert carried == {"SR", "AFIB"}
    others = [place for place, name in enumerate(before.names) if name != "r01.hea"]
    for code in before.classes:
        one, two = (data.targets[others, data.classes.index(code)] for data in (before, after))
        assert one.tolist() == two.tolist()
    assert after.digest != before.digest


def test_a_store_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.db"):
        readers_labels(str(tmp_path / "absent.db"))
