"""Ranked bars with a name before and a number behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from ecgview.ui.text import UNIT, body, draw, small
from ecgview.ui.theme import Theme, load_theme

_HIGH = 0.75 * UNIT
_LEAST = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One row.

    Attributes
    ----------
    name : str
    value : float
        As long as it is large, to the left of the middle below zero where bars are signed.
    words : str
        The number.
    """

    name: str
    value: float
    words: str


class Bars(QWidget):
    """Rows of equal height; those of shares in one line, those of signed values in two.

    Parameters
    ----------
    name : str
        For a screen reader.
    signed : bool
        Whether bars begin in the middle, to the right what speaks for a class.
    """

    def __init__(self, name: str, signed: bool = False) -> None:
        super().__init__()
        self._signed = signed
        self._theme = load_theme("light")
        self._rows: tuple[Bar, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> tuple[Bar, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[Bar]) -> None:
        """Show these."""
        self._rows = tuple(rows)
        self.setAccessibleDescription(", ".join(f"{row.name} {row.words}" for row in rows))
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._theme = theme
        self.update()

    def _row_height(self) -> int:
        line = QFontMetrics(body()).height()
        return line + (UNIT * 2 if self._signed else UNIT // 2)

    def sizeHint(self) -> QSize:
        """Return the height of all rows."""
        return QSize(20 * UNIT, self._row_height() * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        """Return the same: rows are never cut."""
        return QSize(10 * UNIT, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Take another size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.palette().color(QPalette.ColorRole.Text)
        line, high = QFontMetrics(body()).height(), self._row_height()
        largest = max((abs(row.value) for row in self._rows), default=0.0) or 1.0
        figures = QFontMetrics(body())
        numbers = max((figures.horizontalAdvance(row.words) for row in self._rows), default=0)
        names = max((figures.horizontalAdvance(row.name) for row in self._rows), default=0)
        for number, row in enumerate(self._rows):
            first = QRectF(0.0, number * high, self.width(), line)
            if self._signed:
                draw(painter, first, row.words, body(), text, Qt.AlignmentFlag.AlignRight)
                draw(painter, first.adjusted(0, 0, -numbers - UNIT, 0), row.name, small(), text)
                self._draw_signed(painter, QRectF(0.0, first.bottom() + UNIT / 4, self.width(), _HIGH), row, largest)
            else:
                draw(painter, first, row.name, body(), text)
                draw(painter, first, row.words, body(), text, Qt.AlignmentFlag.AlignRight)
                left, right = names + UNIT, self.width() - numbers - UNIT
                place = QRectF(left, first.center().y() - _HIGH / 2, max(0.0, right - left), _HIGH)
                self._fill(painter, place, self.palette().color(QPalette.ColorRole.Midlight))
                wide = max(_LEAST, place.width() * abs(row.value) / largest)
                accent = self.palette().color(QPalette.ColorRole.Accent)
                self._fill(painter, QRectF(place.left(), place.top(), wide, _HIGH), accent)
        painter.end()

    def _draw_signed(self, painter: QPainter, place: QRectF, row: Bar, largest: float) -> None:
        self._fill(painter, place, self.palette().color(QPalette.ColorRole.Midlight))
        half = place.width() / 2
        wide = max(_LEAST, half * abs(row.value) / largest)
        left = place.left() + (half if row.value >= 0 else half - wide)
        ink = self._theme.attribution_for if row.value >= 0 else self._theme.attribution_against
        painter.fillRect(QRectF(left, place.top(), wide, place.height()), QColor(ink))
        painter.fillRect(
            QRectF(place.center().x() - 0.5, place.top() - 1.0, 1.0, place.height() + 2.0),
            self.palette().color(QPalette.ColorRole.PlaceholderText),
        )

    @staticmethod
    def _fill(painter: QPainter, place: QRectF, ink: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(place, min(_HIGH, place.width()) / 2, _HIGH / 2)
