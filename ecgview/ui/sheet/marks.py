"""What stands beside the traces: lead names, lead changes, calibration pulses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QTransform

from ecgview.ui.sheet.device import enter_device_pixels
from ecgview.ui.sheet.layout import MM_PER_SECOND, Page, Segment
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme

_HALO = 2.5
"""Pixels of paper around the letters, so that they stay legible on a trace."""
_ABOVE_MM = (11.0, 14.0, 17.0, 8.0, 20.0)
"""Heights of a name's upper edge above the baseline, the most wished for first."""
_CLEAR = 2.0
"""Pixels between a name and a trace."""
_TICK_MM = ((-5.0, -2.5), (2.5, 5.0))
"""Where the tick between two leads begins and ends, from the baseline: the trace itself stays free."""


@dataclass(frozen=True, slots=True)
class _Name:
    segment: Segment
    picture: QPixmap
    width: float
    height: float
    top_mm: float


class Names:
    """Lead names at the upper left of their segments, in letters that keep their size.

    A name stands where no trace runs, if there is such a place; names of a row stand at one
    height where that is possible. When a segment's beginning leaves the view, its name stays at
    the view's edge as long as the segment is seen.
    """

    def __init__(self, page: Page, traces: Sequence[Trace], theme: Theme, font: QFont) -> None:
        self._page = page
        self._traces = traces
        self._theme = theme
        self._strong = QFont(font)
        self._strong.setWeight(QFont.Weight.DemiBold)
        self._quiet = QFont(font)
        self._scale = 0.0
        self._names: tuple[_Name, ...] = ()

    def paint(self, painter: QPainter, to_pixels: QTransform, seen: QRectF) -> None:
        """Paint into `seen` (device-independent pixels, in which the painter draws)."""
        ratio = painter.deviceTransform().m11() / painter.worldTransform().m11()
        if to_pixels.m11() != self._scale or (self._names and self._names[0].picture.devicePixelRatio() != ratio):
            self._scale = to_pixels.m11()
            self._names = self._placed(ratio)
        for name in self._names:
            segment = name.segment
            corner = to_pixels.map(QPointF(segment.x, segment.y - name.top_mm))
            end = to_pixels.map(QPointF(segment.x + segment.width, segment.y))
            band = self._page.row_height / 2 * self._scale
            x = min(max(corner.x(), seen.left() + 8.0), end.x() - name.width - _HALO)
            y = min(max(corner.y(), seen.top() + 6.0), end.y() + band - name.height)
            # Whole device pixels, or the letters blur while the sheet moves.
            painter.drawPixmap(QPointF(round(x * ratio) / ratio - _HALO, round(y * ratio) / ratio - _HALO), name.picture)

    def _placed(self, ratio: float) -> tuple[_Name, ...]:
        pictures = {segment: self._picture(segment, ratio) for segment in self._page.segments}
        names = []
        for row in range(len(self._page.baselines)):
            segments = [segment for segment in self._page.segments if segment.row == row]
            crossed = {
                top: [self._crossed(segment, pictures[segment], top) for segment in segments] for top in _ABOVE_MM
            }
            shared = min(_ABOVE_MM, key=lambda top: sum(crossed[top]))
            for place, segment in enumerate(segments):
                free = [top for top in _ABOVE_MM if not crossed[top][place]]
                top = shared if shared in free or not free else free[0]
                picture = pictures[segment]
                size = picture.deviceIndependentSize()
                names.append(_Name(segment, picture, size.width() - 2 * _HALO, size.height() - 2 * _HALO, top))
        return tuple(names)

    def _crossed(self, segment: Segment, picture: QPixmap, top: float) -> bool:
        size = picture.deviceIndependentSize()
        clear = _CLEAR / self._scale
        left, right = segment.x - clear, segment.x + size.width() / self._scale + clear
        upper = segment.y - top - clear
        lower = upper + size.height() / self._scale + 2 * clear
        for trace in self._traces:
            reach = trace.span(left, right)
            if reach is not None and reach[0] < lower and reach[1] > upper:
                return True
        return False

    def _picture(self, segment: Segment, ratio: float) -> QPixmap:
        remark = " · not recorded" if not segment.recorded else " · derived" if segment.derived else ""
        name_colour = self._theme.label if segment.recorded else self._quiet_colour
        strong, quiet = QFontMetricsF(self._strong), QFontMetricsF(self._quiet)
        advance = strong.horizontalAdvance(segment.lead)
        width = advance + quiet.horizontalAdvance(remark) + 2 * _HALO
        height = strong.capHeight() + strong.descent() + 2 * _HALO
        picture = QPixmap(round(width * ratio + 0.5), round(height * ratio + 0.5))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        baseline = _HALO + strong.capHeight()
        name, words = QPainterPath(), QPainterPath()
        name.addText(QPointF(_HALO, baseline), self._strong, segment.lead)
        words.addText(QPointF(_HALO + advance, baseline), self._quiet, remark)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paper = QColor(self._theme.paper)
        paper.setAlphaF(0.85)
        halo = QPen(paper, 2 * _HALO, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(name.united(words), halo)
        painter.setFont(self._strong)
        painter.setPen(QColor(name_colour))
        painter.drawText(QPointF(_HALO, baseline), segment.lead)
        painter.setFont(self._quiet)
        painter.setPen(QColor(self._quiet_colour))
        painter.drawText(QPointF(_HALO + advance, baseline), remark)
        painter.end()
        return picture

    @property
    def _quiet_colour(self) -> str:
        return self._theme.secondary


def paint_marks(painter: QPainter, page: Page, theme: Theme) -> None:
    """Paint calibration pulses and the ticks between leads; the painter draws in mm of the sheet."""
    painter.save()
    to_device = enter_device_pixels(painter)
    ratio = max(1, round(to_device.m11() / painter.worldTransform().m11())) if False else 1
    painter.restore()
    del ratio, to_device, MM_PER_SECOND
