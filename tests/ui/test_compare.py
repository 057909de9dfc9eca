"""Two records in one window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from test_accessibility import clipped, nameless, settled
from test_beats_control import wait

from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.compare.choosing import ChooseRecord
from ecgview.ui.compare.pane import ComparePane
from ecgview.ui.compare.same_patient import Other, Others
from ecgview.ui.text import set_text_size
from ecgview.ui.window import MainWindow

PATIENCE = 30_000


@pytest.fixture(autouse=True)
def usual_text_size() -> Iterator[None]:
    yield
    set_text_size(100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three records of one patient, one of another, one broken file."""
    place = tmp_path_factory.mktemp("compare")
    dates = {"a-old": "01/02/2018", "b-before": "03/04/2019", "c-now": "05/06/2020"}
    qrs = {"a-old": 90.0, "b-before": 92.0, "c-now": 150.0}
    for name, date in dates.items():
        record = generate(Settings(qrs=qrs[name], rate=70, age=60, sex="male"), 5).record
        header, _ = write_wfdb(record, place, name, ("Age: 60", "Sex: Male", "Patient ID: 17", "Dx: 164909002"))
        lines = header.read_text().splitlines()
        header.write_text("\n".join([f"{lines[0]} 10:00:00 {date}", *lines[1:]]) + "\n")
    write_wfdb(generate(Settings(seconds=30.0, rate=80), 6).record, place, "d-stranger", ("Patient ID: 18",))
    (place / "e-broken.scp").write_bytes(b"\x00" * 300)
    return place


@pytest.fixture
def window(qtbot: QtBot, make_window, folder: Path) -> MainWindow:
    made: MainWindow = make_window()
    made.open_paths([folder], folder / "c-now.hea")
    wait(qtbot, made, "c-now")
    qtbot.waitUntil(lambda: made.records.model.total == 5, timeout=PATIENCE)
    qtbot.waitUntil(made.commands["compare.with_earlier"].isEnabled, timeout=PATIENCE)
    return made


def pane(window: MainWindow) -> ComparePane | None:
    return next(iter(window.sheets.findChildren(ComparePane)), None)


def compared(qtbot: QtBot, window: MainWindow, path: Path) -> ComparePane:
    window.facts.compare_asked.emit(path)
    qtbot.waitUntil(lambda: pane(window).sheet.record is not None, timeout=PATIENCE)
    return pane(window)


def words(widget) -> str:
    return "\n".join(
        entry.text() for kind in (QLabel, QPushButton) for entry in widget.findChildren(kind) if entry.isVisible()
    )


def test_the_patients_other_records_are_offered_by_themselves(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.commands["panes.tab:Record"].trigger()
    assert "2 other records of this patient" in words(window.facts)
    buttons = [entry for entry in window.facts.findChildren(QPushButton) if entry.isVisible()]
    assert [entry.text() for entry in buttons] == ["Earlier: b-before, 03 Apr 2019", "a-old, 01 Feb 2018"]
    qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pane(window).sheet.record is not None, timeout=PATIENCE)
    assert pane(window).sheet.record.name == "a-old"


def test_the_earlier_record_is_the_last_before_this(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.records.list, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: pane(window).sheet.record is not None, timeout=PATIENCE)
    assert pane(window).title.text() == "Compared with b-before"
    assert "03 Apr 2019" in pane(window).subtitle.text()


def test_a_record_without_an_earlier_one_says_why_it_cannot(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.open_paths([folder], folder / "a-old.hea")
    wait(qtbot, window, "a-old")
    window.commands["panes.tab:Record"].trigger()
    qtbot.waitUntil(lambda: "2 other records of this patient" in words(window.facts), timeout=PATIENCE)
    assert not window.commands["compare.with_earlier"].isEnabled()
    window.open_paths([folder], folder / "d-stranger.hea")
    wait(qtbot, window, "d-stranger")
    qtbot.waitUntil(lambda: "No other records of this patient" in words(window.facts), timeout=PATIENCE)
    assert not window.commands["compare.with_earlier"].isEnabled()


def test_without_dates_the_one_above_in_the_list_is_the_earlier() -> None:
    above, below = Other(Path("x"), None, -2), Other(Path("y"), None, 3)
    assert Others(Path("z"), (above, below), 3, 3).earlier(None) is above
    assert Others(Path("z"), (below,), 2, 2).earlier(None) is None
    later = Other(Path("x"), datetime(2022, 1, 1), -1)
    assert Others(Path("z"), (later,), 2, 2).earlier(datetime(2021, 1, 1)) is None  # above in the list, but later


def test_sheets_share_scale_and_format_and_move_apart_in_time(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    other = compared(qtbot, window, folder / "d-stranger.hea").sheet
    qtbot.waitUntil(lambda: other.scale_mm == window.sheet.scale_mm)
    assert window.sheet.fitted
    assert other.fitted
    window.commands["layouts.layout:6x2"].trigger()
    window.commands["layouts.speed:50"].trigger()
    assert other.format == window.sheet.format
    assert other.scale_mm == window.sheet.scale_mm
    window.sheet.zoom_by(2.0)
    assert other.scale_mm == window.sheet.scale_mm
    other.zoom_by(1.5)
    assert window.sheet.scale_mm == pytest.approx(other.scale_mm)
    other.start = 5.0
    assert window.sheet.page.start == 0.0
    window.sheet.fit()
    assert other.scale_mm == window.sheet.scale_mm


def test_closing_gives_the_sheet_its_size_back(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    settled()
    before = window.sheet.scale_mm
    compared(qtbot, window, folder / "a-old.hea")
    assert window.sheet.scale_mm < before
    window.commands["compare.end"].trigger()
    qtbot.waitUntil(lambda: window.sheet.scale_mm == before)
    assert pane(window) is None
    assert not window.commands["compare.end"].isEnabled()


def test_what_differs_is_listed(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    there = compared(qtbot, window, folder / "a-old.hea")
    window.commands["compare.view:beats"].trigger()
    cells = {
        name.text(): [there._table.itemAtPosition(row, column).widget().text() for column in (1, 2, 3)]
        for row in range(1, there._table.rowCount())
        if (item := there._table.itemAtPosition(row, 0)) is not None and (name := item.widget()) is not None
    }
    assert set(cells) == {
        "Rate, /min",
        "PR, ms",
        "QRS, ms",
        "QT, ms",
        "QTc (Fridericia), ms",
        "P axis",
        "QRS axis",
        "T axis",
    }
    this, other, change = (int(cell) for cell in cells["QRS, ms"])
    assert this - other == change
    assert change == pytest.approx(60, abs=12)
    assert len(there.beats._beats) == 2
    assert "c-now drawn through, a-old dashed" in there.legend.text()
    shown = there.beats.grab().toImage()
    there.beats._traces = there.beats._traces[12:]
    assert there.beats.grab().toImage() != shown


def test_nothing_of_the_others_labels_or_findings_is_shown(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    before = [words(panel) for panel in (window.labels, window.measurements, window.findings)]
    there = compared(qtbot, window, folder / "b-before.hea")
    assert [words(panel) for panel in (window.labels, window.measurements, window.findings)] == before
    assert window.title.text() == "c-now"
    for view in ("beats", "sheet"):
        window.commands[f"compare.view:{view}"].trigger()
        assert "164909002" not in words(there)
        assert "block" not in words(there).lower()


def test_the_next_record_ends_the_comparison(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    compared(qtbot, window, folder / "b-before.hea")
    window.commands["records.next_record"].trigger()
    assert pane(window) is None
    wait(qtbot, window, "d-stranger")
    assert pane(window) is None
    assert not window.commands["compare.view:beats"].isEnabled()


def test_an_answer_for_a_comparison_that_was_closed_is_dropped(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    there = compared(qtbot, window, folder / "b-before.hea")
    stale = window.control.compare._other
    window.facts.compare_asked.emit(folder / "a-old.hea")
    window.control.compare._ready(folder / "b-before.hea", stale)
    assert there.title.text() == "Compared with a-old"
    qtbot.waitUntil(lambda: window.control.compare._other is not None, timeout=PATIENCE)
    assert window.control.compare._other.record.name == "a-old"
    window.commands["compare.end"].trigger()
    window.control.compare._ready(folder / "b-before.hea", stale)
    assert pane(window) is None


def test_beats_of_other_content_are_not_laid_over(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    there = compared(qtbot, window, folder / "b-before.hea")
    control = window.control.compare
    control._other = replace(control._other, found=replace(control._other.found, record_hash="0" * 64))
    control._show_beats()
    assert len(there.beats._beats) == 0
    assert there.legend.text() == "No average beat of b-before to lay over the other"


def test_a_file_that_cannot_be_read_says_so_in_its_place(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.facts.compare_asked.emit(folder / "e-broken.scp")
    qtbot.waitUntil(lambda: "This file cannot be read" in words(pane(window)), timeout=PATIENCE)
    assert str(folder / "e-broken.scp") in words(pane(window))
    assert window.sheet.record.name == "c-now"


def test_a_record_is_chosen_from_the_list_by_keys(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.records.list, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ChooseRecord)
    listed = [dialog.model.path(row).stem for row in range(dialog.model.rowCount())]
    assert listed == ["a-old", "b-before", "d-stranger", "e-broken"]  # the patient's own first, and not itself
    assert "The first 2 are of the same patient." in words(dialog)
    dialog.field.setFocus()
    qtbot.keyClicks(dialog.field, "strang")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: pane(window) is not None and pane(window).sheet.record is not None, timeout=PATIENCE)
    assert pane(window).sheet.record.name == "d-stranger"


@pytest.mark.parametrize("percent", ["100", "150"])
def test_comparing_has_names_and_room(qtbot: QtBot, window: MainWindow, folder: Path, percent: str) -> None:
    window.commands[f"appearance.text_size:{percent}"].trigger()
    window.commands["panes.tab:Record"].trigger()
    settled()
    compared(qtbot, window, folder / "b-before.hea")
    for view in ("sheet", "beats"):
        window.commands[f"compare.view:{view}"].trigger()
        settled()
        assert nameless(window) == []
        assert clipped(window) == []
    window.commands["compare.choose"].trigger()
    settled()
    dialog = QApplication.activeModalWidget()
    assert nameless(dialog) == []
    assert clipped(dialog) == []
    dialog.close()
