"""The window without a mouse, without sight, and with large text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QDialog, QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from ecgview.model.prediction import Prediction
from ecgview.model.vocabulary import statements
from ecgview.record import read
from ecgview.resources import resource
from ecgview.signal.measurements import measure
from ecgview.ui.command_rows import rows_size
from ecgview.ui.keys import Keys
from ecgview.ui.palette import Palette
from ecgview.ui.text import Elided, set_text_size
from ecgview.ui.window import MainWindow
from ecgview.ui.words import record_words


@pytest.fixture(autouse=True)
def usual_text_size() -> Iterator[None]:
    yield
    set_text_size(100)


@pytest.fixture
def window(qtbot: QtBot, make_window) -> MainWindow:
    """The window with all that it shows of a record, without the processes that find it out."""
    made: MainWindow = make_window()
    record = read(next(iter(sorted(resource("demo").glob("*.hea")))))
    classes = tuple(statements())
    members = np.random.default_rng(1).random((5, len(classes)))
    made.title.setText(record.name)
    made.subtitle.setText(record_words(record))
    made.sheet.show_record(record)
    made.labels.show_record(record)
    made.facts.show_record(record)
    made.measurements.show_measurements(measure(record))
    made.findings.show_prediction(
        Prediction(record.content_hash, "0" * 64, classes, members, np.full(len(classes), 0.5), 1), {}
    )
    made.commands.meet("record", True)
    qtbot.waitUntil(made.isActiveWindow)
    return made


def dialogs(window: MainWindow) -> Iterator[QWidget]:
    """Open each dialog in turn, and the palette."""
    for name in ("help.keys", "help.about"):
        window.commands[name].trigger()
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        yield dialog
        dialog.close()
    window.commands["help.palette"].trigger()
    yield window.findChildren(Palette)[-1]


def nameless(root: QWidget) -> list[str]:
    """Return the controls that a screen reader could not name."""
    found = []
    for widget in root.findChildren(QWidget):
        takes_keys = widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.focusProxy() is None
        if not (takes_keys and widget.isVisible()) or widget.objectName().startswith("qt_"):
            continue
        if isinstance(widget, QLabel) and not widget.text():
            continue  # nothing is said where nothing is
        told = QAccessible.queryAccessibleInterface(widget)
        if not told.text(QAccessible.Text.Name).strip():
            found.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    return found


def settled() -> None:
    """Let fonts, layouts and widths follow."""
    for _ in range(3):
        QApplication.processEvents()


def clipped(root: QWidget) -> list[str]:
    """Return the words that have less room than they need; what scrolls and what is meant to be elided has enough."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, Elided):
            continue
        if isinstance(widget, QLabel) and widget.text():
            if widget.wordWrap():
                wanted = widget.heightForWidth(widget.width())
                fits = widget.height() >= wanted and widget.width() >= widget.minimumSizeHint().width()
            else:
                fits = widget.width() >= widget.sizeHint().width() and widget.height() >= widget.sizeHint().height()
        elif isinstance(widget, QAbstractButton) and widget.text():
            hint = widget.sizeHint()
            fits = widget.width() >= hint.width() and widget.height() >= hint.height()
        elif isinstance(widget, QTabBar):
            fits = widget.width() >= widget.sizeHint().width()
        else:
            continue
        within = _seen(widget, root)
        if not (fits and within):
            words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else "tabs"
            found.append(f"{words!r}: {widget.size().toTuple()} of {widget.sizeHint().toTuple()}")
    return found


def _seen(widget: QWidget, root: QWidget) -> bool:
    """Return whether a widget lies inside all that hold it, as far as something that scrolls."""
    inner, holder = widget, widget.parentWidget()
    while inner is not root and holder is not None:
        if isinstance(holder.parentWidget(), QAbstractScrollArea):
            return True
        if not holder.rect().contains(inner.geometry()):
            return False
        inner, holder = holder, holder.parentWidget()
    return True


def test_every_control_has_a_name(window: MainWindow) -> None:
    for place in range(window.tabs.count()):
        window.tabs.setCurrentIndex(place)
        assert nameless(window) == []
    for dialog in dialogs(window):
        assert nameless(dialog) == []


def test_a_control_without_a_name_is_noticed(qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QLineEdit

    holder = QWidget()
    qtbot.addWidget(holder)
    QLineEdit(holder)
    holder.show()
    assert nameless(holder) == ["QLineEdit in QWidget"]


def test_words_without_room_are_noticed(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    QLabel("Longer than its place", holder).setFixedWidth(20)
    holder.show()
    assert len(clipped(holder)) == 1


@pytest.mark.parametrize("percent", ["100", "125", "150"])
def test_nothing_is_clipped_at_1280_by_800(qtbot: QtBot, window: MainWindow, percent: str) -> None:
    window.commands[f"appearance.text_size:{percent}"].trigger()
    settled()
    assert window.size().toTuple() == (1280, 800)
    for place in range(window.tabs.count()):
        window.tabs.setCurrentIndex(place)
        QApplication.processEvents()
        assert clipped(window) == []
    assert window.sheet.width() > max(window.records.width(), window.tabs.width())
    for dialog in dialogs(window):
        QApplication.processEvents()
        assert clipped(dialog) == []
        assert dialog.width() <= window.width()
        assert dialog.height() <= window.height()
        if isinstance(dialog, Keys):
            assert dialog.list.viewport().width() >= rows_size(dialog.list).width()


def test_text_grows_everywhere_at_once_and_back(qtbot: QtBot, window: MainWindow) -> None:
    def sizes() -> dict[str, float]:
        labels = [entry for entry in window.findChildren(QLabel) if entry.text() and entry.isVisible()]
        return {entry.text(): entry.font().pointSizeF() for entry in labels} | {
            "sheet": window.sheet.font().pointSizeF(),
            "list": window.records.list.font().pointSizeF(),
            "menu": window.menuBar().font().pointSizeF(),
        }

    before, widths = sizes(), window.split.sizes()
    window.commands["appearance.text_size:150"].trigger()
    settled()
    after = sizes()
    assert len(before) > 5
    assert {name: after[name] / size for name, size in before.items()} == pytest.approx(dict.fromkeys(before, 1.5))
    qtbot.waitUntil(lambda: window.records.width() > widths[0])
    window.commands["appearance.text_size:100"].trigger()
    settled()
    assert sizes() == before
    qtbot.waitUntil(lambda: window.split.sizes() == widths)


def test_tab_goes_round_the_window_in_the_order_it_is_read(qtbot: QtBot, window: MainWindow) -> None:
    window.records.field.setFocus()
    seen = [window.focusWidget()]
    for _ in range(12):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        if window.focusWidget() is seen[0]:
            break
        seen.append(window.focusWidget())
    else:
        pytest.fail("Tab does not come back to where it began")
    assert seen == [
        window.records.field,
        window.records.list,
        window.sheet,
        window.tabs.tabBar(),
        window.findings.list,
    ]


def test_f6_goes_from_pane_to_pane(qtbot: QtBot, window: MainWindow) -> None:
    window.records.list.setFocus()
    seen = []
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_F6)
        seen.append(window.focusWidget())
    assert seen == [window.sheet, window.tabs.tabBar(), window.records.list]
    qtbot.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.focusWidget() is window.tabs.tabBar()
    window.commands["panes.facts"].trigger()
    window.sheet.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F6)
    assert window.focusWidget() is window.records.list


def test_arrows_go_from_tab_to_tab_where_the_tabs_have_the_keys(qtbot: QtBot, window: MainWindow) -> None:
    window.tabs.tabBar().setFocus()
    qtbot.keyClick(window.tabs.tabBar(), Qt.Key.Key_Right)
    assert window.tabs.currentWidget() is window.why
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.tabs.currentWidget() is window.labels


def test_recent_names_do_not_widen_the_window(window: MainWindow, tmp_path: Path) -> None:
    window.title.setText("a very long name of a record " * 12)
    QApplication.processEvents()
    assert window.size().toTuple() == (1280, 800)
    assert window.sheet.width() > window.tabs.width()
