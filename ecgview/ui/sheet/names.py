"""The leads' names on the sheet, with what is special about a lead beside them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QTransform

from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.sheet.marks import name_places, remark
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme

_HALO = 2.5
"""Pixels of paper around the letters, which keep the grid from them; traces run over it."""
_CLEAR = 2.0
"""Pixels between a name and a trace."""
_GAP = 6.0
"""Pixels between a name and its badge."""
_LINE = 1.2
_MOST_KEPT = 200

Pictures = dict[tuple[Hashable, ...], QPixmap]


@dataclass(frozen=True, slots=True)
class _Name:
    segment: Segment
    picture: QPixmap
    top: float


class Names:
    """Lead names at the upper left of their segments, in letters that keep their size.

    A name stands where no trace runs, if there is such a place; names of a row stand at one
    height where that is possible. When a segment's beginning leaves the view, its name stays at
    the view's edge as long as the segment is seen. A lead whose signal is in doubt carries a badge:
    a triangle and a word or two.

    Parameters
    ----------
    page : Page
    traces : sequence of Trace
        Those that hold anything to draw.
    theme : Theme
    font : QFont
    badges : dict of str to str
        Words of the badge by lead.
    kept : dict of tuple to QPixmap
        Names that were drawn before, for this page or another; new ones are added.
    notes : dict of str to str, optional
        Quiet words beside the name of a recorded lead.
    """

    def __init__(
        self,
        page: Page,
        traces: Sequence[Trace],
        theme: Theme,
        font: QFont,
        badges: Mapping[str, str],
        kept: Pictures,
        notes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._page = page
        self._traces = traces
        self._theme = theme
        self._badges = badges
        self._notes = notes
        self._strong = QFont(font)
        self._strong.setWeight(QFont.Weight.DemiBold)
        self._quiet = QFont(font)
        self._ratio, self._scale = 0.0, 0.0
        self._pictures = kept
        self._names: tuple[_Name, ...] = ()
        self._seen: list[tuple[QRectF, Segment]] = []

    def move_on(self, page: Page, traces: Sequence[Trace]) -> None:
        """Take another stretch of time on the same sheet; the names keep their places, so that they do not dance."""
        pairs = zip(self._names, page.segments, strict=False)
        self._page, self._traces = page, traces
        self._names = tuple(_Name(segment, self._picture(segment), name.top) for name, segment in pairs)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Paint into `rect`; the painter draws in mm of the sheet."""
        painter.save()
        to_pixels = QTransform(painter.worldTransform())
        ratio = painter.deviceTransform().m11() / to_pixels.m11()
        seen = to_pixels.mapRect(rect)
        painter.resetTransform()
        if ratio != self._ratio or to_pixels.m11() != self._scale:
            self._ratio, self._scale = ratio, to_pixels.m11()
            self._names = self._placed()
        self._seen = []
        for name in self._names:
            segment, size = name.segment, name.picture.deviceIndependentSize()
            corner = to_pixels.map(QPointF(segment.x, name.top))
            end = to_pixels.map(QPointF(segment.x + segment.width, segment.y + self._page.row_height / 2))
            x = min(max(corner.x(), seen.left() + 8.0), max(corner.x(), end.x() - size.width()))
            y = min(max(corner.y(), seen.top() + 6.0), max(corner.y(), end.y() - size.height()))
            x, y = (round((edge - _HALO) * ratio) / ratio for edge in (x, y))
            painter.drawPixmap(QPointF(x, y), name.picture)
            self._seen.append((QRectF(QPointF(x, y), size), segment))
        painter.restore()

    @property
    def places(self) -> list[QRectF]:
        """Where the names were painted last, pixels."""
        return [place for place, _ in self._seen]

    def at(self, point: QPointF) -> Segment | None:
        """Return the segment whose name was painted last at a point of the view, pixels."""
        return next((segment for place, segment in self._seen if place.contains(point)), None)

    def _placed(self) -> tuple[_Name, ...]:
        pictures = {segment: self._picture(segment) for segment in self._page.segments}
        sizes = {segment: picture.deviceIndependentSize() / self._scale for segment, picture in pictures.items()}
        tops = name_places(self._page, self._traces, sizes, _CLEAR / self._scale)
        # In the page's order: move_on takes the next page's segments one by one.
        return tuple(_Name(segment, pictures[segment], tops[segment]) for segment in self._page.segments)

    def _picture(self, segment: Segment) -> QPixmap:
        behind = remark(segment, self._traces)
        if segment.recorded:
            behind += self._notes.get(segment.lead, "")
        words = self._badges.get(segment.lead, "") if segment.recorded else ""
        # Where the words would run into the next lead's name, the triangle says it alone.
        for badge in dict.fromkeys((words, words and " ")):
            words_here = segment.title, behind, badge, segment.recorded
            key = (*words_here, self._theme, self._strong.key(), self._ratio)
            if key not in self._pictures:
                if len(self._pictures) >= _MOST_KEPT:
                    self._pictures.clear()
                self._pictures[key] = self._drawn(*words_here)
            picture = self._pictures[key]
            if picture.deviceIndependentSize().width() <= segment.width * self._scale:
                break
        return picture

    def _drawn(self, title: str, behind: str, badge: str, recorded: bool) -> QPixmap:
        quiet_colour = QColor(self._theme.secondary)
        strong, quiet = QFontMetricsF(self._strong), QFontMetricsF(self._quiet)
        baseline = _HALO + strong.capHeight()
        letters = QPainterPath()
        x = _HALO
        places = []
        for words, font, metrics in ((title, self._strong, strong), (behind, self._quiet, quiet)):
            places.append(x)
            letters.addText(QPointF(x, baseline), font, words)
            x += metrics.horizontalAdvance(words)
        triangle = QPainterPath()
        if badge:
            high = quiet.capHeight()
            x += _GAP
            triangle.moveTo(x, baseline)
            triangle.lineTo(x + high * 1.1, baseline)
            triangle.lineTo(x + high * 0.55, baseline - high)
            triangle.closeSubpath()
            x += high * 1.1 + _GAP / 2
            places.append(x)
            letters.addText(QPointF(x, baseline), self._quiet, badge)
            x += quiet.horizontalAdvance(badge)
        height = strong.capHeight() + strong.descent() + 2 * _HALO
        picture = QPixmap(round((x + _HALO) * self._ratio + 0.5), round(height * self._ratio + 0.5))
        picture.setDevicePixelRatio(self._ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paper = QColor(self._theme.paper)
        paper.setAlphaF(0.85)
        halo = QPen(paper, 2 * _HALO, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(letters, halo)
        if badge:
            painter.strokePath(triangle, halo)
            painter.strokePath(triangle, QPen(QColor(self._theme.warning), _LINE))
        painter.setFont(self._strong)
        painter.setPen(QColor(self._theme.label) if recorded else quiet_colour)
        painter.drawText(QPointF(places[0], baseline), title)
        painter.setFont(self._quiet)
        painter.setPen(quiet_colour)
        for place, words in zip(places[1:], (behind, badge), strict=False):
            painter.drawText(QPointF(place, baseline), words)
        painter.end()
        return picture
