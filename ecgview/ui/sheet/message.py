"""Words on the empty paper: nothing opened yet, loading, refused."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter

from ecgview.ui.theme import Theme

_SIDE = 24.0
_WIDEST_EMS = 46.0
_LARGER = 1.4
_VEILS = 24
_BETWEEN = 8.0
"""Pixels between title and detail."""


def wrapped(text: str, metrics: QFontMetricsF, room: float, most: int) -> list[str]:
    """Break a text into lines.

    Parameters
    ----------
    text : str
        Line breaks in it are kept.
    metrics : QFontMetricsF
        Of the font the text is drawn with.
    room : float
        Width, pixels. A word that is wider, a path as a rule, is shortened in its middle: both
        its ends tell more than what lies between.
    most : int
        Lines there is room for; the last one ends in an ellipsis where there are more.

    Returns
    -------
    list of str
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            shown = metrics.elidedText(word, Qt.TextElideMode.ElideMiddle, room)
            longer = f"{line} {shown}" if line else shown
            if line and metrics.horizontalAdvance(longer) > room:
                lines.append(line)
                line = shown
            else:
                line = longer
        lines.append(line)
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = metrics.elidedText(lines[-1] + " …", Qt.TextElideMode.ElideRight, room)
        if not lines[-1].endswith("…"):
            lines[-1] += "…"
    return lines


def paint_message(painter: QPainter, area: QRectF, title: str, detail: str, theme: Theme, font: QFont) -> None:
    """Paint a title and a detail in the middle of `area`, on a clean piece of paper."""
    em = float(QFontInfo(font).pixelSize())
    large = QFont(font)
    large.setPixelSize(round(em * _LARGER))
    large.setWeight(QFont.Weight.DemiBold)
    title_metrics, metrics = QFontMetricsF(large), QFontMetricsF(font)
    room = max(1.0, min(area.width() - 4 * _SIDE, _WIDEST_EMS * em))
    height = max(1.0, area.height() - 4 * _SIDE)
    titles = wrapped(title, title_metrics, room, max(1, int(height / title_metrics.lineSpacing())))
    left = height - len(titles) * title_metrics.lineSpacing() - _BETWEEN
    most = int(left / metrics.lineSpacing())
    details = wrapped(detail, metrics, room, most) if most > 0 else []

    lines = [(line, large, title_metrics, theme.message) for line in titles]
    lines += [(line, font, metrics, theme.secondary) for line in details]
    tall = sum(item[2].lineSpacing() for item in lines) + (_BETWEEN if details else 0.0)
    wide = max(item[2].horizontalAdvance(item[0]) for item in lines) if lines else 0.0
    middle = area.center()
    block = QRectF(middle.x() - wide / 2, middle.y() - tall / 2, wide, tall)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    # The grid fades out around the words: many thin veils, each a little smaller.
    veil = QColor(theme.paper)
    veil.setAlphaF(3.0 / _VEILS)
    painter.setBrush(veil)
    for number in range(_VEILS):
        grown = 2 * _SIDE * (1.0 - number / _VEILS)
        painter.drawRoundedRect(block.adjusted(-grown, -grown, grown, grown), grown, grown)
    y = block.top()
    for number, (line, line_font, line_metrics, colour) in enumerate(lines):
        if number == len(titles):
            y += _BETWEEN
        painter.setFont(line_font)
        painter.setPen(QColor(colour))
        x = middle.x() - line_metrics.horizontalAdvance(line) / 2
        painter.drawText(QPointF(round(x), round(y + line_metrics.ascent())), line)
        y += line_metrics.lineSpacing()
