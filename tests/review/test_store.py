"""The label store keeps what it acknowledged, whatever happens, in both engines."""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ecgview.review import schema
from ecgview.review.events import Entry, EntryError, Event, Region
from ecgview.review.store import Head, Store, StoreError
from ecgview.review.verification import verify

RECORD = "a" * 64


def label(reader: str = "Ada", code: str = "AFIB", decision: str = "present", **more: object) -> Entry:
    values: dict[str, object] = {"record_hash": RECORD, **more}
    return Entry(kind="label", reader=reader, code=code, decision=decision, **values)  # type: ignore[arg-type]


def raw(store: Store, statement: str) -> None:
    with store.engine.connect() as connection:
        connection.execution_options(ecgview_writing=True)
        with connection.begin():
            connection.execute(text(statement))


def unguarded(store: Store, *statements: str) -> None:
    """Do as somebody would who owns the file: put the triggers aside, write, put them back."""
    with store.engine.connect() as connection:
        connection.execution_options(ecgview_writing=True)
        with connection.begin():
            if connection.dialect.name == "sqlite":
                triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type='trigger'")).all()
                for name, _ in triggers:
                    connection.execute(text(f"DROP TRIGGER {name}"))
                for statement in (*statements, *(sql for _, sql in triggers)):
                    connection.execute(text(statement))
            else:
                for verb, table in itertools.product(("DISABLE", "ENABLE"), ("review_events", "review_held")):
                    connection.execute(text(f"ALTER TABLE {table} {verb} TRIGGER USER"))
                    for statement in statements if (verb, table) == ("DISABLE", "review_held") else ():
                        connection.execute(text(statement))


def test_an_event_comes_back_as_it_was_written(store: Store) -> None:
    entry = label(
        confidence=1,
        note="P waves? «none» 心",
        region=Region("V1", 1, 2.5),
        record_name="r1",
        visible={"labels": True, "model": {"AFIB": 0.1 + 0.2}},
        model="c0ffee",
    )
    written = store.append([entry])[0]
    assert list(store.events()) == [written]
    assert (written.reader, written.confidence, written.region) == ("Ada", 1.0, Region("V1", 1, 2.5))
    assert written.visible == {"labels": True, "model": {"AFIB": 0.1 + 0.2}}
    assert written.written_at.endswith("+00:00")
    assert written.program.startswith("ecgview ")
    assert verify(store).sound


def test_the_last_label_of_each_reader_holds_and_undo_brings_the_one_before_back(store: Store) -> None:
    first, second, other = store.append([label(), label(decision="absent"), label(reader="Ben")])

    def now() -> list[Event]:
        return list(store.current_labels(record_hash=RECORD, code="AFIB"))

    assert now() == [second, other]
    store.undo("Ada", second.hash)
    assert now() == [first, other]
    store.undo("Ada", first.hash)
    assert now() == [other]
    again = store.append([label(decision="absent")])[0]
    assert now() == [other, again]
    assert store.head().count == 6  # nothing was taken out


def test_only_one_s_own_labels_can_be_taken_back_and_only_once(store: Store) -> None:
    mine = store.append([label()])[0]
    with pytest.raises(StoreError, match="only by the reader who gave it"):
        store.undo("Ben", mine.hash)
    store.undo("Ada", mine.hash)
    with pytest.raises(StoreError, match="taken back already"):
        store.undo("Ada", mine.hash)
    with pytest.raises(StoreError, match="there is no label"):
        store.undo("Ada", "0" * 64)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (label(reader=" "), "name of the reader"),
        (label(decision="perhaps"), "not one of present, absent, uncertain"),
        (label(confidence=1.5), "between 0 and 1"),
        (label(note="a\0b"), "cannot be stored"),
        (label(note="\ud800"), "cannot be stored"),
        (label(visible={"p": float("nan")}), "JSON"),
        (label(record_hash=""), "a record and a class"),
    ],
)
def test_what_may_not_stand_in_the_store_is_refused_and_so_is_what_came_with_it(
    tmp_path: Path, entry: Entry, said: str
) -> None:
    with Store(tmp_path / "s.db") as store:
        with pytest.raises(EntryError, match=said):
            store.append([label(), entry])
        assert store.head().count == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE review_events SET decision = 'absent'",
        "DELETE FROM review_events",
        "DELETE FROM review_events WHERE sequence = 2",
        "UPDATE review_schema SET version = 9",
        "DELETE FROM review_schema",
        "UPDATE review_held SET sequence = 1",
        "DELETE FROM review_held",
        "INSERT INTO review_held VALUES (1)",
    ],
)
def test_changing_and_removing_by_raw_sql_fails(store: Store, statement: str) -> None:
    store.append([label(), label(decision="absent")])
    with pytest.raises(DBAPIError, match="append-only"):
        raw(store, statement)
    assert store.head().count == 2
    assert verify(store).sound


def test_no_way_round_the_triggers(store: Store) -> None:
    store.append([label(), label(decision="absent")])
    copy = "SELECT 1, {0} FROM review_events WHERE sequence = 2"
    columns = ", ".join(column.name for column in schema.events.columns if column.name != "sequence")
    sqlite = store.engine.dialect.name == "sqlite"
    statement = f"INSERT OR REPLACE INTO review_events (sequence, {columns}) {copy.format(columns)}"
    with pytest.raises(DBAPIError, match="append-only"):
        raw(store, statement if sqlite else "TRUNCATE review_events")
    with pytest.raises(DBAPIError, match="append-only"):
        raw(store, f"INSERT INTO review_events (sequence, {columns}) {copy.format(columns).replace('1,', '7,', 1)}")
    assert verify(store).sound


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE review_events SET decision = 'absent' WHERE sequence = 2", "event 2 was altered"),
        ("UPDATE review_events SET reader = 'Eve' WHERE sequence = 3", "event 3 was altered"),
        ("DELETE FROM review_events WHERE sequence = 2", "event 2 is not there"),
        ("DELETE FROM review_events WHERE sequence = 1", "event 1 is not there"),
        ("UPDATE review_events SET previous = hash WHERE sequence = 2", "event 2 does not follow"),
    ],
)
def test_verify_finds_what_was_altered_or_removed(store: Store, tampering: str, said: str) -> None:
    store.append([label(), label(code="NORM"), label(code="LVH")])
    unguarded(store, tampering)
    found = verify(store)
    assert not found.sound
    assert any(said in fault for fault in found.faults), found.faults


def test_verify_finds_an_inserted_event_and_events_of_another_store(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as one, Store(tmp_path / "b.db") as other:
        one.append([label(), label(code="NORM")])
        other.append([label(), label(code="NORM")])
        columns = ", ".join(column.name for column in schema.events.columns if column.name != "sequence")
        unguarded(
            one, f"INSERT INTO review_events (sequence, {columns}) SELECT 3, {columns} FROM review_events LIMIT 1"
        )
        assert "event 3 does not follow on the one before it" in verify(one).faults
    rows = sqlite3.connect(tmp_path / "a.db")
    rows.execute("ATTACH ? AS other", (str(tmp_path / "b.db"),))
    for name in ("review_events_no_delete", "review_events_in_order", "review_held_label"):
        rows.execute(f"DROP TRIGGER other.{name}")
    rows.executescript(
        "DELETE FROM other.review_events; INSERT INTO other.review_events SELECT * FROM main.review_events LIMIT 1;"
    )
    rows.close()
    with Store(tmp_path / "b.db") as other:
        faults = verify(other).faults
        assert "event 1 does not follow on the one before it" in faults
        assert "the trigger review_events_no_delete is absent or altered" in faults


def test_a_cut_off_end_shows_against_a_note_of_it(store: Store) -> None:
    store.append([label(), label(code="NORM")])
    note = Head.parse(str(store.append([label(code="LVH")]) and store.head()))
    store.append([label(code="AFLT")])
    assert verify(store, note).sound
    unguarded(store, "DELETE FROM review_events WHERE sequence > 2")
    # Who forgets that labels are also listed where they hold now is found out.
    assert "event 3 is wrongly listed" in verify(store).faults[0]
    unguarded(store, "DELETE FROM review_held WHERE sequence > 2")
    assert verify(store).sound  # by itself it cannot show
    assert "the end was cut off" in verify(store, note).faults[0]
    store.append([label(code="LVH"), label(code="PVC")])
    assert "written anew" in verify(store, note).faults[0]
    with pytest.raises(ValueError, match="no note of a store's end"):
        Head.parse("12")


def holding(written: list[Event]) -> list[Event]:
    """Say by hand which labels hold: each reader's last on each class of each record that was not taken back."""
    undone = {event.supersedes for event in written if event.kind == "undo"}
    last: dict[tuple[str, str, str], Event] = {}
    for event in written:
        if event.kind == "label" and event.hash not in undone:
            last[event.record_hash, event.code, event.reader] = event
    return sorted(last.values(), key=lambda event: event.sequence)


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_store_is_brought_up_to_date_with_all_its_events(
    place: Path | str, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ecgview.review.store.VERSION", version)
        with Store(place) as old:
            old.append([label(), label(decision="absent"), label(reader="Ben"), label(code="NORM")])
            for event in list(old.events(reader="Ben")) + list(old.events(decision="absent")):
                old.undo(event.reader, event.hash)
            written = list(old.events())
            if version == 1:
                with pytest.raises(StoreError, match="review_current"):
                    list(old.current_labels())
    with Store(place) as store:
        assert list(store.events()) == written
        assert list(store.current_labels()) == holding(written) == [written[0], written[3]]
        assert verify(store).sound
        store.undo("Ada", written[0].hash)
        store.append([label(reader="Ben", decision="uncertain")])
        assert list(store.current_labels()) == holding(list(store.events()))
        assert verify(store).sound
        for statement in ("UPDATE review_events SET reader = 'Eve'", "DELETE FROM review_held"):
            with pytest.raises(DBAPIError, match="append-only"):
                raw(store, statement)


def test_what_holds_follows_from_the_events_whatever_order_they_come_in(store: Store) -> None:
    chance = random.Random(4)
    for _ in range(60):
        mine = list(store.events(kind="label", reader="Ada"))
        undone = {event.supersedes for event in store.events(kind="undo")}
        left = [event for event in mine if event.hash not in undone]
        if left and chance.random() < 0.5:
            store.undo("Ada", chance.choice(left).hash)
        else:
            store.append([label(code=chance.choice("AB"), decision=chance.choice(["present", "absent"]))])
    assert list(store.current_labels()) == holding(list(store.events()))
    assert verify(store).sound


def test_a_newer_store_is_refused_in_words(place: Path | str) -> None:
    with Store(place) as store:
        raw(store, "INSERT INTO review_schema VALUES (4, 'x', 'y')")
    with pytest.raises(StoreError, match="schema 4, this one knows 3"):
        Store(place)


def test_other_files_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    ecg = tmp_path / "r1.dat"
    ecg.write_bytes(b"these are samples " * 100)
    with pytest.raises(StoreError, match=r"r1\.dat: it is no label store"):
        Store(ecg)
    assert ecg.read_bytes() == b"these are samples " * 100
    foreign = sqlite3.connect(tmp_path / "f.db")
    foreign.execute("CREATE TABLE things (x)")
    foreign.close()
    with pytest.raises(StoreError, match="holds other tables"):
        Store(tmp_path / "f.db")
    with pytest.raises(StoreError, match="No such file"):
        Store(tmp_path / "absent.db", create=False)
    assert not (tmp_path / "absent.db").exists()
    with pytest.raises(StoreError, match="mysql"):
        Store("mysql://host/labels")


def test_a_password_stands_in_no_message() -> None:
    with pytest.raises(StoreError) as caught:
        Store("postgresql://ada:geheim@127.0.0.1:1/labels", wait=2)
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_nobody_else_on_the_machine_may_read_the_file(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        store.append([label()])
        for path in tmp_path.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        with store.engine.connect() as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_two_writers_at_once_lose_nothing(place: Path | str) -> None:
    def write(name: str) -> None:
        with Store(place) as mine:
            for number in range(40):
                mine.append([label(reader=name, code=f"C{number}")])

    writers = [threading.Thread(target=write, args=(name,)) for name in ("Ada", "Ben", "Cleo")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with Store(place) as store:
        assert sum(1 for _ in store.current_labels()) == 120
        assert verify(store).sound


def test_a_writer_kept_waiting_says_so_and_writes_nothing(place: Path | str) -> None:
    with Store(place) as one, Store(place, wait=0.2) as other:

        def meanwhile(_: object) -> list[Entry]:
            with pytest.raises(StoreError, match=r"writing for 0\.2 s; nothing was written"):
                other.append([label(reader="Ben")])
            assert list(other.events()) == []  # looking is never kept waiting
            return [label()]

        one.transact(meanwhile)
        assert [event.reader for event in other.events()] == ["Ada"]


@pytest.mark.alone  # how much the writers get done before each kill must not hang on other tests
@pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
def test_a_hundred_kills_lose_no_acknowledged_label(place: Path | str, tmp_path: Path) -> None:
    out = tmp_path / "told.json"
    script = Path(__file__).with_name("label_writer.py")
    done = subprocess.run(
        [sys.executable, str(script), str(place), "100", "7", str(out)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(out.read_text())
    assert told["early"] == 10
    with Store(place) as store:
        kept = [event.hash for event in store.events()]
        assert verify(store).sound
    assert set(told["acknowledged"]) <= set(kept)
    assert len(told["acknowledged"]) > 100
    # A writer killed between commit and telling leaves at most one batch of three that nobody was told of.
    assert len(kept) <= len(told["acknowledged"]) + 300
