"""Painting a page: all of it lines and letters, so that a PDF or SVG can be enlarged, measured and searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from ecgview.ui.output.names import paint_names, places
from ecgview.ui.output.page import BODY, GRID_WIDE, SMALL, UNIT, PrintedPage, font
from ecgview.ui.sheet.caliper_marks import CaliperPainter
from ecgview.ui.sheet.device import enter_device_pixels
from ecgview.ui.sheet.footer import SIDE
from ecgview.ui.sheet.layout import Page
from ecgview.ui.sheet.marks import TICK_MM
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme, load_theme, mixed

_TRACE_PEN, _PULSE_PEN = 0.25, 0.25
_FINE_PEN, _COARSE_PEN = 0.1, 0.2
_FINE_INK = 0.5
"""Strength of the fine lines beside the strong ones: printers lose what is paler."""
_EVERY_SAMPLE = float("inf")


def paint_page(painter: QPainter, printed: PrintedPage) -> None:
    """Paint a page.

    Parameters
    ----------
    painter : QPainter
        Its unit is the millimetre, its origin the upper left corner of the paper.
    printed : PrintedPage
    """
    theme = replace(load_theme("light"), paper="#ffffff")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0.0, 0.0, printed.paper.width, printed.paper.height), QColor(theme.paper))
    _paint_heading(painter, printed, theme)
    painter.save()
    painter.translate(printed.left, printed.top)
    _paint_grid(painter, printed.height, theme)
    painter.setClipRect(QRectF(0.0, 0.0, GRID_WIDE, printed.height))
    if printed.explained is not None:
        printed.explained.paint_on_paper(painter, printed.page, printed.traces, theme)
    _paint_marks(painter, printed.page, theme)
    paint_names(painter, printed, theme)
    painter.setPen(_pen(theme.trace, _TRACE_PEN, Qt.PenCapStyle.RoundCap))
    for trace in printed.traces:
        for run in _runs(trace):
            painter.drawPolyline(run)
    _paint_calipers(painter, printed, theme)
    painter.restore()
    painter.save()
    painter.translate(printed.left, printed.top + printed.height)
    painter.scale(UNIT, UNIT)
    below = QRectF(0.0, 0.0, GRID_WIDE / UNIT, printed.footer.height)
    painter.setClipRect(below)
    # Its words begin and end where the grid does.
    printed.footer.paint(painter, below.adjusted(-SIDE, 0.0, SIDE, 0.0), theme)
    painter.restore()
    painter.restore()


def _paint_heading(painter: QPainter, printed: PrintedPage, theme: Theme) -> None:
    large, small = font(BODY, strong=True), font(SMALL)
    metrics, lines = QFontMetricsF(large), QFontMetricsF(small)
    painter.save()
    height = metrics.height() + 2 * lines.lineSpacing()
    painter.translate(printed.left, printed.top)
    painter.scale(UNIT, UNIT)
    room = GRID_WIDE / UNIT
    y = -height - 12.0
    painter.setPen(QColor(theme.text))
    painter.setFont(large)
    painter.drawText(
        QPointF(0.0, y + metrics.ascent()), metrics.elidedText(printed.heading, Qt.TextElideMode.ElideRight, room)
    )
    y += metrics.height()
    painter.setFont(small)
    for number, line in enumerate(printed.lines):
        painter.setPen(QColor(theme.text if number else theme.secondary))
        painter.drawText(QPointF(0.0, y + lines.ascent()), lines.elidedText(line, Qt.TextElideMode.ElideRight, room))
        y += lines.lineSpacing()
    painter.restore()


def _paint_calipers(painter: QPainter, printed: PrintedPage, theme: Theme) -> None:
    if not printed.calipers:
        return
    painter.save()
    painter.scale(UNIT, UNIT)
    to_pixels = QTransform.fromScale(1.0 / UNIT, 1.0 / UNIT)
    area = QRectF(0.0, 0.0, GRID_WIDE / UNIT, printed.height / UNIT)
    names = [to_pixels.mapRect(place) for place in places(printed, theme)]
    letters = font(SMALL, strong=True), font(SMALL)
    CaliperPainter(painter, to_pixels, area, *letters, theme, snap=False, taken=names).paint(
        printed.page, printed.calipers, printed.traces
    )
    painter.restore()


def _paint_grid(painter: QPainter, height: float, theme: Theme) -> None:
    fine = mixed(theme.paper, theme.grid_coarse, _FINE_INK)
    for step, colour, width in ((1, fine, _FINE_PEN), (5, theme.grid_coarse, _COARSE_PEN)):
        # A strong line is not drawn a second time as a fine one.
        across = [x for x in range(0, round(GRID_WIDE) + 1, step) if step == 5 or x % 5]
        down = [y for y in range(0, round(height) + 1, step) if step == 5 or y % 5]
        if isinstance(painter.device(), QImage):
            _fill_lines(painter, across, down, height, colour, width)
            continue
        lines = QPainterPath()
        for x in across:
            lines.moveTo(x, 0.0)
            lines.lineTo(x, height)
        for y in down:
            lines.moveTo(0.0, y)
            lines.lineTo(GRID_WIDE, y)
        painter.strokePath(lines, _pen(colour, width, Qt.PenCapStyle.FlatCap))


def _fill_lines(
    painter: QPainter, across: list[int], down: list[int], height: float, colour: str, width: float
) -> None:
    """Draw the grid's lines in whole pixels: in parts of pixels each would look different."""
    painter.save()
    to_device = enter_device_pixels(painter)
    pen = max(1, round(width * to_device.m11()))
    edges = to_device.mapRect(QRectF(0.0, 0.0, GRID_WIDE, height))
    left, top, right, bottom = (round(edge) for edge in (edges.left(), edges.top(), edges.right(), edges.bottom()))
    for x in across:
        place = round(x * to_device.m11() + to_device.dx() - pen / 2)
        painter.fillRect(place, top, pen, bottom - top, QColor(colour))
    for y in down:
        place = round(y * to_device.m22() + to_device.dy() - pen / 2)
        painter.fillRect(left, place, right - left, pen, QColor(colour))
    painter.restore()


def _paint_marks(painter: QPainter, page: Page, theme: Theme) -> None:
    painter.setPen(_pen(theme.calibration, _PULSE_PEN, Qt.PenCapStyle.FlatCap))
    for pulse in page.pulses:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in pulse]))
    for x, y in page.lead_changes:
        for begin, end in TICK_MM:
            painter.drawPolyline(QPolygonF([QPointF(x, y + begin), QPointF(x, y + end)]))


def _runs(trace: Trace) -> Iterator[QPolygonF]:
    """The lines the sheet draws, every sample of them, joined to polylines where they meet."""
    lines = trace.lines(_EVERY_SAMPLE)
    apart = np.flatnonzero((lines[1:, :2] != lines[:-1, 2:]).any(axis=1)) + 1
    for run in np.split(lines, apart):
        yield QPolygonF([QPointF(*run[0, :2]), *(QPointF(x, y) for x, y in run[:, 2:])])


def _pen(colour: str, width: float, cap: Qt.PenCapStyle) -> QPen:
    return QPen(QColor(colour), width, Qt.PenStyle.SolidLine, cap, Qt.PenJoinStyle.RoundJoin)
