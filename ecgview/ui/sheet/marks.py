"""What stands beside the traces: calibration pulses, lead changes, and where there is room for the leads' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter

from ecgview.ui.sheet.device import enter_device_pixels
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.sheet.paper import line_pixel
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme

_ABOVE = (0.32, 0.40, 0.48, 0.24)
"""Heights of a name's upper edge above the lead's level, in rows, the most wished for first."""
_BELOW = (-0.12, -0.24)
"""The same where nothing above is free."""
_ROOM_BELOW_MM = 35.0
"""In rows closer than this a name below one trace would be taken for the next one's."""
_LEAST_ABOVE_MM = 1.0
"""At least this much between a name and a level trace."""
_OFF_BASELINE_MM = 6.0
"""A lead that begins this far from its baseline takes its name along."""
_LEVEL_MM = 25.0
"""How much of the lead's beginning says where it begins."""
TICK_MM = ((-5.0, -2.5), (2.5, 5.0))
"""Where the tick between two leads begins and ends, from the baseline: the trace itself stays free."""


def name_places(
    page: Page, traces: Sequence[Trace], sizes: Mapping[Segment, QSizeF], clear: float
) -> dict[Segment, float]:
    """Return the y of each name's upper edge, mm.

    A name stands at the left end of its segment where no trace and no other name runs, if there
    is such a place; names of a row stand at one height where that is possible.

    Parameters
    ----------
    page : Page
    traces : sequence of Trace
        All that are drawn.
    sizes : dict of Segment to QSizeF
        Of the names, mm.
    clear : float
        Between a name and a trace, mm.
    """
    tops: dict[Segment, float] = {}
    taken: list[QRectF] = []
    for row in range(len(page.baselines)):
        segments = [segment for segment in page.segments if segment.row == row]
        boxes = [_boxes(page, traces, segment, sizes[segment]) for segment in segments]
        free = [_free(traces, each, taken, clear) for each in boxes]
        shared = max(_ABOVE, key=lambda share: sum(share in shares for shares in free))
        for segment, box, shares in zip(segments, boxes, free, strict=True):
            share = shared if shared in shares or not shares else shares[0]
            taken.append(box[share])
            tops[segment] = box[share].top()
    return tops


def _boxes(page: Page, traces: Sequence[Trace], segment: Segment, size: QSizeF) -> dict[float, QRectF]:
    """Where a name could stand, mm, by height above the lead's level."""
    level = _level(traces, segment)
    # Where rows are close together a share of them is less than a name is high.
    least = size.height() + _LEAST_ABOVE_MM
    heights = {share: max(share * page.row_height, least) for share in _ABOVE}
    if page.row_height >= _ROOM_BELOW_MM:
        heights |= {share: share * page.row_height for share in _BELOW}
    return {share: QRectF(segment.x, level - height, size.width(), size.height()) for share, height in heights.items()}


def _level(traces: Sequence[Trace], segment: Segment) -> float:
    """The y from which a name's height counts: the baseline, or the trace where it is far from it."""
    for trace in traces:
        if trace.segment == segment:
            begin = trace.y[trace.x < segment.x + _LEVEL_MM]
            begin = begin[~np.isnan(begin)]
            level = float(np.median(begin)) if len(begin) else segment.y
            return level if abs(level - segment.y) > _OFF_BASELINE_MM else segment.y
    return segment.y


def _free(traces: Sequence[Trace], boxes: dict[float, QRectF], taken: Sequence[QRectF], clear: float) -> list[float]:
    """Which of the places, all at the same x, no trace and no other name crosses."""
    boxes = {share: box.adjusted(-clear, -clear, clear, clear) for share, box in boxes.items()}
    any_box = next(iter(boxes.values()))
    reaches = [trace.span(any_box.left(), any_box.right()) for trace in traces]
    crossed = [reach for reach in reaches if reach is not None]
    return [
        share
        for share, box in boxes.items()
        if not any(top < box.bottom() and bottom > box.top() for top, bottom in crossed)
        and not any(box.intersects(other) for other in taken)
    ]


def remark(segment: Segment, traces: Sequence[Trace]) -> str:
    """Return what is said behind a lead's name: that it is missing, empty or computed."""
    if not segment.recorded:
        return " · not recorded"
    if all(trace.segment != segment for trace in traces):
        return " · no valid samples"
    return " · derived" if segment.derived else ""


def paint_marks(painter: QPainter, page: Page, theme: Theme) -> None:
    """Paint calibration pulses and the ticks between leads; the painter draws in mm of the sheet."""
    painter.save()
    ratio = painter.deviceTransform().m11() / painter.worldTransform().m11()
    to_device = enter_device_pixels(painter)
    pen = max(1, round(ratio))
    strokes = [(one, other) for pulse in page.pulses for one, other in pairwise(pulse)]
    strokes += [((x, y + begin), (x, y + end)) for x, y in page.lead_changes for begin, end in TICK_MM]
    for (x1, y1), (x2, y2) in strokes:
        left, right = (line_pixel(x * to_device.m11() + to_device.dx()) for x in sorted((x1, x2)))
        top, bottom = (line_pixel(y * to_device.m22() + to_device.dy()) for y in sorted((y1, y2)))
        painter.fillRect(left, top, right - left + pen, bottom - top + pen, QColor(theme.calibration))
    painter.restore()
