"""Parts of the record that are replaced by the background: chosen by drags on the sheet, and painted there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen

from ecgview.explain.messages import Part
from ecgview.record import STANDARD_LEADS
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.theme import Theme

if TYPE_CHECKING:
    from ecgview.ui.sheet.sheet import Sheet

_TINT = 0.22
_TAKEN = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.ShortcutOverride,
    QEvent.Type.KeyPress,
)
_CLICK = 4.0
"""Pixels that a hand may slip in a click."""


class PartTool(QObject):
    """While it is on, a drag on the sheet chooses a stretch of one lead, with Shift of all; a click the whole lead.

    It looks at the sheet's events before the sheet does, and takes those of the left button.

    Parameters
    ----------
    sheet : Sheet

    Attributes
    ----------
    drawn : Signal(object)
        The part as it is drawn; None when the drag is over.
    chosen : Signal(Part)
    laid_down : Signal()
        Esc was pressed.
    """

    drawn = Signal(object)
    chosen = Signal(object)
    laid_down = Signal()

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet)
        self._sheet = sheet
        self._on = False
        self._drag: tuple[Segment, QPointF, bool] | None = None
        self._port = sheet.viewport()
        self._port.installEventFilter(self)
        sheet.installEventFilter(self)

    @property
    def on(self) -> bool:
        """Whether drags choose parts."""
        return self._on

    def switch(self, on: bool) -> None:
        """Choose parts by drags, or no more."""
        self._on, self._drag = on, None
        if on:
            self._sheet.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        else:
            self._sheet.show_shape()
        self.drawn.emit(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the events that are for the tool."""
        # Others come even while sheet and viewport are being taken down.
        if not self._on or event.type() not in _TAKEN:
            return False
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.laid_down.emit()
                return True
        if watched is not self._port or not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            return self._press(event)
        if event.type() == QEvent.Type.MouseMove and self._drag is not None:
            self.drawn.emit(self._part(event.position()))
            return True
        if event.type() == QEvent.Type.MouseButtonRelease and self._drag is not None:
            part = self._part(event.position())
            self._drag = None
            self.drawn.emit(None)
            if part is not None:
                self.chosen.emit(part)
            return True
        return False

    def _press(self, event: QMouseEvent) -> bool:
        page, at = self._sheet.page, self._mm(event.position())
        segment = None if page is None else page.segment_at(at.x(), at.y())
        if segment is None or not segment.recorded or segment.lead not in STANDARD_LEADS:
            return True  # beside the leads: nothing, and the paper does not move either
        everywhere = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._drag = segment, event.position(), everywhere
        return True

    def _part(self, at: QPointF) -> Part | None:
        record = self._sheet.record
        if self._drag is None or record is None:
            return None
        segment, began, everywhere = self._drag
        leads = STANDARD_LEADS if everywhere else (segment.lead,)
        if abs(at.x() - began.x()) < _CLICK:
            return None if everywhere else Part(leads, 0.0, record.duration)
        times = sorted(segment.seconds_at(self._mm(one).x()) for one in (began, at))
        start, end = (min(max(one, segment.start), segment.end, record.duration) for one in times)
        return Part(leads, round(start, 3), round(end, 3)) if end > start else None

    def _mm(self, at: QPointF) -> QPointF:
        back, _ = self._sheet.viewportTransform().inverted()
        return back.map(at)


def part_words(part: Part, duration: float) -> str:
    """Return what a part is: leads, and from when to when unless it is all of them."""
    leads = "all leads" if len(part.leads) == len(STANDARD_LEADS) else ", ".join(part.leads)
    whole = part.start <= 0 and part.end >= duration
    return leads if whole else f"{leads} {part.start:.2f}–{part.end:.2f} s"


def paint_parts(painter: QPainter, page: Page, parts: Sequence[Part], theme: Theme) -> None:
    """Tint parts, with a dashed edge; the painter draws in mm of the sheet."""
    tint = QColor(theme.secondary)
    tint.setAlphaF(_TINT)
    edge = QPen(QColor(theme.secondary), 1.0, Qt.PenStyle.DashLine)
    edge.setCosmetic(True)
    painter.save()
    painter.setPen(edge)
    painter.setBrush(tint)
    for part in parts:
        for segment in page.segments:
            if (
                segment.recorded
                and segment.lead in part.leads
                and part.start < segment.end
                and segment.start < part.end
            ):
                left, right = (segment.x_at(min(max(t, segment.start), segment.end)) for t in (part.start, part.end))
                half = page.row_height / 2
                painter.drawRect(QRectF(left, segment.y - half, right - left, 2 * half))
    painter.restore()
