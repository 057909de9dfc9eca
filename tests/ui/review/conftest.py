"""What tests of reviewing in the window share: labelled records, a store of their own, a reader who sits down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from at_work import PATIENCE, sit_down
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from ecgview.review.events import Event
from ecgview.review.store import Store
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.window import MainWindow

LABELS = ("426783006", "426783006,445118002", "164889003", "", "426783006,164873001", "713427006")
"""Of the six records: sinus rhythm, with a left anterior fascicular block, atrial fibrillation, none …"""


@pytest.fixture(scope="session")
def ecgs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six short records with labels."""
    place = tmp_path_factory.mktemp("ecgs")
    for number, labels in enumerate(LABELS):
        remarks = ("Age: 50", "Sex: Male", *([f"Dx: {labels}"] if labels else []))
        write_wfdb(generate(Settings(seconds=5, hz=250), number).record, place, f"ecg-{number}", remarks)
    return place


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """Settings whose labels go to a store of their own."""
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    kept.setValue("window/theme", "light")
    kept.setValue("review/store", str(tmp_path / "labels.sqlite"))
    return kept


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Where labels go."""
    return tmp_path / "labels.sqlite"


@pytest.fixture
def labels(store_path: Path) -> Callable[..., list[Event]]:
    """Read the labels that hold now, or all events, past the window."""

    def read(history: bool = False) -> list[Event]:
        with Store(store_path, create=False) as store:
            return list(store.events() if history else store.current_labels())

    return read


@pytest.fixture
def reading(qtbot: QtBot, make_window, ecgs: Path, store_path: Path) -> Callable[..., MainWindow]:
    """Open the six records with a reader who has sat down; the model is not waited for."""

    def begin(reader: str = "Anna", relabel: bool = True) -> MainWindow:
        window: MainWindow = make_window()
        window.open_paths([ecgs])
        qtbot.waitUntil(
            lambda: window.sheet.record is not None and window.records.model.rowCount() == 6, timeout=PATIENCE
        )
        sit_down(qtbot, window, store_path, reader)
        qtbot.waitUntil(window.isActiveWindow)
        if relabel:
            window.commands["review.relabel"].trigger()
        return window

    return begin
