"""Which part of the sheet is seen, and how large: zoom, pan and their bounds. No Qt.

Two roundings keep the paper quiet. The scale is such that 5 mm are whole device pixels, so every
strong line of the grid has the same distance from the next; and the sheet lies at whole pixels, so
that panning moves the picture without changing it. A scale that is held, the one of true
millimetres, is not rounded: there a ruler on the screen has the last word.
"""

from __future__ import annotations

import math

Extent = tuple[float, float, float, float]

LARGEST_ZOOM = 20.0
"""How much larger than the whole sheet."""
_MARGIN = 8.0
"""Pixels kept free around the sheet."""


class View:
    """The part of the sheet in view.

    Lengths on the screen are device-independent pixels ("pixels"), on the sheet millimetres.

    Attributes
    ----------
    scale : float
        Pixels in a millimetre.
    x, y : float
        What lies at the upper left corner of the area, mm.
    fitted : bool
        Whether the whole sheet is in view and stays so when the area changes.
    held : bool
        Whether the scale was set by :meth:`hold` and not changed since.
    largest_fit : float
        The whole sheet is drawn no larger than this, pixels in a millimetre; infinite but where
        sheets are compared.
    """

    def __init__(self) -> None:
        self.scale = 1.0
        self.x = 0.0
        self.y = 0.0
        self.fitted = True
        self.held = False
        self.largest_fit = math.inf
        self._wish = 1.0  # the scale before rounding: many small steps must add up
        self._area = (1.0, 1.0)
        self._extent = (0.0, 0.0, 1.0, 1.0)
        self._bounds = self._extent
        self._ratio = 1.0

    @property
    def fit_scale(self) -> float:
        """The scale at which the whole sheet is in view, pixels in a millimetre."""
        return min(self.own_fit_scale, self.largest_fit)

    @property
    def own_fit_scale(self) -> float:
        """The same, whatever :attr:`largest_fit` is."""
        left, top, right, bottom = self._extent
        width, height = (max(1.0, length - 2 * _MARGIN) for length in self._area)
        return self._rounded(min(width / (right - left), height / (bottom - top)), down=True)

    def place(self, area: tuple[float, float], ratio: float, extent: Extent, bounds: Extent) -> None:
        """Say where there is room, and for what.

        A fitted view stays fitted; another keeps its scale and the middle of what is seen.

        Parameters
        ----------
        area : tuple of float
            Width and height, pixels.
        ratio : float
            Device pixels in a pixel.
        extent, bounds : tuple of float
            Left, top, right and bottom of what is fitted, and of what can be panned to, mm.
        """
        middle = self.x + self._area[0] / 2 / self.scale, self.y + self._area[1] / 2 / self.scale
        self._area = (max(1.0, area[0]), max(1.0, area[1]))
        self._ratio = ratio
        self._extent = extent
        self._bounds = bounds
        if not self.held:
            self._wish = self._bounded(self._wish)
            if self.fitted or self._rounded(self._wish) <= self.fit_scale:
                self.fit()
                return
            self.scale = self._rounded(self._wish)
        self._move(middle[0] - self._area[0] / 2 / self.scale, middle[1] - self._area[1] / 2 / self.scale)

    def fit(self) -> None:
        """Bring the whole sheet into view."""
        self.fitted, self.held = True, False
        self.scale = self._wish = self.fit_scale
        self._move(self.x, self.y)

    def hold(self, scale: float) -> None:
        """Take a scale as it is, pixels in a millimetre, and keep it until the next zoom.

        The sheet's beginning comes into view; where a scale was held before, the middle stays.
        """
        x, y = self._extent[0], self._extent[1]
        if self.held:
            x = self.x + self._area[0] / 2 * (1 / self.scale - 1 / scale)
            y = self.y + self._area[1] / 2 * (1 / self.scale - 1 / scale)
        self.fitted, self.held = False, True
        self.scale = self._wish = scale
        self._move(x, y)

    def zoom(self, factor: float, at: tuple[float, float]) -> None:
        """Scale by a factor; what lies at the point `at` (pixels) stays there."""
        self._wish = self._bounded(self._wish * factor)
        scale = self._rounded(self._wish)
        self.held = False
        if scale <= self.fit_scale:
            wish = self._wish
            self.fit()
            self._wish = wish
            return
        self.fitted = False
        if scale != self.scale:
            x, y = self.x + at[0] / self.scale, self.y + at[1] / self.scale
            self.scale = scale
            self._move(x - at[0] / scale, y - at[1] / scale)

    def pan(self, dx: float, dy: float) -> float:
        """Show what lies `dx` mm further right and `dy` mm further down, as far as the sheet goes.

        Returns
        -------
        float
            How much of `dx` lies beyond the sheet's edge, mm.
        """
        if self.fitted:
            return dx
        before = self.x
        self._move(self.x + dx, self.y + dy)
        left = dx - (self.x - before)
        return left if abs(left) * self.scale > 1.0 else 0.0

    def _bounded(self, scale: float) -> float:
        return min(max(scale, self.fit_scale), LARGEST_ZOOM * self.fit_scale)

    def _rounded(self, scale: float, down: bool = False) -> float:
        per_pixel = self._ratio * 5.0
        return max(1, math.floor(scale * per_pixel) if down else round(scale * per_pixel)) / per_pixel

    def _move(self, x: float, y: float) -> None:
        left, top, right, bottom = self._extent if self.fitted else self._bounds
        self.x = self._held(x, left, right, self._area[0])
        self.y = self._held(y, top, bottom, self._area[1])

    def _held(self, wish: float, least: float, most: float, area: float) -> float:
        """Keep one axis on the sheet: in the middle where all of it fits, else without empty margin."""
        margin, seen = _MARGIN / self.scale, area / self.scale
        if most - least + 2 * margin <= seen:
            wish = (least + most - seen) / 2
        else:
            wish = min(max(wish, least - margin), most + margin - seen)
        return round(wish * self.scale) / self.scale
