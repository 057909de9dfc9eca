"""The lines below the sheet that say what the colours of an explanation mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from ecgview.ui.explain.colours import shade
from ecgview.ui.explain.scale import strength_of
from ecgview.ui.explain.words import agreement_figure, background_kind, per_sample, signed_logits
from ecgview.ui.sheet.footer import SIDE, WARNING
from ecgview.ui.text import strong
from ecgview.ui.theme import Theme
from ecgview.ui.words import percent

if TYPE_CHECKING:
    from ecgview.ui.explain.overlay import Overlay

REFINING = "refining…"
_GAP, _ABOVE = 18.0, 5.0
_BAR, _BAR_STEPS = 96.0, 48
_BESIDE = 6.0


@dataclass(frozen=True, slots=True)
class _Item:
    """Something said, and how."""

    words: str
    kind: str = "plain"


class _Lines:
    """Statements one after the other; what does not fit goes to a further line."""

    def __init__(self, items: list[_Item], font: QFont, width: float) -> None:
        self._font = font
        self._heavy = strong(font)
        metrics = QFontMetricsF(font)
        self._ascent, self._line = metrics.ascent(), metrics.height() + 1.0
        self._places: list[tuple[float, int, _Item]] = []
        x, line = 0.0, 0
        room = max(1.0, width - 2 * SIDE)
        for item in items:
            advance = self._wide(item)
            if x > 0.0 and x + advance > room:
                x, line = 0.0, line + 1
            if item.kind == "title" and advance > room:
                words = QFontMetricsF(self._heavy)
                item = _Item(_elided(item.words, words, room), "title")
            self._places.append((SIDE + x, line, item))
            x += advance + _GAP
        self.height = (line + 1) * self._line + 2 * _ABOVE

    def _wide(self, item: _Item) -> float:
        metrics = QFontMetricsF(self._heavy if item.kind == "title" else self._font)
        if item.kind == "bar":
            return _BAR + sum(metrics.horizontalAdvance(end) + _BESIDE for end in item.words.split("|"))
        return metrics.horizontalAdvance(item.words)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        """Paint into `area`, which is as high as the lines."""
        painter.save()
        painter.fillRect(area, QColor(theme.paper))
        painter.fillRect(QRectF(area.left(), area.top(), area.width(), 1.0), QColor(theme.grid_coarse))
        for x, line, item in self._places:
            left = area.left() + x
            baseline = area.top() + _ABOVE + line * self._line + self._ascent
            painter.setFont(self._heavy if item.kind == "title" else self._font)
            inks = {"title": theme.label, "warning": theme.warning}
            painter.setPen(QColor(inks.get(item.kind, theme.secondary)))
            if item.kind == "bar":
                before, after = item.words.split("|")
                wide = QFontMetricsF(self._font).horizontalAdvance(before) + _BESIDE
                painter.drawText(QPointF(left, baseline), before)
                painter.drawText(QPointF(left + wide + _BAR + _BESIDE, baseline), after)
                high = self._ascent * 0.8
                _paint_bar(painter, QRectF(left + wide, baseline - high, _BAR, high), theme)
            else:
                painter.drawText(QPointF(left, baseline), item.words)
        painter.restore()


class ExplanationLegend(_Lines):
    """What class, how sure, from which colour to which, compared with what, and how it was smoothed."""

    def __init__(self, overlay: Overlay, font: QFont, width: float) -> None:
        found, look, scale = overlay.explanation.attribution, overlay.look, overlay.scale
        last = overlay.explanation.last
        end = signed_logits(scale.limit, sign=False)
        share = " on both sheets" if overlay.shared else ""
        items = [
            _Item(f"{overlay.name}, {percent(found.probability)}", "title"),
            _Item(f"against −{end}|+{end} for, logit {per_sample(scale.hz)}{share}", "bar"),
        ]
        if overlay.explanation.doubtful:
            items.append(_Item(f"{WARNING} members disagree, {agreement_figure(overlay.explanation)}", "warning"))
        items += [
            _Item(f"gap {found.gap:.1%}".replace("%", " %")),
            _Item(f"compared with {background_kind(found.background)}"),
            _Item(f"smoothed over {look.smoothing} ms"),
            _Item(f"below {look.threshold} % of the largest not coloured"),
        ]
        if overlay.parts:
            items.append(_Item(f"dashed: replaced in a what-if{overlay.became}"))
        # Its place is kept, so that the sheet does not move when the last answer comes.
        items.append(_Item(REFINING, "plain"))
        super().__init__(items, font, width)
        if last:
            self._places.pop()


class NoticeLegend(_Lines):
    """A line of words."""

    def __init__(self, words: str, warns: bool, font: QFont, width: float) -> None:
        item = _Item(f"{WARNING} {words}", "warning") if warns else _Item(words)
        super().__init__([item], font, width)


def _paint_bar(painter: QPainter, bar: QRectF, theme: Theme) -> None:
    """From the strongest against to the strongest for, even in logits."""
    wide = bar.width() / _BAR_STEPS
    for number in range(_BAR_STEPS):
        share = (2 * number + 1) / _BAR_STEPS - 1.0
        ink = shade(strength_of(abs(share)), share > 0, theme)
        painter.fillRect(QRectF(bar.left() + number * wide, bar.top(), wide + 0.5, bar.height()), QColor(ink))


def _elided(words: str, metrics: QFontMetricsF, room: float) -> str:
    return metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, room)
