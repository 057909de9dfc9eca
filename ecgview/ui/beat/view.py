"""Draws average beats on millimetre paper and measures on them with calipers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ecgview.signal.found_beats import AverageBeat
from ecgview.ui.beat.page import AFTER_S, BEFORE_S, BeatPage, lay_out_beat, page_width, samples_of
from ecgview.ui.beat.spans import Span, Spans
from ecgview.ui.sheet.beat_marks import brackets, colour, draw_lines
from ecgview.ui.sheet.device import enter_device_pixels
from ecgview.ui.sheet.format import Format
from ecgview.ui.sheet.layout import Segment
from ecgview.ui.sheet.paper import Paper
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.text import small, strong
from ecgview.ui.theme import Theme, load_theme

if TYPE_CHECKING:
    from ecgview.ui.explain.painting import Colouring

_COLUMNS = (4, 2, 1)
_LEAST_PER_MM = 3.8
"""Pixels in a millimetre below which the leads stand in fewer columns."""
_MOST_PER_MM = 6.0
_DASH, _DASH_OFF = 9, 4
"""Samples of the other beat that are drawn, and left out."""
_NEAR = 6.0
_OWN_KEYS = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)
_LINES = {"p_onset": "P", "p_offset": "P", "qrs_onset": "QRS", "qrs_offset": "QRS", "t_offset": "T"}


class BeatView(QWidget):
    """One average beat, or two over each other, aligned at the onset of the QRS complex.

    Dragging measures time and voltage; Enter puts the calipers on the QRS complex, the arrow keys
    move their second point (with Shift by ten), Escape takes them away.

    Signals
    -------
    measured(str)
        What the calipers read, empty when they are taken away.
    """

    measured = Signal(str)

    def __init__(self, theme: Theme | None = None) -> None:
        super().__init__()
        self._theme = theme if theme is not None else load_theme("light")
        self._beats: tuple[AverageBeat, ...] = ()
        self._format = Format()
        self._speed = 25.0
        self._page: BeatPage | None = None
        self._traces: list[tuple[int, Trace]] = []
        self._per_mm = _LEAST_PER_MM
        self._paper = Paper()
        self._spans = Spans()
        self._colouring: Colouring | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Average beat")
        self._lay_out()

    # ---------------------------------------------------------------- what is shown

    @property
    def page(self) -> BeatPage | None:
        """What lies where, mm; None without a beat."""
        return self._page

    @property
    def per_mm(self) -> float:
        """Device-independent pixels in a millimetre of the paper."""
        return self._per_mm

    @property
    def speed(self) -> float:
        """mm/s."""
        return self._speed

    @property
    def span(self) -> Span | None:
        """What the calipers span; None where there are none."""
        return self._spans.span

    def show_beats(self, beats: Sequence[AverageBeat], format: Format) -> None:
        """Show a beat, or two over each other: the second is drawn dashed in the accent colour."""
        self._beats, self._format = tuple(beats), format
        self._take(None)
        self._lay_out()

    def show_colours(self, colouring: Colouring | None) -> None:
        """Colour the leads by an explanation averaged over the beats; one beat alone has colours."""
        self._colouring = colouring
        self.update()

    def set_speed(self, speed: float) -> None:
        """Draw at another paper speed, mm/s."""
        self._speed = speed
        self._lay_out()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._theme = theme
        self.update()

    # ---------------------------------------------------------------- places

    def sizeHint(self) -> QSize:
        """As high as the paper at this width."""
        return QSize(240, self.minimumHeight())

    def _lay_out(self) -> None:
        if not self._beats or not self._beats[0].leads:
            self._page, self._traces = None, []
            self.setMinimumHeight(0)
            self.setAccessibleDescription("No beat")
            return
        wide = max(1, self.width())
        fitting = (count for count in _COLUMNS if wide / page_width(count, self._speed) >= _LEAST_PER_MM)
        columns = next(fitting, _COLUMNS[-1])
        page = self._page = lay_out_beat(self._beats, columns, self._speed, self._format)
        # Whole pixels in 5 mm keep the strong lines evenly apart.
        self._per_mm = max(1, int(5.0 * min(_MOST_PER_MM, wide / page.width))) / 5.0
        self._traces = []
        for number, beat in reversed(list(enumerate(self._beats))):  # the first lies above the second
            for segment in page.segments:
                samples = samples_of(beat, segment.lead)
                if samples is not None:
                    trace = Trace(segment, samples, beat.hz)
                    if not trace.empty:
                        self._traces.append((number, trace))
        self.setMinimumHeight(int(page.height * self._per_mm) + 1)
        self._describe()
        self.updateGeometry()
        self.update()

    def _describe(self) -> None:
        beat = self._beats[0]
        said = [f"{len(beat.leads)} leads at {self._speed:g} mm/s, aligned at the onset of the QRS complex"]
        said += [f"{name} {_ms(beat, key)}" for key, name in (("pr", "PR"), ("qrs", "QRS"), ("qt", "QT"))]
        if self._spans.span is not None:
            said.append(f"calipers: {self._spans.span.words}")
        self.setAccessibleDescription(". ".join(said))

    # ---------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw paper, marks, traces, names and calipers."""
        painter = QPainter(self)
        theme, page = self._theme, self._page
        if page is None:
            painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
            painter.end()
            return
        painter.save()
        painter.scale(self._per_mm, self._per_mm)
        self._paper.paint(painter, QRectF(0.0, 0.0, self.width() / self._per_mm, self.height() / self._per_mm), theme)
        painter.restore()
        self._paint_common_marks(painter, page)
        if self._colouring is not None and len(self._beats) == 1:
            painter.save()
            painter.scale(self._per_mm, self._per_mm)
            seen = QRectF(0.0, 0.0, page.width, page.height)
            self._colouring.paint(painter, 0.0, [trace for _, trace in self._traces], theme, seen)
            painter.restore()
        for number, trace in self._traces:
            self._paint_trace(painter, trace, number)
        self._paint_lead_marks(painter, page)
        self._paint_names(painter, page)
        self._paint_span(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -1.0, -1.0))
        painter.end()

    def _paint_common_marks(self, painter: QPainter, page: BeatPage) -> None:
        """Hairlines over a whole column where the intervals begin and end."""
        if len(self._beats) != 1:
            return
        for column in range(page.columns):
            left, _ = page.column_edges(column)
            for name, seconds in self._beats[0].marks.items():
                pen = QPen(QColor(colour(_LINES[name], self._theme)), 1.0, Qt.PenStyle.DashLine)
                pen.setDashPattern([2.0, 4.0])
                painter.setPen(pen)
                x = round((left + (seconds + BEFORE_S) * self._speed) * self._per_mm) + 0.5
                painter.drawLine(QLineF(x, 0.0, x, self.height()))

    def _paint_trace(self, painter: QPainter, trace: Trace, number: int) -> None:
        painter.save()
        ratio = self.devicePixelRatioF()
        to_device = enter_device_pixels(painter)
        lines = trace.lines(1e6)  # every sample: a beat has a few hundred
        if number:
            at = np.arange(len(lines))
            lines = lines[at % (_DASH + _DASH_OFF) < _DASH]
        shift = (to_device.dx() + 0.5, to_device.dy() + 0.5) * 2
        lines = np.ascontiguousarray(lines * (self._per_mm * to_device.m11()) + shift)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._theme.accent if number else self._theme.trace
        painter.setPen(QPen(QColor(ink), max(1.0, 0.75 * ratio) * (1.6 if number else 1.0)))
        if len(lines):
            painter.drawLines(cast(QLineF, shiboken6.wrapInstance(lines.ctypes.data, QLineF)), len(lines))
        painter.restore()

    def _paint_lead_marks(self, painter: QPainter, page: BeatPage) -> None:
        if len(self._beats) != 1:
            return
        beat = self._beats[0]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for name, wave in _LINES.items():
            places = []
            for segment in page.segments:
                seconds = beat.lead_marks.get(segment.lead, {}).get(name)
                if seconds is not None and -BEFORE_S <= seconds < AFTER_S:
                    places.append((segment.x_at(seconds + BEFORE_S), segment.y_at(_value(beat, segment, seconds))))
            if places:
                at = np.floor(np.array(places) * self._per_mm) + 0.5
                foot = 1.0 if name.endswith("onset") else -1.0
                draw_lines(painter, brackets(at, 1.0, foot), colour(wave, self._theme), 1.0)
        painter.restore()

    def _paint_names(self, painter: QPainter, page: BeatPage) -> None:
        font = strong(small())
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        veil = QColor(self._theme.paper)
        veil.setAlphaF(0.8)
        for segment in page.segments:
            x, y = segment.x * self._per_mm, (segment.y - 2.0) * self._per_mm
            wide = metrics.horizontalAdvance(segment.title)
            painter.fillRect(QRectF(x - 1.0, y - metrics.ascent(), wide + 2.0, metrics.ascent() + 1.0), veil)
            painter.setPen(QColor(self._theme.label))
            painter.drawText(QPointF(x, y), segment.title)

    def _paint_span(self, painter: QPainter) -> None:
        span = self._spans.span
        if span is None:
            return
        one, other = (QPointF(*(edge * self._per_mm for edge in span.place(at))) for at in (0, 1))
        accent = QColor(self._theme.accent)
        tint = QColor(accent)
        tint.setAlphaF(0.14)
        place = QRectF(one, other).normalized()
        painter.fillRect(place, tint)
        painter.setPen(QPen(accent, 1.0))
        for x in (one.x(), other.x()):
            painter.drawLine(QLineF(x, place.top() - 2 * _NEAR, x, place.bottom() + 2 * _NEAR))
        for y in (one.y(), other.y()):
            painter.drawLine(QLineF(place.left() - _NEAR, y, place.right() + _NEAR, y))
        font = strong(small())
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        wide, tall = metrics.horizontalAdvance(span.words) + 8.0, metrics.height() + 2.0
        x = min(max(2.0, place.center().x() - wide / 2), max(2.0, self.width() - wide - 2.0))
        y = place.top() - 2 * _NEAR - tall
        if y < 2.0:
            y = min(place.bottom() + 2 * _NEAR, self.height() - tall - 2.0)
        box = QRectF(x, y, wide, tall)
        painter.fillRect(box, QColor(self._theme.panel))
        painter.drawRect(box)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), span.words)

    # ---------------------------------------------------------------- hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the calipers' first point here."""
        if event.button() == Qt.MouseButton.LeftButton and self._page is not None:
            x, y = self._mm(event.position())
            segment = self._page.segment_at(x, y)
            if segment is not None:
                self._spans.begin(segment, x, y)
                self._take(self._spans.span)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull the second point along."""
        if event.buttons() & Qt.MouseButton.LeftButton and self._spans.span is not None:
            self._spans.pull(*self._mm(event.position()))
            self._take(self._spans.span)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take calipers away that span nothing: a click."""
        span = self._spans.span
        if span is not None and abs(span.seconds) < 0.002 and abs(span.millivolts) < 0.02:
            self._take(None)

    def event(self, event: QEvent) -> bool:
        """Claim the keys of the calipers, which otherwise move the record."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in _OWN_KEYS
            and not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the calipers' second point."""
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._put_on_qrs()
        elif key == Qt.Key.Key_Escape and self._spans.span is not None:
            self._take(None)
        elif key in steps and self._spans.span is not None:
            times = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._spans.step(*(step * times for step in steps[key]))
            self._take(self._spans.span)
        else:
            event.ignore()

    def _put_on_qrs(self) -> None:
        """Put the calipers on the QRS complex of the first lead, from its onset to its end."""
        if self._page is None or not self._page.segments:
            return
        beat, segment = self._beats[0], self._page.segments[0]
        begin, end = (beat.marks.get(name, default) for name, default in (("qrs_onset", 0.0), ("qrs_offset", 0.1)))
        self._spans.begin(segment, segment.x_at(begin + BEFORE_S), segment.y_at(0.0))
        self._spans.pull(segment.x_at(end + BEFORE_S), segment.y_at(0.0))
        self._take(self._spans.span)

    def _mm(self, point: QPointF) -> tuple[float, float]:
        return point.x() / self._per_mm, point.y() / self._per_mm

    def _take(self, span: Span | None) -> None:
        if span is None:
            self._spans.clear()
        if self._beats:
            self._describe()
        self.measured.emit(span.words if span is not None else "")
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the leads out in as many columns as there is room for."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._take(None)
            self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Write in the new size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus went."""
        super().focusOutEvent(event)
        self.update()


def _ms(beat: AverageBeat, key: str) -> str:
    value = beat.interval(key)
    return "not measurable" if value is None else f"{value:.0f} ms"


def _value(beat: AverageBeat, segment: Segment, seconds: float) -> float:
    """The lead's value at a mark, mV."""
    row: NDArray[np.float32] = beat.signal[beat.leads.index(segment.lead)]
    return float(row[min(len(row) - 1, max(0, beat.onset + round(seconds * beat.hz)))])
