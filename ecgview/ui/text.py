"""The program's two text sizes and one change of weight, and small pieces of drawn text."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy

UNIT = 8  # px: all spacing is a multiple or half of it
_SMALL = 0.88


def body() -> QFont:
    """Return the font that is read first, with figures of one width."""
    font = QApplication.font()
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def small() -> QFont:
    """Return the font of what is read when looked for."""
    font = body()
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * _SMALL)
    else:
        font.setPixelSize(round(font.pixelSize() * _SMALL))
    return font


def strong(font: QFont) -> QFont:
    """Return a font in the one heavier weight."""
    heavier = QFont(font)
    heavier.setWeight(QFont.Weight.DemiBold)
    return heavier


def label(text: str = "", font: QFont | None = None, secondary: bool = False, wraps: bool = True) -> QLabel:
    """Return a label in one of the program's fonts, its text selectable.

    Secondary text takes the palette's placeholder colour, which the theme sets for it.
    """
    widget = QLabel(text)
    widget.setFont(body() if font is None else font)
    widget.setWordWrap(wraps)
    widget.setTextFormat(Qt.TextFormat.PlainText)
    widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if secondary:
        widget.setForegroundRole(widget.palette().ColorRole.PlaceholderText)
    return widget


class Elided(QLabel):
    """One line that ends in an ellipsis where it has no room, whole in its tooltip."""

    def __init__(
        self, font: QFont, secondary: bool = False, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__()
        self.setFont(font)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._mode = mode
        if secondary:
            self.setForegroundRole(self.palette().ColorRole.PlaceholderText)

    def paintEvent(self, _: object) -> None:
        """Draw as much of the line as fits."""
        painter = QPainter(self)
        elided = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), elided)
        painter.end()
        self.setToolTip(self.text() if elided != self.text() else "")


def draw(
    painter: QPainter,
    place: QRect | QRectF,
    text: str,
    font: QFont,
    colour: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> float:
    """Draw one line in a rectangle, elided on the right; return the width it took."""
    painter.setFont(font)
    painter.setPen(colour)
    metrics = painter.fontMetrics()
    elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
    painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), elided)
    return float(metrics.horizontalAdvance(elided))
