"""The strip below the sheet while single keys give labels: who reads, and which key does what."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ecgview.ui.review.row_list import draw_key
from ecgview.ui.text import UNIT, small, strong

_MOST_LINES = 5


class Legend(QWidget):
    """Keys and what they do, in as many lines as they need; codes in place of names where those take too many."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._entries: Sequence[tuple[str, str, str]] = ()
        self._places: list[tuple[QRectF, str, str, str]] = []
        self._title_place = QRectF()
        self._height = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.hide()

    @property
    def words(self) -> str:
        """All that stands in the strip."""
        return ". ".join((self._title, *(f"{key} {name}" for key, name, _ in self._entries if key)))

    def show_keys(self, title: str, entries: Sequence[tuple[str, str, str]]) -> None:
        """Show keys.

        Parameters
        ----------
        title : str
            What mode it is.
        entries : sequence of (str, str, str)
            Key, what it does in full, and the same in short. One without a key begins a new line.
        """
        self._title, self._entries = title, entries
        self.setAccessibleName(self.words)
        self._lay_out()

    def sizeHint(self) -> QSize:
        """Return the height of all lines."""
        return QSize(40 * UNIT, self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Take the new size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()

    def event(self, event: QEvent) -> bool:
        """Say in full what a short entry means."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = QPointF(event.pos())
            words = next((f"{key}: {name}" for place, key, name, _ in self._places if place.contains(at)), "")
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _lay_out(self) -> None:
        lines = self._break(short=False)
        if lines > _MOST_LINES:
            lines = self._break(short=True)
        self._height = round(lines * self._line() + 1.5 * UNIT)
        self.updateGeometry()
        self.update()

    @staticmethod
    def _line() -> float:
        return QFontMetricsF(small()).height() + UNIT * 0.75

    def _break(self, short: bool) -> int:
        """Give each entry its place; return how many lines there are."""
        metrics, heavy = QFontMetricsF(small()), QFontMetricsF(strong(small()))
        high = metrics.height()
        x, y = 2.0 * UNIT, UNIT * 1.0
        right = max(self.width() - 2.0 * UNIT, 20.0 * UNIT)
        self._title_place = QRectF(x, y, min(heavy.horizontalAdvance(self._title), right - x), high)
        x = self._title_place.right() + 2.0 * UNIT
        self._places = []
        lines = 1
        for key, name, code in self._entries:
            words = code if short and code else name
            wide = metrics.horizontalAdvance(words) + _cap(metrics, key) + UNIT
            if (x + wide > right or not key) and x > 2.0 * UNIT:
                x, y, lines = 2.0 * UNIT, y + self._line(), lines + 1
            if not key:
                continue
            self._places.append((QRectF(x, y, wide, high), key, name, words))
            x += wide + 1.5 * UNIT
        return lines

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the mode's name in the accent colour, and the keys."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        accent = palette.color(QPalette.ColorRole.Accent)
        painter.fillRect(QRectF(0, 0, self.width(), 3), accent)
        painter.setPen(accent)
        painter.setFont(strong(small()))
        painter.drawText(self._title_place, int(Qt.AlignmentFlag.AlignVCenter), self._title)
        metrics = QFontMetricsF(small())
        for place, key, _, words in self._places:
            cap = QRectF(place.left(), place.top(), _cap(metrics, key), place.height())
            draw_key(painter, cap, key, palette)
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            painter.setFont(small())
            rest = place.adjusted(cap.width() + UNIT / 2, 0, UNIT, 0)
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), words)
        painter.end()


def _cap(metrics: QFontMetricsF, key: str) -> float:
    return max(metrics.height() * 1.2, metrics.horizontalAdvance(key) + UNIT)
