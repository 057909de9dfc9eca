"""The left end of the status bar: how things stand, and for a moment what a command did."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QHideEvent

from ecgview.ui.text import Elided, small

_MOMENT = 6000
"""Milliseconds that what a command did stays to be read."""


class Status(Elided):
    """One quiet line of words."""

    def __init__(self) -> None:
        super().__init__(small(), secondary=True)
        self.setAccessibleName("State")
        self._resting = ""
        self._over = QTimer(self, singleShot=True, interval=_MOMENT)
        self._over.timeout.connect(self._rest)

    def setText(self, words: str) -> None:
        """Say how things stand."""
        self._resting = words
        self._rest()

    def say(self, words: str) -> None:
        """Say for a moment what was done, also to a screen reader, and then again how things stand."""
        super().setText(words)
        self._over.start()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave no timer running in a window that is closed."""
        self._rest()
        super().hideEvent(event)

    def _rest(self) -> None:
        self._over.stop()
        super().setText(self._resting)
