"""Calipers in the reader's hands: placed by drag, moved by mouse and keys, drawn over the traces."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from ecgview.record.record import Record
from ecgview.ui.sheet.caliper_book import CaliperBook, Calipers
from ecgview.ui.sheet.caliper_marks import CaliperPainter, Line, Placed, place
from ecgview.ui.sheet.calipers import MOST_BEATS, Caliper, Reading, nearest_sample, nearest_turn, pointed_at, read_off
from ecgview.ui.sheet.keyboard import plain_key
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.text import small, strong

if TYPE_CHECKING:
    from ecgview.ui.sheet.sheet import Sheet

_REACH = 6.0
"""Pixels from the pointer to what it takes hold of, and to the peak it snaps to."""
_DRAGGED = 4.0
"""Pixels that make a drag of a press."""
_NEW_MM = 20.0
"""How wide a caliper is that comes by a key."""
_FAR = 10
_OTHER_ROW = 0.75


@dataclass(slots=True)
class _Drag:
    """What the pointer holds: a leg, all of a caliper, a repeated interval, or the place of a new one."""

    kind: str
    at: QPointF
    segment: Segment
    sample: int
    before: Calipers
    caliper: Caliper | None = None
    number: int = 0


class CaliperTool(QObject):
    """The calipers on a sheet.

    Parameters
    ----------
    sheet : Sheet

    Attributes
    ----------
    changed : Signal()
        Calipers, the choice among them, or whether they are in hand.
    spoken : Signal(str)
        What a screen reader shall hear of the one that keys moved.
    book : CaliperBook
    snaps_to_waves : bool
        Whether a leg takes a peak or valley near the pointer; otherwise always the nearest sample.
    """

    changed = Signal()
    spoken = Signal(str)

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet)
        self._sheet = sheet
        self.book = CaliperBook()
        self.snaps_to_waves = True
        self._on = False
        self._drag: _Drag | None = None
        self._hovered: str | None = None
        self._drawn: list[tuple[Placed, Line | None]] = []

    # ---------------------------------------------------------------- what there is

    @property
    def on(self) -> bool:
        """Whether a drag places a caliper; otherwise it does so with Ctrl."""
        return self._on

    @property
    def calipers(self) -> Calipers:
        """Those on the record shown."""
        return self.book.calipers

    @property
    def readings(self) -> list[Reading]:
        """What they measure, in the order they were placed."""
        record, page = self._sheet.record, self._sheet.page
        if record is None or page is None:
            return []
        return [read_off(each, record, page.format.inverts(each.lead)) for each in self.calipers]

    @property
    def text(self) -> str:
        """One line for each: lead, from, to, ms, mV, /min."""
        return "\n".join(reading.line for reading in self.readings)

    @property
    def spoken_words(self) -> str:
        """What a screen reader says of all of them; empty where there is none."""
        said = [f"caliper {number}: {reading.sentence}" for number, reading in enumerate(self.readings, start=1)]
        return ". ".join(said)

    @property
    def shape(self) -> Qt.CursorShape | None:
        """What the pointer looks like; None where it is not for calipers."""
        if self._hovered is not None:
            return {
                "time": Qt.CursorShape.SizeHorCursor,
                "amplitude": Qt.CursorShape.SizeVerCursor,
                "whole": Qt.CursorShape.SizeAllCursor,
            }[self._hovered]
        return Qt.CursorShape.CrossCursor if self._on or self._drag is not None else None

    # ---------------------------------------------------------------- what is done

    def switch(self, on: bool) -> None:
        """Take the calipers in hand, or lay them down; those placed stay."""
        self._on, self._drag, self._hovered = on, None, None
        if not on:
            self.book.choose(None)
        self._tell()

    def turn_to(self, record: Record | None) -> None:
        """Show the calipers of another record."""
        if record is not self.book.record:
            self._drag, self._hovered = None, None
            self.book.turn_to(record)
            self._tell()

    def do(self, change: Callable[[], object]) -> None:
        """Change the book, show it and say the chosen caliper."""
        change()
        self._bring_into_view()
        self._tell()
        chosen = self.book.chosen
        if chosen is not None:
            part = {"whole": "", "first": ", its first leg", "second": ", its second leg"}[self.book.part]
            self.spoken.emit(f"Caliper {chosen + 1}{part}: {self.readings[chosen].sentence}")

    def add(self, lead: str | None = None, sample: int | None = None) -> None:
        """Place a caliper without the pointer.

        Parameters
        ----------
        lead : str, optional
            That of the sheet's last row by default.
        sample : int, optional
            Its first leg; the middle of what is shown by default.
        """
        record, page = self._sheet.record, self._sheet.page
        if record is None or page is None or not record.samples:
            return
        rows = [segment for segment in page.segments if segment.recorded]
        if lead is None:
            if not rows:
                return
            lead = rows[-1].lead
        first = round((page.start + page.end) / 2 * record.hz) if sample is None else sample
        first = min(max(0, first), record.samples - 1)
        second = min(first + round(_NEW_MM / page.format.speed * record.hz), record.samples - 1)
        self._on = True
        self.do(partial(self.book.place, Caliper(lead, "time", first, second), "whole"))

    def _tell(self) -> None:
        self.changed.emit()
        self._sheet.viewport().update()

    def _bring_into_view(self) -> None:
        caliper, record, page = self.book.caliper, self._sheet.record, self._sheet.page
        if caliper is None or record is None or page is None or not page.longer:
            return
        sample = {"whole": min(caliper.legs), "first": caliper.first, "second": caliper.second}[self.book.part]
        if not page.start <= sample / record.hz < page.end:
            self._sheet.start = sample / record.hz - page.window / 2

    # ---------------------------------------------------------------- hands

    def press(self, event: QMouseEvent) -> bool:
        """Take hold of a caliper or of the place of a new one; tell whether the press was for them."""
        record, page = self._sheet.record, self._sheet.page
        wanted = self._on or bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.button() != Qt.MouseButton.LeftButton or not wanted or record is None or page is None:
            return False
        at = self._on_page(event)
        if (hit := self._hit(at)) is not None:
            kind, placed, number = hit
            self.book.choose(placed.number, kind if kind in ("first", "second") else "whole")  # type: ignore[arg-type]
            caliper = self.book.caliper
            sample = nearest_sample(record, placed.segment, at.x())
            self._drag = _Drag(kind, at, placed.segment, sample, self.calipers, caliper, number)
        else:
            self.book.choose(None)
            segment = pointed_at(record, page, at.x(), at.y(), _REACH / self._sheet.scale_mm)
            if segment is not None and record.samples:
                sample = self._snapped(segment, at)
                self._drag = _Drag("new", at, segment, sample, self.calipers)
        self._tell()
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Move what is held; tell whether anything is."""
        drag = self._drag
        if drag is None:
            self._hover(event)
            return False
        at = self._on_page(event)
        away = at - drag.at
        far = math.hypot(away.x(), away.y()) * self._sheet.scale_mm >= _DRAGGED
        if drag.kind == "new" and (far or drag.caliper is not None):
            upright = abs(away.x()) >= abs(away.y())
            sample = self._snapped(self._segment_for(drag, at), at)
            made = Caliper(drag.segment.lead, "time" if upright else "amplitude", drag.sample, sample)
            if drag.caliper is None:
                self.book.calipers = (*drag.before, made)
                self.book.choose(len(drag.before), "second")
            self.book.put(made, remember=False)
            drag.caliper = made
        elif drag.caliper is not None:
            self.book.put(self._moved(drag, drag.caliper, at), remember=False)
        self._tell()
        return True

    def release(self, event: QMouseEvent) -> bool:
        """Let go; tell whether anything was held."""
        drag = self._drag
        if drag is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        self._drag = None
        self.book.remember(drag.before)
        self._tell()
        return True

    def _moved(self, drag: _Drag, caliper: Caliper, at: QPointF) -> Caliper:
        """What is held, with the pointer at a place."""
        record = self._sheet.record
        assert record is not None
        segment = self._segment_for(drag, at)
        if drag.kind == "whole":
            early, late = caliper.legs
            step = nearest_sample(record, segment, at.x()) - drag.sample
            step = min(max(step, -early), record.samples - 1 - late)
            return replace(caliper, first=caliper.first + step, second=caliper.second + step)
        sample = self._snapped(segment, at)
        if drag.kind == "first":
            return replace(caliper, first=sample)
        if drag.kind == "second":
            return replace(caliper, second=sample)
        # A repeated interval: so many of them now reach from the first leg to the pointer.
        early, _ = caliper.legs
        return replace(caliper, first=early, second=max(sample, early + 1), beats=drag.number)

    def _segment_for(self, drag: _Drag, at: QPointF) -> Segment:
        """The segment under the pointer where it shows the lead that is held, else the one where it was taken."""
        page, held = self._sheet.page, drag.segment
        if page is None:
            return held
        there = page.segment_at(at.x(), at.y())
        # A tall wave reaches into the row above: only what is well inside another row is meant for it.
        far = there is not None and (there.row == held.row or abs(at.y() - held.y) > _OTHER_ROW * page.row_height)
        return there if there is not None and there.lead == held.lead and far else held

    def _snapped(self, segment: Segment, at: QPointF) -> int:
        record = self._sheet.record
        assert record is not None
        turn = None
        if self.snaps_to_waves:
            turn = nearest_turn(record, segment, at.x(), at.y(), _REACH / self._sheet.scale_mm)
        return nearest_sample(record, segment, at.x()) if turn is None else turn

    def _hover(self, event: QMouseEvent) -> None:
        before = self.shape
        self._hovered = None
        if self._on or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            hit = self._hit(self._on_page(event))
            if hit is not None:
                kind, placed, _ = hit
                upright = "time" if placed.upright else "amplitude"
                self._hovered = "whole" if kind == "whole" else upright
        if self.shape != before:
            self._sheet.show_shape()

    def _hit(self, at: QPointF) -> tuple[str, Placed, int] | None:
        """What of which caliper lies at a place: a leg, a repeated interval or its number, or the bar."""
        reach = _REACH / self._sheet.scale_mm
        found: list[tuple[float, int, tuple[str, Placed, int]]] = []
        for order, (placed, bar) in enumerate(self._drawn):
            for part, leg in placed.legs:
                found.append((_away(leg, at), order, (part, placed, 0)))
            if bar is not None:
                # Legs come first where they meet the bar.
                found.append((_away(bar, at) + reach / 4, order, ("whole", placed, 0)))
            half = (self._sheet.page.row_height if self._sheet.page is not None else 0.0) / 2
            for number, x in placed.marks:
                if 1 < number <= MOST_BEATS:
                    y = placed.segment.y
                    found.append((_away((x, y - half, x, y + half), at), order, ("mark", placed, number)))
        near = [each for each in found if each[0] <= reach]
        return min(near, key=lambda each: each[:2])[2] if near else None

    def _on_page(self, event: QMouseEvent) -> QPointF:
        back, _ = self._sheet.viewportTransform().inverted()
        return back.map(event.position())

    # ---------------------------------------------------------------- keys

    def key(self, event: QKeyEvent) -> Callable[[], None] | None:
        """Return what a key does to the calipers; None where it is not for them."""
        if not self._on:
            return None
        key, shift = plain_key(event)
        if key == Qt.Key.Key_Escape and not shift:
            return self._escape
        if self.book.chosen is None:
            return None
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = (_FAR if shift else 1) * (1 if key == Qt.Key.Key_Right else -1)
            return partial(self.do, partial(self.book.move, step))
        if key == Qt.Key.Key_Space and not shift:
            return partial(self.do, self.book.next_part)
        return None

    def walk(self, step: int) -> bool:
        """Choose the next caliper, or with -1 the one before; tell whether there is one."""
        if not self._on or not self.calipers:
            return False
        there = False

        def choose() -> None:
            nonlocal there
            there = self.book.choose_next(step)

        self.do(choose)
        return there

    def _escape(self) -> None:
        if self._drag is not None:
            self.book.calipers, self._drag = self._drag.before, None
            self.book.choose(None)
        elif self.book.chosen is not None:
            self.book.choose(None)
        else:
            self._on = False
        self._tell()
        self._sheet.show_shape()

    # ---------------------------------------------------------------- drawing

    def paint(
        self, painter: QPainter, page: Page, traces: Sequence[Trace], area: QRectF, taken: Sequence[QRectF]
    ) -> None:
        """Draw the calipers; the painter's unit is the pixel, words stand in `area` and not where `taken`."""
        record = self._sheet.record
        if record is None or not self.calipers:
            self._drawn = []
            return
        placed = place(page, record, self.calipers)
        view, theme = self._sheet.viewportTransform(), self._sheet.theme
        at_work = CaliperPainter(painter, view, area, strong(small()), small(), theme, snap=True, taken=taken)
        bars = at_work.paint(page, placed, traces, self.book.chosen, self.book.part)
        self._drawn = list(zip(placed, bars, strict=True))


def _away(line: Line, at: QPointF) -> float:
    """How far a place is from an upright or lying line, mm."""
    left, right = sorted((line[0], line[2]))
    top, bottom = sorted((line[1], line[3]))
    across = max(left - at.x(), 0.0, at.x() - right)
    down = max(top - at.y(), 0.0, at.y() - bottom)
    return math.hypot(across, down)
