"""An error nobody foresaw: said once, noted without words that may hold names, and nothing lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ecgview.failure_log import failures
from ecgview.ui.crash import Crash


class Broken(Exception):
    """Carries what must not be written down."""


def raised(words: str) -> Broken:
    try:
        raise Broken(words)
    except Broken as error:
        return error


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    shown = QWidget()
    qtbot.addWidget(shown)
    shown.show()
    return shown


def test_the_dialog_says_what_is_kept_and_the_note_holds_no_words(window: QWidget, tmp_path: Path) -> None:
    kept: list[str] = []
    crash = Crash(window, lambda: kept.append("session"), tmp_path)
    error = raised("Jane Doe, born 1950")
    crash(type(error), error, error.__traceback__)
    assert kept == ["session"]
    assert crash.dialog is not None
    said = f"{crash.dialog.text()} {crash.dialog.informativeText()}"
    (note,) = failures(tmp_path)
    assert str(note) in said
    assert "are kept" in said
    assert "Jane" not in said
    assert "Jane" not in note.read_text(encoding="utf-8")
    assert "test_crash.py" in note.read_text(encoding="utf-8")
    crash.dialog.close()
    assert crash.dialog is None


def test_a_second_error_opens_no_second_dialog(window: QWidget, tmp_path: Path) -> None:
    crash = Crash(window, lambda: None, tmp_path)
    for _ in range(3):
        error = raised("again")
        crash(type(error), error, error.__traceback__)
    assert crash.dialog is not None
    assert "2 more times" in crash.dialog.detailedText()
    assert len(failures(tmp_path)) == 3
    crash.dialog.close()


def test_a_session_that_cannot_be_kept_is_not_said_to_be(window: QWidget, tmp_path: Path) -> None:
    def keep() -> None:
        raise OSError("disk full")

    crash = Crash(window, keep, tmp_path)
    error = raised("x")
    crash(type(error), error, error.__traceback__)
    assert crash.dialog is not None
    assert "layout are kept" not in crash.dialog.informativeText()
    crash.dialog.close()


def test_a_note_that_cannot_be_written_goes_to_the_terminal(
    window: QWidget, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    crash = Crash(window, lambda: None, tmp_path / "file" / "below")
    error = raised("Jane Doe")
    crash(type(error), error, error.__traceback__)
    assert crash.dialog is not None
    assert "terminal" in crash.dialog.informativeText()
    told = capsys.readouterr().err
    assert "Broken" in told
    assert "Jane" not in told
    crash.dialog.close()


def test_closing_the_program_from_the_dialog(window: QWidget, tmp_path: Path) -> None:
    crash = Crash(window, lambda: None, tmp_path)
    error = raised("x")
    crash(type(error), error, error.__traceback__)
    assert crash.dialog is not None
    next(button for button in crash.dialog.buttons() if button.text() == "Close the program").click()
    assert not window.isVisible()


@pytest.mark.no_qt_log
def test_an_error_in_the_event_loop_reaches_it(
    window: QWidget, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash = Crash(window, lambda: None, tmp_path)

    def fail() -> None:
        raise Broken("from a timer")

    with qtbot.captureExceptions():  # puts its own hook in place; ours goes over it
        monkeypatch.setattr(sys, "excepthook", crash)
        QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: crash.dialog is not None)
        assert crash.dialog is not None
        crash.dialog.close()
