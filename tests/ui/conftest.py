"""What window tests share: settings of their own, a window that is closed again, a watch for timers."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from stand_in import stand_in_command

from ecgview.ui.window import MainWindow

MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """Settings that no other test and no user sees."""
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    kept.setValue("window/theme", "light")
    return kept


@pytest.fixture
def make_window(qtbot: QtBot, settings: QSettings, model_folder: Path) -> Iterator[MakeWindow]:
    """Make windows, with a stand-in for the networks unless told otherwise; they are closed at the end."""
    made: list[MainWindow] = []

    def make(model_command: Sequence[str] | None = None, size: tuple[int, int] = (1280, 800)) -> MainWindow:
        window = MainWindow(settings, model_command or stand_in_command(model_folder))
        qtbot.addWidget(window)
        window.resize(*size)
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()


@pytest.fixture(scope="session", autouse=True)
def imports_set_aside() -> None:
    """Take what was imported out of the collector's sight, so that looking for timers is quick."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_leaked_timers(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a timer running when its windows are closed."""
    before = {id(timer) for timer in _running()}
    yield
    qapp.processEvents()
    left = [timer for timer in _running() if id(timer) not in before]
    assert not left, f"timers left running: {left}"


def _running() -> list[QTimer]:
    found = [entry for entry in gc.get_objects() if type(entry) is QTimer]
    return [timer for timer in found if shiboken6.isValid(timer) and timer.isActive()]
