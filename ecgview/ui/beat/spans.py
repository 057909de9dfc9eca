"""What calipers span on an average beat: time and voltage between two points. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from ecgview.ui.sheet.layout import Segment

_STEP_S, _STEP_MV = 0.002, 0.01


@dataclass(frozen=True, slots=True)
class Span:
    """Two points on one lead.

    Attributes
    ----------
    segment : Segment
    begin, end : tuple of float
        Seconds as the segment counts them, and mV.
    """

    segment: Segment
    begin: tuple[float, float]
    end: tuple[float, float]

    @property
    def seconds(self) -> float:
        """From the first point to the second, s."""
        return self.end[0] - self.begin[0]

    @property
    def millivolts(self) -> float:
        """From the first point to the second, mV."""
        return self.end[1] - self.begin[1]

    @property
    def words(self) -> str:
        """What the calipers read."""
        millivolts = f"{self.millivolts:.2f}"
        sign = "" if float(millivolts) == 0 else millivolts.replace("-", "−")
        return f"{self.segment.title}: {abs(self.seconds) * 1000.0:.0f} ms, {sign or '0.00'} mV"

    def place(self, which: int) -> tuple[float, float]:
        """Return where the first (0) or second (1) point lies, mm."""
        seconds, millivolts = (self.begin, self.end)[which]
        return self.segment.x_at(seconds), self.segment.y_at(millivolts)


class Spans:
    """The one pair of calipers, in steps of a sample (2 ms) and of 0.01 mV."""

    def __init__(self) -> None:
        self.span: Span | None = None

    def begin(self, segment: Segment, x: float, y: float) -> None:
        """Put both points at a place, mm."""
        point = _snapped(segment, x, y)
        self.span = Span(segment, point, point)

    def pull(self, x: float, y: float) -> None:
        """Put the second point at a place, mm, kept within the lead's width."""
        if self.span is not None:
            segment = self.span.segment
            held = min(max(x, segment.x), segment.x + segment.width)
            self.span = Span(segment, self.span.begin, _snapped(segment, held, y))

    def step(self, across: int, up: int) -> None:
        """Move the second point by so many steps of time and voltage."""
        if self.span is not None:
            seconds, millivolts = self.span.end
            limit = self.span.segment.end
            moved = min(max(0.0, seconds + across * _STEP_S), limit), millivolts + up * _STEP_MV
            self.span = Span(self.span.segment, self.span.begin, moved)

    def clear(self) -> None:
        """Take the calipers away."""
        self.span = None


def _snapped(segment: Segment, x: float, y: float) -> tuple[float, float]:
    seconds, millivolts = segment.seconds_at(x), segment.mv_at(y)
    return round(seconds / _STEP_S) * _STEP_S, round(millivolts / _STEP_MV) * _STEP_MV
