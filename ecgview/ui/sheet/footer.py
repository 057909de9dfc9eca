"""The line below the sheet: scale, rate, filter and time on the left, the research sentence on the right."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from ecgview import RESEARCH_USE
from ecgview.record.record import Record
from ecgview.ui.sheet.layout import MM_PER_MV, MM_PER_SECOND, Page
from ecgview.ui.theme import Theme

_SIDE = 12.0
_GAP = 18.0
"""Pixels between two statements."""
_ABOVE = 7.0
"""Pixels above and below the words."""


def statements(record: Record, page: Page, filter_words: str) -> tuple[str, ...]:
    """Return what is said about how the record is drawn, in the order it is read."""
    said = [f"{MM_PER_SECOND:g} mm/s", f"{MM_PER_MV:g} mm/mV", f"{record.hz:g} Hz", filter_words]
    if page.end - page.start < page.duration:
        said.append(f"{page.start:.1f}–{page.end:.1f} s of {page.duration:.1f} s")
    if page.simultaneous:
        said.append("every lead from 0 s")
    said.append("screen not calibrated")
    return tuple(said)


class Footer:
    """The line as it stands in one width; statements that do not fit go to a further line."""

    def __init__(self, said: tuple[str, ...], font: QFont, width: float) -> None:
        self._font = font
        metrics = QFontMetricsF(font)
        self._ascent, self._line = metrics.ascent(), metrics.height()
        self._places: list[tuple[float, int, str]] = []
        room = max(1.0, width - 2 * _SIDE)
        x, line = 0.0, 0
        for words in said:
            advance = metrics.horizontalAdvance(words)
            if x > 0.0 and x + advance > room:
                x, line = 0.0, line + 1
            self._places.append((_SIDE + x, line, words))
            x += advance + _GAP
        for words in _lines(RESEARCH_USE, metrics, room):
            advance = metrics.horizontalAdvance(words)
            if x > 0.0 and x + advance > room:
                line += 1
            # Alone on its line it stands on the left, under the rest.
            alone = not any(place[1] == line for place in self._places)
            self._places.append((_SIDE if alone and self._places else _SIDE + room - advance, line, words))
            x = room
        self.height = (line + 1) * self._line + 2 * _ABOVE

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        """Paint into `area`, which is as high as the footer."""
        painter.fillRect(area, QColor(theme.paper))
        painter.fillRect(QRectF(area.left(), area.top(), area.width(), 1.0), QColor(theme.grid_coarse))
        painter.setFont(self._font)
        painter.setPen(QColor(theme.secondary))
        for x, line, words in self._places:
            painter.drawText(QPointF(area.left() + x, area.top() + _ABOVE + line * self._line + self._ascent), words)


def _lines(words: str, metrics: QFontMetricsF, room: float) -> list[str]:
    """Break words into lines no wider than `room`."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
