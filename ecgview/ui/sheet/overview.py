"""The strip below the sheet that shows a long record whole, and which part of it is on the sheet."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ecgview.record.record import Record
from ecgview.ui.sheet.envelope import Envelope
from ecgview.ui.sheet.layout import Page
from ecgview.ui.theme import Theme

_SIDE, _ABOVE, _GAP = 12.0, 6.0, 8.0
_TRACE_HIGH = 24.0
_NARROWEST = 8.0
"""Pixels: a bracket that can still be seen and grabbed."""
_FOOT = 4.0
"""How far the bracket's feet reach inwards, pixels."""
_STEP, _PAGE = 0.1, 0.9
"""Of the window, at an arrow and at a page key."""


class Overview(QWidget):
    """One lead of the whole record as a band from its least to its greatest values.

    A click shows that part of the record, a drag moves it; the arrows, PgUp, PgDown, Home and End
    do so while the strip has the focus.

    Signals
    -------
    moved : float
        Where the window shall begin, s from the beginning of the record.
    """

    moved = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._record: Record | None = None
        self._page: Page | None = None
        self._lead = ""
        self._envelope = Envelope(np.zeros(0, np.float32))
        self._held = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Overview of the whole record")

    def show_record(self, record: Record, page: Page) -> None:
        """Show a lead of a record: the one of the page's last row."""
        lead = next((s.lead for s in reversed(page.segments) if s.recorded), "")
        samples = record.lead(lead)
        if record is not self._record or lead != self._lead:
            self._record, self._lead = record, lead
            self._envelope = Envelope(samples if samples is not None else np.zeros(0, np.float32))
            self._go_on(self._envelope)
        self.show_page(page)

    def show_page(self, page: Page) -> None:
        """Show which part of the record is on the sheet."""
        self._page = page
        self.setAccessibleDescription(f"{page.start:.1f} to {page.end:.1f} s of {page.duration:.1f} s are on the sheet")
        self.update()

    def clear(self) -> None:
        """Let go of the record."""
        self._record, self._page = None, None
        self._envelope = Envelope(np.zeros(0, np.float32))

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """As high as the trace and what is free around it."""
        return QSize(240, round(max(_TRACE_HIGH, QFontMetricsF(self.font()).height()) + 2 * _ABOVE))

    def _go_on(self, envelope: Envelope) -> None:
        if envelope is not self._envelope:
            return  # of a record that is gone
        envelope.step()
        self.update()
        if not envelope.done:
            # Between two pieces the window may paint and listen.
            QTimer.singleShot(0, self, lambda: self._go_on(envelope))

    # Places

    def _band(self) -> QRectF:
        """Where the record lies, pixels."""
        metrics = QFontMetricsF(self.font())
        left = _SIDE + metrics.horizontalAdvance(self._lead) + _GAP
        right = self.width() - _SIDE - metrics.horizontalAdvance(self._end_words()) - _GAP
        return QRectF(left, _ABOVE, max(1.0, right - left), self.height() - 2 * _ABOVE)

    def _end_words(self) -> str:
        seconds = self._page.duration if self._page is not None else 0.0
        if seconds < 60:
            return f"{seconds:.1f} s"
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}:{rest:02d} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d} h"

    def _bracket(self) -> QRectF:
        band = self._band()
        if self._page is None or not self._page.duration:
            return band
        per_second = band.width() / self._page.duration
        wide = max(_NARROWEST, self._page.window * per_second)
        middle = band.left() + (self._page.start + self._page.window / 2) * per_second
        left = min(max(middle - wide / 2, band.left()), band.right() - wide)
        return QRectF(left, band.top() - 2.0, wide, band.height() + 4.0)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the band, the bracket and the words at either end."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.paper))
        painter.fillRect(QRectF(0.0, 0.0, self.width(), 1.0), QColor(self._theme.grid_coarse))
        band, metrics = self._band(), QFontMetricsF(self.font())
        painter.setPen(QColor(self._theme.secondary))
        baseline = band.center().y() + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(_SIDE, baseline), self._lead)
        painter.drawText(QPointF(band.right() + _GAP, baseline), self._end_words())

        bracket = self._bracket()
        tint = QColor(self._theme.accent)
        tint.setAlphaF(0.14)
        painter.fillRect(bracket, tint)
        self._paint_band(painter, band)
        painter.setPen(QPen(QColor(self._theme.accent), 2.0 if self.hasFocus() else 1.0))
        for edge, inwards in ((bracket.left(), _FOOT), (bracket.right(), -_FOOT)):
            painter.drawPolyline(
                [
                    QPointF(edge + inwards, bracket.top()),
                    QPointF(edge, bracket.top()),
                    QPointF(edge, bracket.bottom()),
                    QPointF(edge + inwards, bracket.bottom()),
                ]
            )
        painter.end()

    def _paint_band(self, painter: QPainter, band: QRectF) -> None:
        ratio = self.devicePixelRatioF()
        count = max(1, math.floor(band.width() * ratio))
        low, high = self._envelope.columns(count)
        least, most = self._envelope.reach
        x = band.left() + (np.arange(count) + 0.5) / ratio
        per_mv = band.height() / (most - least)
        top = band.bottom() - (np.clip(high, least, most) - least) * per_mv
        bottom = band.bottom() - (np.clip(low, least, most) - least) * per_mv
        some = np.isfinite(low)
        # At least a pixel of ink, or a quiet stretch would vanish.
        bottom = np.maximum(bottom, top + 1.0 / ratio)
        pen = QPen(QColor(self._theme.trace), 1.0 / ratio)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        columns = zip(x[some].tolist(), top[some].tolist(), bottom[some].tolist(), strict=True)
        painter.drawLines([QLineF(at, above, at, below) for at, above, below in columns])

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the bracket, or bring it here."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        bracket = self._bracket()
        inside = bracket.left() <= event.position().x() <= bracket.right()
        self._held = event.position().x() - bracket.center().x() if inside else 0.0
        self._go_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the bracket along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position().x())

    def _go_to(self, x: float) -> None:
        if self._page is not None:
            band = self._band()
            middle = (x - self._held - band.left()) / band.width() * self._page.duration
            self._ask(middle - self._page.window / 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the window by a step, by a page or to an end."""
        page = self._page
        if page is None:
            return
        places = {
            Qt.Key.Key_Left: page.start - _STEP * page.window,
            Qt.Key.Key_Right: page.start + _STEP * page.window,
            Qt.Key.Key_PageUp: page.start - _PAGE * page.window,
            Qt.Key.Key_PageDown: page.start + _PAGE * page.window,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: page.duration - page.window,
        }
        try:
            place = places[Qt.Key(event.key())]
        except (KeyError, ValueError):
            event.ignore()
            return
        self._ask(place)

    def _ask(self, seconds: float) -> None:
        if self._page is not None:
            self.moved.emit(max(0.0, min(seconds, self._page.duration - self._page.window)))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus went."""
        super().focusOutEvent(event)
        self.update()
