"""Readings from elsewhere are locked all together, or none with row, column and reason."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ecgview.review.importing import ImportFaults, import_readings, read_csv
from ecgview.review.rounds import Round
from ecgview.review.sampling import Candidate
from ecgview.review.store import Store
from ecgview.review.verification import verify

RECORDS = tuple(f"{number:064x}" for number in range(4))


@pytest.fixture
def round(tmp_path: Path) -> Round:
    drawn = [Candidate(digest, digest[-2:], "LAD", True, False, 0.25) for digest in RECORDS]
    return Round.create(Store(tmp_path / "s.db"), "LAD", drawn, ["Ada", "Ben"], owner="Olga", seed=1, repeated=0.25)


def table(*rows: tuple[str, str, str, str], times: tuple[str, ...] = ()) -> io.StringIO:
    lines = [",".join((*row, time)) for row, time in zip(rows, times or ("",) * len(rows), strict=True)]
    return io.StringIO("\n".join(["reader,record,class,decision,time", *lines]))


def test_readings_made_elsewhere_are_locked(round: Round) -> None:
    twice = {reader: round.assignments(reader)[4].record_hash for reader in round.readers}
    rows = [(reader, digest, "LAD", "present") for reader in round.readers for digest in RECORDS]
    rows += [(reader, digest, "LAD", "absent") for reader, digest in twice.items()]
    assert import_readings(round, table(*rows, times=("1",) * 8 + ("2",) * 2), "reads.csv") == 10
    assert round.finished
    readers, _, _, again = round.readings()
    assert set(readers["Ada"]["LAD"].values()) == {"present"}
    assert again["Ben"]["LAD"] == {twice["Ben"]: "absent"}
    store = round._store
    assert {event.visible["imported_from"] for event in store.events(kind="read")} == {"reads.csv"}
    assert {event.visible["blinded"] for event in store.events(kind="read")} == {None}
    assert verify(store).sound


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (("Eve", RECORDS[1], "LAD", "present"), "row 3, column 'record': 'Eve' is no reader of this round"),
        (("Ada", "f" * 64, "LAD", "present"), "row 3, column 'record': Ada has no reading of record ffffffffffff"),
        (("Ada", RECORDS[1], "LVH", "present"), "row 3, column 'class': 'LVH' is none of the round: LAD"),
        (("Ada", RECORDS[1], "LAD", "maybe"), "row 3, column 'decision': 'maybe' is not one of"),
        (("", RECORDS[1], "LAD", "absent"), "row 3, column 'reader': the name of the reader is missing"),
        (("Ada", RECORDS[0], "LAD", "absent"), "row 3, column 'class': LAD is answered a second time"),
    ],
)
def test_a_reading_at_fault_is_named_and_nothing_is_locked(
    round: Round, bad: tuple[str, str, str, str], fault: str
) -> None:
    with pytest.raises(ImportFaults) as refused:
        import_readings(round, table(("Ada", RECORDS[0], "LAD", "present"), bad), "reads.csv")
    assert str(refused.value).startswith("reads.csv: nothing was taken over\n" + fault)
    assert list(round._store.events(kind="read")) == []


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("V1,1,", "column 'to': a mark needs lead, from and to"),
        (",1,2", "column 'lead': a mark needs lead, from and to"),
        ("V1,1,soon", "column 'to': 'soon' is no number"),
        ("V1,3,2", "column 'to': a mark from 3.0 to 2.0 s is no stretch of a record"),
        ("V1,1,2,5", "it has more cells than there are columns"),
    ],
)
def test_a_mark_at_fault_is_named(cells: str, fault: str) -> None:
    text = f"record,class,decision,lead,from,to\n{RECORDS[0]},LVH,present,{cells}\n"
    with pytest.raises(ImportFaults, match="row 2") as refused:
        read_csv(io.StringIO(text), "in.csv", "Ada")
    assert fault in str(refused.value)
