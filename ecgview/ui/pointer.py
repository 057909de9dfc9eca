"""What the pointer is at, in the status bar."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from ecgview.ui.text import UNIT, draw, small

_WIDEST = "−aVR  00000.000 s  −00.00 mV"
_EXPLAINED = "  −0.00000 logit per 10 ms"


class Pointer(QWidget):
    """Lead, time and value; its place stays as wide as the widest, so that nothing beside it moves."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self._widest = _WIDEST
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Under the pointer")

    @property
    def words(self) -> str:
        """What is said now."""
        return self._words

    def say(self, words: str) -> None:
        """Say what the pointer is at; nothing for ``""``."""
        if words != self._words:
            self._words = words
            self.setAccessibleDescription(words)
            self.update()

    def make_room(self, explained: bool) -> None:
        """Have room for what is said of an explanation behind the value, or need none."""
        self._widest = _WIDEST + _EXPLAINED if explained else _WIDEST
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the room of the widest words."""
        metrics = QFontMetrics(small())
        return QSize(metrics.horizontalAdvance(self._widest) + 2 * UNIT, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Return the same: it is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words at the right."""
        painter = QPainter(self)
        colour = self.palette().color(QPalette.ColorRole.Text)
        draw(
            painter, self.rect().adjusted(0, 0, -2 * UNIT, 0), self._words, small(), colour, Qt.AlignmentFlag.AlignRight
        )
        painter.end()
