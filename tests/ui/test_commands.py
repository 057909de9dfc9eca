"""The table of commands: every row works, no key is given twice, and what is made from it is up to date."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from ecgview.ui import shortcuts
from ecgview.ui.actions import Actions, underline
from ecgview.ui.command import MENUS, NEEDS, Command
from ecgview.ui.commands import COMMANDS
from ecgview.ui.keys import Keys
from ecgview.ui.shortcuts import shortcuts_page
from ecgview.ui.window import MainWindow

ROOT = Path(__file__).parents[2]


def menu_of(window: MainWindow, path: str) -> QMenu:
    """Return a menu or submenu by its titles."""
    actions = window.menuBar().actions()
    for title in path.split("/"):
        menu = next(action.menu() for action in actions if action.text().replace("&", "") == title)
        assert isinstance(menu, QMenu)
        actions = menu.actions()
    return menu


def titles(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if not action.isSeparator()]


def test_every_command_is_done_by_a_controller(make_window) -> None:
    window = make_window()
    for command in COMMANDS:
        controller = getattr(window.control, command.controller)
        assert callable(getattr(controller, command.method)), command.name
        assert command.choices is None or callable(getattr(controller, command.choices)), command.name


def test_no_key_and_no_name_is_given_twice() -> None:
    keys = Counter(QKeySequence(key).toString() for command in COMMANDS for key in command.keys)
    assert [key for key, times in keys.items() if times > 1] == []
    assert "" not in keys  # what Qt does not understand as a key
    names = Counter(command.name for command in COMMANDS)
    assert [name for name, times in names.items() if times > 1] == []


def test_the_table_keeps_to_its_menus_and_needs() -> None:
    for command in COMMANDS:
        assert command.menu.split("/")[0] in MENUS
        assert set(command.needs) <= set(NEEDS)
        assert "&" not in command.title  # letters to choose by are given by themselves


def test_menus_hold_every_command_where_the_table_puts_it(make_window) -> None:
    window = make_window()
    for command in COMMANDS:
        assert command.title in titles(menu_of(window, command.menu)), command.name


def test_the_page_of_keys_is_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (ROOT / "docs" / "shortcuts.md").read_text(encoding="utf-8") == shortcuts_page(), "run `make shortcuts`"
    assert shortcuts.main([str(tmp_path / "keys.md")]) == 0
    assert (tmp_path / "keys.md").read_text(encoding="utf-8") == shortcuts_page()
    assert shortcuts.main([]) == 0
    assert "| `N` or `PgDown` | Next record |" in capsys.readouterr().out
    assert shortcuts.main(["one", "two"]) == 2


def test_every_entry_of_a_menu_has_a_letter_of_its_own(make_window) -> None:
    window = make_window()
    for path in {command.menu for command in COMMANDS}:
        entries = [action.text() for action in menu_of(window, path).actions() if not action.isSeparator()]
        letters = [text[text.index("&") + 1].casefold() for text in entries if "&" in text]
        assert len(letters) == len(set(letters)), path
        assert len(letters) == len(entries) or len(entries) > 15, path


def test_letters_are_word_beginnings_where_they_are_free(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    for title in ("Open folder", "Open files", "Open", "150 %", "%"):
        menu.addAction(title)
    underline(menu)
    assert [action.text() for action in menu.actions()] == ["&Open folder", "Open &files", "O&pen", "&150 %", "%"]


class Bench:
    """Two controllers in one, that note what they are told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.bench = self

    def plain(self) -> str:
        self.told.append("plain")
        return "Done"

    def choose(self, value: str) -> None:
        self.told.append(value)

    def switch(self, on: bool) -> None:
        self.told.append(on)

    def listed(self) -> list[tuple[str, str]]:
        return [("A & B", "ab"), ("C", "c")]


@pytest.fixture
def bench(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    """A window with a small table of its own."""
    from PySide6.QtWidgets import QMainWindow

    table = (
        Command("bench.plain", "Plain…", "File", ("Ctrl+P",), needs=("record",)),
        Command("bench.choose", "One", "View/Choice", choice="1"),
        Command("bench.choose", "Two", "View/Choice", choice="2"),
        Command("bench.switch", "Switch", "View", checkable=True),
        Command("bench.choose", "List", "File", choices="listed"),
    )
    monkeypatch.setattr("ecgview.ui.actions.COMMANDS", table)
    window, controller = QMainWindow(), Bench()
    qtbot.addWidget(window)
    return window, controller, Actions(window, controller)


def test_a_command_waits_for_what_it_needs_and_says_what_it_did(bench) -> None:
    _, controller, actions = bench
    said: list[str] = []
    actions.said.connect(said.append)
    actions["bench.plain"].trigger()
    assert controller.told == []
    assert actions.entries()[0].why_not == NEEDS["record"]
    actions.meet("record", True)
    actions["bench.plain"].trigger()
    assert (controller.told, said) == (["plain"], ["Done"])
    assert actions.entries()[0].why_not == ""
    with pytest.raises(KeyError, match="weather"):
        actions.meet("weather", True)


def test_of_choices_one_is_ticked_and_ticking_from_the_program_calls_nothing(bench) -> None:
    _, controller, actions = bench
    one, two = actions["bench.choose:1"], actions["bench.choose:2"]
    actions.choose("bench.choose", "1")
    assert (one.isChecked(), two.isChecked(), controller.told) == (True, False, [])
    two.trigger()
    assert (one.isChecked(), two.isChecked(), controller.told) == (False, True, ["2"])
    actions.check("bench.switch", True)
    actions["bench.switch"].trigger()
    assert controller.told == ["2", False]
    assert [entry.title for entry in actions.entries() if entry.on] == ["Choice: Two"]


def test_a_list_is_filled_when_it_opens(bench) -> None:
    window, controller, actions = bench
    submenu = menu_of(window, "File/List")
    submenu.aboutToShow.emit()
    entries: list[QAction] = submenu.actions()
    assert [entry.text() for entry in entries] == ["&1  A && B", "&2  C"]
    entries[0].trigger()
    listed = [entry for entry in actions.entries() if entry.title.startswith("List: ")]
    listed[1].run()
    assert controller.told == ["ab", "c"]


def test_the_list_of_keys_holds_every_key_and_narrows(qtbot: QtBot, make_window) -> None:
    window = make_window()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, Keys)

    def rows() -> list[str]:
        return [str(dialog.model.index(row).data()) for row in range(dialog.model.rowCount())]

    for command in COMMANDS:
        if command.keys:
            said = next(row for row in rows() if row.startswith(f"{command.full_title}, "))
            assert all(QKeySequence(key).toString() in said for key in command.keys)
    assert "Mouse on the sheet" in rows()
    qtbot.keyClicks(dialog.field, "zoom i")
    assert rows() == ["Sheet", "Zoom in, + or Ctrl++ or Ctrl+="]
    qtbot.keyClicks(dialog.field, "qqq")
    assert rows() == ["No command fits"]
    dialog.close()


def test_what_a_command_did_is_said_for_a_moment(qtbot: QtBot, make_window) -> None:
    window = make_window()
    qtbot.waitUntil(window.isActiveWindow)
    window.state.setText("Resting")
    qtbot.keyClick(window, Qt.Key.Key_F6)
    assert window.state.text().startswith("Keys now go to: ")
    window.state._over.timeout.emit()
    assert window.state.text() == "Resting"
