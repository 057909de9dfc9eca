"""Agreement drawn: a line for each pair, with its two by two table, kappa and the interval; on screen and on paper."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ecgview.review.agreement import Agreement, FleissAgreement
from ecgview.review.study import Study
from ecgview.ui.review.definitions import definition

_LOWEST, _HIGHEST = -0.2, 1.0
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_AGAIN = "reader and the same reader again"
HEADINGS = ("both", "1st only", "2nd only", "neither")
"""Of the two by two table."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Fonts and colours to draw with.

    Attributes
    ----------
    large, small : QFont
    text, secondary, accent, grid : QColor
    """

    large: QFont
    small: QFont
    text: QColor
    secondary: QColor
    accent: QColor
    grid: QColor


Line = str | Agreement | FleissAgreement


def lines(study: Study) -> list[Line]:
    """Return what is drawn, line by line; a class's name stands before its pairs."""
    found: list[Line] = []
    for code in study.codes:
        known = definition(code)
        found.append(f"{known.name}  ·  {known.shown_code}" if known.shown_code else known.name)
        of = study.of_class(code)
        found += [*of.pairs, *of.fleiss]
    return found


def pair_words(line: Agreement | FleissAgreement) -> str:
    """Return who is compared with whom."""
    if isinstance(line, FleissAgreement):
        return f"All {len(line.readers)} readers (Fleiss)"
    return f"{line.first}, read again" if line.comparison == _AGAIN else f"{line.first} and {line.second}"


def kappa_words(line: Agreement | FleissAgreement) -> str:
    """Return kappa with its interval; words where there is none."""
    if math.isnan(line.kappa):
        return "no kappa"
    return f"{_signed(line.kappa)} ({_signed(line.low)} to {_signed(line.high)})"


def spoken(study: Study) -> str:
    """Return all of it in sentences, for a screen reader."""
    return ". ".join(
        line if isinstance(line, str) else f"{pair_words(line)}: kappa {kappa_words(line)}" for line in lines(study)
    )


def line_height(ink: Ink) -> float:
    """Return the height of one line."""
    return QFontMetricsF(ink.small).height() * 1.5


def height(study: Study, ink: Ink) -> float:
    """Return how high a study is drawn."""
    return (len(lines(study)) + 2.5) * line_height(ink)


def least_width(ink: Ink) -> float:
    """Return the width below which names and plot have no room."""
    metrics = QFontMetricsF(ink.small)
    figures = 5 * metrics.horizontalAdvance("2nd only") + metrics.horizontalAdvance("−0.00 (−0.00 to −0.00)")
    return figures + 70 * metrics.averageCharWidth()


def paint(painter: QPainter, study: Study, area: QRectF, ink: Ink, most: int | None = None) -> None:
    """Draw a study.

    Parameters
    ----------
    painter : QPainter
        In the unit of the fonts.
    study : Study
    area : QRectF
        What does not fit its height is drawn beyond it.
    ink : Ink
    most : int, optional
        Lines at most.
    """
    step = line_height(ink)
    columns = _Columns(area, ink)
    shown = lines(study)[:most]
    top, bottom = area.top() + 1.5 * step, area.top() + (len(shown) + 1.5) * step
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _write_headings(painter, columns, area.top(), step, ink)
    for tick in _TICKS:
        x = columns.at(tick)
        painter.setPen(QPen(ink.secondary if tick == 0 else ink.grid, 1.0))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        place = QRectF(x - 2 * step, bottom, 4 * step, step)
        _write(painter, place, f"{tick:g}", ink.small, ink.secondary, Qt.AlignmentFlag.AlignHCenter)
    for number, line in enumerate(shown):
        row = QRectF(area.left(), top + number * step, area.width(), step)
        if isinstance(line, str):
            _write(painter, QRectF(row.left(), row.top(), columns.plot - row.left(), step), line, ink.large, ink.text)
        else:
            _paint_line(painter, row, line, columns, ink)
    painter.restore()


class _Columns:
    """Where the columns lie."""

    def __init__(self, area: QRectF, ink: Ink) -> None:
        metrics = QFontMetricsF(ink.small)
        self.count_wide = metrics.horizontalAdvance("2nd only") + metrics.averageCharWidth() * 2
        kappa_wide = metrics.horizontalAdvance("−0.00 (−0.00 to −0.00)") + metrics.averageCharWidth()
        self.kappa = area.right() - kappa_wide
        self.kappa_wide = kappa_wide
        rest = self.kappa - area.left() - 5 * self.count_wide
        self.counts = area.left() + rest * 0.42
        self.plot = self.counts + 5 * self.count_wide + metrics.averageCharWidth() * 3
        self.plot_end = self.kappa - metrics.averageCharWidth() * 3

    def at(self, kappa: float) -> float:
        """Return where a kappa lies."""
        share = (min(max(kappa, _LOWEST), _HIGHEST) - _LOWEST) / (_HIGHEST - _LOWEST)
        return self.plot + share * (self.plot_end - self.plot)

    def count(self, place: int, top: float, step: float) -> QRectF:
        """Return the place of a count."""
        return QRectF(self.counts + place * self.count_wide, top, self.count_wide, step)


def _write_headings(painter: QPainter, columns: _Columns, top: float, step: float, ink: Ink) -> None:
    right = Qt.AlignmentFlag.AlignRight
    for place, words in enumerate((*HEADINGS, "unsure")):
        _write(painter, columns.count(place, top, step), words, ink.small, ink.secondary, right)
    middle = QRectF(columns.plot, top, columns.plot_end - columns.plot, step)
    _write(painter, middle, "Kappa, 95 % interval", ink.small, ink.secondary, Qt.AlignmentFlag.AlignHCenter)


def _paint_line(painter: QPainter, row: QRectF, line: Agreement | FleissAgreement, columns: _Columns, ink: Ink) -> None:
    step = row.height()
    names = QRectF(row.left() + step / 2, row.top(), columns.counts - row.left() - step / 2, step)
    _write(painter, names, pair_words(line), ink.small, ink.text)
    for place, count in enumerate(_counts(line)):
        where = columns.count(place, row.top(), step)
        _write(painter, where, str(count), ink.small, ink.text, Qt.AlignmentFlag.AlignRight)
    kappa = QRectF(columns.kappa, row.top(), columns.kappa_wide, step)
    _write(painter, kappa, kappa_words(line), ink.small, ink.text, Qt.AlignmentFlag.AlignRight)
    if math.isnan(line.kappa):
        return
    y = row.center().y()
    painter.setPen(QPen(ink.accent, step / 12))
    painter.drawLine(QPointF(columns.at(line.low), y), QPointF(columns.at(line.high), y))
    for end in (line.low, line.high):
        x = columns.at(end)
        painter.drawLine(QPointF(x, y - step / 6), QPointF(x, y + step / 6))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.accent)
    painter.drawEllipse(QPointF(columns.at(line.kappa), y), step / 5, step / 5)


def _counts(line: Agreement | FleissAgreement) -> Iterator[int]:
    if isinstance(line, Agreement):
        table = line.table
        yield from (table.both, table.first_only, table.second_only, table.neither, line.left_out)


def _write(
    painter: QPainter,
    place: QRectF,
    words: str,
    font: QFont,
    colour: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    elided = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), elided)


def _signed(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")
