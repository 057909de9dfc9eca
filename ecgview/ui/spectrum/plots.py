"""The two plots as widgets: a spectrum with a cursor, and a spectrogram."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ecgview.signal.spectrum import Spectrum
from ecgview.ui.spectrum.painting import (
    Shown,
    colour_axis,
    mains_words,
    paint_spectrogram,
    paint_spectrum,
    plot_area,
)
from ecgview.ui.text import UNIT, small
from ecgview.ui.theme import Theme

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}


class _Plot(QWidget):
    """What both have in common."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._spectrum: Spectrum | None = None
        self._shown = Shown()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(30 * UNIT, 16 * UNIT))
        self.setAccessibleName(name)

    def show_spectrum(self, spectrum: Spectrum, shown: Shown) -> None:
        """Show this."""
        self._spectrum, self._shown = spectrum, shown
        self.setAccessibleDescription(self._description())
        self.update()

    def _description(self) -> str:
        raise NotImplementedError

    def _paint(self, painter: QPainter, area: QRectF, spectrum: Spectrum) -> None:
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is shown."""
        painter = QPainter(self)
        area = QRectF(self.rect())
        painter.fillRect(area, QColor(self._theme.paper))
        if self._spectrum is not None:
            self._paint(painter, area, self._spectrum)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 1.0))
            painter.drawRect(area.adjusted(0.5, 0.5, -1.0, -1.0))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Write in the new size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus went."""
        super().focusOutEvent(event)
        self.update()


class SpectrumPlot(_Plot):
    """Power density over frequency; a click or the arrow keys read it off.

    Signals
    -------
    read_off(str)
        Frequency and level at the cursor.
    """

    read_off = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Spectrum")
        self._bin: int | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_spectrum(self, spectrum: Spectrum, shown: Shown) -> None:
        """Show this, without a cursor."""
        self._bin = None
        super().show_spectrum(spectrum, shown)

    def _description(self) -> str:
        if self._spectrum is None:
            return ""
        said = f"Strongest at {self._spectrum.frequencies[1 + int(np.argmax(self._spectrum.density[1:]))]:.1f} Hz"
        return f"{said}; {mains_words(self._spectrum)}. Arrow keys read it off."

    def _paint(self, painter: QPainter, area: QRectF, spectrum: Spectrum) -> None:
        cursor = None if self._bin is None else float(spectrum.frequencies[self._bin])
        paint_spectrum(painter, area, spectrum, self._shown, self._theme, small(), cursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the cursor here."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._point(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the cursor along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._point(event.position().x())

    def _point(self, x: float) -> None:
        spectrum = self._spectrum
        if spectrum is not None:
            place = plot_area(QRectF(self.rect()), small(), scale=True)
            share = min(max(0.0, (x - place.left()) / max(1.0, place.width())), 1.0)
            self._go_to(round(float(self._shown.axis(spectrum).value(share)) / float(spectrum.frequencies[1])))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor by a bin, or by ten."""
        key = Qt.Key(event.key())
        if key not in _STEPS or self._spectrum is None:
            super().keyPressEvent(event)
            return
        here = self._bin
        self._go_to(1 + int(np.argmax(self._spectrum.density[1:])) if here is None else here + _STEPS[key])

    def _go_to(self, bin: int) -> None:
        spectrum = self._spectrum
        if spectrum is None:
            return
        axis = self._shown.axis(spectrum)
        inside = np.flatnonzero((spectrum.frequencies >= axis.least) & (spectrum.frequencies <= axis.most))
        at = self._bin = int(min(max(bin, inside[0]), inside[-1]))
        level = f"{spectrum.decibels[at]:.1f}".replace("-", "−")
        self.read_off.emit(f"{spectrum.frequencies[at]:.3g} Hz: {level} dB re 1 mV²/Hz")
        self.update()


class SpectrogramPlot(_Plot):
    """Level over time and frequency."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Spectrogram")

    def _description(self) -> str:
        if self._spectrum is None:
            return ""
        levels = colour_axis(self._spectrum, self._shown.axis(self._spectrum))
        said = f"{self._spectrum.start:.1f} to {self._spectrum.end:.1f} s; colours from"
        return f"{said} {levels.least:.0f} to {levels.most:.0f} dB re 1 mV²/Hz"

    def _paint(self, painter: QPainter, area: QRectF, spectrum: Spectrum) -> None:
        paint_spectrogram(painter, area, spectrum, self._shown, self._theme, small())
