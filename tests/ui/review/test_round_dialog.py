"""Making a reading round by its dialog, and finding it among one's own readings."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from at_work import PATIENCE
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgview.record import read
from ecgview.review.rounds import rounds
from ecgview.review.store import Store
from ecgview.ui.review.round_dialog import RoundDialog
from ecgview.ui.review.rounds_dialog import RoundsDialog
from ecgview.ui.window import MainWindow


@pytest.fixture
def table(tmp_path: Path, ecgs: Path) -> Path:
    """Label and model of six records for two classes."""
    path = tmp_path / "candidates.csv"
    with path.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow("record name class label decision probability".split())
        for number in range(6):
            digest = read(ecgs / f"ecg-{number}.hea").content_hash
            lines.writerow([digest, f"ecg-{number}", "LAFB", number % 2, (number + 1) % 2, 0.5])
            lines.writerow([digest, f"ecg-{number}", "LAD", number % 2, number % 2, 0.5])
    return path


def opened(qtbot: QtBot, window: MainWindow, command: str, kind: type) -> object:
    window.commands[command].trigger()
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), kind), timeout=PATIENCE)
    return QApplication.activeModalWidget()


def test_a_round_is_made_and_read(qtbot: QtBot, reading, table: Path, store_path: Path) -> None:
    window: MainWindow = reading(relabel=False)
    dialog = opened(qtbot, window, "rounds.new", RoundDialog)
    assert isinstance(dialog, RoundDialog)
    assert dialog.said.text() == "Tick at least one class."
    dialog.classes.tick(("LAFB", "LAD"))
    dialog.title.setText("Axis and fascicle")
    dialog.readers.setText("Anna, Bert")
    dialog.adjudicator.setText("Bert")
    assert dialog.said.text() == "Who decides where readers differ is none of the readers."
    dialog.adjudicator.setText("Carla")
    dialog.readings.setCurrentIndex(1)
    dialog.repeated.setValue(50)
    dialog.seed.setValue(7)
    for count in dialog.counts.values():
        count.setValue(2)
    dialog.source.table.setText(str(table))
    assert dialog.said.text() == ""
    dialog.take.click()
    assert not dialog.take.isEnabled()
    qtbot.waitUntil(lambda: dialog.said.text().startswith("The round is made"), timeout=PATIENCE)
    assert "6 records" in dialog.said.text()
    assert "Anna 9, Bert 9" in dialog.said.text()
    dialog.reject()
    with Store(store_path) as store:
        (made,) = rounds(store)
        assert (made.title, made.codes, made.adjudicator, made.seed) == (
            "Axis and fascicle",
            ("LAD", "LAFB"),
            "Carla",
            7,
        )
    # The record on the sheet is one of the round, so nothing of it is told any more.
    qtbot.waitUntil(
        lambda: window.labels.message.title.text() == "This record waits in one of your reading rounds",
        timeout=PATIENCE,
    )
    mine = opened(qtbot, window, "rounds.choose", RoundsDialog)
    assert isinstance(mine, RoundsDialog)
    assert [button.text() for button in mine.buttons] == ["Read"]
    mine.buttons[0].click()
    qtbot.waitUntil(lambda: len(window.labels.rows) == 2, timeout=PATIENCE)
    assert [row.name for row in window.labels.rows] == ["Left axis deviation", "Left anterior fascicular block"]
    assert window.title.text() == "Read 1 of 9"


def test_the_study_of_left_axis_deviation_fills_the_fields(qtbot: QtBot, reading, table: Path) -> None:
    window: MainWindow = reading(relabel=False)
    dialog = opened(qtbot, window, "rounds.new", RoundDialog)
    assert isinstance(dialog, RoundDialog)
    dialog.template.setCurrentIndex(dialog.template.findData("lad"))
    assert dialog.title.text() == "Left axis deviation"
    assert dialog.classes.codes == ["LAD"]
    assert [count.value() for count in dialog.counts.values()] == [50, 50, 50]
    assert dialog.said.text() == "Two readers at least, each named once."
    dialog.reject()


def test_what_stands_in_the_way_of_a_round_is_said(qtbot: QtBot, reading, tmp_path: Path, store_path: Path) -> None:
    window: MainWindow = reading(relabel=False)
    dialog = opened(qtbot, window, "rounds.new", RoundDialog)
    assert isinstance(dialog, RoundDialog)
    broken = tmp_path / "broken.csv"
    broken.write_text("record,name\n1,2\n")
    dialog.classes.tick(("LAFB",))
    dialog.source.table.setText(str(broken))
    dialog.take.click()
    qtbot.waitUntil(lambda: dialog.said.text().startswith("No round was made"), timeout=PATIENCE)
    assert "broken.csv" in dialog.said.text()
    assert dialog.take.isEnabled()
    dialog.reject()
    with Store(store_path) as store:
        assert rounds(store) == []
