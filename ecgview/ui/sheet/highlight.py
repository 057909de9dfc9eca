"""A stretch of time marked behind the traces, to show where something was measured."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from ecgview.ui.sheet.layout import Page
from ecgview.ui.theme import Theme

_TINT = 0.16
_NARROWEST_MM = 0.4
"""A single instant, such as the J point, is drawn this wide."""


def places(page: Page, leads: Collection[str], start: float, end: float) -> list[QRectF]:
    """Return where a stretch of time lies on the sheet, mm.

    Parameters
    ----------
    page : Page
    leads : collection of str
        In these leads, where the sheet shows one of them at that time; otherwise in all that do.
    start, end : float
        Seconds from the beginning of the record.

    Returns
    -------
    list of QRectF
        A row high each; empty where the sheet shows another time.
    """
    showing = [
        segment for segment in page.segments if segment.recorded and segment.start <= end and start < segment.end
    ]
    named = [segment for segment in showing if segment.lead in leads]
    found = []
    for segment in named or showing:
        left = segment.x_at(max(start, segment.start))
        right = segment.x_at(min(end, segment.end))
        wide = max(right - left, _NARROWEST_MM)
        found.append(QRectF(left, segment.y - page.row_height / 2, wide, page.row_height))
    return found


def paint_places(painter: QPainter, marked: list[QRectF], theme: Theme) -> None:
    """Tint each place in the accent colour, with a hairline at its beginning and its end."""
    tint = QColor(theme.accent)
    tint.setAlphaF(_TINT)
    edge = QPen(QColor(theme.accent), 1.0)
    edge.setCosmetic(True)
    for place in marked:
        painter.fillRect(place, tint)
        painter.setPen(edge)
        painter.drawLines([QLineF(place.topLeft(), place.bottomLeft()), QLineF(place.topRight(), place.bottomRight())])
