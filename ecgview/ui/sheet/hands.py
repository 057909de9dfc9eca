"""What wheel, mouse and fingers do on the sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QWheelEvent

if TYPE_CHECKING:
    from ecgview.ui.sheet.viewing import PaperView

_PIXELS_PER_DOUBLING = 360.0
"""How far a wheel turns (eighths of a degree) or fingers move (pixels) to double the scale."""


class Hands:
    """The wheel zooms about the pointer, with Shift it moves on in time; dragging moves the sheet."""

    def __init__(self, sheet: PaperView) -> None:
        self._sheet = sheet
        self._grabbed: QPointF | None = None

    def turn(self, event: QWheelEvent) -> None:
        """Take a turn of the wheel, or two fingers."""
        fingers = not event.pixelDelta().isNull() and (
            event.phase() != Qt.ScrollPhase.NoScrollPhase or event.angleDelta().isNull()
        )
        delta = event.pixelDelta() if fingers else event.angleDelta()
        along = abs(delta.x()) > abs(delta.y())
        if along or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._sheet.pan_by(-(delta.x() if along else delta.y()) / self._sheet.scale_mm, 0.0)
        elif delta.y():
            self._sheet.zoom_by(2.0 ** (delta.y() / _PIXELS_PER_DOUBLING), event.position())
        event.accept()

    def pinch(self, event: QNativeGestureEvent) -> bool:
        """Take fingers that move apart; tell whether it was that."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._sheet.zoom_by(max(0.1, 1.0 + event.value()), event.position())
        return True

    def press(self, event: QMouseEvent) -> None:
        """Take hold of the sheet where it can be moved."""
        if event.button() == Qt.MouseButton.LeftButton and self._sheet.movable:
            self._grabbed = event.position()
            self.show()

    def move(self, event: QMouseEvent) -> None:
        """Move the sheet along."""
        if self._grabbed is not None:
            moved = event.position() - self._grabbed
            self._grabbed = event.position()
            self._sheet.pan_by(-moved.x() / self._sheet.scale_mm, -moved.y() / self._sheet.scale_mm)

    def release(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = None
            self.show()

    def show(self) -> None:
        """Let the pointer tell whether the sheet can be moved."""
        shape = Qt.CursorShape.ArrowCursor
        if self._sheet.tool_shape is not None:
            shape = self._sheet.tool_shape
        elif self._grabbed is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._sheet.movable:
            shape = Qt.CursorShape.OpenHandCursor
        port = self._sheet.viewport()
        if port.cursor().shape() != shape:
            port.setCursor(shape)
