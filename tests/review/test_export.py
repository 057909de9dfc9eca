"""What leaves the store and what comes in: de-identified, safe to open, refused row by row."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecgview.review.events import Entry, Region
from ecgview.review.export import ImportFaults, labels_by_record, read_csv, write_csv, write_json
from ecgview.review.rounds import Answer, Round
from ecgview.review.sampling import Candidate
from ecgview.review.store import Head, Store
from ecgview.review.verification import verify

RECORD = "ab" * 32


@pytest.fixture
def filled(tmp_path: Path) -> Store:
    store = Store(tmp_path / "s.db")
    mark, note = Region("V1", 1, 2), "=HYPERLINK(1)"
    values = {"kind": "label", "record_hash": RECORD, "record_name": "Miller.hea"}
    store.append(
        [
            Entry(reader="Ada", code="AFIB", decision="present", note=note, region=mark, **values),
            Entry(reader="Ben", code="AFIB", decision="present", **values),
            Entry(reader="Ben", code="LVH", decision="absent", **values),
            Entry(reader="Ben", code="LVH", decision="uncertain", **values),
            Entry(reader="Ada", code="LVH", decision="present", **values),
        ]
    )
    return store


def test_by_default_an_export_names_nobody(filled: Store) -> None:
    with filled:
        for write in (write_csv, write_json):
            out = io.StringIO()
            assert write(filled, out) == 4
            assert not any(name in out.getvalue() for name in ("Ada", "Ben", "Miller", "HYPERLINK"))
            assert RECORD in out.getvalue()
            assert f"{datetime.now(UTC).year}-" not in out.getvalue()
        note = Head.parse(json.loads(out.getvalue())["store_end"])
        assert verify(filled, note).sound


def test_the_full_history_comes_back_in_with_all_it_said(filled: Store, tmp_path: Path) -> None:
    with filled, Store(tmp_path / "other.db") as other:
        out = io.StringIO()
        assert write_csv(filled, out, history=True, identified=True) == 5
        cells = next(iter(csv.DictReader(io.StringIO(out.getvalue()))))
        assert cells["note"] == "'=HYPERLINK(1)"  # a spreadsheet shows it and does not calculate it
        assert (cells["lead"], cells["from"], cells["to"]) == ("V1", "1.0", "2.0")
        other.append(read_csv(io.StringIO(out.getvalue()), "labels.csv"))
        assert [(e.reader, e.code, e.decision, e.note, e.region) for e in other.events()] == [
            (e.reader, e.code, e.decision, e.note, e.region) for e in filled.events()
        ]
        assert {event.visible["imported_from"] for event in other.events()} == {"labels.csv"}


def test_each_row_at_fault_is_named(tmp_path: Path) -> None:
    table = f"record,class,decision,confidence\n{RECORD},LVH,present,0.5\nr1,LVH,present,\n{RECORD},LVH,maybe,\n"
    table += f"{RECORD},LVH,absent,high\n{RECORD},,absent,\n"
    with pytest.raises(ImportFaults) as refused:
        read_csv(io.StringIO(table), "in.csv", "Ada")
    said = str(refused.value).splitlines()
    assert said[0] == "in.csv: nothing was taken over"
    assert [line.split(":")[0] for line in said[1:]] == [
        "row 3, column 'record'",
        "row 4, column 'decision'",
        "row 5, column 'confidence'",
        "row 6, column 'class'",
    ]
    with pytest.raises(ImportFaults, match="no column 'class'"):
        read_csv(io.StringIO("record,decision\n"), "in.csv")
    with pytest.raises(ImportFaults, match="name of the reader"):
        read_csv(io.StringIO(f"record,class,decision\n{RECORD},LVH,present\n"), "in.csv")


def test_readings_of_an_unfinished_round_stay_out(filled: Store) -> None:
    with filled:
        sample = [Candidate("c" * 64, "r9.hea", "LAD", True, False, 0.4375)]
        round = Round.create(filled, "LAD", sample, ["Ada", "Ben"], owner="Olga", seed=1)
        round.lock("Ada", round.assignments("Ada")[0].identifier, {"LAD": Answer("present")})

        def exported() -> str:
            out = io.StringIO()
            write_csv(filled, out, history=True, identified=True)
            return out.getvalue()

        assert "LAD" not in exported()
        round.lock("Ben", round.assignments("Ben")[0].identifier, {"LAD": Answer("absent")})
        assert exported().count(",LAD,") == 2


def test_for_training_most_readers_decide_and_ties_say_nothing(filled: Store) -> None:
    with filled:
        assert labels_by_record(filled) == ({RECORD: {"AFIB": "present"}}, 1)
