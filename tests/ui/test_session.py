"""What comes back at the next start, and how kindly it is said when it cannot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from ecgview.record import expand
from ecgview.resources import resource
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.session import RECENT, Session
from ecgview.ui.text import set_text_size
from ecgview.ui.window import MainWindow

PATIENCE = 30_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "clinic"
    place.mkdir()
    for number, name in enumerate("abc"):
        write_wfdb(generate(Settings(hz=100), number).record, place, name)
    return place


@pytest.fixture
def usual_text_size() -> Iterator[None]:
    yield
    set_text_size(100)


def settle(qtbot: QtBot, window: MainWindow, paths: list[Path] | None = None) -> None:
    with qtbot.waitSignal(window.reader.read, timeout=PATIENCE):
        if paths is None:
            window.resume()
        else:
            window.open_paths(paths)


def test_folder_and_record_come_back(qtbot: QtBot, make_window, folder: Path) -> None:
    window = make_window()
    settle(qtbot, window, [folder])
    with qtbot.waitSignal(window.reader.read, timeout=PATIENCE):
        window.commands["records.next_record"].trigger()
    window.close()
    again = make_window()
    settle(qtbot, again)
    assert again.sheet.record is not None
    assert again.sheet.record.name == "b"
    qtbot.waitUntil(lambda: again.records.list.currentIndex().row() == 1)
    assert again.records.model.rowCount() == 3


def test_a_record_that_is_gone_gives_way_to_the_first(qtbot: QtBot, make_window, folder: Path) -> None:
    window = make_window()
    settle(qtbot, window, [folder])
    window.close()
    (folder / "a.hea").unlink()
    again = make_window()
    settle(qtbot, again)
    assert again.sheet.record is not None
    assert again.sheet.record.name == "b"


def test_a_folder_that_is_gone_is_said_kindly(qtbot: QtBot, make_window, folder: Path) -> None:
    window = make_window()
    settle(qtbot, window, [folder])
    window.close()
    shutil.rmtree(folder)
    again = make_window()
    again.resume()
    said = again.sheet.accessibleDescription()
    assert "The folder is not there any more" in said
    assert str(folder) in said
    assert "Ctrl+O" in said
    assert "cannot be read" not in "".join(label.text() for label in again.findChildren(QLabel))
    again.close()
    assert Session(again.settings).paths == [folder]  # a drive may be back the next time


def test_the_first_window_fits_the_screen_with_its_frame(qtbot: QtBot, settings: QSettings) -> None:
    window = MainWindow(settings, ["nobody"])
    qtbot.addWidget(window)
    screen = window.screen().availableSize()
    assert window.height() <= screen.height() - 40
    assert window.width() <= max(screen.width(), window.minimumSizeHint().width())
    window.close()


def test_the_first_start_opens_nothing(make_window) -> None:
    window = make_window()
    window.resume()
    assert window.sheet.accessibleDescription().startswith("No record is open")


def test_recent_folders_are_the_last_eight_the_latest_first(make_window, settings: QSettings, tmp_path: Path) -> None:
    session = Session(settings)
    folders = [tmp_path / f"folder {number}" for number in range(RECENT + 2)]
    for place in folders:
        place.mkdir()
        session.opened([place], listed=True)
    session.opened([folders[5]], listed=True)
    assert session.recent == [folders[5], *(place for place in reversed(folders[2:]) if place != folders[5])]
    window = make_window()
    offered = [value for _, value in window.control.files.recent()]
    assert offered == [str(place) for place in session.recent]
    window.commands["files.forget_recent"].trigger()
    assert window.control.files.recent() == []


def test_of_files_their_folder_is_recent_and_the_demo_is_not(make_window, folder: Path) -> None:
    window = make_window()
    window.open_paths(list(expand([folder])))
    window.open_paths([resource("demo")])
    assert window.session.recent == [folder]
    assert window.session.paths == [resource("demo").absolute()]


def test_settings_survive_the_file_they_are_kept_in(tmp_path: Path) -> None:
    """A list of one comes back from a file as a text."""
    place = tmp_path / "kept.ini"
    first = Session(QSettings(str(place), QSettings.Format.IniFormat))
    first.opened([tmp_path], listed=True)
    first._settings.sync()
    again = Session(QSettings(str(place), QSettings.Format.IniFormat))
    assert again.paths == [tmp_path]
    assert again.recent == [tmp_path]
    assert again.record is None


def test_panes_tab_and_text_size_come_back(make_window, usual_text_size: None) -> None:
    window = make_window()
    window.commands["panes.record_list"].trigger()
    window.commands["panes.tab:Labels"].trigger()
    window.commands["appearance.text_size:125"].trigger()
    size = QApplication.font().pointSizeF()
    window.close()
    set_text_size(100)
    again = make_window()
    assert not again.records.isVisible()
    assert not again.commands["panes.record_list"].isChecked()
    assert again.tabs.currentWidget() is again.labels
    assert again.commands["panes.tab:Labels"].isChecked()
    assert QApplication.font().pointSizeF() == size
    assert again.commands["appearance.text_size:125"].isChecked()


def test_nonsense_in_the_settings_is_put_up_with(make_window, settings: QSettings) -> None:
    settings.setValue("window/theme", "sepia")
    settings.setValue("window/text_size", "huge")
    settings.setValue("session/panes/tab", "Weather")
    settings.setValue("session/paths", 7)
    settings.setValue("session/recent", "")
    window = make_window()
    window.resume()
    assert window.commands["appearance.theme:system"].isChecked()
    assert window.commands["appearance.text_size:100"].isChecked()
    assert window.tabs.currentWidget() is window.findings
    assert window.session.recent == []
