"""The line below the sheet: scale, rate, filter and time on the left, the research sentence on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from ecgview import RESEARCH_USE
from ecgview.record.record import Record
from ecgview.ui.sheet.layout import Page
from ecgview.ui.theme import Theme

SIDE = 12.0
"""Pixels left free at either end of the line."""
BETWEEN = "  ·  "
"""Between two statements in words about filters; each stands alone in the line."""
WARNING = "▲"
"""What a statement that warns begins with."""
_GAP = 18.0
"""Pixels between two statements."""
_ABOVE = 7.0
"""Pixels above and below the words."""


def statements(record: Record, page: Page, filter_words: str) -> tuple[str, ...]:
    """Return what is said about how the record is drawn, in the order it is read."""
    said = [f"{page.format.speed:g} mm/s", page.format.gain_words, f"{record.hz:g} Hz", *filter_words.split(BETWEEN)]
    if page.end - page.start < page.duration:
        said.append(f"{page.start:.1f}–{page.end:.1f} s of {page.duration:.1f} s")
    if page.simultaneous:
        said.append(f"every lead from {page.start:g} s")
    return tuple(said)


class Lines(Protocol):
    """Further lines that stand above the footer.

    Attributes
    ----------
    height : float
        Pixels.
    """

    height: float

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        """Paint into `area`, which is as high."""


class Footer:
    """The line as it stands in one width; statements that do not fit go to a further line.

    Parameters
    ----------
    said : tuple of str
    font : QFont
    width : float
        Pixels.
    longest : str
        Where more is said behind these and changes: the widest words it can be, whose place is kept free.
    above : sequence of Lines
        Legends, from above to below.
    """

    def __init__(
        self, said: tuple[str, ...], font: QFont, width: float, longest: str = "", above: Sequence[Lines] = ()
    ) -> None:
        self._font = font
        self.above = tuple(above)
        metrics = QFontMetricsF(font)
        self._ascent, self._line = metrics.ascent(), metrics.height()
        self._places: list[tuple[float, int, str]] = []
        room = max(1.0, width - 2 * SIDE)
        x, line = 0.0, 0
        for words in (*said, longest) if longest else said:
            advance = metrics.horizontalAdvance(words)
            if x > 0.0 and x + advance > room:
                x, line = 0.0, line + 1
            self._places.append((SIDE + x, line, words))
            x += advance + _GAP
        self._changing = len(self._places) - 1 if longest else -1
        for words in _lines(RESEARCH_USE, metrics, room):
            advance = metrics.horizontalAdvance(words)
            if x > 0.0 and x + advance > room:
                line += 1
            # Alone on its line it stands on the left, under the rest.
            alone = not any(place[1] == line for place in self._places)
            self._places.append((SIDE if alone and self._places else SIDE + room - advance, line, words))
            x = room
        self.height = (line + 1) * self._line + 2 * _ABOVE + sum(lines.height for lines in self.above)

    def say_last(self, words: str) -> None:
        """Change what stands in the place kept for `longest`."""
        x, line, _ = self._places[self._changing]
        self._places[self._changing] = (x, line, words)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        """Paint into `area`, which is as high as the footer with what stands above it."""
        for lines in self.above:
            lines.paint(painter, QRectF(area.left(), area.top(), area.width(), lines.height), theme)
            area = area.adjusted(0.0, lines.height, 0.0, 0.0)
        painter.fillRect(area, QColor(theme.paper))
        painter.fillRect(QRectF(area.left(), area.top(), area.width(), 1.0), QColor(theme.grid_coarse))
        painter.setFont(self._font)
        for x, line, words in self._places:
            painter.setPen(QColor(theme.warning if words.startswith(WARNING) else theme.secondary))
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
