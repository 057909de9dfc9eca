"""Worklists in the window: made beside it, shown with reasons and progress, gone through by keys."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from at_work import CTRL, PATIENCE, on_disk, press, shown
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from ecgview.record import read
from ecgview.ui.review.queue_panel import QueuePanel
from ecgview.ui.review.worklist_dialog import WorklistDialog
from ecgview.ui.window import MainWindow

# Record, class, label, probability: the third is the most suspect, then the first, then the second.
ROWS = ((0, "AFIB", 0, 0.8), (1, "AFIB", 1, 0.4), (2, "AFIB", 1, 0.05), (3, "AFIB", 0, 0.1))


@pytest.fixture
def table(tmp_path: Path, ecgs: Path) -> Path:
    """What label and model say of four of the records, and of one that is not in the folder."""
    path = tmp_path / "candidates.csv"
    with path.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow("record name class label decision probability".split())
        for number, code, label, probability in ROWS:
            name = f"ecg-{number}"
            digest = read(ecgs / f"{name}.hea").content_hash
            lines.writerow([digest, name, code, label, int(probability >= 0.5), probability])
        lines.writerow(["f" * 64, "elsewhere", "AFIB", 0, 1, 0.7])
    return path


@pytest.fixture
def worklist(qtbot: QtBot, reading, table: Path) -> Callable[..., tuple[MainWindow, QueuePanel]]:
    """Make a worklist by its dialog."""

    def make(order: str = "suspicion", window: MainWindow | None = None) -> tuple[MainWindow, QueuePanel]:
        window = window or reading()
        window.commands["worklist.choose"].trigger()
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, WorklistDialog)
        dialog.source.table.setText(str(table))
        dialog.order.setCurrentIndex(dialog.order.findData(order))
        dialog.take.click()
        panel = window.records.guest
        assert isinstance(panel, QueuePanel)
        assert panel.close_button.text() == "Stop"
        qtbot.waitUntil(lambda: len(panel.entries) > 0, timeout=PATIENCE)
        window.activateWindow()  # without a desktop nobody does so when the dialog closes
        qtbot.waitUntil(window.isActiveWindow)
        window.sheet.setFocus()
        return window, panel

    return make


def test_the_worklist_comes_in_its_order_with_reasons(qtbot: QtBot, worklist) -> None:
    window, panel = worklist()
    assert [entry.title for entry in panel.entries] == ["ecg-2", "ecg-0", "elsewhere", "ecg-1", "ecg-3"]
    qtbot.waitUntil(lambda: shown(window) == "ecg-2", timeout=PATIENCE)
    first = panel.model.index(0)
    assert "Atrial fibrillation" in first.data()
    assert "Labelled present, the model gives 5%" in first.data()
    assert "not in the open folder" in panel.model.index(2).data()
    assert panel.count.text() == "0 of 5 done"
    assert window.labels.row.code == "AFIB"
    assert window.labels.row.asked


def test_deciding_ticks_off_and_goes_on(qtbot: QtBot, worklist, labels) -> None:
    window, panel = worklist()
    qtbot.waitUntil(lambda: shown(window) == "ecg-2", timeout=PATIENCE)
    press(qtbot, window, "-", Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(window) == "ecg-0", timeout=PATIENCE)
    assert panel.count.text() == "1 of 5 done"
    press(qtbot, window, Qt.Key.Key_Return)  # agrees: absent here, as the label has it
    qtbot.waitUntil(lambda: shown(window) == "ecg-1", timeout=PATIENCE)  # the one without a file is passed over
    on_disk(qtbot, window)
    found = {(event.record_name, event.code): event.decision for event in labels()}
    assert found[("ecg-2", "AFIB")] == "absent"
    assert found[("ecg-0", "AFIB")] == "absent"
    panel.state.setCurrentText("Not done")
    assert [panel.model.index(row).data().split(",")[0] for row in range(3)] == ["elsewhere", "ecg-1", "ecg-3"]
    for _ in range(2):
        qtbot.keyClick(window.sheet, "Z", CTRL)
        on_disk(qtbot, window)
    qtbot.waitUntil(lambda: shown(window) == "ecg-2", timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel.count.text() == "0 of 5 done", timeout=PATIENCE)


def test_what_was_decided_is_left_out_of_the_next_worklist(qtbot: QtBot, worklist) -> None:
    window, panel = worklist()
    qtbot.waitUntil(lambda: shown(window) == "ecg-2", timeout=PATIENCE)
    press(qtbot, window, "-")
    on_disk(qtbot, window)
    panel.close_button.click()
    assert window.records.guest is None
    _, again = worklist("disagreement", window)
    assert sorted(entry.title for entry in again.entries) == ["ecg-0", "ecg-1", "elsewhere"]


def test_an_order_that_needs_members_says_so_where_the_table_has_none(qtbot: QtBot, reading, table: Path) -> None:
    window: MainWindow = reading()
    wish = {"kind": "worklist", "order": "uncertainty", "codes": [], "limit": 5, "seed": 0, "without": True}
    window.control.worklist.make({**wish, "folder": "", "table": str(table)})
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QMessageBox), timeout=PATIENCE)
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert "members" in box.informativeText()
    box.close()
    assert window.records.guest is None


def test_making_a_worklist_can_be_stopped(qtbot: QtBot, reading, table: Path) -> None:
    window: MainWindow = reading()
    wish = {"kind": "worklist", "order": "suspicion", "codes": [], "limit": 5, "seed": 0, "without": True}
    window.control.worklist.make({**wish, "folder": "", "table": str(table)})
    panel = window.records.guest
    assert isinstance(panel, QueuePanel)
    panel.close_button.click()
    assert window.records.guest is None
    assert not window.control.worklist._looking.busy
    assert window.records.list.isVisible()
