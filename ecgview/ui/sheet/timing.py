"""How long a frame of the sheet takes, and of the barest plot of the same samples beside it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from ecgview.record.record import Record
from ecgview.ui.sheet.layout import lay_out
from ecgview.ui.sheet.sheet import Sheet
from ecgview.ui.sheet.trace import Trace


def time_frames(sheet: Sheet, frames: int) -> list[float]:
    """Time frames of zooming and panning.

    Every frame changes the view and paints everything anew into an image of the widget's size in
    device pixels: one part of them zooms in from the whole sheet, the other pans. The view is
    fitted afterwards.

    Parameters
    ----------
    sheet : Sheet
        With a record on it.
    frames : int
        How many.

    Returns
    -------
    list of float
        Milliseconds of each frame, in order.

    Raises
    ------
    ValueError
        There is no record on the sheet.
    """
    if sheet.record is None:
        raise ValueError("frames are timed with a record on the sheet")
    zooms = (frames + 1) // 2
    step = 4.0 ** (1.0 / max(1, zooms))
    sheet.fit()

    def change(number: int) -> None:
        if number < zooms:
            sheet.zoom_by(step)
        else:
            # There and back again, so that no frame stands at the sheet's edge.
            sheet.pan_by(math.copysign(3.0, math.sin(number / 3.0)), math.copysign(1.0, math.cos(number / 3.0)))

    times = _timed(sheet.viewport(), change, frames)
    sheet.fit()
    return times


def time_scrolling(sheet: Sheet, frames: int) -> list[float]:
    """Time frames of a record that runs on below the paper, a pixel or some at a time.

    Parameters
    ----------
    sheet : Sheet
        With a record on it that is longer than the sheet.
    frames : int
        How many.

    Returns
    -------
    list of float
        Milliseconds of each frame, in order. The record stands at its beginning afterwards.

    Raises
    ------
    ValueError
        There is no such record on the sheet.
    """
    if sheet.page is None or not sheet.page.longer:
        raise ValueError("scrolling is timed with a record that is longer than the sheet")
    sheet.start = 0.0
    times = _timed(sheet.viewport(), lambda number: sheet.pan_by(math.copysign(1.0, frames / 2 - number), 0.0), frames)
    sheet.start = 0.0
    return times


def time_floor(record: Record, frames: int, size: tuple[int, int] = (1600, 1000)) -> list[float]:
    """Time frames of a bare pyqtgraph plot that draws what the sheet would.

    One PlotItem, no grid, a curve with an antialiased pen of 1 px for each segment of the sheet,
    all samples; every frame zooms or pans as :func:`time_frames` does.

    Parameters
    ----------
    record : Record
        Whose samples are drawn, those that the sheet shows of them.
    frames : int
        How many.
    size : tuple of int, optional
        Device-independent pixels.

    Returns
    -------
    list of float
        Milliseconds of each frame, in order.
    """
    page = lay_out(record.leads, record.duration, 0.0, record.derived)
    plot = pg.PlotWidget()
    plot.resize(*size)
    plot.invertY(True)
    plot.disableAutoRange()
    plot.setRange(xRange=(0.0, page.width), yRange=(0.0, page.height), padding=0.0)
    for segment in page.segments:
        samples = record.lead(segment.lead)
        if samples is not None:
            trace = Trace(segment, samples, record.hz)
            plot.plot(trace.x, trace.y, pen=pg.mkPen("k", width=1), antialias=True)
    box = plot.getViewBox()
    zooms = (frames + 1) // 2
    step = 4.0 ** (-1.0 / max(1, zooms))

    def change(number: int) -> None:
        if number < zooms:
            box.scaleBy((step, step))
        else:
            box.translateBy(x=math.copysign(3.0, math.sin(number / 3.0)), y=math.copysign(1.0, math.cos(number / 3.0)))

    times = _timed(plot.viewport(), change, frames)
    plot.close()
    plot.deleteLater()
    QApplication.processEvents()
    return times


def _timed(port: QWidget, change: Callable[[int], None], frames: int) -> list[float]:
    image = QImage(port.size() * port.devicePixelRatioF(), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(port.devicePixelRatioF())
    port.render(image)  # the first frame also lays things out
    times = []
    for number in range(frames):
        begin = time.perf_counter()
        change(number)
        port.render(image)
        times.append((time.perf_counter() - begin) * 1e3)
    return times
