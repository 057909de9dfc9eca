"""Marks of beats on the traces: peaks, beginnings and ends of P wave, QRS complex and T wave, lead by lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ecgview.signal.found_beats import FoundBeats
from ecgview.ui.sheet.device import enter_device_pixels
from ecgview.ui.sheet.footer import SIDE
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme, mixed

_BEFORE_S, _AFTER_S = 0.8, 1.2
"""How far before and after its instant a beat can have marks."""
_QRS_REACH_S = 0.06
_FEWEST_SAMPLES = 2
_LONG, _FOOT = 4.0, 2.0
"""Half the height of a bracket and the width of its feet, pixels."""
_AWAY, _SIZE = 9.0, 3.2
"""Distance of a peak's sign from the trace, and its half width, pixels."""
_LEGEND_GAP, _LEGEND_ABOVE = 18.0, 4.0
_QUIET = 0.62

WAVES = ("P", "QRS", "T")
_Parts = list[NDArray[np.float64]]

_CORNERS = np.linspace(0.0, 2.0 * np.pi, 9)
_SIGNS: dict[str, NDArray[np.float64]] = {
    # Corners one after the other, in half widths; y to the tip that points at the trace.
    "P": np.column_stack([np.cos(_CORNERS), np.sin(_CORNERS)]),
    "QRS": np.array([(-1.0, -0.9), (1.0, -0.9), (0.0, 0.9), (-1.0, -0.9)]),
    "T": np.array([(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0), (0.0, -1.2)]),
}


@dataclass(frozen=True, eq=False)
class PlacedMarks:
    """Where the marks of one wave lie on the sheet, mm.

    Attributes
    ----------
    onsets, offsets : ndarray of float64, shape (n, 2)
        x and y, on the trace.
    peaks : ndarray of float64, shape (n, 3)
        x, y and which way the wave points on the paper: -1 up, 1 down.
    """

    onsets: NDArray[np.float64]
    offsets: NDArray[np.float64]
    peaks: NDArray[np.float64]


def place_marks(found: FoundBeats, traces: Sequence[Trace]) -> dict[str, PlacedMarks]:
    """Return where the marks of the beats lie on the traces as they are drawn, by wave."""
    collected: dict[str, tuple[_Parts, _Parts, _Parts]] = {wave: ([], [], []) for wave in WAVES}
    for trace in traces:
        marks = found.lead_marks.get(trace.segment.lead)
        if marks is None or len(trace.x) < _FEWEST_SAMPLES:
            continue
        on = _OnTrace(trace)
        first, last = np.searchsorted(found.times, (trace.segment.start - _AFTER_S, trace.segment.end + _BEFORE_S))
        here = {name: times[first:last] for name, times in marks.items()}
        level = on.heights(here["qrs_onset"])
        peaks = {
            "P": np.where(np.isfinite(here["p_onset"]), found.p_peak[first:last], np.nan),
            "QRS": on.farthest(found.times[first:last], here["qrs_onset"], here["qrs_offset"], level),
            "T": np.where(np.isfinite(here["t_offset"]), found.t_peak[first:last], np.nan),
        }
        for wave, (onsets, offsets, tops) in collected.items():
            if f"{wave.lower()}_onset" in here:
                onsets.append(on.places(here[f"{wave.lower()}_onset"]))
            offsets.append(on.places(here[f"{wave.lower()}_offset"]))
            way = np.where(on.heights(peaks[wave]) > np.nan_to_num(level, nan=trace.segment.y), 1.0, -1.0)
            tops.append(on.places(peaks[wave], way))
    return {
        wave: PlacedMarks(_joined(onsets, 2), _joined(offsets, 2), _joined(peaks, 3))
        for wave, (onsets, offsets, peaks) in collected.items()
    }


def _joined(parts: _Parts, width: int) -> NDArray[np.float64]:
    return np.concatenate(parts) if parts else np.zeros((0, width))


class _OnTrace:
    """Finds the samples of a trace by their time."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._per_mm = (len(trace.x) - 1) / (trace.x[-1] - trace.x[0])
        self._hz = self._per_mm * trace.segment.speed

    def _x(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        segment = self._trace.segment
        return np.asarray(segment.x + (times - segment.start) * segment.speed)

    def _samples(self, times: NDArray[np.float64]) -> NDArray[np.intp]:
        """The nearest sample to each time, shape (n,); of those outside and of none the first or the last."""
        at = np.round((self._x(np.nan_to_num(times)) - self._trace.x[0]) * self._per_mm)
        return np.asarray(np.clip(at, 0, len(self._trace.x) - 1), dtype=np.intp)

    def heights(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """The trace at these times, y in mm; NaN where it has a gap or there is no time."""
        return np.asarray(np.where(np.isfinite(times), self._trace.y[self._samples(times)], np.nan))

    def places(self, times: NDArray[np.float64], also: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """x and y of those times that the trace shows, mm, with what belongs to each."""
        x, y = self._x(times), self.heights(times)
        half = 0.5 / self._per_mm
        with np.errstate(invalid="ignore"):
            shown = (x >= self._trace.x[0] - half) & (x <= self._trace.x[-1] + half) & np.isfinite(y)
        columns = (x, y) if also is None else (x, y, also)
        return np.column_stack([column[shown] for column in columns])

    def farthest(
        self,
        times: NDArray[np.float64],
        onsets: NDArray[np.float64],
        offsets: NDArray[np.float64],
        level: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """When the trace is farthest from its level between onset and offset, s; the beat's instant without them."""
        if not len(times):
            return times
        reach = round(_QRS_REACH_S * self._hz)
        around = np.arange(-reach, reach + 1) / self._hz
        at = times[:, None] + around
        y = self.heights(at)
        with np.errstate(invalid="ignore"):
            inside = (at >= onsets[:, None]) & (at <= offsets[:, None]) & np.isfinite(y)
        away = np.where(inside, np.abs(y - np.nan_to_num(level, nan=self._trace.segment.y)[:, None]), -1.0)
        found = at[np.arange(len(at)), away.argmax(axis=1)]
        return np.asarray(np.where(inside.any(axis=1), found, times))


class BeatMarks:
    """Paints the marks of a record's beats; they are placed anew only where other traces are drawn."""

    def __init__(self) -> None:
        self.found: FoundBeats | None = None
        self.shown = False
        self._for: tuple[object, ...] = ()
        self._placed: dict[str, PlacedMarks] = {}

    @property
    def visible(self) -> bool:
        """Whether there is anything to paint."""
        return self.shown and self.found is not None and len(self.found) > 0

    def placed(self, traces: Sequence[Trace]) -> dict[str, PlacedMarks]:
        """Return where the marks lie on these traces, by wave; empty where none are shown."""
        if not self.visible or self.found is None:
            return {}
        key = (self.found, *traces)
        if len(key) != len(self._for) or any(one is not other for one, other in zip(key, self._for, strict=True)):
            self._placed, self._for = place_marks(self.found, traces), key
        return self._placed

    def paint(self, painter: QPainter, traces: Sequence[Trace], theme: Theme) -> None:
        """Paint on traces; the painter draws in mm of the sheet."""
        placed = self.placed(traces)
        if not placed:
            return
        painter.save()
        ratio = painter.deviceTransform().m11() / painter.worldTransform().m11()
        to_device = enter_device_pixels(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, shift = to_device.m11(), np.array([to_device.dx(), to_device.dy()])
        for wave, marks in placed.items():
            lines = [
                brackets(np.floor(marks.onsets * scale + shift) + 0.5, ratio, 1.0),
                brackets(np.floor(marks.offsets * scale + shift) + 0.5, ratio, -1.0),
                signs(wave, np.column_stack([marks.peaks[:, :2] * scale + shift, marks.peaks[:, 2]]), ratio),
            ]
            draw_lines(painter, np.concatenate(lines), colour(wave, theme), ratio)
        painter.restore()


def colour(wave: str, theme: Theme) -> str:
    """Return the colour of a wave's marks; shape and place tell them apart as well."""
    # Quieter than the trace, or on black the brackets of a QRS complex would be taken for part of it.
    grey = mixed(theme.paper, theme.trace, _QUIET)
    return {"P": theme.accent, "QRS": grey, "T": theme.warning}[wave]


def brackets(places: NDArray[np.float64], ratio: float, foot: float) -> NDArray[np.float64]:
    """Lines of square brackets at these places, device pixels; the feet point to where the wave is."""
    tall, wide = round(_LONG * ratio), round(_FOOT * ratio) * foot
    x, y = places[:, 0], places[:, 1]
    return np.concatenate(
        [
            np.column_stack([x, y - tall, x, y + tall]),
            np.column_stack([x, y - tall, x + wide, y - tall]),
            np.column_stack([x, y + tall, x + wide, y + tall]),
        ]
    )


def signs(wave: str, places: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Lines of the sign that stands beyond each peak; `places` holds x, y and -1 for above, 1 for below."""
    corners = _SIGNS[wave] * _SIZE * ratio
    x, y, way = places[:, 0, None], places[:, 1, None], places[:, 2, None]
    across = x + corners[:, 0]
    along = y + way * (_AWAY * ratio - corners[:, 1])
    lines = np.stack([across[:, :-1], along[:, :-1], across[:, 1:], along[:, 1:]], axis=-1)
    return lines.reshape(-1, 4)


def draw_lines(painter: QPainter, lines: NDArray[np.float64], ink: str, ratio: float) -> None:
    if not len(lines):
        return
    painter.setPen(QPen(QColor(ink), max(1.0, 1.2 * ratio)))
    lines = np.ascontiguousarray(lines)
    # The rows of the array are laid out as QLineF is: Qt reads them where they lie.
    painter.drawLines(cast(QLineF, shiboken6.wrapInstance(lines.ctypes.data, QLineF)), len(lines))


LEGEND = (("P", "P wave"), ("QRS", "QRS complex, at its largest deflection"), ("T", "T wave"))
BRACKETS = "onset and end"


class Legend:
    """The line below the sheet that says what the marks mean; words that do not fit go to a further line."""

    def __init__(self, font: QFont, width: float) -> None:
        self._font = font
        metrics = QFontMetricsF(font)
        self._line, self._ascent = metrics.height() + 2.0, metrics.ascent()
        self._places: list[tuple[float, int, str, str]] = []
        x, line = SIDE, 0
        for wave, words in (*LEGEND, ("", BRACKETS)):
            advance = metrics.height() + metrics.horizontalAdvance(words)
            if x > SIDE and x + advance > width - SIDE:
                x, line = SIDE, line + 1
            self._places.append((x, line, wave, words))
            x += advance + _LEGEND_GAP
        self.height = (line + 1) * self._line + _LEGEND_ABOVE

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        """Paint into `area`, which is as high as the legend."""
        painter.save()
        painter.fillRect(area, QColor(theme.paper))
        painter.fillRect(QRectF(area.left(), area.top(), area.width(), 1.0), QColor(theme.grid_coarse))
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, line, wave, words in self._places:
            left = area.left() + x
            baseline = area.top() + _LEGEND_ABOVE + line * self._line + self._ascent
            middle = np.array([[left + self._ascent / 2, baseline - self._ascent * 0.36]])
            if wave:
                lines = signs(wave, np.column_stack([middle[:, 0], middle[:, 1] - _AWAY, [1.0]]), 1.0)
                draw_lines(painter, lines, colour(wave, theme), 1.0)
            else:
                aside = np.array([[_FOOT + 1.5, 0.0]])
                both = [brackets(middle - aside, 1.0, 1.0), brackets(middle + aside, 1.0, -1.0)]
                draw_lines(painter, np.concatenate(both), theme.secondary, 1.0)
            painter.setPen(QColor(theme.secondary))
            painter.drawText(QPointF(left + self._ascent + 5.0, baseline), words)
        painter.restore()


def spoken(found: FoundBeats) -> str:
    """Return what a screen reader says of the marks."""
    count = len(found)
    return (
        f"marks on {count} {'beat' if count == 1 else 'beats'}: {', '.join(words for _, words in LEGEND)}, {BRACKETS}"
    )
