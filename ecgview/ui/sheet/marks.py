"""What stands beside the traces: lead names, lead changes, calibration pulses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QTransform

from ecgview.ui.sheet.device import enter_device_pixels
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.sheet.paper import line_pixel
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme

_HALO = 2.5
"""Pixels of paper around the letters, which keep the grid from them; traces run over it."""
_ABOVE = (0.32, 0.40, 0.48, 0.24)
"""Heights of a name's upper edge above the lead's level, in rows, the most wished for first."""
_BELOW = (-0.12, -0.24)
"""The same where nothing above is free."""
_OFF_BASELINE_MM = 6.0
"""A lead that begins this far from its baseline takes its name along."""
_LEVEL_MM = 25.0
"""How much of the lead's beginning says where it begins."""
_CLEAR = 2.0
"""Pixels between a name and a trace."""
_TICK_MM = ((-5.0, -2.5), (2.5, 5.0))
"""Where the tick between two leads begins and ends, from the baseline: the trace itself stays free."""


@dataclass(frozen=True, slots=True)
class _Name:
    segment: Segment
    picture: QPixmap
    top: float


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
        self._ratio, self._scale = 0.0, 0.0
        self._pictures: dict[Segment, QPixmap] = {}
        self._names: tuple[_Name, ...] = ()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Paint into `rect`; the painter draws in mm of the sheet."""
        painter.save()
        to_pixels = QTransform(painter.worldTransform())
        ratio = painter.deviceTransform().m11() / to_pixels.m11()
        seen = to_pixels.mapRect(rect)
        painter.resetTransform()
        if ratio != self._ratio:
            self._pictures = {segment: self._picture(segment, ratio) for segment in self._page.segments}
        if ratio != self._ratio or to_pixels.m11() != self._scale:
            self._ratio, self._scale = ratio, to_pixels.m11()
            self._names = self._placed()
        for name in self._names:
            segment, size = name.segment, name.picture.deviceIndependentSize()
            corner = to_pixels.map(QPointF(segment.x, name.top))
            end = to_pixels.map(QPointF(segment.x + segment.width, segment.y + self._page.row_height / 2))
            x = min(max(corner.x(), seen.left() + 8.0), max(corner.x(), end.x() - size.width()))
            y = min(max(corner.y(), seen.top() + 6.0), max(corner.y(), end.y() - size.height()))
            x, y = (round((edge - _HALO) * ratio) / ratio for edge in (x, y))
            painter.drawPixmap(QPointF(x, y), name.picture)
        painter.restore()

    def _placed(self) -> tuple[_Name, ...]:
        names: list[_Name] = []
        taken: list[QRectF] = []
        for row in range(len(self._page.baselines)):
            segments = [segment for segment in self._page.segments if segment.row == row]
            pictures = [self._pictures[segment] for segment in segments]
            boxes = [self._boxes(segment, picture) for segment, picture in zip(segments, pictures, strict=True)]
            free = [self._free(each, taken) for each in boxes]
            shared = max(_ABOVE, key=lambda share: sum(share in shares for shares in free))
            for segment, picture, box, shares in zip(segments, pictures, boxes, free, strict=True):
                share = shared if shared in shares or not shares else shares[0]
                taken.append(box[share])
                names.append(_Name(segment, picture, box[share].top()))
        return tuple(names)

    def _boxes(self, segment: Segment, picture: QPixmap) -> dict[float, QRectF]:
        """Where a name could stand, mm, by height above the lead's level."""
        size = picture.deviceIndependentSize() / self._scale
        level = self._level(segment)
        return {
            share: QRectF(segment.x, level - share * self._page.row_height, size.width(), size.height())
            for share in (*_ABOVE, *_BELOW)
        }

    def _level(self, segment: Segment) -> float:
        """The y from which a name's height counts: the baseline, or the trace where it is far from it."""
        for trace in self._traces:
            if trace.segment == segment:
                begin = trace.y[trace.x < segment.x + _LEVEL_MM]
                begin = begin[~np.isnan(begin)]
                level = float(np.median(begin)) if len(begin) else segment.y
                return level if abs(level - segment.y) > _OFF_BASELINE_MM else segment.y
        return segment.y

    def _free(self, boxes: dict[float, QRectF], taken: Sequence[QRectF]) -> list[float]:
        """Which of the places, all at the same x, no trace and no other name crosses."""
        clear = _CLEAR / self._scale
        boxes = {share: box.adjusted(-clear, -clear, clear, clear) for share, box in boxes.items()}
        any_box = next(iter(boxes.values()))
        reaches = [trace.span(any_box.left(), any_box.right()) for trace in self._traces]
        crossed = [reach for reach in reaches if reach is not None]
        return [
            share
            for share, box in boxes.items()
            if not any(top < box.bottom() and bottom > box.top() for top, bottom in crossed)
            and not any(box.intersects(other) for other in taken)
        ]

    def _remark(self, segment: Segment) -> str:
        if not segment.recorded:
            return " · not recorded"
        if all(trace.segment != segment for trace in self._traces):
            return " · no valid samples"
        return " · derived" if segment.derived else ""

    def _picture(self, segment: Segment, ratio: float) -> QPixmap:
        remark = self._remark(segment)
        quiet_colour = QColor(self._theme.secondary)
        name_colour = QColor(self._theme.label) if segment.recorded else quiet_colour
        strong, quiet = QFontMetricsF(self._strong), QFontMetricsF(self._quiet)
        advance = strong.horizontalAdvance(segment.lead)
        width = advance + quiet.horizontalAdvance(remark) + 2 * _HALO
        height = strong.capHeight() + strong.descent() + 2 * _HALO
        picture = QPixmap(round(width * ratio + 0.5), round(height * ratio + 0.5))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        baseline = _HALO + strong.capHeight()
        outline = QPainterPath()
        outline.addText(QPointF(_HALO, baseline), self._strong, segment.lead)
        outline.addText(QPointF(_HALO + advance, baseline), self._quiet, remark)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paper = QColor(self._theme.paper)
        paper.setAlphaF(0.85)
        halo = QPen(paper, 2 * _HALO, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(outline, halo)
        painter.setFont(self._strong)
        painter.setPen(name_colour)
        painter.drawText(QPointF(_HALO, baseline), segment.lead)
        painter.setFont(self._quiet)
        painter.setPen(quiet_colour)
        painter.drawText(QPointF(_HALO + advance, baseline), remark)
        painter.end()
        return picture


def paint_marks(painter: QPainter, page: Page, theme: Theme) -> None:
    """Paint calibration pulses and the ticks between leads; the painter draws in mm of the sheet."""
    painter.save()
    ratio = painter.deviceTransform().m11() / painter.worldTransform().m11()
    to_device = enter_device_pixels(painter)
    pen = max(1, round(ratio))
    strokes = [(one, other) for pulse in page.pulses for one, other in pairwise(pulse)]
    strokes += [((x, y + begin), (x, y + end)) for x, y in page.lead_changes for begin, end in _TICK_MM]
    for (x1, y1), (x2, y2) in strokes:
        left, right = (line_pixel(x * to_device.m11() + to_device.dx()) for x in sorted((x1, x2)))
        top, bottom = (line_pixel(y * to_device.m22() + to_device.dy()) for y in sorted((y1, y2)))
        painter.fillRect(left, top, right - left + pen, bottom - top + pen, QColor(theme.calibration))
    painter.restore()
