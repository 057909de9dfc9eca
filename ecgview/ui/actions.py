"""The table of commands come to life: menus and keys that call the controllers' methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar

from ecgview.ui.command import MENUS, NEEDS, Command
from ecgview.ui.commands import COMMANDS


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as it stands now, for the palette and the list of keys.

    Attributes
    ----------
    title : str
        As it is understood outside its menu.
    menu : str
        Where it stands.
    keys : tuple of str
        As they are written on this system.
    also : str
        Other words it is found by.
    why_not : str
        Why it cannot be done now; empty where it can.
    on : bool
        Whether it is ticked.
    run : callable
        Does it.
    """

    title: str
    menu: str
    keys: tuple[str, ...]
    also: str
    why_not: str
    on: bool
    run: Callable[[], None]

    def possible(self) -> Entry:
        """Return the entry as if it could be done, and without its tick: what it is, not how things stand."""
        return replace(self, why_not="", on=False)


class Actions(QObject):
    """One action of Qt's for each command, in step with what the controllers say.

    Parameters
    ----------
    window : QMainWindow
        Where the keys are heard and whose menu bar is filled.
    controllers : object
        Its attributes are the controllers, by the names the table uses.

    Attributes
    ----------
    said : Signal(str)
        What a command answered: a few words for the status bar.
    """

    said = Signal(str)

    def __init__(self, window: QMainWindow, controllers: object) -> None:
        super().__init__(window)
        self._window = window
        self._controllers = controllers
        self._met: set[str] = set()
        self._lent: frozenset[str] = frozenset()
        self._actions: dict[str, QAction] = {}
        self._lists: dict[str, QMenu] = {}
        self._groups: dict[str, QActionGroup] = {}
        menus: dict[str, QMenu] = {menu: QMenu(menu, window) for menu in MENUS}
        for command in COMMANDS:
            if command.choices is None:
                self._actions[command.name] = self._make(command)
            self._place(command, menus)
        for menu in MENUS:
            if not menus[menu].isEmpty():
                window.menuBar().addMenu(menus[menu])
        holders: list[QMenu | QMenuBar] = [window.menuBar(), *menus.values()]
        for holder in holders:
            underline(holder)
        self._enable()

    def __getitem__(self, name: str) -> QAction:
        """Return the action of a command, ``"sheet.fit"`` or ``"appearance.theme:dark"``."""
        return self._actions[name]

    def meet(self, need: str, met: bool) -> None:
        """Say whether something of :data:`~ecgview.ui.command.NEEDS` holds now."""
        if need not in NEEDS:
            raise KeyError(f"no command can need {need!r}")
        if met != (need in self._met):
            (self._met.add if met else self._met.discard)(need)
            self._enable()

    def lend(self, keys: Iterable[str]) -> None:
        """Take these keys from the commands that have them, for something else to hear; none gives all back."""
        self._lent = frozenset(QKeySequence(key).toString() for key in keys)
        for command in COMMANDS:
            if command.keys and command.choices is None:
                self._actions[command.name].setShortcuts(self._sequences(command))

    def check(self, name: str, on: bool) -> None:
        """Tick a command that is switched on and off, or take the tick away; the controller is not called."""
        self._actions[name].setChecked(on)

    def choose(self, does: str, choice: str) -> None:
        """Tick one of the commands that share a method; the controller is not called."""
        self._actions[f"{does}:{choice}"].setChecked(True)

    def entries(self) -> list[Entry]:
        """Return all commands as they stand now, in the order of the table."""
        listed: list[Entry] = []
        for command in COMMANDS:
            if command.choices is not None:
                listed += [
                    Entry(
                        title=f"{command.title}: {title}",
                        menu=command.menu,
                        keys=(),
                        also=command.also,
                        why_not="",
                        on=False,
                        run=self._chosen(command, value),
                    )
                    for title, value in self._choices(command)
                ]
                continue
            action = self._actions[command.name]
            keys = tuple(sequence.toString(QKeySequence.SequenceFormat.NativeText) for sequence in action.shortcuts())
            listed.append(
                Entry(
                    title=command.full_title,
                    menu=command.menu,
                    keys=keys,
                    also=command.also,
                    why_not=self._why_not(command),
                    on=action.isChecked(),
                    run=action.trigger,
                )
            )
        return listed

    def _make(self, command: Command) -> QAction:
        action = QAction(command.title, self._window)
        action.setShortcuts(self._sequences(command))
        action.setCheckable(command.checkable or command.choice is not None)
        if command.choice is not None:
            group = self._groups.get(command.does)
            if group is None:
                group = self._groups[command.does] = QActionGroup(self)
            group.addAction(action)
            action.triggered.connect(self._chosen(command, command.choice))
        elif command.checkable:
            action.triggered.connect(lambda on: self._do(command, on))
        else:
            action.triggered.connect(lambda *_: self._do(command))
        return action

    def _sequences(self, command: Command) -> list[QKeySequence]:
        sequences = [QKeySequence(key) for key in command.keys]
        return [sequence for sequence in sequences if sequence.toString() not in self._lent]

    def _place(self, command: Command, menus: dict[str, QMenu]) -> None:
        """Add a command to its menu; a submenu is made with its first command."""
        parts = command.menu.split("/")
        separated = command.separated
        for depth in range(1, len(parts)):
            path = "/".join(parts[: depth + 1])
            if path not in menus:
                above = menus["/".join(parts[:depth])]
                if separated:
                    above.addSeparator()
                    separated = False
                menus[path] = above.addMenu(parts[depth])
        menu = menus[command.menu]
        if separated:
            menu.addSeparator()
        if command.choices is None:
            menu.addAction(self._actions[command.name])
        else:
            submenu = self._lists[command.name] = menu.addMenu(command.title)
            menu.aboutToShow.connect(lambda: submenu.setEnabled(bool(self._choices(command))))
            submenu.aboutToShow.connect(lambda: self._fill(submenu, command))

    def _fill(self, submenu: QMenu, command: Command) -> None:
        submenu.clear()
        for number, (title, value) in enumerate(self._choices(command), start=1):
            # The title is not ours: an ampersand in it is one.
            action = submenu.addAction(f"&{number}  {title.replace('&', '&&')}")
            action.triggered.connect(self._chosen(command, value))

    def _choices(self, command: Command) -> list[tuple[str, str]]:
        if self._why_not(command):
            return []
        choices: list[tuple[str, str]] = self._method(command, command.choices or "")()
        return choices

    def _chosen(self, command: Command, value: str) -> Callable[..., None]:
        return lambda *_: self._do(command, value)

    def _do(self, command: Command, *arguments: Any) -> None:
        answer = self._method(command, command.method)(*arguments)
        if isinstance(answer, str) and answer:
            self.said.emit(answer)

    def _method(self, command: Command, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(getattr(self._controllers, command.controller), name)
        return method

    def _why_not(self, command: Command) -> str:
        return next((NEEDS[need] for need in command.needs if need not in self._met), "")

    def _enable(self) -> None:
        for command in COMMANDS:
            if command.choices is None:
                self._actions[command.name].setEnabled(not self._why_not(command))


def underline(holder: QMenu | QMenuBar) -> None:
    """Give every entry of a menu a letter of its own to be chosen by: a word's first where one is free.

    An entry that has no free letter is reached by the arrow keys.
    """
    taken: set[str] = set()
    for action in holder.actions():
        title = action.text().replace("&", "")
        letters = [place for place, sign in enumerate(title) if sign.isalnum()]
        starts = [place for place in letters if not place or title[place - 1] == " "]
        others = [place for place in letters if place not in starts]
        place = next((place for place in starts + others if title[place].casefold() not in taken), None)
        if place is not None:
            taken.add(title[place].casefold())
            action.setText(f"{title[:place]}&{title[place:]}")
