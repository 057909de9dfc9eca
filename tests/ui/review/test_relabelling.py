"""Relabelling as an annotator does it: keys, search, confidence, notes, marks, undo, and what is then on disk."""

from __future__ import annotations

import sqlite3
import statistics
import time
from pathlib import Path

import pytest
from at_work import CTRL, PATIENCE, SHIFT, on_disk, press, shown, sit_down
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from ecgview.review.events import Event
from ecgview.review.store import Store, StoreError
from ecgview.review.verification import verify
from ecgview.ui.relabelling_keys import CLASS_KEYS
from ecgview.ui.review.who import WhoDialog
from ecgview.ui.window import MainWindow


def said(events: list[Event]) -> list[tuple[str, str, str | None]]:
    return [(event.record_name, event.code, event.decision) for event in events]


def decided(window: MainWindow) -> dict[str, str | None]:
    return {row.code: row.decision for row in window.labels.rows}


def test_nobody_reads_before_a_name_is_given(
    qtbot: QtBot, make_window, ecgs: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "machine-user")
    window = make_window()
    window.open_paths([ecgs])
    qtbot.waitUntil(lambda: window.sheet.record is not None, timeout=PATIENCE)
    qtbot.waitUntil(window.isActiveWindow)
    assert window.labels.who.text() == "Nobody is reading yet"
    qtbot.keyClick(window, "L")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, WhoDialog)
    assert dialog.name.text() == ""
    assert dialog.place.text() == str(store_path)
    assert not dialog.take.isEnabled()
    assert not store_path.exists()
    assert not window.legend.isVisible()
    qtbot.keyClicks(dialog.name, "Anna  Meier ")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(window.legend.isVisible, timeout=PATIENCE)
    assert window.reading_as.text() == "Reading as Anna Meier"
    assert window.labels.where.text() == str(store_path)
    assert "Relabelling as Anna Meier" in window.legend.words
    assert window.tabs.currentWidget() is window.labels
    assert store_path.exists()


def test_the_name_is_asked_for_anew_at_each_start_with_the_last_one_offered(qtbot: QtBot, reading, make_window) -> None:
    reading("Anna").close()
    again: MainWindow = make_window()
    assert again.control.review.desk.reader == ""
    assert again.reading_as.text() == ""
    again.commands["review.who"].trigger()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, WhoDialog)
    assert dialog.name.text() == "Anna"
    dialog.reject()
    assert again.control.review.desk.reader == ""


def test_a_store_that_cannot_be_opened_leaves_nobody_reading(qtbot: QtBot, make_window, tmp_path: Path) -> None:
    window: MainWindow = make_window()
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no store" * 100)
    window.control.review.desk.sit_down("Anna", str(broken))
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QMessageBox), timeout=PATIENCE)
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert "broken.sqlite" in box.informativeText()
    box.close()
    assert window.control.review.desk.reader == ""


def test_one_key_gives_a_class_and_shift_denies_it(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    press(qtbot, window, "F")
    qtbot.keyClick(window.sheet, "N", SHIFT)
    on_disk(qtbot, window)
    assert said(labels()) == [("ecg-0", "AFIB", "present"), ("ecg-0", "NORM", "absent")]
    assert shown(window) == "ecg-0"  # N is a class here, not the next record
    assert decided(window) == {"SR": None, "AFIB": "present", "NORM": "absent"}
    event = labels()[0]
    assert (event.reader, event.record_hash) == ("Anna", window.sheet.record.content_hash)
    assert event.visible["labels"] is True
    press(qtbot, window, "U", "2")
    on_disk(qtbot, window)
    last = labels()[-1]
    assert (last.code, last.decision, last.confidence) == ("NORM", "uncertain", 0.75)
    assert "You: uncertain, likely" in window.labels.card.sources.text()


def test_keys_go_back_to_the_commands_when_relabelling_ends(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    press(qtbot, window, Qt.Key.Key_Escape)
    assert not window.legend.isVisible()
    press(qtbot, window, "N")
    qtbot.waitUntil(lambda: shown(window) == "ecg-1", timeout=PATIENCE)
    assert labels(history=True) == []


def test_letters_that_are_typed_give_no_labels(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    press(qtbot, window, "/")
    assert window.labels.field.hasFocus()
    qtbot.keyClicks(window.labels.field, "wpw")
    qtbot.keyClick(window.labels.field, Qt.Key.Key_Return)
    on_disk(qtbot, window)
    assert said(labels()) == [("ecg-0", "WPW", "present")]
    assert shown(window) == "ecg-0"
    assert window.sheet.hasFocus()


@pytest.mark.parametrize(
    ("typed", "code"), [("left ant", "LAFB"), ("lafb", "LAFB"), ("445118002", "LAFB"), ("1avb", "1AVB")]
)
def test_a_class_is_found_by_name_scp_and_snomed(qtbot: QtBot, reading, labels, typed: str, code: str) -> None:
    window = reading(relabel=False)
    window.commands["review.give"].trigger()
    qtbot.keyClicks(window.labels.field, typed)
    qtbot.keyClick(window.labels.field, Qt.Key.Key_Return)
    on_disk(qtbot, window)
    assert said(labels()) == [("ecg-0", code, "present")]
    assert window.labels.row.code == code


def test_what_fits_no_class_gives_none(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    press(qtbot, window, "/")
    qtbot.keyClicks(window.labels.field, "zzz")
    assert window.labels.found_model.index(0).data() == "No class fits"
    qtbot.keyClick(window.labels.field, Qt.Key.Key_Return)
    qtbot.keyClick(window.labels.field, Qt.Key.Key_Escape)
    assert window.sheet.hasFocus()
    assert labels(history=True) == []


def test_note_and_mark_stand_with_the_label(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    press(qtbot, window, "F", "C")
    qtbot.keyClicks(window.labels.card.note, "no P in V1")
    qtbot.keyClick(window.labels.card.note, Qt.Key.Key_Return)
    press(qtbot, window, "M")
    page = window.sheet.page
    segment = next(each for each in page.segments if each.lead == "V1")
    view = window.sheet.viewportTransform()
    places = [view.map(segment.x_at(segment.start + after), segment.y) for after in (0.2, 0.7)]
    first, last = (QPoint(round(x), round(y)) for x, y in places)
    port = window.sheet.viewport()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseMove(port, last)
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=last)
    on_disk(qtbot, window)
    label = labels()[-1]
    assert (label.code, label.decision, label.note) == ("AFIB", "present", "no P in V1")
    assert label.region.lead == "V1"
    assert label.region.start == pytest.approx(segment.start + 0.2, abs=0.05)
    assert label.region.end == pytest.approx(segment.start + 0.7, abs=0.05)
    assert window.labels.card.mark.text().startswith("V1 ")


def test_the_chosen_caliper_marks_by_key_alone(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    window.sheet.calipers.add("II", 250)
    press(qtbot, window, "F", "M")
    on_disk(qtbot, window)
    region = labels()[-1].region
    assert (region.lead, region.start) == ("II", 1.0)
    assert region.end > 1.0


def test_definition_provenance_and_measurements_stand_beside_the_class(qtbot: QtBot, reading) -> None:
    window = reading()
    card = window.labels.card
    assert card.name.text() == "Sinus rhythm"
    assert "SR" in card.code.text()
    assert "426783006" in card.code.text()
    assert "P before each QRS" in card.criteria.text()
    assert card.leads.text() == "Look at II, V1, aVR"
    assert "WFDB header, Dx" in card.sources.text()
    qtbot.waitUntil(lambda: "QRS" in card.measured.text(), timeout=PATIENCE)
    assert "axis" in card.measured.text()


def test_accepting_agrees_with_all_labels_and_shows_the_next_record(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    press(qtbot, window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(window) == "ecg-1", timeout=PATIENCE)
    press(qtbot, window, "H", Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(window) == "ecg-2", timeout=PATIENCE)
    assert said(labels()) == [
        ("ecg-0", "SR", "present"),
        ("ecg-1", "LVH", "present"),
        ("ecg-1", "SR", "present"),
        ("ecg-1", "LAFB", "present"),
    ]


def test_the_next_record_waits_until_the_decision_is_on_disk(qtbot: QtBot, reading, labels, store_path: Path) -> None:
    window = reading()
    other = sqlite3.connect(store_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # somebody else is writing
    press(qtbot, window, "F", "N")
    assert decided(window)["AFIB"] == "present"  # shown at once
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.records.current.stem == "ecg-1"
    qtbot.wait(100)
    assert shown(window) == "ecg-0"
    press(qtbot, window, "H")  # nobody labels what is not seen
    assert window.state.text() == "The next record is not shown yet"
    other.execute("ROLLBACK")
    other.close()
    qtbot.waitUntil(lambda: shown(window) == "ecg-1", timeout=PATIENCE)
    assert {entry[:2] for entry in said(labels())} == {("ecg-0", "AFIB"), ("ecg-0", "NORM"), ("ecg-0", "SR")}


def test_a_label_that_cannot_be_written_is_said_and_holds_the_next_record(
    qtbot: QtBot, reading, labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = reading()

    def refuse(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "append", refuse)
        press(qtbot, window, "F", Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QMessageBox), timeout=PATIENCE)
    assert shown(window) == "ecg-0"
    while isinstance(box := QApplication.activeModalWidget(), QMessageBox):
        assert "the disk is full" in box.informativeText()
        words = "Try again" if "SR" not in decided(window) or len(labels(history=True)) == 0 else "Leave it out"
        next(button for button in box.buttons() if button.text().replace("&", "") == words).click()
        qtbot.wait(50)
    qtbot.waitUntil(lambda: shown(window) == "ecg-1", timeout=PATIENCE)
    assert len(labels()) == 1


def test_undo_goes_back_to_the_record_and_redo_forward(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    press(qtbot, window, "F", Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(window) == "ecg-1", timeout=PATIENCE)
    press(qtbot, window, "B")
    on_disk(qtbot, window)
    given = said(labels())
    for expected in ("ecg-1", "ecg-0", "ecg-0"):
        qtbot.keyClick(window.sheet, "Z", CTRL)
        qtbot.waitUntil(lambda name=expected: shown(window) == name, timeout=PATIENCE)
        on_disk(qtbot, window)
    assert labels() == []
    assert {event.kind for event in labels(history=True)} == {"label", "undo"}
    qtbot.keyClick(window.sheet, "Z", CTRL)
    assert window.state.text() == "There is no label to undo"
    for _ in range(3):
        qtbot.keyClick(window.sheet, "Y", CTRL)
        on_disk(qtbot, window)
    qtbot.waitUntil(lambda: shown(window) == "ecg-1", timeout=PATIENCE)
    assert sorted(said(labels())) == sorted(given)


def test_taking_a_label_back_can_be_undone(qtbot: QtBot, reading, labels) -> None:
    window = reading()
    press(qtbot, window, "F")
    on_disk(qtbot, window)
    press(qtbot, window, Qt.Key.Key_Backspace)
    on_disk(qtbot, window)
    assert labels() == []
    qtbot.keyClick(window.sheet, "Z", CTRL)
    on_disk(qtbot, window)
    assert said(labels()) == [("ecg-0", "AFIB", "present")]
    qtbot.keyClick(window.sheet, "Y", CTRL)
    on_disk(qtbot, window)
    assert labels() == []


def test_another_reader_sees_the_first_ones_labels_and_undoes_none(qtbot: QtBot, reading, labels, store_path) -> None:
    window = reading()
    press(qtbot, window, "F")
    on_disk(qtbot, window)
    sit_down(qtbot, window, store_path, "Bert")
    qtbot.waitUntil(lambda: "AFIB" in decided(window), timeout=PATIENCE)
    assert decided(window)["AFIB"] is None
    window.labels.choose("AFIB")
    assert "Anna" in window.labels.card.sources.text()
    qtbot.keyClick(window.sheet, "Z", CTRL)
    assert window.state.text() == "There is no label to undo"
    assert len(labels()) == 1


LIMIT_S = 0.1
"""From the key to the next record drawn, in the median."""


def _many(qtbot: QtBot, window: MainWindow, count: int, labels) -> list[float]:
    """Make so many decisions by keys alone, going on to the next record after every tenth; return what that took."""
    took = []
    keys = [key for key, code in CLASS_KEYS if code not in ("SR", "LAFB", "AFIB", "LVH", "CRBBB")][:9]
    names = [f"ecg-{number}" for number in range(6)]
    place = 0
    done = 0
    while done < count:
        modifier = SHIFT if (done // 54) % 2 else Qt.KeyboardModifier.NoModifier
        for key in keys[:-1]:
            qtbot.keyClick(window.sheet, key, modifier)
        on_disk(qtbot, window)  # as nobody types nine keys within a tenth of a second
        done += len(keys)
        place = (place + 1) % len(names)
        begun = time.perf_counter()
        qtbot.keyClick(window.sheet, keys[-1], modifier)
        if place:
            with qtbot.waitSignal(window.sheet.record_changed, timeout=PATIENCE):
                qtbot.keyClick(window.sheet, Qt.Key.Key_PageDown)
            window.sheet.viewport().repaint()
            took.append(time.perf_counter() - begun)
        else:
            for _ in range(5):
                qtbot.keyClick(window.sheet, Qt.Key.Key_PageUp)
        qtbot.waitUntil(lambda name=names[place]: shown(window) == name, timeout=PATIENCE)
    on_disk(qtbot, window)
    return took


def held(events: list[Event]) -> set[tuple[object, ...]]:
    return {(e.reader, e.record_hash, e.code, e.decision, e.confidence, e.note, e.region) for e in events}


@pytest.mark.alone
@pytest.mark.parametrize("count", [27, 200])
def test_many_decisions_by_keys_alone_are_undone_and_redone(qtbot: QtBot, reading, labels, store_path, count) -> None:
    window = reading()
    took = _many(qtbot, window, count, labels)
    assert statistics.median(took) < LIMIT_S
    after = held(labels())
    made = sum(event.kind == "label" for event in labels(history=True))
    assert made >= count
    desk = window.control.review.desk
    while desk.history.past:
        qtbot.keyClick(window.sheet, "Z", CTRL)
    on_disk(qtbot, window)
    assert labels() == []
    assert shown(window) == "ecg-0" or qtbot.waitUntil(lambda: shown(window) == "ecg-0", timeout=PATIENCE) is None
    while desk.history.future:
        qtbot.keyClick(window.sheet, "Y", CTRL)
    on_disk(qtbot, window)
    assert held(labels()) == after
    with Store(store_path) as store:
        assert verify(store).sound


@pytest.mark.alone
def test_the_key_that_accepts_shows_the_next_record_quickly(qtbot: QtBot, reading) -> None:
    window = reading()
    took = []
    for number in range(1, 6):
        press(qtbot, window, "K")
        on_disk(qtbot, window)
        begun = time.perf_counter()
        with qtbot.waitSignal(window.sheet.record_changed, timeout=PATIENCE):
            press(qtbot, window, Qt.Key.Key_Return)
        window.sheet.viewport().repaint()
        took.append(time.perf_counter() - begun)
        assert shown(window) == f"ecg-{number}"
    assert statistics.median(took) < LIMIT_S


def test_a_class_without_any_key_leaves_the_legend_alone(qtbot: QtBot, reading) -> None:
    window = reading()
    window.resize(1280, 800)
    codes = [code for _, code in CLASS_KEYS]
    assert len(set(codes)) == len(codes)
    assert all(key in window.legend.words for key, _ in CLASS_KEYS)


def test_the_legend_keeps_the_sheet_the_largest(qtbot: QtBot, reading) -> None:
    window = reading()
    others: list[QWidget] = [window.records, window.tabs, window.legend]
    area = window.sheet.width() * window.sheet.height()
    assert all(area > widget.width() * widget.height() for widget in others)
