"""Calipers and cursor as commands of the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from ecgview.record import Record
from ecgview.ui.sheet.calipers import Caliper
from ecgview.ui.window import MainWindow


@pytest.fixture
def window(make_window, record: Record) -> MainWindow:
    made: MainWindow = make_window()
    made.sheet.show_record(record)
    made.commands.meet("record", True)
    made.activateWindow()
    return made


def do(window: MainWindow, *names: str) -> None:
    for name in names:
        window.commands[f"calipers.{name}"].trigger()


def test_a_caliper_is_made_measured_and_copied_by_commands_alone(window: MainWindow) -> None:
    for name in ("copy", "remove", "march", "clear", "undo"):
        assert not window.commands[f"calipers.{name}"].isEnabled()
    do(window, "add", "march", "beats:2")
    (caliper,) = window.sheet.calipers.calipers
    assert (caliper.marched, caliper.beats) == (True, 2)
    assert window.commands["calipers.on"].isChecked()
    assert window.commands["calipers.march"].isChecked()
    assert window.commands["calipers.beats:2"].isChecked()
    do(window, "copy")
    text = QGuiApplication.clipboard().text()
    assert text == window.sheet.calipers.text
    assert text.split("\t")[:4] == ["II", "5.000 s", "5.800 s", "800 ms"]
    assert text.endswith("\t150.0 /min")
    assert window.state.text() == "1 caliper copied"
    do(window, "remove")
    assert "Ctrl+Z" in window.state.text()
    assert not window.commands["calipers.copy"].isEnabled()
    do(window, "undo")
    assert len(window.sheet.calipers.calipers) == 1


def test_the_next_caliper_after_the_last_is_the_first(window: MainWindow) -> None:
    book = window.sheet.calipers.book
    do(window, "add", "add")
    assert book.chosen == 1
    do(window, "next_caliper")
    assert book.chosen == 0
    do(window, "next_caliper", "part", "switch_kind")
    assert (book.chosen, book.part) == (1, "first")
    assert window.sheet.calipers.calipers[1].kind == "amplitude"


def test_arrows_are_the_calipers_while_one_is_chosen_and_the_records_otherwise(window: MainWindow) -> None:
    window.commands["layouts.speed:50"].trigger()  # 5 s of the 10 are on the sheet
    do(window, "add")
    before = window.sheet.calipers.calipers[0]
    QTest.keyClick(window.sheet, Qt.Key.Key_Right)
    assert window.sheet.start == 0.0
    assert window.sheet.calipers.calipers[0].first == before.first + 1
    QTest.keyClick(window.sheet, Qt.Key.Key_Escape)
    QTest.keyClick(window.sheet, Qt.Key.Key_Right)
    assert window.sheet.start == pytest.approx(2.5)


def test_escape_takes_the_tick_away_too(window: MainWindow) -> None:
    do(window, "on")
    assert window.sheet.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    QTest.keyClick(window.sheet, Qt.Key.Key_Escape)
    assert not window.commands["calipers.on"].isChecked()
    assert window.sheet.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_a_new_caliper_begins_at_the_cursor(window: MainWindow) -> None:
    window.commands["cursor.on"].trigger()
    window.sheet.crosshair._step(-100)
    do(window, "add")
    assert window.sheet.calipers.calipers[0] == Caliper("II", "time", 2400, 2800)


def test_the_status_bar_tells_what_the_pointer_is_at(window: MainWindow) -> None:
    port = window.sheet.viewport()
    QTest.mouseMove(port, port.rect().center())
    assert window.pointer.words.endswith(" mV")
    assert window.pointer.accessibleDescription() == window.pointer.words
    window.sheet.show_message("nothing")
    assert window.pointer.words == ""


def test_cursor_and_snapping_come_back_and_calipers_do_not(make_window, window: MainWindow, record: Record) -> None:
    window.commands["cursor.on"].trigger()
    do(window, "add", "snap")
    window.close()
    second: MainWindow = make_window()
    second.sheet.show_record(record)
    assert second.commands["cursor.on"].isChecked()
    assert second.sheet.crosshair.strip.isVisible()
    assert not second.sheet.calipers.snaps_to_waves
    assert not second.commands["calipers.snap"].isChecked()
    assert second.sheet.calipers.calipers == ()
