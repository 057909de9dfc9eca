"""The colours of a heat map's cells in a theme, each worked out once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette, QPen

from ecgview.ui.theme import contrast, mixed

_STEPS = 100
_FAINT = 0.4
_LEGIBLE = 4.5
"""WCAG 2.2, 1.4.3."""


class HeatColours:
    """From the ground of a list to its accent colour.

    Parameters
    ----------
    palette : QPalette
    """

    def __init__(self, palette: QPalette) -> None:
        self.ground = palette.color(QPalette.ColorRole.Base)
        self.text = palette.color(QPalette.ColorRole.Text)
        self.quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        self.few = QPen(QColor(mixed(self.ground.name(), self.quiet.name(), _FAINT)), 1.0, Qt.PenStyle.DashLine)
        self._full = palette.color(QPalette.ColorRole.Accent)
        self._steps: dict[int, tuple[QColor, QColor]] = {}

    def at(self, dark: float) -> tuple[QColor, QColor]:
        """Return the colour of a cell and one that can be read on it.

        Parameters
        ----------
        dark : float
            From 0, the ground, to 1; taken to the nearest hundredth.

        Returns
        -------
        tuple of QColor
        """
        step = round(dark * _STEPS)
        if step not in self._steps:
            fill = mixed(self.ground.name(), self._full.name(), step / _STEPS)
            self._steps[step] = QColor(fill), self._ink_on(fill)
        return self._steps[step]

    def _ink_on(self, fill: str) -> QColor:
        """Return the colour of text as long as it can be read on this."""
        if contrast(self.text.name(), fill) >= _LEGIBLE:
            return self.text
        return QColor(max("#000000", "#ffffff", key=lambda ink: contrast(ink, fill)))
