"""What can be done, by which keys, and what the program is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecgview.ui.about import about
from ecgview.ui.keys import Keys
from ecgview.ui.palette import Palette

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


class Help:
    """Commands that explain."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def palette(self) -> None:
        """Search all commands and run one."""
        Palette(self._window, self._window.commands).open()

    def keys(self) -> None:
        """Show the list of keys."""
        Keys(self._window, self._window.commands).open()

    def about(self) -> None:
        """Say what the program is, and what it is not for."""
        about(self._window).open()
