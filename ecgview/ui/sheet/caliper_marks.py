"""Where calipers lie on a page, and how they are drawn there, on the screen as on paper."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform

from ecgview.record.record import Record
from ecgview.ui.sheet.caliper_book import Part
from ecgview.ui.sheet.calipers import Caliper, read_off
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme

_BARS = (0.36, -0.46, 0.26, -0.36, 0.16, -0.26, -0.12)
"""Heights of a time caliper's bar below the baseline, in rows, the most wished for first."""
_BESIDE_MM = 2.0
"""From the later sample of a height to the bar that joins its legs."""
_OVER_MM = 1.0
"""How far a lying leg reaches beyond its sample and its bar."""
_CLEAR, _AIR = 3.0, 4.0
"""Pixels between bar and words, and around the words."""
_BETWEEN = 8.0
_HALO = 0.88
"""Strength of the paper behind the words."""
_HANDLE = 5.0
_DASH = 4.0
_NEAREST_MARKS = 4.0
"""Pixels: marks closer together than this would be a grey."""
_MOST_MARKS = 500
_WORSE = 1e6
"""Covering other words is this much worse than covering a pixel of a trace."""

Line = tuple[float, float, float, float]
"""x1, y1, x2, y2; upright or lying."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One caliper in one segment, mm on the page.

    Attributes
    ----------
    number : int
        Which of the calipers.
    segment : Segment
    upright : bool
        Whether its legs stand at two times; otherwise they lie at two heights.
    legs : tuple of (Part, Line)
        Those that the segment shows.
    bar : Line or None
        Between the legs; None where the segment shows repeated intervals alone.
    marks : tuple of (int, float)
        Where the interval is repeated: how many intervals after the first leg, and the x.
    said : tuple of str
        The words beside it, what is asked for and the rest; empty where another segment says them.
    """

    number: int
    segment: Segment
    upright: bool
    legs: tuple[tuple[Part, Line], ...]
    bar: Line | None
    marks: tuple[tuple[int, float], ...]
    said: tuple[str, ...]


def place(page: Page, record: Record, calipers: Sequence[Caliper]) -> list[Placed]:
    """Return where calipers lie, in each segment that shows any of one; the words stand where most of it is seen."""
    found = []
    for number, caliper in enumerate(calipers):
        samples = record.lead(caliper.lead)
        if samples is None:
            continue
        start, end = (leg / record.hz for leg in caliper.legs)
        showing = [s for s in page.segments if s.lead == caliper.lead and s.recorded]
        seen = [s for s in showing if s.start <= end and start < s.end]
        best = max(seen, key=lambda s: (min(end, s.end) - max(start, s.start), s.width), default=None)
        for segment in seen:
            reading = read_off(caliper, record, segment.inverted)
            if caliper.kind == "time":
                said = (reading.time_words, f"{reading.rate_words}{reading.height_words}")
                legs, bar = _upright(page, segment, caliper, record.hz)
            else:
                said = (reading.height_words, reading.time_words)
                heights = float(samples[caliper.first]), float(samples[caliper.second])
                legs, bar = _lying(segment, caliper, record.hz, heights)
            marks = _marks(segment, caliper, record) if caliper.marched else ()
            found.append(
                Placed(number, segment, caliper.kind == "time", legs, bar, marks, said if segment is best else ())
            )
        for segment in showing:
            if caliper.marched and segment not in seen:
                marks = _marks(segment, caliper, record)
                found.append(Placed(number, segment, True, (), None, marks, ()))
    return found


def _upright(page: Page, segment: Segment, caliper: Caliper, hz: float) -> tuple[tuple[tuple[Part, Line], ...], Line]:
    half = page.row_height / 2
    legs: list[tuple[Part, Line]] = []
    parts: tuple[tuple[Part, int], ...] = (("first", caliper.first), ("second", caliper.second))
    for part, sample in parts:
        if segment.start - 1e-6 <= sample / hz < segment.end:
            x = segment.x_at(sample / hz)
            legs.append((part, (x, segment.y - half, x, segment.y + half)))
    left, right = (segment.x_at(min(max(leg / hz, segment.start), segment.end)) for leg in caliper.legs)
    return tuple(legs), (left, segment.y, right, segment.y)


def _lying(
    segment: Segment, caliper: Caliper, hz: float, heights: tuple[float, float]
) -> tuple[tuple[tuple[Part, Line], ...], Line]:
    if not all(math.isfinite(height) for height in heights):
        heights = (0.0, 0.0)  # a leg in a gap lies on the baseline; its words are a dash
    xs = [segment.x_at(min(max(sample / hz, segment.start), segment.end)) for sample in (caliper.first, caliper.second)]
    bar = max(xs) + _BESIDE_MM
    ys = [segment.y_at(height) for height in heights]
    parts: tuple[Part, Part] = ("first", "second")
    legs = tuple((part, (x - _OVER_MM, y, bar + _OVER_MM, y)) for part, x, y in zip(parts, xs, ys, strict=True))
    return legs, (bar, ys[0], bar, ys[1])


def _marks(segment: Segment, caliper: Caliper, record: Record) -> tuple[tuple[int, float], ...]:
    """Where the interval is repeated in a segment, beside the legs themselves."""
    earlier, later = caliper.legs
    interval = (later - earlier) / caliper.beats / record.hz
    end = min(segment.end, record.duration)
    if interval <= 0.0 or (end - segment.start) / interval > _MOST_MARKS:
        return ()
    origin = earlier / record.hz
    first, last = math.ceil((segment.start - origin) / interval - 1e-9), math.ceil((end - origin) / interval - 1e-9)
    return tuple(
        (number, segment.x_at(origin + number * interval))
        for number in range(first, last)
        if number not in (0, caliper.beats)
    )


class CaliperPainter:
    """Draws placed calipers; its unit is the pixel, one of the screen's or a fifth of a millimetre of paper.

    Parameters
    ----------
    painter : QPainter
        Its unit is that pixel.
    to_pixels : QTransform
        From mm of the page.
    area : QRectF
        Where words can stand, pixels.
    strong, quiet : QFont
    theme : Theme
    snap : bool
        Whether lines fill whole pixels of the device, as on a screen.
    taken : sequence of QRectF
        What other words hold already, pixels.
    """

    def __init__(
        self,
        painter: QPainter,
        to_pixels: QTransform,
        area: QRectF,
        strong: QFont,
        quiet: QFont,
        theme: Theme,
        snap: bool,
        taken: Sequence[QRectF] = (),
    ) -> None:
        self._painter, self._to_pixels, self._area = painter, to_pixels, area
        self._fonts = strong, quiet
        self._metrics = QFontMetricsF(strong), QFontMetricsF(quiet)
        self._theme = theme
        self._ratio = painter.deviceTransform().m11() if snap else 0.0
        self._taken = list(taken)

    def paint(
        self,
        page: Page,
        placed: Sequence[Placed],
        traces: Sequence[Trace],
        chosen: int | None = None,
        part: Part = "whole",
    ) -> list[Line | None]:
        """Draw calipers.

        Returns
        -------
        list of Line or None
            Where the bar of each came to lie, mm.
        """
        self._painter.save()
        for pulse in page.pulses:
            corners = [self._to_pixels.map(QPointF(x, y)) for x, y in pulse]
            xs, ys = [at.x() for at in corners], [at.y() for at in corners]
            self._taken.append(QRectF(min(xs), min(ys), max(xs) - min(xs), max(1.0, max(ys) - min(ys))))
        bars: list[Line | None] = []
        words: list[tuple[QRectF, tuple[str, ...], bool]] = []
        for each in placed:
            is_chosen = each.number == chosen
            self._paint_marks(page, each)
            if each.bar is None:
                bars.append(None)
                continue
            bar, box, said = self._free(page, each, each.bar, traces, shortened=self._ratio > 0.0 and not is_chosen)
            bars.append(bar)
            for name, leg in each.legs:
                self._paint_leg(leg, bar, is_chosen and part in (name, "whole"), is_chosen and part == name)
            self._paint_line(bar, is_chosen)
            if each.said:
                words.append((box, said, is_chosen))
        for box, said, is_chosen in words:
            self._paint_words(box, said, is_chosen)
        self._painter.restore()
        return bars

    # ---------------------------------------------------------------- places

    def _free(
        self, page: Page, each: Placed, bar: Line, traces: Sequence[Trace], shortened: bool
    ) -> tuple[Line, QRectF, tuple[str, ...]]:
        """Where bar and words stand, clear of traces and of other words where there is such a place.

        Where there is none and it may be shortened, only what is asked for is said: the rest is told
        of the one that is chosen.
        """
        if not each.said:
            return *next(self._choices(page, each, bar, QSizeF())), ()
        said = each.said
        covered, bar_there, box = self._best(page, each, bar, traces, said)
        if covered and shortened:
            said = said[:1]
            covered, bar_there, box = self._best(page, each, bar, traces, said)
        self._taken.append(box)
        return bar_there, box, said

    def _best(
        self, page: Page, each: Placed, bar: Line, traces: Sequence[Trace], said: tuple[str, ...]
    ) -> tuple[float, Line, QRectF]:
        """The place that covers least, and how much it covers."""
        choices = list(self._choices(page, each, bar, self._size(said)))
        near = [t for t in traces if abs(t.segment.row - each.segment.row) <= 1]
        reaches: dict[tuple[float, float], list[tuple[float, float]]] = {}
        worst: list[tuple[float, int]] = []
        for number, (_, box) in enumerate(choices):
            edges = box.left(), box.right()
            if edges not in reaches:
                reaches[edges] = self._reaches(near, *edges)
            taken = any(box.intersects(other) for other in self._taken)
            covered = sum(max(0.0, min(low, box.bottom()) - max(high, box.top())) for high, low in reaches[edges])
            worst.append((_WORSE * taken + covered, number))
        covered, number = min(worst)
        return covered, *choices[number]

    def _reaches(self, traces: Sequence[Trace], left: float, right: float) -> list[tuple[float, float]]:
        """Upper and lower edge of each trace between two x; all in pixels."""
        back, _ = self._to_pixels.inverted()
        begin, end = (back.map(QPointF(x, 0.0)).x() for x in (left, right))
        spans = [span for trace in traces if (span := trace.span(begin, end)) is not None]
        scale, shift = self._to_pixels.m22(), self._to_pixels.dy()
        return [(top * scale + shift, bottom * scale + shift) for top, bottom in spans]

    def _choices(self, page: Page, each: Placed, bar: Line, size: QSizeF) -> Iterator[tuple[Line, QRectF]]:
        x1, y1, x2, y2 = bar
        if each.upright:
            for share in _BARS:
                y = y1 + share * page.row_height
                middle = self._to_pixels.map(QPointF((x1 + x2) / 2, y))
                corner = QPointF(middle.x() - size.width() / 2, middle.y() + _CLEAR)
                yield (x1, y, x2, y), self._inside(QRectF(corner, size))
            return
        middle = self._to_pixels.map(QPointF(x1, (y1 + y2) / 2))
        for side in (_CLEAR + _AIR, -_CLEAR - _AIR - size.width()):
            yield bar, self._inside(QRectF(QPointF(middle.x() + side, middle.y() - size.height() / 2), size))
        for y, above in ((min(y1, y2), True), (max(y1, y2), False)):
            end = self._to_pixels.map(QPointF(x1, y))
            top = end.y() - _CLEAR - size.height() if above else end.y() + _CLEAR
            yield bar, self._inside(QRectF(QPointF(end.x() - size.width() / 2, top), size))
        for share in sorted(_BARS, key=abs):
            # Further off, but still above or below its bar.
            end = self._to_pixels.map(QPointF(x1, each.segment.y + share * page.row_height))
            yield bar, self._inside(QRectF(QPointF(end.x() - size.width() / 2, end.y()), size))

    def _inside(self, box: QRectF) -> QRectF:
        area = self._area
        box.moveLeft(max(area.left(), min(box.left(), area.right() - box.width())))
        box.moveTop(max(area.top(), min(box.top(), area.bottom() - box.height())))
        return box

    def _size(self, said: Sequence[str]) -> QSizeF:
        advance = sum(m.horizontalAdvance(words) for m, words in zip(self._metrics, said, strict=False))
        between = _BETWEEN if len(said) > 1 else 0.0
        return QSizeF(advance + between + 2 * _AIR, self._metrics[0].height() + 2.0)

    # ---------------------------------------------------------------- ink

    def _paint_marks(self, page: Page, each: Placed) -> None:
        xs = [self._to_pixels.map(QPointF(x, 0.0)).x() for _, x in each.marks]
        if len(xs) > 1 and xs[1] - xs[0] < _NEAREST_MARKS:
            return
        half = page.row_height / 2
        top, bottom = (self._to_pixels.map(QPointF(0.0, each.segment.y + side)).y() for side in (-half, half))
        for x in xs:
            y = top
            while y < bottom:
                self._fill(x, y, x, min(y + _DASH, bottom), 1.0)
                y += 2 * _DASH

    def _paint_leg(self, leg: Line, bar: Line, strong: bool, handle: bool) -> None:
        self._paint_line(leg, strong)
        if handle:
            # A square where leg and bar meet: which of the two the keys move is told by shape.
            x, y = (leg[0], bar[1]) if leg[0] == leg[2] else (bar[0], leg[1])
            at = self._to_pixels.map(QPointF(x, y))
            square = QRectF(at.x() - _HANDLE / 2, at.y() - _HANDLE / 2, _HANDLE + 1.0, _HANDLE + 1.0)
            self._painter.fillRect(self._snapped(square), QColor(self._theme.accent))

    def _paint_line(self, line: Line, strong: bool) -> None:
        one = self._to_pixels.map(QPointF(line[0], line[1]))
        other = self._to_pixels.map(QPointF(line[2], line[3]))
        self._fill(one.x(), one.y(), other.x(), other.y(), 2.0 if strong else 1.0)

    def _fill(self, x1: float, y1: float, x2: float, y2: float, wide: float) -> None:
        left, top = min(x1, x2), min(y1, y2)
        box = QRectF(left, top, max(wide, abs(x2 - x1)), max(wide, abs(y2 - y1)))
        self._painter.fillRect(self._snapped(box), QColor(self._theme.accent))

    def _snapped(self, box: QRectF) -> QRectF:
        """On a screen, the whole device pixels that a box begins in and is wide."""
        if not self._ratio:
            return box
        left, top = math.floor(box.left() * self._ratio), math.floor(box.top() * self._ratio)
        wide, high = max(1, round(box.width() * self._ratio)), max(1, round(box.height() * self._ratio))
        return QRectF(left / self._ratio, top / self._ratio, wide / self._ratio, high / self._ratio)

    def _paint_words(self, box: QRectF, said: tuple[str, ...], is_chosen: bool) -> None:
        painter = self._painter
        paper = QColor(self._theme.paper)
        paper.setAlphaF(_HALO)
        painter.fillRect(self._snapped(box), paper)
        if is_chosen:
            under = QRectF(box.left(), box.bottom() - 1.0, box.width(), 2.0)
            painter.fillRect(self._snapped(under), QColor(self._theme.accent))
        at = QPointF(box.left() + _AIR, box.top() + 1.0 + self._metrics[0].ascent())
        colours = self._theme.label, self._theme.secondary
        for words, letters, metrics, colour in zip(said, self._fonts, self._metrics, colours, strict=False):
            painter.setFont(letters)
            painter.setPen(QColor(colour))
            painter.drawText(at, words)
            at += QPointF(metrics.horizontalAdvance(words) + _BETWEEN, 0.0)
