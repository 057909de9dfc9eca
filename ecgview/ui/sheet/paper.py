"""Millimetre paper."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap

from ecgview.ui.sheet.device import covering, enter_device_pixels
from ecgview.ui.theme import Theme, mixed

_COARSE_MM = 5
_GONE_PIXELS, _FULL_PIXELS = 2.2, 4.5
"""Distance of two lines, device pixels, below which they are not drawn and above which in full."""
_ALONE = 0.7
"""Strength of the 5 mm lines where the 1 mm lines are gone."""


class Paper:
    """Paints the paper; keeps the picture until scale, place, pixel ratio or theme change.

    One device pixel wide at every scale, each line on a whole pixel. Building the picture costs
    1 ms at 1600 x 1000 and 3 ms at pixel ratio 2, painting it again 0.2 and 1.5 ms.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._picture = QPixmap()

    def paint(self, painter: QPainter, rect: QRectF, theme: Theme) -> None:
        """Fill `rect` (the painter's coordinates, mm) with paper."""
        painter.save()
        to_device = enter_device_pixels(painter)
        place = covering(to_device.mapRect(rect))
        scale = to_device.m11()
        shift = (to_device.dx() - place.x(), to_device.dy() - place.y())
        key = (scale, shift, place.size().toTuple(), theme)
        if key != self._key:
            self._picture = _picture(place, scale, shift, theme)
            self._key = key
        painter.drawPixmap(place.topLeft(), self._picture)
        painter.restore()


def line_strength(pixels: float) -> float:
    """Return how strongly lines `pixels` device pixels apart are drawn, 0 to 1.

    Lines that come too close fade out; drawn in full they would be a tint with moire in it.
    """
    share = min(1.0, max(0.0, (pixels - _GONE_PIXELS) / (_FULL_PIXELS - _GONE_PIXELS)))
    return share * share * (3 - 2 * share)


def _picture(place: QRect, scale: float, shift: tuple[float, float], theme: Theme) -> QPixmap:
    picture = QPixmap(place.size())
    picture.fill(QColor(theme.paper))
    width, height = picture.width(), picture.height()
    painter = QPainter(picture)
    fine = line_strength(scale)
    # Without the fine lines between them the strong ones would look stronger than they are.
    coarse = line_strength(_COARSE_MM * scale) * (_ALONE + (1.0 - _ALONE) * fine)
    for step, colour, strength in ((1, theme.grid_fine, fine), (_COARSE_MM, theme.grid_coarse, coarse)):
        if strength == 0.0:
            continue
        ink = QColor(mixed(theme.paper, colour, strength))
        for x in _pixels(width, scale * step, shift[0]):
            painter.fillRect(x, 0, 1, height, ink)
        for y in _pixels(height, scale * step, shift[1]):
            painter.fillRect(0, y, width, 1, ink)
    painter.end()
    return picture


def _pixels(length: int, step: float, shift: float) -> Iterator[int]:
    """The pixels of the lines k * step + shift that lie inside 0 .. length."""
    for k in range(math.floor(-shift / step), math.ceil((length - shift) / step) + 1):
        pixel = line_pixel(k * step + shift)
        if 0 <= pixel < length:
            yield pixel


def line_pixel(place: float) -> int:
    """Return the pixel that a line at `place` (device pixels) is drawn in."""
    return math.floor(place)
