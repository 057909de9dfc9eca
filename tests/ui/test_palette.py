"""The command palette by keys alone: found by a few letters, run, refused, closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ecgview.ui.command_rows import rows_size
from ecgview.ui.list_panel import ROW
from ecgview.ui.matching import rank
from ecgview.ui.palette import Palette
from ecgview.ui.window import MainWindow


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("zi", "Zoom in"),
        ("zoo i", "Zoom in"),
        ("in zo", "Zoom in"),
        ("sotr", "Start of the record"),
        ("ts15", "Text size: 150 %"),
        ("ZOOM IN", "Zoom in"),
        ("3x4", "Layout: 3x4 + 1"),
    ],
)
def test_words_beginnings_find_a_title(query: str, title: str) -> None:
    assert rank(query, title) is not None


@pytest.mark.parametrize(
    ("query", "title"), [("om", "Zoom in"), ("iz", "Zoom in"), ("zx", "Zoom in"), ("z q", "Zoom in")]
)
def test_what_begins_no_word_finds_nothing(query: str, title: str) -> None:
    assert rank(query, title) is None


def test_keys_and_other_words_find_too_but_after_titles() -> None:
    by_key = rank("ctrl+k", "Find a command", ("Ctrl+K",))
    by_title = rank("night", "Night colours")
    by_other = rank("night", "Dark", (), "theme night")
    assert by_key is not None
    assert by_title is not None
    assert by_other is not None
    assert by_title < by_other
    exact, begun = rank("f1", "Keys", ("F1", "?")), rank("f1", "Findings and facts", ("F10",))
    assert exact is not None
    assert begun is not None
    assert exact < begun


@pytest.fixture
def window(qtbot: QtBot, make_window) -> MainWindow:
    made: MainWindow = make_window()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def opened(qtbot: QtBot, window: MainWindow) -> Palette:
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.findChildren(Palette)[-1]
    assert palette.isVisible()
    return palette


def shown(palette: Palette) -> list[str]:
    return [palette.model.index(row).data(ROW).title for row in range(palette.model.rowCount())]


def test_typing_finds_and_enter_runs(qtbot: QtBot, window: MainWindow) -> None:
    palette = opened(qtbot, window)
    assert len(shown(palette)) > 20
    qtbot.keyClicks(palette.field, "dark")
    assert shown(palette)[0] == "Colours: Dark"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.sheet.theme.name == "dark"
    qtbot.waitUntil(lambda: not window.findChildren(Palette))


def test_arrows_choose_and_stop_at_the_ends(qtbot: QtBot, window: MainWindow) -> None:
    palette = opened(qtbot, window)
    qtbot.keyClicks(palette.field, "colours")
    titles = shown(palette)
    last = len(titles) - 1
    assert last >= 3
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_Down):
        qtbot.keyClick(palette.field, key)
        seen.append(titles.index(palette.list.currentIndex().data(ROW).title))
    assert seen == [0, 1, last, last]
    assert titles[last].split(": ")[-1] in palette.field.accessibleDescription()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)


def test_what_cannot_be_done_says_why_and_does_not_run(qtbot: QtBot, window: MainWindow) -> None:
    palette = opened(qtbot, window)
    qtbot.keyClicks(palette.field, "zoom in")
    index = palette.list.currentIndex()
    assert str(index.data()) == "Zoom in, No record is open"
    scale = window.sheet.scale_mm
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert window.sheet.scale_mm == scale


def test_the_windows_own_keys_are_not_heard_meanwhile(qtbot: QtBot, window: MainWindow) -> None:
    palette = opened(qtbot, window)
    qtbot.keyClicks(palette.field, "p/0+n")
    assert palette.field.text() == "p/0+n"
    assert palette.none.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_F9)
    assert window.records.isVisible()


def test_escape_gives_the_keys_back_and_leaving_closes(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    window.records.list.setFocus()
    palette = opened(qtbot, window)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert window.focusWidget() is window.records.list
    palette = opened(qtbot, window)
    window.records.field.setFocus()
    assert not palette.isVisible()
    assert window.focusWidget() is window.records.field


@pytest.mark.parametrize("percent", ["100", "150"])
def test_every_row_can_be_read_whole(qtbot: QtBot, window: MainWindow, percent: str) -> None:
    window.commands[f"appearance.text_size:{percent}"].trigger()
    palette = opened(qtbot, window)
    assert palette.list.viewport().width() >= rows_size(palette.list).width()
    assert window.rect().contains(palette.geometry())
    window.commands["appearance.text_size:100"].trigger()


def test_recent_folders_are_found(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "heart clinic").mkdir()
    window.open_paths([tmp_path / "heart clinic"])
    palette = opened(qtbot, window)
    qtbot.keyClicks(palette.field, "recent clinic")
    assert shown(palette) == [title for title in shown(palette) if "heart clinic" in title] != []
