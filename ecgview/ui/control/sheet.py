"""Moving about in a record, and nearer to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow

_ZOOM_STEP = 1.25
_PAGE, _LITTLE = 0.5, 0.04  # of what the sheet shows, that a long record moves on at a key


class SheetView:
    """Commands on what of the sheet is seen."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def later(self) -> None:
        """Move on in a record longer than the sheet."""
        self._move(_PAGE)

    def earlier(self) -> None:
        """Move back in a record longer than the sheet."""
        self._move(-_PAGE)

    def little_later(self) -> None:
        """Move on by a centimetre; held down, the key moves the record steadily."""
        self._move(_LITTLE)

    def little_earlier(self) -> None:
        """Move back by a centimetre."""
        self._move(-_LITTLE)

    def _move(self, share: float) -> None:
        page = self._window.sheet.page
        if page is not None:
            self._window.move_to(page.start + share * page.window)

    def record_start(self) -> None:
        """Show the record's first seconds."""
        self._window.move_to(0.0)

    def record_end(self) -> None:
        """Show the record's last seconds."""
        record = self._window.sheet.record
        if record is not None:
            self._window.move_to(record.duration)

    def zoom_in(self) -> None:
        """Enlarge the sheet."""
        self._window.sheet.zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        """Make the sheet smaller, down to the whole of it."""
        self._window.sheet.zoom_by(1 / _ZOOM_STEP)

    def fit(self) -> None:
        """Show the whole sheet."""
        self._window.sheet.fit()
