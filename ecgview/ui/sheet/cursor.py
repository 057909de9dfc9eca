"""The cursor: one instant of the record, with the values of all leads there.

Its lines are small widgets over the sheet: moving them paints the columns they leave, and no trace anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette
from PySide6.QtWidgets import QWidget

from ecgview.record.record import Record
from ecgview.ui.sheet.calipers import nearest_sample, pointed_at, signed
from ecgview.ui.sheet.format import shown_name
from ecgview.ui.sheet.keyboard import plain_key
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.sheet.readout import Readout

if TYPE_CHECKING:
    from ecgview.ui.sheet.sheet import Sheet

_FAR = 10
_REACH = 6.0
"""Pixels from the pointer to the trace that is meant."""
_DOT = 5
_SAME_PIXEL = 0.75


class CursorTool(QObject):
    """What is read off where the pointer is, and where keys move the cursor.

    Parameters
    ----------
    sheet : Sheet

    Attributes
    ----------
    pointed : Signal(str)
        Lead, time and value where the pointer is; empty where it is over no lead.
    spoken : Signal(str)
        What a screen reader shall hear when keys moved the cursor.
    changed : Signal()
        The cursor was switched on or off.
    strip : Readout
        The values of all leads, shown while the cursor is on.
    """

    pointed = Signal(str)
    spoken = Signal(str)
    changed = Signal()

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet)
        self._sheet = sheet
        self._on = False
        self._place: tuple[Segment, int] | None = None
        self.strip = Readout(sheet.theme, sheet)
        self.strip.hide()
        self._lines: list[QWidget] = []
        self._dot = self._made(sheet.theme.accent)

    # ---------------------------------------------------------------- where it is

    @property
    def on(self) -> bool:
        """Whether line and strip are shown; the pointer's own value is told either way."""
        return self._on

    @property
    def place(self) -> tuple[str, int] | None:
        """Lead and sample; None while it is nowhere."""
        return None if self._place is None else (self._place[0].lead, self._place[1])

    @property
    def words(self) -> str:
        """Lead, time and value; empty while it is nowhere."""
        record = self._sheet.record
        if self._place is None or record is None:
            return ""
        segment, sample = self._place
        value = _value(record, segment.lead, sample, segment.inverted)
        explained = self._sheet.explained
        why = "" if explained is None else explained.value_words(segment.lead, sample / record.hz)
        return f"{segment.title}  {sample / record.hz:.3f} s  {value} mV" + (why and f"  {why}")

    def switch(self, on: bool) -> None:
        """Show line and strip, or hide them."""
        self._on = on
        if on and self._place is None:
            self._to_the_middle()
        self._sheet.make_room()
        self._show()
        self.changed.emit()

    def leave(self) -> None:
        """Forget the pointer; the cursor itself stays where it is while it is on."""
        self.pointed.emit("")
        if not self._on:
            self._place = None

    def turn_to(self, record: Record | None) -> None:
        """Begin anew on another record."""
        self._place = None
        self.pointed.emit("")
        if self._on and record is not None:
            self._to_the_middle()
        self._show()

    def _to_the_middle(self) -> None:
        record, page = self._sheet.record, self._sheet.page
        rows = [segment for segment in page.segments if segment.recorded] if page is not None else []
        if record is not None and page is not None and rows and record.samples:
            segment = rows[-1]
            middle = segment.x + segment.width / 2
            self._place = segment, nearest_sample(record, segment, middle)

    # ---------------------------------------------------------------- pointer and keys

    def hover(self, at: QPointF) -> None:
        """Take the sample under the pointer; `at` is a place of the viewport, pixels."""
        record, page = self._sheet.record, self._sheet.page
        if record is None or page is None or not record.samples:
            return
        back, _ = self._sheet.viewportTransform().inverted()
        there = back.map(at)
        segment = pointed_at(record, page, there.x(), there.y(), _REACH / self._sheet.scale_mm)
        if segment is None:
            self.leave()
            return
        self._go((segment, nearest_sample(record, segment, there.x())))
        self.pointed.emit(self.words)

    def key(self, event: QKeyEvent) -> Callable[[], None] | None:
        """Return what a key does to the cursor; None where it is not for it."""
        if not self._on:
            return None
        key, shift = plain_key(event)
        if key == Qt.Key.Key_Escape and not shift:
            return partial(self.switch, False)
        if self._place is None:
            return None
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            return partial(self._step, (_FAR if shift else 1) * (1 if key == Qt.Key.Key_Right else -1))
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not shift:
            return partial(self._to_row, 1 if key == Qt.Key.Key_Down else -1)
        return None

    def _step(self, samples: int) -> None:
        """Move in time; where the lead's place ends, on in the one beside it."""
        record, page = self._sheet.record, self._sheet.page
        if self._place is None or record is None or page is None:
            return
        segment, sample = self._place
        sample = min(max(0, sample + samples), record.samples - 1)
        seconds = sample / record.hz
        if page.longer and not page.start <= seconds < page.end:
            self._sheet.start = seconds - page.window / 2
            page = self._sheet.page or page
        there = [s for s in page.segments if s.recorded and s.start - 1e-9 <= seconds < s.end]
        # Along the row from lead to lead; elsewhere only where the row does not show that time.
        nearest = min(there, key=lambda s: (abs(s.row - segment.row), s.lead != segment.lead), default=segment)
        self._go((nearest, sample))
        self.spoken.emit(self.words)

    def _to_row(self, step: int) -> None:
        """Go to the lead above or below at the same place of the paper."""
        record, page = self._sheet.record, self._sheet.page
        if self._place is None or record is None or page is None:
            return
        segment, sample = self._place
        x = segment.x_at(sample / record.hz)
        rows = [s for s in page.segments if s.recorded and s.x - 1e-6 <= x < s.x + s.width]
        there = [s for s in rows if (s.row - segment.row) * step > 0]
        nearest = min(there, key=lambda s: abs(s.row - segment.row), default=None)
        if nearest is not None:
            self._go((nearest, nearest_sample(record, nearest, x)))
            self.spoken.emit(self.words)

    def _go(self, place: tuple[Segment, int]) -> None:
        if place != self._place:
            self._place = place
            self._show()

    # ---------------------------------------------------------------- showing

    def follow(self) -> None:
        """Take another view, format or stretch of time on the sheet."""
        record, page = self._sheet.record, self._sheet.page
        if self._place is not None and record is not None and page is not None:
            before, sample = self._place
            seconds = sample / record.hz
            there = [s for s in page.segments if s.recorded and s.start - 1e-9 <= seconds < s.end]
            same = [s for s in there if s.lead == before.lead] or there
            best = min(same, key=lambda s: (abs(s.row - before.row), abs(s.x - before.x)), default=None)
            self._place = None if best is None else (best, sample)
        self._show()

    def room(self, width: float) -> int:
        """Return the height that the strip takes, pixels; 0 while it is not shown."""
        record = self._sheet.record
        return self.strip.height_for(width, len(record.leads)) if self._on and record is not None else 0

    def dress(self) -> None:
        """Take the sheet's colours."""
        self.strip.set_theme(self._sheet.theme)
        for line in self._lines:
            _colour(line, self._sheet.theme.secondary)
        _colour(self._dot, self._sheet.theme.accent)

    def _made(self, colour: str) -> QWidget:
        made = QWidget(self._sheet.viewport())
        made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        made.setBackgroundRole(QPalette.ColorRole.Window)  # and not what the viewport has
        made.setAutoFillBackground(True)
        made.hide()
        _colour(made, colour)
        return made

    def _show(self) -> None:
        record, page = self._sheet.record, self._sheet.page
        shown = self._on and record is not None and page is not None and self._place is not None
        places = self._upright(page, record) if shown and page is not None and record is not None else []
        while len(self._lines) < len(places):
            # Calipers have the accent colour: the line through all leads is quieter than they are.
            self._lines.append(self._made(self._sheet.theme.secondary))
        for line, place in zip(self._lines, places, strict=False):
            line.setGeometry(place)
            line.show()
        for line in self._lines[len(places) :]:
            line.hide()
        self._dot.setVisible(shown and self._put_dot(record))
        if self._on and record is not None and page is not None:
            self._tell(record, page)

    def _upright(self, page: Page, record: Record) -> list[QRect]:
        """A line through every lead that shows the instant; leads below each other share one."""
        assert self._place is not None
        seconds = self._place[1] / record.hz
        view, half = self._sheet.viewportTransform(), page.row_height / 2
        bottom = self._sheet.paper_bottom
        found: list[tuple[float, float, float]] = []
        for segment in page.segments:
            if not segment.recorded or not segment.start - 1e-9 <= seconds < segment.end:
                continue
            top = view.map(QPointF(segment.x_at(seconds), segment.y - half))
            end = min(view.map(QPointF(0.0, segment.y + half)).y(), bottom)
            for number, (x, above, below) in enumerate(found):
                if abs(x - top.x()) < _SAME_PIXEL:
                    found[number] = x, min(above, top.y()), max(below, end)
                    break
            else:
                found.append((top.x(), top.y(), end))
        return [QRect(int(x), round(above), 1, max(0, round(below - above))) for x, above, below in found]

    def _put_dot(self, record: Record | None) -> bool:
        """Mark the sample of the lead that is pointed at; tell whether it can be seen."""
        assert self._place is not None
        assert record is not None
        segment, sample = self._place
        samples = record.lead(segment.lead)
        if samples is None or not np.isfinite(samples[sample]):
            return False
        at = QPointF(segment.x_at(sample / record.hz), segment.y_at(float(samples[sample])))
        at = self._sheet.viewportTransform().map(at)
        self._dot.setGeometry(int(at.x()) - _DOT // 2, int(at.y()) - _DOT // 2, _DOT, _DOT)
        self._dot.raise_()
        return at.y() < self._sheet.paper_bottom

    def _tell(self, record: Record, page: Page) -> None:
        names = [lead for lead in page.format.sequence if lead in record.leads]
        names += [lead for lead in record.leads if lead not in names]
        pointed, sample = self._place if self._place is not None else (None, None)
        told = []
        for lead in names:
            inverted = page.format.inverts(lead)
            value = "" if sample is None else _value(record, lead, sample, inverted)
            told.append((shown_name(lead, inverted), value))
        time = "" if sample is None else f"{sample / record.hz:.3f} s"
        self.strip.tell(time, told, "" if pointed is None else pointed.title)


def _colour(part: QWidget, colour: str) -> None:
    palette = QPalette(part.palette())
    palette.setColor(QPalette.ColorRole.Window, QColor(colour))
    part.setPalette(palette)


def _value(record: Record, lead: str, sample: int, inverted: bool) -> str:
    samples = record.lead(lead)
    if samples is None or not np.isfinite(samples[sample]):
        return "–"
    return signed(-float(samples[sample]) if inverted else float(samples[sample]))
