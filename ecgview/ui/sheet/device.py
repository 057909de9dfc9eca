"""Drawing in device pixels: hairlines that are exactly one pixel wide and sharp."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QTransform


def enter_device_pixels(painter: QPainter) -> QTransform:
    """Make the painter draw in device pixels from now on; return the way there from before.

    The caller saves and restores the painter.
    """
    to_device = painter.deviceTransform()
    world, _ = painter.worldTransform().inverted()
    # deviceTransform = worldTransform x (window, redirection, pixel ratio): undo the second factor.
    rest, _ = (world * to_device).inverted()
    painter.setWorldTransform(rest)
    return to_device


def covering(rect: QRectF) -> QRect:
    """Return the whole pixels that a rectangle touches, within a rounding error."""
    left, top = math.floor(rect.left() + 1e-3), math.floor(rect.top() + 1e-3)
    right, bottom = math.ceil(rect.right() - 1e-3), math.ceil(rect.bottom() - 1e-3)
    return QRect(left, top, right - left, bottom - top)
