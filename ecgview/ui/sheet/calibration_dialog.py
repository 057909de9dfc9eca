"""Measuring a screen: a frame on it is made as large as a real bank card."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from ecgview.ui.button_box import button_box
from ecgview.ui.sheet.calibration import CARD_MM, LEAST, MOST, Calibration, guess
from ecgview.ui.text import UNIT, label, small
from ecgview.ui.theme import Theme

_MARGIN = 3.0 * UNIT
_ROUND_MM = 3.18
"""Radius of a card's corners, ISO/IEC 7810."""
_HANDLE = 1.5 * UNIT
_RULER = 3.0 * UNIT
_CENTIMETRE, _HALF, _MILLIMETRE = 1.5 * UNIT, 1.0 * UNIT, 0.5 * UNIT


class CardFrame(QWidget):
    """A frame of a card's shape, with a ruler below; its right edge and lower right corner can be dragged.

    The arrows make it larger or smaller by one device pixel, with Shift by ten.

    Attributes
    ----------
    changed : Signal(float)
        Device pixels in a millimetre, as the frame stands now.
    """

    changed = Signal(float)

    def __init__(self, pixels_per_mm: float, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._per_mm = pixels_per_mm
        self._theme = theme
        self._held: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(40 * UNIT, 28 * UNIT)
        self.setAccessibleName("Frame as large as a bank card")
        self._describe()

    @property
    def pixels_per_mm(self) -> float:
        """Device pixels in a millimetre."""
        return self._per_mm

    def set_pixels_per_mm(self, value: float) -> None:
        """Make the frame as large as a card is where a millimetre has so many device pixels."""
        value = min(max(value, LEAST), MOST)
        if value != self._per_mm:
            self._per_mm = value
            self._describe()
            self.update()
            self.changed.emit(value)

    def sizeHint(self) -> QSize:
        """Room for the card, and for one that turns out somewhat larger."""
        width, height = (length * self._scale * 1.2 for length in CARD_MM)
        return QSize(round(width + 2 * _MARGIN), round(height + 2 * _MARGIN + _RULER))

    @property
    def _scale(self) -> float:
        """Device-independent pixels in a millimetre."""
        return self._per_mm / self.devicePixelRatioF()

    def _frame(self) -> QRectF:
        return QRectF(_MARGIN, _MARGIN, CARD_MM[0] * self._scale, CARD_MM[1] * self._scale)

    def _describe(self) -> None:
        self.setAccessibleDescription(
            f"{self._per_mm:.2f} device pixels in a millimetre. The arrows change the size by a pixel, "
            "with Shift by ten."
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, its handle and the ruler."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame, scale = self._frame(), self._scale
        painter.fillRect(self.rect(), QColor(self._theme.paper))
        tint = QColor(self._theme.accent)
        tint.setAlphaF(0.10)
        painter.setBrush(tint)
        painter.setPen(QPen(QColor(self._theme.accent), 2.0 if self.hasFocus() else 1.0))
        painter.drawRoundedRect(frame, _ROUND_MM * scale, _ROUND_MM * scale)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawEllipse(frame.bottomRight(), _HANDLE / 2, _HANDLE / 2)
        painter.setFont(small())
        metrics = QFontMetricsF(small())
        painter.setPen(QColor(self._theme.label))
        words = "Hold a bank card here"
        at = frame.center() - QPointF(metrics.horizontalAdvance(words) / 2, -metrics.ascent() / 2)
        painter.drawText(at, words)
        top = frame.bottom() + _HANDLE
        ratio = self.devicePixelRatioF()
        painter.setPen(QPen(QColor(self._theme.secondary), 1.0))
        for millimetre in range(int(CARD_MM[0]) + 1):
            # The middle of a device pixel: one pixel wide and sharp.
            x = (math.floor((frame.left() + millimetre * scale) * ratio) + 0.5) / ratio
            long = _CENTIMETRE if millimetre % 10 == 0 else _HALF if millimetre % 5 == 0 else _MILLIMETRE
            painter.drawLine(QLineF(x, top, x, top + long))
        painter.drawText(QPointF(frame.left(), top + _CENTIMETRE + metrics.ascent()), "ruler in millimetres")
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the right edge or the corner, wherever the pointer is on it."""
        if event.button() == Qt.MouseButton.LeftButton and self._on_edge(event.position()):
            self._held = event.position().x() - self._frame().right()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Make the frame as wide as the pointer says."""
        if self._held is not None:
            wide = event.position().x() - self._held - _MARGIN
            self.set_pixels_per_mm(wide * self.devicePixelRatioF() / CARD_MM[0])
        on_edge = self._held is not None or self._on_edge(event.position())
        self.setCursor(Qt.CursorShape.SizeHorCursor if on_edge else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def _on_edge(self, point: QPointF) -> bool:
        frame = self._frame()
        return abs(point.x() - frame.right()) <= _HANDLE and frame.top() <= point.y() <= frame.bottom() + _HANDLE

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Make the frame larger or smaller."""
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        pixels = step * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        self.set_pixels_per_mm(self._per_mm + pixels / CARD_MM[0])


class CalibrationDialog(QDialog):
    """Asks how large a card is on the screen that the dialog stands on, and keeps the answer.

    Parameters
    ----------
    calibration : Calibration
        Where it is kept when the dialog is accepted.
    theme : Theme
    parent : QWidget
    """

    def __init__(self, calibration: Calibration, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._calibration = calibration
        self.setWindowTitle("Calibrate this screen")
        screen = self.screen()
        self.frame = CardFrame(calibration.pixels_per_mm(screen) or guess(screen), theme)
        self._state = label(font=small(), secondary=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(2 * UNIT)
        column.addWidget(
            label(
                "Hold a bank or identity card against the screen and drag the frame's right edge until both are "
                "equally wide. The arrow keys change it by one pixel, with Shift by ten."
            )
        )
        column.addWidget(self.frame, 1)
        column.addWidget(self._state)
        kinds = QDialogButtonBox.StandardButton
        self.buttons = button_box(kinds.Save, kinds.Cancel)
        self.forget = self.buttons.addButton("Forget", QDialogButtonBox.ButtonRole.DestructiveRole)
        self.forget.setToolTip("Treat this screen as not calibrated")
        self.forget.setEnabled(calibration.pixels_per_mm(screen) is not None)
        self.forget.clicked.connect(self._forget)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(self.buttons)
        self.frame.changed.connect(self._say)
        self._say(self.frame.pixels_per_mm)
        self.frame.setFocus()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def accept(self) -> None:
        """Keep what the frame says."""
        self._calibration.keep(self.screen(), self.frame.pixels_per_mm)
        super().accept()

    def _forget(self) -> None:
        self._calibration.forget(self.screen())
        super().accept()

    def _say(self, pixels_per_mm: float) -> None:
        self._state.setText(
            f"Screen {self.screen().name() or 'without a name'}: {pixels_per_mm:.2f} device pixels in a millimetre"
        )
