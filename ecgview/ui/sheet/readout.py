"""The strip above the sheet that tells the values of all leads at one instant."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ecgview.ui.text import body, small, strong
from ecgview.ui.theme import Theme

_SIDE, _ABOVE = 12.0, 5.0
_GAP, _APART = 5.0, 14.0
_WIDEST = "−0.00"
_TIME = "000.000 s"
_UNIT = "mV"


class Readout(QWidget):
    """Time, and beside it each lead with its value; as many lines as the width asks for."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._time = ""
        self._values: tuple[tuple[str, str], ...] = ()
        self._pointed = ""
        self.setAccessibleName("Values at the cursor")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._theme = theme
        self.update()

    def tell(self, time: str, values: Sequence[tuple[str, str]], pointed: str) -> None:
        """Show values.

        Parameters
        ----------
        time : str
        values : sequence of (str, str)
            Each lead's name and value; a lead without a value keeps its place.
        pointed : str
            The lead that is pointed at.
        """
        told = (time, tuple(values), pointed)
        if told != (self._time, self._values, self._pointed):
            self._time, self._values, self._pointed = told
            self.setAccessibleDescription(", ".join(f"{name} {value}" for name, value in (("", time), *values)))
            self.update()

    def height_for(self, width: float, leads: int) -> int:
        """Return the height that so many leads need in a width, pixels."""
        lines = math.ceil(max(1, leads) / self._columns(width, leads))
        return round(lines * QFontMetricsF(body()).height() + 2 * _ABOVE)

    def _columns(self, width: float, leads: int) -> int:
        most = max(1, int((width - 2 * _SIDE - self._time_wide()) / self._cell()))
        lines = math.ceil(max(1, leads) / most)
        return math.ceil(max(1, leads) / lines)  # lines of equal length: six over six, not seven over five

    @staticmethod
    def _time_wide() -> float:
        time, unit = QFontMetricsF(strong(body())), QFontMetricsF(small())
        return time.horizontalAdvance(_TIME) + _APART + unit.horizontalAdvance(_UNIT) + _APART

    @staticmethod
    def _cell() -> float:
        names = QFontMetricsF(small()).horizontalAdvance("−aVR")
        return names + _GAP + QFontMetricsF(strong(body())).horizontalAdvance(_WIDEST) + _APART

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line or lines."""
        painter = QPainter(self)
        theme, metrics = self._theme, QFontMetricsF(body())
        painter.fillRect(self.rect(), QColor(theme.paper))
        painter.fillRect(QRectF(0.0, self.height() - 1.0, self.width(), 1.0), QColor(theme.grid_coarse))
        painter.setFont(strong(body()))
        painter.setPen(QColor(theme.label))
        painter.drawText(QPointF(_SIDE, _ABOVE + metrics.ascent()), self._time)
        quiet, plain, heavy = small(), body(), strong(body())
        names = QFontMetricsF(quiet).horizontalAdvance("−aVR")
        columns = self._columns(self.width(), len(self._values))
        begin = _SIDE + self._time_wide()
        painter.setFont(quiet)
        painter.setPen(QColor(theme.secondary))
        unit = _SIDE + QFontMetricsF(heavy).horizontalAdvance(_TIME) + _APART
        painter.drawText(QPointF(unit, _ABOVE + metrics.ascent()), _UNIT)
        for number, (name, value) in enumerate(self._values):
            line, column = divmod(number, columns)
            x, y = begin + column * self._cell(), _ABOVE + metrics.ascent() + line * metrics.height()
            painter.setFont(quiet)
            painter.setPen(QColor(theme.secondary))
            painter.drawText(QPointF(x, y), name)
            painter.setFont(heavy if name == self._pointed else plain)
            painter.setPen(QColor(theme.label))
            wide = QFontMetricsF(painter.font()).horizontalAdvance(value)
            right = x + names + _GAP + QFontMetricsF(heavy).horizontalAdvance(_WIDEST)
            painter.drawText(QPointF(right - wide, y), value)
        painter.end()
