"""Paints a spectrum and a spectrogram, on the screen and into pictures alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from ecgview.signal.spectrum import Spectrum
from ecgview.ui.spectrum.axes import Axis
from ecgview.ui.theme import Theme, mixed

_PAD, _TICK = 8.0, 4.0
_SCALE_WIDE = 14.0
_RANGE_DB = 60.0
"""What the colours span below the highest level."""
_ROWS = 512
UNIT_WORDS = "dB re 1 mV²/Hz"


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a spectrum is shown.

    Attributes
    ----------
    logarithmic : bool
        Whether the frequency axis is.
    highest : float or None
        Hz up to which it goes; None for half the sampling rate.
    """

    logarithmic: bool = False
    highest: float | None = None

    def axis(self, spectrum: Spectrum) -> Axis:
        """Return the frequency axis of a spectrum."""
        top = float(spectrum.frequencies[-1])
        most = top if self.highest is None else min(top, self.highest)
        least = float(spectrum.frequencies[1]) if self.logarithmic else 0.0
        return Axis(least, max(most, 2.0 * least + 1e-9), self.logarithmic)


def words(spectrum: Spectrum, filter_words: str) -> str:
    """Return what was done, in one or two sentences: lead, rate, stretch, windows, resolution."""
    left_out = ""
    if spectrum.left_out:
        left_out = f", {spectrum.left_out:,} left out because samples in them are not valid"
    return (
        f"Lead {spectrum.lead}, {spectrum.hz:g} Hz, {filter_words}, {spectrum.start:.1f} to {spectrum.end:.1f} s. "
        f"Welch: {spectrum.averaged:,} Hann windows of {spectrum.window_s:g} s, half overlapping{left_out}; "
        f"bins {spectrum.step_hz:.3g} Hz apart, resolution {spectrum.resolution_hz:.3g} Hz. "
        f"Spectrogram: a window every {spectrum.step_s:.3g} s."
    )


def mains_words(spectrum: Spectrum) -> str:
    """Return what is to be said about the mains."""
    if spectrum.mains is None:
        return "no mains hum stands out"
    return f"mains {spectrum.mains:g} Hz, {spectrum.mains_db:.0f} dB above its surroundings"


def level_axis(spectrum: Spectrum, axis: Axis) -> Axis:
    """Return the axis of levels, dB, of what is seen of a spectrum."""
    seen = spectrum.decibels[(spectrum.frequencies >= axis.least) & (spectrum.frequencies <= axis.most)]
    seen = seen[1:] if not axis.logarithmic and len(seen) > 2 else seen  # the mean of each window is taken away
    least, most = float(seen.min()), float(seen.max())
    return Axis(10.0 * np.floor(least / 10.0), 10.0 * np.ceil(max(most, least + 1.0) / 10.0))


def plot_area(area: QRectF, font: QFont, scale: bool) -> QRectF:
    """Return the part of `area` within the axes; `scale` keeps room on the right for a colour scale."""
    metrics = QFontMetricsF(font)
    left = metrics.horizontalAdvance("−120") + _TICK + _PAD + metrics.height()
    right = metrics.horizontalAdvance("−120") + _SCALE_WIDE + 3 * _PAD + metrics.height() if scale else 2 * _PAD
    top, bottom = metrics.height() + 0.75 * _PAD, 2 * metrics.height() + _TICK + _PAD
    return area.adjusted(left, top, -right, -bottom)


def paint_spectrum(
    painter: QPainter,
    area: QRectF,
    spectrum: Spectrum,
    shown: Shown,
    theme: Theme,
    font: QFont,
    cursor: float | None = None,
) -> None:
    """Paint the power density over frequency; `cursor` marks a frequency, Hz."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(area, QColor(theme.paper))
    place, across = plot_area(area, font, scale=True), shown.axis(spectrum)
    up = level_axis(spectrum, across)
    _paint_frame(painter, place, across, up, ("Frequency, Hz", UNIT_WORDS), theme, font)
    inside = (spectrum.frequencies >= across.least) & (spectrum.frequencies <= across.most)
    x = place.left() + across.share(spectrum.frequencies[inside]) * place.width()
    y = place.bottom() - up.share(spectrum.decibels[inside]) * place.height()
    if spectrum.mains is not None and across.least <= spectrum.mains <= across.most:
        at = place.left() + float(across.share(spectrum.mains)) * place.width()
        painter.setPen(QPen(QColor(theme.warning), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(at, place.top(), at, place.bottom()))
        _write(painter, at, place, mains_words(spectrum), theme.warning, font)
    painter.setPen(QPen(QColor(theme.trace), 1.2))
    painter.drawPolyline([QPointF(one, other) for one, other in zip(x.tolist(), y.tolist(), strict=True)])
    if cursor is not None and across.least <= cursor <= across.most:
        at = place.left() + float(across.share(cursor)) * place.width()
        painter.setPen(QPen(QColor(theme.accent), 1.5))
        painter.drawLine(QLineF(at, place.top(), at, place.bottom()))
    painter.restore()


def paint_spectrogram(
    painter: QPainter, area: QRectF, spectrum: Spectrum, shown: Shown, theme: Theme, font: QFont
) -> None:
    """Paint the level over time and frequency, with its colour scale."""
    painter.save()
    painter.fillRect(area, QColor(theme.paper))
    place, up = plot_area(area, font, scale=True), shown.axis(spectrum)
    along = Axis(spectrum.start, spectrum.end)
    levels = colour_axis(spectrum, up)
    half = spectrum.step_s / 2.0
    first, last = (float(along.share(edge)) for edge in (spectrum.times[0] - half, spectrum.times[-1] + half))
    picture = spectrogram_image(spectrum, up, levels, theme)
    left = place.left() + first * place.width()
    painter.drawImage(QRectF(left, place.top(), (last - first) * place.width(), place.height()), picture)
    _paint_frame(painter, place, along, up, ("Time, s", "Frequency, Hz"), theme, font, grid=False)
    _paint_colours(painter, place, levels, theme, font)
    painter.restore()


def colour_axis(spectrum: Spectrum, up: Axis) -> Axis:
    """Return the levels that the colours run over, dB: 60 below the highest that is seen."""
    rows = (spectrum.frequencies >= up.least) & (spectrum.frequencies <= up.most)
    seen = spectrum.over_time[rows]
    seen = seen[np.isfinite(seen)]
    most = 10.0 * float(np.ceil(float(seen.max()) / 10.0)) if len(seen) else 0.0
    return Axis(most - _RANGE_DB, most)


def ramp(theme: Theme) -> list[int]:
    """Return 255 colours from the paper over the accent colour to the trace's, and one for what is not valid."""
    low = [mixed(theme.paper, theme.accent, share) for share in np.linspace(0.0, 1.0, 128).tolist()]
    high = [mixed(theme.accent, theme.trace, share) for share in np.linspace(0.0, 1.0, 128).tolist()]
    colours = [QColor(colour).rgb() for colour in (*low, *high[1:])]
    return [*colours, QColor(theme.border).rgb()]


def spectrogram_image(spectrum: Spectrum, up: Axis, levels: Axis, theme: Theme) -> QImage:
    """Return the picture of levels, a column for each window and the highest frequency at the top."""
    shares = (np.arange(_ROWS)[::-1] + 0.5) / _ROWS
    rows = np.clip(np.round(up.value(shares) / spectrum.frequencies[1]).astype(np.intp), 0, len(spectrum.density) - 1)
    values = spectrum.over_time[rows]
    indexed = np.round(levels.share(np.nan_to_num(values, nan=levels.least)) * 254.0).astype(np.uint8)
    indexed[~np.isfinite(values)] = 255
    return _indexed(indexed, ramp(theme))


def _indexed(rows: NDArray[np.uint8], colours: list[int]) -> QImage:
    height, width = rows.shape
    padded = np.zeros((height, (width + 3) // 4 * 4), dtype=np.uint8)
    padded[:, :width] = rows
    picture = QImage(padded.tobytes(), width, height, padded.shape[1], QImage.Format.Format_Indexed8)
    picture.setColorTable(colours)
    return picture.convertToFormat(QImage.Format.Format_RGB32)  # a copy: the bytes above are gone after this


def _paint_colours(painter: QPainter, place: QRectF, levels: Axis, theme: Theme, font: QFont) -> None:
    """The colour scale to the right of the picture."""
    metrics = QFontMetricsF(font)
    bar = QRectF(place.right() + 2 * _PAD, place.top(), _SCALE_WIDE, place.height())
    column = np.arange(254, -1, -1, dtype=np.uint8)[:, None]
    painter.drawImage(bar, _indexed(column, ramp(theme)))
    painter.setPen(QPen(QColor(theme.secondary), 1.0))
    painter.drawRect(bar)
    painter.setFont(font)
    for tick in levels.ticks(int(place.height() / (2.0 * metrics.height()))):
        y = bar.bottom() - float(levels.share(tick)) * bar.height()
        painter.drawText(QPointF(bar.right() + _TICK, y + metrics.capHeight() / 2), _figure(tick))
    _upright(painter, bar.right() + metrics.horizontalAdvance("−120") + _PAD + metrics.ascent(), place, UNIT_WORDS)


def _paint_frame(
    painter: QPainter,
    place: QRectF,
    across: Axis,
    up: Axis,
    titles: tuple[str, str],
    theme: Theme,
    font: QFont,
    grid: bool = True,
) -> None:
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    line, ink = QPen(QColor(theme.grid_coarse), 1.0), QColor(theme.secondary)
    for tick in across.ticks(int(place.width() / (metrics.horizontalAdvance("0000") + 3 * _PAD))):
        x = round(place.left() + float(across.share(tick)) * place.width()) + 0.5
        painter.setPen(line if grid else ink)
        painter.drawLine(QLineF(x, place.top() if grid else place.bottom(), x, place.bottom() + _TICK))
        painter.setPen(ink)
        said = _figure(tick)
        at = QPointF(x - metrics.horizontalAdvance(said) / 2, place.bottom() + _TICK + metrics.ascent())
        painter.drawText(at, said)
    for tick in up.ticks(int(place.height() / (1.8 * metrics.height()))):
        y = round(place.bottom() - float(up.share(tick)) * place.height()) + 0.5
        painter.setPen(line if grid else ink)
        painter.drawLine(QLineF(place.left() - _TICK, y, place.right() if grid else place.left(), y))
        painter.setPen(ink)
        said = _figure(tick)
        at = QPointF(place.left() - _TICK - 2.0 - metrics.horizontalAdvance(said), y + metrics.capHeight() / 2)
        painter.drawText(at, said)
    painter.setPen(ink)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place)
    below = place.bottom() + _TICK + metrics.height() + metrics.ascent()
    painter.drawText(QPointF(place.center().x() - metrics.horizontalAdvance(titles[0]) / 2, below), titles[0])
    left = place.left() - _TICK - _PAD - metrics.horizontalAdvance("−120")
    _upright(painter, left, place, titles[1])


def _upright(painter: QPainter, x: float, place: QRectF, said: str) -> None:
    """Write from below to above, in the middle of the axis."""
    painter.save()
    painter.translate(x, place.center().y() + painter.fontMetrics().horizontalAdvance(said) / 2)
    painter.rotate(-90.0)
    painter.drawText(QPointF(0.0, 0.0), said)
    painter.restore()


def _write(painter: QPainter, x: float, place: QRectF, said: str, ink: str, font: QFont) -> None:
    """Write above a place of the frequency axis, inside the picture."""
    metrics = QFontMetricsF(font)
    wide = metrics.horizontalAdvance(said)
    left = min(max(place.left(), x - wide / 2), place.right() - wide)
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(QPointF(left, place.top() - 0.4 * _PAD), said)


def _figure(value: float) -> str:
    return f"{value:g}".replace("-", "−")
