"""Going through the list of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


class Records:
    """Commands on the list of records."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def next_record(self) -> str | None:
        """Show the record below."""
        return None if self._window.records.step(1) else "This is the last record of the list"

    def previous_record(self) -> str | None:
        """Show the record above."""
        return None if self._window.records.step(-1) else "This is the first record of the list"

    def search(self) -> None:
        """Go to the search field, unfolding the list."""
        self._window.commands.check("panes.record_list", True)
        self._window.records.show()
        self._window.records.field.setFocus()
        self._window.records.field.selectAll()
