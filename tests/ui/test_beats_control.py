"""Beats in the window: found by the worker, shown where they belong, never another record's."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.window import MainWindow

PATIENCE = 30_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("beats")
    write_wfdb(generate(Settings(rhythm="ventricular premature beats", rate=74, seconds=30.0), 19).record, place, "a")
    write_wfdb(generate(Settings(rate=60), 2).record, place, "b")
    (place / "c.scp").write_bytes(b"\x00" * 300)
    return place


@pytest.fixture
def window(qtbot: QtBot, make_window, folder: Path) -> MainWindow:
    made: MainWindow = make_window()
    made.open_paths([folder])
    wait(qtbot, made, "a")
    return made


def wait(qtbot: QtBot, window: MainWindow, name: str) -> None:
    def there() -> bool:
        record, found = window.sheet.record, window.control.beats.found
        return record is not None and record.name == name and found is not None

    qtbot.waitUntil(there, timeout=PATIENCE)


def test_one_key_marks_the_beats_and_takes_the_marks_away(qtbot: QtBot, window: MainWindow) -> None:
    assert not window.sheet.beats_shown
    qtbot.keyClick(window.records.list, Qt.Key.Key_B)
    assert window.sheet.beats_shown
    assert window.commands["beats.marks"].isChecked()
    assert "beats are marked" in window.state.text()
    qtbot.keyClick(window.records.list, Qt.Key.Key_B)
    assert not window.sheet.beats_shown


def test_the_next_record_brings_its_own_beats(qtbot: QtBot, window: MainWindow) -> None:
    first = window.control.beats.found
    count = window.beat.count.text()
    window.commands["records.next_record"].trigger()
    assert window.control.beats.found is None  # at once, not when the next are found
    assert not window.commands["beats.next_unusual"].isEnabled()
    wait(qtbot, window, "b")
    assert window.control.beats.found.record_hash == window.sheet.record.content_hash != first.record_hash
    assert window.beat.count.text() != count
    assert window.sheet._layers.beats.found is window.control.beats.found


def test_beats_of_another_content_are_dropped(window: MainWindow) -> None:
    shown = window.control.beats.found
    window.measurer.beats_found.emit(replace(shown, record_hash="0" * 64, times=shown.times[:1]))
    assert window.control.beats.found is shown


def test_the_ribbon_moves_the_sheet(qtbot: QtBot, window: MainWindow) -> None:
    assert not window.ribbon.isVisible()
    qtbot.keyClick(window.records.list, Qt.Key.Key_R)
    assert window.ribbon.isVisible()
    window.ribbon.moved.emit(20.0)
    assert window.sheet.page.start == pytest.approx(15.0)
    assert window.ribbon._seen == (15.0, 25.0)


def test_the_next_unusual_beat_comes_into_view(qtbot: QtBot, window: MainWindow) -> None:
    found = window.control.beats.found
    last = float(found.times[found.unusual][-1])
    for _ in range(int(found.unusual.sum())):
        window.commands["beats.next_unusual"].trigger()
        said = re.fullmatch(r"Beat (\d+) at ([\d.]+) s: premature and of another shape", window.state.text())
        assert said is not None
        assert window.sheet.page.start <= float(said[2]) <= window.sheet.page.end
    assert float(said[2]) == pytest.approx(last, abs=0.06)
    window.commands["beats.next_unusual"].trigger()
    assert window.state.text() == "No unusual beat after this"


def test_a_file_that_is_refused_leaves_no_beats(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.commands["beats.ribbon"].trigger()
    window.open_paths([folder], folder / "c.scp")
    qtbot.waitUntil(lambda: "cannot be read" in window.subtitle.text(), timeout=PATIENCE)
    assert window.beat.message.title.text() == "No record"
    assert not window.ribbon.isVisible()
    assert window.control.beats.found is None


def test_ribbon_and_speed_come_back_at_the_next_start_and_marks_do_not(qtbot: QtBot, make_window, folder: Path) -> None:
    window = make_window()
    for name in ("beats.ribbon", "beats.marks", "beats.speed:50"):
        window.commands[name].trigger()
    window.close()
    again = make_window()
    assert again.commands["beats.ribbon"].isChecked()
    assert again.commands["beats.speed:50"].isChecked()
    assert again.beat.view.speed == 50.0
    assert not again.commands["beats.marks"].isChecked()


def test_nonsense_that_was_kept_is_passed_over(make_window) -> None:
    window = make_window()
    window.control.beats.restore({"ribbon": "perhaps", "speed": "fast"})
    assert window.beat.view.speed == 25.0
    assert not window.commands["beats.ribbon"].isChecked()


def test_the_speed_can_be_chosen_in_the_panel(qtbot: QtBot, window: MainWindow) -> None:
    window.commands["panes.tab:Beat"].trigger()
    window.beat.speeds.setFocus()
    qtbot.keyClick(window.beat.speeds, Qt.Key.Key_Down)
    assert window.beat.view.speed == 50.0
    assert window.commands["beats.speed:50"].isChecked()


def test_filters_change_neither_beats_nor_marks(qtbot: QtBot, window: MainWindow) -> None:
    window.commands["beats.marks"].trigger()
    found = window.control.beats.found
    window.commands["filters.baseline"].trigger()
    qtbot.waitUntil(lambda: "baseline" in window.sheet.filter_words.lower() or "0.5" in window.sheet.filter_words)
    assert window.control.beats.found is found
    placed = window.sheet._layers.beats.placed(window.sheet._traces.drawn)
    assert len(placed["QRS"].onsets) > 20
