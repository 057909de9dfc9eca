"""The traces as items of the scene; the scene's unit is the millimetre."""

from __future__ import annotations

from typing import cast

import numpy as np
import shiboken6
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ecgview.ui.sheet.trace import Trace

_EDGE_MM = 2.0
_PEN = 0.75
"""Device-independent pixels, but never less than one device pixel: 1 at pixel ratio 1, 1.5 at 2."""


class TraceItem(QGraphicsItem):
    """One lead's stretch, drawn antialiased with a thin pen.

    Drawn as separate lines from one array of doubles. Milliseconds for the 20 000 samples of a
    12-lead, 10 s, 500 Hz sheet (Qt 6.11, software raster, 2 cores), all samples drawn:

    ==================  ==========  ============  ==========
    pen, device pixels  `drawPath`  drawPolyline  drawLines
    ==================  ==========  ============  ==========
    1.0                 1.2         1.1           1.8
    1.2                 32          32            4.4
    2.0                 39          38            5.4
    1.0, pixel ratio 2  1.4         1.4           2.0
    1.5, pixel ratio 2  –           47            5.4
    2.0, pixel ratio 2  –           52            5.8
    ==================  ==========  ============  ==========

    A dash was not measured. A pen wider than one device pixel leaves Qt's fast way for paths,
    hence lines at every ratio.
    """

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self.trace = trace
        self._pen = QPen()
        self._bounds = _bounds(trace)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_trace(self, trace: Trace) -> None:
        """Draw another stretch in place of this one."""
        self.prepareGeometryChange()
        self.trace = trace
        self._bounds = _bounds(trace)

    def set_colour(self, colour: str) -> None:
        """Draw in a colour, ``#rrggbb``."""
        self._pen = QPen(QColor(colour), 1.0)
        self._pen.setCosmetic(True)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _: QWidget | None = None) -> None:
        lines = self.trace.lines(painter.deviceTransform().m11())
        seen = option.exposedRect
        begin = int(np.searchsorted(lines[:, 2], seen.left() - _EDGE_MM))
        end = int(np.searchsorted(lines[:, 0], seen.right() + _EDGE_MM))
        if begin >= end:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = painter.deviceTransform().m11()
        # Qt takes a cosmetic width in device pixels.
        self._pen.setWidthF(max(1.0, _PEN * scale / painter.worldTransform().m11()))
        painter.setPen(self._pen)
        # The grid's lines fill whole pixels; from here on a coordinate means the middle of one too.
        painter.translate(0.5 / scale, 0.5 / scale)
        # The rows of the array are laid out as QLineF is: Qt reads them where they lie.
        first = cast(QLineF, shiboken6.wrapInstance(lines[begin:].ctypes.data, QLineF))
        painter.drawLines(first, end - begin)


def _bounds(trace: Trace) -> QRectF:
    if trace.empty:
        return QRectF()
    top, bottom = trace.reach
    left, right = float(trace.x[0]), float(trace.x[-1])
    return QRectF(left, top, right - left, bottom - top).adjusted(-_EDGE_MM, -_EDGE_MM, _EDGE_MM, _EDGE_MM)
