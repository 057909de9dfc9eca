"""What the colours of a heat map mean."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ecgview.explain.population import FEW
from ecgview.ui.explain.heat_colours import HeatColours
from ecgview.ui.text import UNIT, draw, small

_STEPS, _WIDE = 12, 12 * UNIT
_FEW_WORDS = f"fewer than {FEW} records: grey, not to be compared"


class HeatLegend(QWidget):
    """From no share to the largest, and how a cell on few records looks."""

    def __init__(self) -> None:
        super().__init__()
        self._largest = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What the colours mean")

    def show_scale(self, largest: float) -> None:
        """Say which share has full colour."""
        self._largest = largest
        self.setAccessibleDescription(f"From 0 to {self._end()}; {_FEW_WORDS}")
        self.updateGeometry()
        self.update()

    def _end(self) -> str:
        return f"{100 * self._largest:.0f} %"

    def sizeHint(self) -> QSize:
        """Return room for one line."""
        metrics = QFontMetrics(small())
        words = sum(metrics.horizontalAdvance(one) for one in ("0", self._end(), _FEW_WORDS))
        return QSize(words + _WIDE + 10 * UNIT, metrics.height() + UNIT // 2)

    def minimumSizeHint(self) -> QSize:
        """Return the height; words are elided where there is no room."""
        return QSize(0, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Take another size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it in the colours of the theme."""
        painter, colours = QPainter(self), HeatColours(self.palette())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        quiet = colours.quiet
        high, area = QFontMetrics(small()).ascent(), QRectF(self.rect())
        x = draw(painter, area, "0", small(), quiet) + UNIT
        top = area.center().y() - high / 2
        for step in range(_STEPS):
            wide = _WIDE / _STEPS
            colour, _ = colours.at(step / (_STEPS - 1))
            painter.fillRect(QRectF(x + step * wide, top, wide + 0.5, high), colour)
        x += _WIDE + UNIT
        x += draw(painter, area.adjusted(x, 0, 0, 0), self._end(), small(), quiet) + 3 * UNIT
        painter.setPen(colours.few)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(x, top, 2.5 * UNIT, high), 3.0, 3.0)
        draw(painter, area.adjusted(x + 3.5 * UNIT, 0, 0, 0), _FEW_WORDS, small(), quiet)
        painter.end()
