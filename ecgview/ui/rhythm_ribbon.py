"""The rhythm ribbon: the rate from beat to beat against time, below the sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ecgview.signal.found_beats import FoundBeats
from ecgview.ui.text import UNIT, draw, small
from ecgview.ui.theme import Theme, load_theme

FEWEST = 3
_SIDE, _ABOVE = 12.0, 4.0
_TALL = 56.0
_SIGN = 3.5
_NARROWEST = 6.0
_APART = 12.0
"""Single beats are drawn as dots where there are so many pixels for each."""
_BETWEEN = "  ·  "
_STEPS = (5.0, 10.0, 20.0, 50.0, 100.0)
_LEAST_SPAN = 10.0
_MANY = 500
"""With more beats than this the scale leaves out the most extreme."""
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


@dataclass(frozen=True, eq=False)
class Columns:
    """Rates as they are drawn: single beats, or the range in each pixel column where there are too many.

    Attributes
    ----------
    x : ndarray of float64, shape (n,)
        Pixels.
    low, high : ndarray of float64, shape (n,)
        Beats a minute; equal where each is one beat.
    """

    x: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def columns(times: NDArray[np.float64], rates: NDArray[np.float64], left: float, per_second: float) -> Columns:
    """Return rates at their places; what falls into one pixel column becomes its range.

    Parameters
    ----------
    times, rates : ndarray of float64, shape (n,)
        s, and beats a minute.
    left, per_second : float
        Where second 0 lies, and pixels in a second.
    """
    x = left + times * per_second
    pixel = np.floor(x).astype(np.int64)
    starts = np.flatnonzero(np.append(True, np.diff(pixel) > 0)) if len(x) else np.zeros(0, dtype=np.int64)
    if len(starts) > 0.5 * len(x):
        return Columns(x, rates, rates)
    return Columns(
        np.asarray(pixel[starts] + 0.5, dtype=np.float64),
        np.minimum.reduceat(rates, starts),
        np.maximum.reduceat(rates, starts),
    )


class RhythmRibbon(QWidget):
    """Instantaneous rate of each beat; premature beats and beats of another shape are marked by shape.

    A click moves the sheet there; the arrow keys go from one unusual beat to the next.

    Signals
    -------
    moved(float)
        The time that was pointed at, s.
    """

    moved = Signal(float)

    def __init__(self, theme: Theme | None = None) -> None:
        super().__init__()
        self._theme = theme if theme is not None else load_theme("light")
        self._found: FoundBeats | None = None
        self._duration = 0.0
        self._seen = (0.0, 0.0)
        self._said = ""
        self._key: tuple[object, ...] = ()
        self._picture = QPixmap()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Rhythm ribbon")
        self.show_message("No record")

    # ---------------------------------------------------------------- what is shown

    @property
    def drawn(self) -> bool:
        """Whether rates are drawn, and not words in their place."""
        return self._found is not None

    def show_message(self, words: str) -> None:
        """Say in one line why there is no rhythm to see."""
        self._found, self._said = None, words
        self.unsetCursor()
        self.setAccessibleDescription(words)
        self.updateGeometry()
        self.update()

    def show_beats(self, found: FoundBeats, duration: float) -> None:
        """Show the beats of a record that lasts `duration` seconds; say so where they are fewer than three."""
        if len(found) < FEWEST:
            count = ("No beat was", "One beat was", "Two beats were")[len(found)]
            self.show_message(f"No rhythm to show: {count.lower()} found, three are needed")
            return
        self._found, self._duration, self._said, self._key = found, duration, summary(found), ()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleDescription(self._said)
        self.updateGeometry()
        self.update()

    def show_seen(self, start: float, end: float) -> None:
        """Tell which stretch of the record is on the sheet, s."""
        if (start, end) != self._seen:
            self._seen = (start, end)
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """What is said, in as many lines as that takes at this width, and below it the rates."""
        words = len(self._lines()) * QFontMetricsF(small()).height() + 2 * _ABOVE
        scale = QFontMetricsF(small()).height() / 14.0
        return QSize(240, round(words + (_TALL * max(1.0, scale) if self.drawn else 0.0)))

    # ---------------------------------------------------------------- places

    def _lines(self) -> list[str]:
        """What is said above the rates, broken between two statements where it is wider than the ribbon."""
        metrics, room = QFontMetricsF(small()), self.width() - 2 * _SIDE
        lines: list[str] = []
        for part in self._said.split(_BETWEEN):
            longer = f"{lines[-1]}{_BETWEEN}{part}" if lines else part
            if lines and metrics.horizontalAdvance(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(part)
        return lines

    def _band(self) -> QRectF:
        metrics = QFontMetricsF(small())
        left = _SIDE + metrics.horizontalAdvance("000") + UNIT
        top = len(self._lines()) * metrics.height() + 2 * _ABOVE + _SIGN
        return QRectF(left, top, max(1.0, self.width() - left - _SIDE), max(1.0, self.height() - top - 2 * _ABOVE))

    def _per_second(self) -> float:
        return self._band().width() / max(self._duration, 1e-9)

    def _axis(self, found: FoundBeats) -> tuple[float, float, float]:
        """Lowest and highest rate of the scale, and the step of its lines."""
        rates = found.rates
        # One beat found twice must not flatten all others.
        shares = (0.2, 99.8) if len(rates) > _MANY else (0.0, 100.0)
        low, high = np.percentile(rates, shares).tolist()
        step = next((step for step in _STEPS if (max(high - low, _LEAST_SPAN)) / step <= 3.0), _STEPS[-1])
        return step * np.floor(low / step), step * np.ceil(max(high, low + 1e-6) / step), step

    # ---------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words, the scale, the rates and the bracket of what the sheet shows."""
        painter = QPainter(self)
        theme = self._theme
        painter.fillRect(self.rect(), QColor(theme.paper))
        painter.fillRect(QRectF(0.0, 0.0, self.width(), 1.0), QColor(theme.grid_coarse))
        tall = QFontMetricsF(small()).height()
        for number, words in enumerate(self._lines()):
            line = QRectF(_SIDE, _ABOVE + number * tall, self.width() - 2 * _SIDE, tall)
            draw(painter, line, words, small(), QColor(theme.secondary))
        found = self._found
        if found is not None:
            self._paint_seen(painter)
            painter.drawPixmap(0, 0, self._kept(found))
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.drawRect(self._seen_place())
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -1.0, -1.0))
        painter.end()

    def _kept(self, found: FoundBeats) -> QPixmap:
        """The picture of the rates: those of a day take 45 ms to paint, and the record scrolls below it."""
        ratio = self.devicePixelRatioF()
        key = (id(found), self._theme, self.size().toTuple(), ratio, small().key())
        if key != self._key:
            picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            self._paint_rates(painter, found)
            painter.end()
            self._key, self._picture = key, picture
        return self._picture

    def _paint_seen(self, painter: QPainter) -> None:
        tint = QColor(self._theme.accent)
        tint.setAlphaF(0.14)
        painter.fillRect(self._seen_place(), tint)

    def _seen_place(self) -> QRectF:
        """Where the stretch that is on the sheet lies."""
        band = self._band()
        begin, end = (band.left() + edge * self._per_second() for edge in self._seen)
        wide = min(max(_NARROWEST, end - begin), band.width())
        left = min(max((begin + end - wide) / 2, band.left()), band.right() - wide)
        return QRectF(round(left) + 0.5, round(band.top() - _SIGN) + 0.5, wide, band.height() + 2 * _SIGN)

    def _paint_rates(self, painter: QPainter, found: FoundBeats) -> None:
        theme, band = self._theme, self._band()
        least, most, step = self._axis(found)
        per_beat = band.height() / (most - least)
        metrics = QFontMetricsF(small())
        for rate in np.arange(least, most + step / 2, step):
            y = round(band.bottom() - (rate - least) * per_beat) + 0.5
            painter.setPen(QColor(theme.grid_coarse))
            painter.drawLine(QLineF(band.left(), y, band.right(), y))
            words = f"{rate:.0f}"
            painter.setPen(QColor(theme.secondary))
            painter.setFont(small())
            if (most - least) * per_beat / max(1.0, (most - least) / step) >= metrics.height() * 0.9 or rate in (
                least,
                most,
            ):
                x = band.left() - UNIT / 2 - metrics.horizontalAdvance(words)
                painter.drawText(QPointF(x, y + metrics.capHeight() / 2), words)
        shown = columns(found.times[1:], found.rates, band.left(), self._per_second())
        low, high = (
            band.bottom() - (np.clip(edge, least, most) - least) * per_beat for edge in (shown.low, shown.high)
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.trace), 1.0))
        if shown.low is shown.high:
            points = zip(shown.x[:-1], low[:-1], shown.x[1:], low[1:], strict=True)
            painter.drawLines([QLineF(*place) for place in points])
            if len(shown.x) * _APART < band.width():
                painter.setBrush(QColor(theme.trace))
                for x, y in zip(shown.x.tolist(), low.tolist(), strict=True):
                    painter.drawEllipse(QPointF(x, y), 1.5, 1.5)
        else:
            # At least a pixel of ink, or a steady rhythm would vanish.
            tall = zip(shown.x, high, np.maximum(low, high + 1.0), strict=True)
            painter.drawLines([QLineF(x, top, x, bottom) for x, top, bottom in tall])
        self._paint_unusual(painter, found, band, least, per_beat)

    def _paint_unusual(self, painter: QPainter, found: FoundBeats, band: QRectF, least: float, per_beat: float) -> None:
        """Triangles for premature beats, squares for other shapes, each clear of the one before."""
        theme = self._theme
        for which, corners in (
            (found.premature[1:], ((-1.0, 0.9), (1.0, 0.9), (0.0, -0.9))),
            (((found.kind != 0) & ~found.premature)[1:], ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9))),
        ):
            x = band.left() + found.times[1:][which] * self._per_second()
            _, first = np.unique(np.floor(x / (2 * _SIGN)), return_index=True)
            rates = found.rates[which][first]
            path = QPainterPath()
            for at, rate in zip(x[first].tolist(), rates.tolist(), strict=True):
                y = min(max(band.bottom() - (rate - least) * per_beat, band.top()), band.bottom())
                path.moveTo(at + corners[0][0] * _SIGN, y + corners[0][1] * _SIGN)
                for across, down in corners[1:]:
                    path.lineTo(at + across * _SIGN, y + down * _SIGN)
                path.closeSubpath()
            painter.setPen(QPen(QColor(theme.warning), 1.2))
            painter.setBrush(QColor(theme.paper))
            painter.drawPath(path)

    # ---------------------------------------------------------------- hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the sheet here."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._point(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the sheet along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._point(event.position().x())

    def _point(self, x: float) -> None:
        if self.drawn:
            seconds = (x - self._band().left()) / self._per_second()
            self.moved.emit(min(max(0.0, seconds), self._duration))

    def event(self, event: QEvent) -> bool:
        """Claim the arrow keys, which otherwise move the record."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in _KEYS
            and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the unusual beat before or after what the sheet shows, or to an end of the record."""
        key, found = event.key(), self._found
        if found is None or key not in _KEYS:
            event.ignore()
            return
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.moved.emit(0.0 if key == Qt.Key.Key_Home else self._duration)
            return
        beat = next_unusual(found, sum(self._seen) / 2, forward=key == Qt.Key.Key_Right)
        if beat is not None:
            self.moved.emit(beat)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for words that need more lines, or fewer."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for a new size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus went."""
        super().focusOutEvent(event)
        self.update()


def next_unusual(found: FoundBeats, seconds: float, forward: bool) -> float | None:
    """Return when the next (or the last) premature or odd beat comes, clear of `seconds`; None where there is none."""
    times = found.times[found.unusual]
    there = times[times > seconds + 0.05] if forward else times[times < seconds - 0.05]
    if not len(there):
        return None
    return float(there[0] if forward else there[-1])


def summary(found: FoundBeats) -> str:
    """Return the rhythm in words: mean and range of the rate, and what is unusual."""
    rates, total = found.rates, len(found)
    mean = 60.0 / float(np.diff(found.times).mean())
    parts = [f"Rate from beat to beat: mean {mean:.0f}/min, {rates.min():.0f} to {rates.max():.0f}"]
    early, odd = int(found.premature.sum()), int(((found.kind != 0) & ~found.premature).sum())
    if found.irregular:
        parts.append("irregular throughout")
    if early:
        parts.append(f"△ {early:,} of {total:,} beats premature")
    if odd:
        parts.append(f"□ {odd:,} of another shape")
    if not early and not odd and not found.irregular:
        parts.append("no beat premature")
    return _BETWEEN.join(parts)
