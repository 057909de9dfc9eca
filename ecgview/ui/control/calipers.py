"""Calipers as commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from ecgview.ui.sheet.calipers import MOST_BEATS

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


class Calipers:
    """Commands on calipers: they act on the one that is chosen."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._tool = window.sheet.calipers
        self._tool.changed.connect(self._follow)

    # ---------------------------------------------------------------- commands

    def on(self, on: bool) -> str:
        """Take calipers in hand, or lay them down."""
        self._tool.switch(on)
        self._window.sheet.show_shape()
        if not on:
            return ""
        self._window.sheet.setFocus()
        return "Drag along a lead to measure time, up or down to measure height; Tab chooses, arrows move, Del deletes"

    def add(self) -> None:
        """Place a caliper at the cursor, or in the middle of the sheet."""
        cursor = self._window.sheet.crosshair
        self._window.sheet.setFocus()
        if cursor.on and cursor.place is not None:
            self._tool.add(*cursor.place)
        else:
            self._tool.add()

    def next_caliper(self) -> None:
        """Choose the next one, from the last on the first."""
        self._in_hand(lambda: self._tool.book.choose_next(1) or self._tool.book.choose_next(1))

    def part(self) -> None:
        """Choose all of it, its first leg or its second leg."""
        self._in_hand(self._tool.book.next_part)

    def snap(self, on: bool) -> None:
        """Let legs take peaks and valleys near the pointer."""
        self._tool.snaps_to_waves = on

    def switch_kind(self) -> None:
        """Measure time in place of height, or height in place of time."""
        self._tool.do(self._tool.book.switch_kind)

    def march(self, on: bool) -> None:
        """Repeat the interval over all of the lead that is shown."""
        self._tool.do(partial(self._tool.book.march, on))

    def beats(self, count: str) -> None:
        """Say how many beats lie between the legs."""
        if self._tool.book.caliper is not None:
            self._tool.do(partial(self._tool.book.divide, int(count)))

    def remove(self) -> str:
        """Delete the chosen one."""
        self._tool.do(self._tool.book.remove)
        return "Caliper deleted; Ctrl+Z brings it back"

    def clear(self) -> str:
        """Delete all of this record."""
        self._tool.do(self._tool.book.clear)
        return "All calipers deleted; Ctrl+Z brings them back"

    def undo(self) -> None:
        """Take the last change of the calipers back."""
        self._tool.do(self._tool.book.undo)

    def copy(self) -> str:
        """Copy what they measure: one line each, with lead, from, to, ms, mV and /min."""
        QGuiApplication.clipboard().setText(self._tool.text)
        count = len(self._tool.calipers)
        return "1 caliper copied" if count == 1 else f"{count} calipers copied"

    # ---------------------------------------------------------------- kept between runs

    def state(self) -> dict[str, str]:
        """Return whether legs snap to waves."""
        return {"snap": "yes" if self._tool.snaps_to_waves else "no"}

    def restore(self, values: dict[str, str]) -> None:
        """Take up whether legs snap to waves: they do unless they were told not to."""
        on = values.get("snap") != "no"
        self._tool.snaps_to_waves = on
        self._window.commands.check("calipers.snap", on)
        self._follow()

    # ---------------------------------------------------------------- how it is done

    def _in_hand(self, change: Callable[[], object]) -> None:
        if not self._tool.on:
            self._tool.switch(True)
        self._window.sheet.setFocus()
        self._tool.do(change)

    def _follow(self) -> None:
        """Tick and allow what fits how things stand."""
        if not hasattr(self._window, "commands"):
            return  # the window is still being built
        book, commands = self._tool.book, self._window.commands
        caliper = book.caliper
        commands.check("calipers.on", self._tool.on)
        commands.check("calipers.march", caliper is not None and caliper.marched)
        commands.choose("calipers.beats", str(min(caliper.beats, MOST_BEATS) if caliper is not None else 1))
        commands.meet("calipers", bool(book.calipers))
        commands.meet("caliper", caliper is not None)
        commands.meet("caliper_past", book.undoable)
