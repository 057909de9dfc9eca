"""Lead names on paper, as letters that can be searched for and copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from ecgview.ui.output.page import BODY, SMALL, UNIT, PrintedPage, font
from ecgview.ui.sheet.layout import LEFT_MM, Page, Segment
from ecgview.ui.sheet.marks import name_places, remark
from ecgview.ui.theme import Theme

_HALO = 0.5
"""Millimetres of paper around the letters, which keep the grid from them; traces run over it."""
_CLEAR, _INDENT = 0.5, 1.0
"""Millimetres between a name and a trace, and from the beginning of the lead's place."""
_DENSE = 15.0
"""Rows nearer than this, mm, leave names no place among the traces."""

_DOT = " · "

_Word = tuple[str, QFont, str]
"""Words, their font and their colour."""


def paint_names(painter: QPainter, printed: PrintedPage, theme: Theme) -> None:
    """Paint the names of the leads; the painter draws in mm of the grid."""
    halo = QPen(QColor(theme.paper), 2 * _HALO / UNIT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    for corner, words in _placed(printed, theme):
        painter.save()
        painter.translate(corner)
        painter.scale(UNIT, UNIT)
        at = QPointF(0.0, QFontMetricsF(words[0][1]).capHeight())
        for text, letters, colour in words:
            outline = QPainterPath()
            outline.addText(at, letters, text)
            painter.strokePath(outline, halo)
            painter.setFont(letters)
            painter.setPen(QColor(colour))
            painter.drawText(at, text)
            at += QPointF(QFontMetricsF(letters).horizontalAdvance(text), 0.0)
        painter.restore()


def places(printed: PrintedPage, theme: Theme) -> list[QRectF]:
    """Return where the names stand, mm of the grid."""
    return [QRectF(corner, _size(words)) for corner, words in _placed(printed, theme)]


def _placed(printed: PrintedPage, theme: Theme) -> Iterator[tuple[QPointF, list[_Word]]]:
    """Give what is written, each with its upper left corner, mm."""
    page = printed.page
    dense = page.row_height < _DENSE
    names = {segment: _words(segment, printed, theme, dense) for segment in page.segments}
    # Either every row's name stands to the left of its calibration pulse, or none.
    before = dense and all(
        _size(words[:1]).width() + _CLEAR < _upstroke(page, segment.row)
        for segment, words in names.items()
        if segment.x == LEFT_MM
    )
    among = name_places(page, printed.traces, {segment: _size(words) for segment, words in names.items()}, _CLEAR)
    for segment, words in names.items():
        if before and segment.x == LEFT_MM:
            yield QPointF(_CLEAR, segment.y - _CLEAR - _size(words[:1]).height()), words[:1]
            if rest := words[1:]:
                text, letters, colour = rest[0]
                yield QPointF(_CLEAR, segment.y + 2 * _CLEAR), [(text.lstrip(_DOT), letters, colour), *rest[1:]]
        else:
            yield QPointF(segment.x + _INDENT, among[segment]), words


def _words(segment: Segment, printed: PrintedPage, theme: Theme, dense: bool) -> list[_Word]:
    """The name, and what is to be said of the lead."""
    quiet = font(SMALL)
    words = [
        (
            segment.title,
            font(SMALL if dense else BODY, strong=True),
            theme.label if segment.recorded else theme.secondary,
        )
    ]
    if behind := remark(segment, printed.traces):
        words.append((behind, quiet, theme.secondary))
    if printed.explained is not None and segment.recorded and segment.lead in printed.explained.notes:
        words.append((printed.explained.notes[segment.lead], quiet, theme.secondary))
    doubt = printed.doubts.get(segment.lead, "") if segment.recorded else ""
    if doubt:
        said = [*words, (f" ▲ {doubt}", quiet, theme.warning)]
        # Where the words would run into the next lead's name, the triangle says it alone.
        fits = _INDENT + _size(said).width() < segment.width
        words = said if fits else [*words, (" ▲", quiet, theme.warning)]
    return words


def _size(words: Sequence[_Word]) -> QSizeF:
    """What words take in a line, mm."""
    metrics = QFontMetricsF(words[0][1])
    advance = sum(QFontMetricsF(letters).horizontalAdvance(text) for text, letters, _ in words)
    return QSizeF(advance, metrics.capHeight() + metrics.descent()) * UNIT


def _upstroke(page: Page, row: int) -> float:
    """The x where a row's calibration pulse rises, mm; 0 where there is none."""
    pulse = page.pulses[row]
    return min((x for x, y in pulse if y < pulse[0][1]), default=0.0)
