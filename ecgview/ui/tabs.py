"""The tabs on the right, usable by keys beside the window's own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTabBar, QTabWidget

from ecgview.ui.text import UNIT, body, small

_OWN_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
_NARROWEST, _USUAL, _WIDEST = 32 * UNIT, 46 * UNIT, 60 * UNIT


class _Bar(QTabBar):
    """A tab bar that keeps the arrow keys, which otherwise move the record.

    Attributes
    ----------
    closer : int
        Pixels that every tab is narrower than usual; its title keeps its room.
    """

    closer = 0

    def tabSizeHint(self, index: int) -> QSize:
        """Return the size of a tab."""
        usual = super().tabSizeHint(index)
        return QSize(usual.width() - self.closer, usual.height())

    def event(self, event: QEvent) -> bool:
        """Claim the keys that go from tab to tab while the bar has them."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in _OWN_KEYS
            and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        ):
            event.accept()
            return True
        return super().event(event)


class Tabs(QTabWidget):
    """Tabs that are never narrower than their titles, at any size of text that leaves the sheet its room."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabBar(_Bar())
        self.setDocumentMode(True)
        self.setAccessibleName("What is known of the record")
        self.tabBar().setAccessibleName("What is known of the record")

    def tabInserted(self, index: int) -> None:
        """Make room for a new tab's title."""
        super().tabInserted(index)
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for larger titles."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._make_room()

    def _make_room(self) -> None:
        bar = self.tabBar()
        assert isinstance(bar, _Bar)
        bar.closer = 0
        bar.setFont(body())
        if bar.sizeHint().width() + UNIT > _USUAL:
            bar.setFont(small())  # larger text beside the sheet must leave it its room
        if bar.sizeHint().width() + UNIT > _WIDEST:
            bar.closer = UNIT
            bar.setFont(small())  # asks every tab for its size anew
        wanted = bar.sizeHint().width() + UNIT
        self.setMinimumWidth(min(max(_NARROWEST, wanted), _WIDEST))
