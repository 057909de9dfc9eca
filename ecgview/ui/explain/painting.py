"""Attributions as colour along traces or as a band behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ecgview.ui.explain.colours import colour
from ecgview.ui.explain.scale import STEPS, Scale
from ecgview.ui.sheet.device import enter_device_pixels
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme

_WIDE, _WIDE_MM = 5.0, 0.9
"""Width of the colour along a trace: device-independent pixels on the screen, millimetres on paper."""
_COARSER = 2.0
_FAINTEST_BAND, _FULL_BAND = 0.18, 0.8
_EVERY_SAMPLE = float("inf")

_ByStep = dict[int, NDArray[np.float64]]


class Colouring:
    """Paints the steps of a scale; lines and rectangles are found anew only for other traces or another scale.

    Parameters
    ----------
    scale : Scale
    style : {"trace", "band"}
    """

    def __init__(self, scale: Scale, style: str) -> None:
        self.scale, self.style = scale, style
        self._for: tuple[float, float, tuple[Trace, ...]] | None = None
        self._places: _ByStep = {}

    def paint(self, painter: QPainter, row_height: float, traces: Sequence[Trace], theme: Theme, seen: QRectF) -> None:
        """Paint below the traces; the painter draws in mm of the sheet, of which `seen` is shown."""
        if self.style == "band":
            self._paint_bands(painter, row_height, traces, theme, seen)
            return
        scale = painter.deviceTransform().m11()
        ratio = scale / painter.worldTransform().m11()
        pen = QPen(Qt.PenStyle.SolidLine)
        pen.setCosmetic(True)
        pen.setWidthF(_WIDE * ratio)
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0.5 / scale, 0.5 / scale)
        for step, lines in self._placed(traces, scale, row_height).items():
            inside = (lines[:, 2] >= seen.left() - 1.0) & (lines[:, 0] <= seen.right() + 1.0)
            _draw(painter, pen, colour(step, theme), lines if inside.all() else lines[inside])
        painter.restore()

    def paint_on_paper(self, painter: QPainter, row_height: float, traces: Sequence[Trace], theme: Theme) -> None:
        """Paint as shapes of true size; the painter draws in mm."""
        painter.save()
        if self.style == "band":
            for step, places in self._placed(traces, _EVERY_SAMPLE, row_height).items():
                ink = _band_ink(step, theme)
                for left, top, right, bottom in places.tolist():
                    painter.fillRect(QRectF(left, top, right - left, bottom - top), ink)
        else:
            pen = QPen(Qt.PenStyle.SolidLine)
            pen.setWidthF(_WIDE_MM)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            for step, lines in self._placed(traces, _EVERY_SAMPLE, row_height).items():
                _draw(painter, pen, colour(step, theme), lines)
        painter.restore()

    def _paint_bands(
        self, painter: QPainter, row_height: float, traces: Sequence[Trace], theme: Theme, seen: QRectF
    ) -> None:
        painter.save()
        to_device = enter_device_pixels(painter)
        scale, shift = to_device.m11(), np.array([to_device.dx(), to_device.dy()] * 2)
        for step, places in self._placed(traces, scale, row_height).items():
            inside = places[(places[:, 2] >= seen.left()) & (places[:, 0] <= seen.right())]
            ink = _band_ink(step, theme)
            # On whole pixels, so that neighbours neither leave a seam nor lie over each other.
            for left, top, right, bottom in np.round(inside * scale + shift).astype(int).tolist():
                painter.fillRect(left, top, right - left, bottom - top, ink)
        painter.restore()

    def _placed(self, traces: Sequence[Trace], scale: float, row_height: float) -> _ByStep:
        """Lines or rectangles of each step, mm; found anew only for other traces or another scale."""
        band = self.style == "band"
        key = 0.0 if band else scale, row_height, tuple(traces)
        if key != self._for:
            parts: dict[int, list[NDArray[np.float64]]] = {}
            for trace in traces:
                found = self._cells(trace, row_height) if band else self._lines(trace, scale)
                for step, places in found.items():
                    parts.setdefault(step, []).append(places)
            # The faintest first: where traces cross, what matters more lies on top.
            order = sorted(parts, key=abs)
            self._places = {step: np.ascontiguousarray(np.concatenate(parts[step])) for step in order}
            self._for = key
        return self._places

    def _lines(self, trace: Trace, scale: float) -> _ByStep:
        segment = trace.segment
        # Of a colour five pixels wide, more than four lines in two pixels cannot be seen.
        lines = trace.lines(scale / _COARSER)
        if segment.derived or not len(lines):
            return {}
        middle = (lines[:, 0] + lines[:, 2]) / 2
        steps = self.scale.steps_at(segment.lead, segment.start + (middle - segment.x) / segment.speed)
        return {int(step): lines[steps == step] for step in np.unique(steps) if step}

    def _cells(self, trace: Trace, row_height: float) -> _ByStep:
        """Rectangles a row high, one for each run of samples of one step, where the trace has any signal."""
        segment, hz = trace.segment, self.scale.hz
        valid = np.isfinite(trace.y)
        if segment.derived or not valid.any():
            return {}
        first, last = int(np.floor(segment.start * hz + 0.5)), int(np.ceil(segment.end * hz + 0.5))
        cells = np.arange(first, last)
        steps = self.scale.steps_at(segment.lead, cells / hz)
        seconds = segment.start + (trace.x[valid] - segment.x) / segment.speed
        there = np.zeros(len(cells), bool)
        there[np.clip(np.floor(seconds * hz + 0.5).astype(np.intp) - first, 0, len(cells) - 1)] = True
        if len(trace.x) > 1 and trace.x[1] - trace.x[0] > segment.speed / hz:
            there[:] = True  # fewer samples than the networks see: those between belong to both
        steps = np.where(there, steps, 0)
        starts = np.flatnonzero(np.append(True, steps[1:] != steps[:-1]))
        ends = np.append(starts[1:], len(steps))
        edges = (np.stack([cells[starts], cells[ends - 1] + 1], axis=1) - 0.5) / hz
        x = segment.x + (np.clip(edges, segment.start, segment.end) - segment.start) * segment.speed
        half = row_height / 2
        y = np.broadcast_to([segment.y - half, segment.y + half], x.shape)
        places = np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)
        here = steps[starts]
        return {int(step): places[here == step] for step in np.unique(here) if step and -STEPS <= step <= STEPS}


def _band_ink(step: int, theme: Theme) -> QColor:
    # Translucent, so that the grid behind it can be read.
    ink = QColor(theme.attribution_for if step > 0 else theme.attribution_against)
    ink.setAlphaF(_FAINTEST_BAND + (_FULL_BAND - _FAINTEST_BAND) * abs(step) / STEPS)
    return ink


def _draw(painter: QPainter, pen: QPen, ink: str, lines: NDArray[np.float64]) -> None:
    if len(lines):
        pen.setColor(QColor(ink))
        painter.setPen(pen)
        lines = np.ascontiguousarray(lines)
        # The rows of the array are laid out as QLineF is: Qt reads them where they lie.
        painter.drawLines(cast(QLineF, shiboken6.wrapInstance(lines.ctypes.data, QLineF)), len(lines))
