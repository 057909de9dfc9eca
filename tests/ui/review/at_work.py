"""What tests of reviewing in the window do again and again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgview.ui.window import MainWindow

PATIENCE = 30_000
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def press(qtbot: QtBot, window: MainWindow, *keys: str | Qt.Key) -> None:
    """Press keys where the keys go now."""
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or window, key)


def shown(window: MainWindow) -> str:
    """Return which record is on the sheet."""
    assert window.sheet.record is not None
    return window.sheet.record.name


def sit_down(qtbot: QtBot, window: MainWindow, place: Path, reader: str) -> None:
    """Let somebody read."""
    with qtbot.waitSignal(window.control.review.desk.reader_changed, timeout=PATIENCE):
        window.control.review.desk.sit_down(reader, str(place))


def on_disk(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until all that was decided is on disk and shown."""
    desk = window.control.review.desk
    qtbot.waitUntil(lambda: not desk.writing, timeout=PATIENCE)
