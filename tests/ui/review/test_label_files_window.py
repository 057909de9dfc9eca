"""Labels out of the window into files and back; a large store meanwhile keeps nobody waiting."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest
from at_work import PATIENCE, on_disk, press, sit_down
from many_events import fill, record
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from ecgview.review.store import Store
from ecgview.ui.review.export_dialog import COPIES, HELD, HISTORY, ExportDialog
from ecgview.ui.window import MainWindow


def export(qtbot: QtBot, window: MainWindow, what: str, path: Path, identified: bool = False) -> str:
    """Export by the dialog; return what it says at the end."""
    window.commands["label_files.save"].trigger()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExportDialog)
    dialog.choices[what].setChecked(True)
    dialog.identified.setChecked(identified)
    dialog.begin(path)
    qtbot.waitUntil(lambda: dialog.take.isEnabled(), timeout=PATIENCE)
    said = dialog.said.text()
    dialog.close()
    return said


def test_labels_and_history_are_exported(qtbot: QtBot, reading, tmp_path: Path) -> None:
    window = reading()
    press(qtbot, window, "F", "N", "U")
    on_disk(qtbot, window)
    table, history = tmp_path / "labels.csv", tmp_path / "history.json"
    assert export(qtbot, window, HELD, table) == "2 rows in labels.csv"
    with table.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["class"], row["decision"], row["reader"]) for row in rows] == [
        ("AFIB", "present", "reader 1"),
        ("NORM", "uncertain", "reader 1"),
    ]
    assert "Anna" not in table.read_text()
    export(qtbot, window, HISTORY, history, identified=True)
    events = json.loads(history.read_text())["events"]
    assert [event["class"] for event in events] == ["AFIB", "NORM", "NORM"]
    assert {event["reader"] for event in events} == {"Anna"}


def test_copies_of_the_folder_carry_the_labels(qtbot: QtBot, reading, tmp_path: Path, ecgs: Path) -> None:
    window = reading()
    press(qtbot, window, "B")
    on_disk(qtbot, window)
    before = {path.name: path.read_bytes() for path in ecgs.iterdir()}
    out = tmp_path / "copies"
    assert "records in copies, 1 relabelled" in export(qtbot, window, COPIES, out)
    assert "CLBBB" in (out / "ptbxl_database.csv").read_text()
    assert {path.name: path.read_bytes() for path in ecgs.iterdir()} == before


def test_a_place_that_cannot_be_written_is_said(qtbot: QtBot, reading, tmp_path: Path) -> None:
    window = reading()
    said = export(qtbot, window, HELD, tmp_path / "nowhere" / "labels.csv")
    assert said.startswith("Not written: ")


def test_a_table_is_taken_over_and_shown(qtbot: QtBot, reading, tmp_path: Path, labels) -> None:
    window: MainWindow = reading()
    digest = window.sheet.record.content_hash
    table = tmp_path / "theirs.csv"
    table.write_text(f"record,class,decision,reader\n{digest},LVH,absent,Doris\n{digest},CLBBB,present,\n")
    window.control.label_files.take_over(table)
    qtbot.waitUntil(lambda: {"LVH", "CLBBB"} <= {row.code for row in window.labels.rows}, timeout=PATIENCE)
    assert {(event.reader, event.code, event.decision) for event in labels()} == {
        ("Doris", "LVH", "absent"),
        ("Anna", "CLBBB", "present"),
    }


def test_a_table_with_a_fault_is_not_taken_over(qtbot: QtBot, reading, tmp_path: Path, labels) -> None:
    window: MainWindow = reading()
    table = tmp_path / "theirs.csv"
    table.write_text(f"record,class,decision\n{'a' * 64},LVH,absent\nnothing,LVH,maybe\n")
    window.control.label_files.take_over(table)
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QMessageBox), timeout=PATIENCE)
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert "theirs.csv" in box.informativeText()
    box.close()
    assert labels(history=True) == []


class Heart:
    """Beats in the window's thread: how long that worked at a stretch, and how long it stood still, at most."""

    def __init__(self) -> None:
        self.worked = self.still = 0.0
        self._last = time.thread_time(), time.perf_counter()
        self._timer = QTimer(interval=2)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.thread_time(), time.perf_counter()
        self.worked = max(self.worked, now[0] - self._last[0])
        self.still = max(self.still, now[1] - self._last[1])
        self._last = now

    def stop(self) -> Heart:
        self._timer.stop()
        return self


@pytest.mark.parametrize("events", [5_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_large_store_opens_filters_and_exports_without_the_window_standing_still(
    qtbot: QtBot, make_window, ecgs: Path, store_path: Path, tmp_path: Path, events: int
) -> None:
    with Store(store_path) as store:
        fill(store, events, records=max(100, events // 50))
    window: MainWindow = make_window()
    window.open_paths([ecgs])
    qtbot.waitUntil(lambda: window.sheet.record is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.control.beats.found is not None, timeout=PATIENCE)
    heart = Heart()
    sit_down(qtbot, window, store_path, "Anna")
    found: list[object] = []
    window.control.review.desk.keeper.ask(
        lambda store: list(store.current_labels(record_hash=record(7))), found.append, found.append
    )
    qtbot.waitUntil(lambda: bool(found), timeout=PATIENCE)
    assert isinstance(found[0], list)
    assert len(found[0]) > 0
    window.commands["review.give"].trigger()
    qtbot.keyClicks(window.labels.field, "wpw\r")
    on_disk(qtbot, window)
    window.control.label_files._begin(
        {"what": HISTORY, "path": tmp_path / "all.csv", "identified": False, "folder": None}
    )
    qtbot.waitUntil(lambda: (tmp_path / "all.csv").exists(), timeout=10 * PATIENCE)
    heart.stop()
    with (tmp_path / "all.csv").open() as stream:
        assert sum(1 for _ in stream) == events + 2
    assert heart.worked < 0.05
    if events > 100_000:
        # By the clock, so this wants a machine with nothing else to do.
        assert heart.still < 0.05
