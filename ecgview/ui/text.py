"""The program's two text sizes and one change of weight, and small pieces of drawn text."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy

UNIT = 8  # px: all spacing is a multiple or half of it
_SMALL = 0.88


def set_text_size(percent: int) -> None:
    """Make all text this large, per cent of the system's size, at once."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPointSizeF(font.pointSizeF() * percent / 100)
    if QApplication.font().pointSizeF() == font.pointSizeF():
        return
    QApplication.setFont(font)
    # A widget with a font of its own hears nothing of the change.
    for widget in QApplication.allWidgets():
        if isinstance(widget, Words):
            widget.renew()


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


def _size(font: QFont) -> float:
    return font.pointSizeF() if font.pointSizeF() > 0 else float(font.pixelSize())


class Words(QLabel):
    """A label that keeps its part in the program's text sizes when all of them change."""

    def __init__(self, text: str, font: QFont) -> None:
        super().__init__(text)
        self._small = _size(font) < _size(body())
        self._strong = font.weight() > QFont.Weight.Normal
        self.setFont(font)

    def renew(self) -> None:
        """Take the program's new size of text."""
        font = small() if self._small else body()
        self.setFont(strong(font) if self._strong else font)


def label(text: str = "", font: QFont | None = None, secondary: bool = False, wraps: bool = True) -> QLabel:
    """Return a label in one of the program's fonts, its text selectable.

    Secondary text takes the palette's placeholder colour, which the theme sets for it.
    """
    widget = Words(text, body() if font is None else font)
    widget.setWordWrap(wraps)
    widget.setTextFormat(Qt.TextFormat.PlainText)
    widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if secondary:
        widget.setForegroundRole(widget.palette().ColorRole.PlaceholderText)
    return widget


class Elided(Words):
    """One line that ends in an ellipsis where it has no room, whole in its tooltip."""

    def __init__(
        self, font: QFont, secondary: bool = False, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__("", font)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._mode = mode
        if secondary:
            self.setForegroundRole(self.palette().ColorRole.PlaceholderText)

    def minimumSizeHint(self) -> QSize:
        """Return that there may be no room at all."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _: object) -> None:
        """Draw as much of the line as fits."""
        painter = QPainter(self)
        elided = self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), elided)
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
