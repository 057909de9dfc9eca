"""A stretch of one lead marked by a reader: drawn over the sheet by dragging, shown as a tinted band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from ecgview.ui.sheet.calipers import nearest_sample, pointed_at
from ecgview.ui.sheet.highlight import paint_places, places
from ecgview.ui.sheet.keyboard import plain_key
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecgview.ui.sheet.sheet import Sheet

_REACH = 6.0
"""Pixels from the pointer to the trace that is meant."""

Stretch = tuple[str, float, float]


@dataclass(slots=True)
class _Drag:
    segment: Segment
    start: float
    end: float


class RegionTool(QObject):
    """Waits for one drag on the sheet.

    Parameters
    ----------
    sheet : Sheet

    Attributes
    ----------
    marked : Signal(str, float, float)
        Lead, from, to, in seconds from the beginning of the record.
    laid_down : Signal()
        Esc was pressed in place of a drag.
    """

    marked = Signal(str, float, float)
    laid_down = Signal()

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet)
        self._sheet = sheet
        self._on = False
        self._drag: _Drag | None = None
        self._shown: Stretch | None = None

    @property
    def on(self) -> bool:
        """Whether the next drag marks a stretch."""
        return self._on

    @property
    def shape(self) -> Qt.CursorShape | None:
        """What the pointer looks like; None while no stretch is marked."""
        return Qt.CursorShape.IBeamCursor if self._on else None

    def switch(self, on: bool) -> None:
        """Wait for a drag, or do so no more."""
        self._on, self._drag = on, None
        self._sheet.show_shape()
        self._sheet.viewport().update()

    def show(self, stretch: Stretch | None) -> None:
        """Show a stretch that is marked: lead, from, to; nothing for None."""
        self._shown = stretch
        self._sheet.viewport().update()

    def press(self, event: QMouseEvent) -> bool:
        """Begin a stretch; tell whether the press was for it."""
        record, page = self._sheet.record, self._sheet.page
        if not self._on or event.button() != Qt.MouseButton.LeftButton or record is None or page is None:
            return False
        at = self._on_page(event)
        segment = pointed_at(record, page, at.x(), at.y(), _REACH / self._sheet.scale_mm)
        if segment is not None and record.samples:
            seconds = nearest_sample(record, segment, at.x()) / record.hz
            self._drag = _Drag(segment, seconds, seconds)
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Draw the stretch along; tell whether one is being drawn."""
        record = self._sheet.record
        if self._drag is None or record is None:
            return False
        self._drag.end = nearest_sample(record, self._drag.segment, self._on_page(event).x()) / record.hz
        self._sheet.viewport().update()
        return True

    def release(self, event: QMouseEvent) -> bool:
        """Take the stretch; tell whether one was being drawn."""
        drag = self._drag
        if drag is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        self._drag = None
        start, end = sorted((drag.start, drag.end))
        if end > start:
            self.switch(False)
            self.marked.emit(drag.segment.lead, start, end)
        return True

    def key(self, event: QKeyEvent) -> Callable[[], None] | None:
        """Return what a key does; None where it is not for the tool."""
        key, shift = plain_key(event)
        return self._lay_down if self._on and key == Qt.Key.Key_Escape and not shift else None

    def paint(self, painter: QPainter, page: Page, theme: Theme) -> None:
        """Tint what is marked; the painter's unit is the millimetre."""
        shown = self._shown
        if self._drag is not None:
            start, end = sorted((self._drag.start, self._drag.end))
            shown = (self._drag.segment.lead, start, end)
        if shown is not None and any(segment.lead == shown[0] for segment in page.segments):
            lead, start, end = shown
            found = places(page, (lead,), start, end)
            there = [s.y for s in page.segments if s.lead == lead and s.start <= end and start < s.end]
            # Where the lead is not shown at that time, other leads are not marked in its place.
            paint_places(
                painter, [place for place in found if any(abs(place.center().y() - y) < 0.5 for y in there)], theme
            )

    def _lay_down(self) -> None:
        self.switch(False)
        self.laid_down.emit()

    def _on_page(self, event: QMouseEvent) -> QPointF:
        back, _ = self._sheet.viewportTransform().inverted()
        return back.map(event.position())
