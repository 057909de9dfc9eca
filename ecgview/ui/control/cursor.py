"""The cursor as a command, and what the status bar says of the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


class Cursor:
    """Commands on the cursor."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        window.sheet.crosshair.pointed.connect(window.pointer.say)
        window.sheet.crosshair.changed.connect(self._follow)

    def on(self, on: bool) -> None:
        """Show a line through all leads, and above the sheet their values there."""
        self._window.sheet.crosshair.switch(on)
        if on:
            self._window.sheet.setFocus()

    def state(self) -> dict[str, str]:
        """Return whether it is shown."""
        return {"on": "yes" if self._window.sheet.crosshair.on else "no"}

    def restore(self, values: dict[str, str]) -> None:
        """Show it again where it was shown."""
        self._window.sheet.crosshair.switch(values.get("on") == "yes")

    def _follow(self) -> None:
        self._window.commands.check("cursor.on", self._window.sheet.crosshair.on)
