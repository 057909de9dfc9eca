"""Calipers: two samples of one lead and what lies between them. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecgview.record.record import Record
from ecgview.ui.sheet.format import shown_name
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.sheet.traces import shown_range

Kind = Literal["time", "amplitude"]

MOST_BEATS = 10
_EXTREME_S, _AROUND_S = 0.012, 0.04
"""A peak is the greatest sample within this, and stands out from those within that."""
_STANDS_OUT_MV = 0.04
_FASTEST = 350.0
"""Beats a minute: what is shorter is a wave or a conduction time, whose rate means nothing."""


@dataclass(frozen=True, slots=True)
class Caliper:
    """Two legs on one lead, each on a sample.

    Attributes
    ----------
    lead : str
    kind : {"time", "amplitude"}
        Whether its legs stand upright at two times or lie at two heights; both are measured either way.
    first, second : int
        Samples, counted from the beginning of the record; in any order.
    beats : int
        How many equal intervals lie between the legs.
    marched : bool
        Whether the interval is repeated over all of the lead that is shown.
    """

    lead: str
    kind: Kind
    first: int
    second: int
    beats: int = 1
    marched: bool = False

    @property
    def legs(self) -> tuple[int, int]:
        """The samples, the earlier first."""
        return min(self.first, self.second), max(self.first, self.second)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a caliper measures, on the samples as recorded.

    Attributes
    ----------
    title : str
        The lead as the sheet names it: ``"−aVR"`` where it is drawn upside down, and measured so.
    start, end : float
        Seconds from the beginning of the record.
    millivolts : float or None
        The later sample less the earlier; None where one of them is not valid.
    beats : int
        Intervals between the legs.
    """

    title: str
    start: float
    end: float
    millivolts: float | None
    beats: int

    @property
    def milliseconds(self) -> float:
        """Between the legs."""
        return 1000.0 * (self.end - self.start)

    @property
    def rate(self) -> float | None:
        """Beats a minute, one at each interval; None where there is no time between the legs."""
        return 60.0 * self.beats / (self.end - self.start) if self.end > self.start else None

    @property
    def time_words(self) -> str:
        """Milliseconds, the finest step that the sampling rate has being one."""
        return f"{self.milliseconds:.0f} ms"

    @property
    def rate_words(self) -> str:
        """The rate, and before it the one interval where there are several; empty where no heart is as fast."""
        each = f"{self.beats} × {self.milliseconds / self.beats:.0f} ms  " if self.beats > 1 else ""
        return each if self.rate is None or self.rate > _FASTEST else f"{each}{self.rate:.0f}/min  "

    @property
    def height_words(self) -> str:
        """Millivolts, with sign."""
        return "– mV" if self.millivolts is None else f"{signed(self.millivolts)} mV"

    @property
    def line(self) -> str:
        """All of it in one line: lead, from, to, ms, mV, /min, with tabulators between."""
        height = "–" if self.millivolts is None else signed(self.millivolts, 3)
        rate = "–" if self.rate is None else f"{self.rate:.1f}"
        times = f"{self.start:.3f} s\t{self.end:.3f} s\t{self.milliseconds:.0f} ms"
        return f"{self.title}\t{times}\t{height} mV\t{rate} /min"

    @property
    def sentence(self) -> str:
        """All of it as it is said aloud."""
        words = f"{self.title}, {self.start:.3f} to {self.end:.3f} s, {self.time_words}, {self.height_words}"
        return ", ".join([words, *self.rate_words.split("  ")[:-1]])


def signed(value: float, decimals: int = 2) -> str:
    """Return a number with a true minus sign, and no sign before a zero."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if not text.strip("-0.") else text.replace("-", "−")


def read_off(caliper: Caliper, record: Record, inverted: bool = False) -> Reading:
    """Measure.

    Parameters
    ----------
    caliper : Caliper
        On a lead the record has.
    record : Record
        As it was recorded.
    inverted : bool
        Whether the lead is drawn upside down.
    """
    samples = record.lead(caliper.lead)
    assert samples is not None
    earlier, later = caliper.legs
    height = float(samples[later]) - float(samples[earlier])
    return Reading(
        shown_name(caliper.lead, inverted),
        earlier / record.hz,
        later / record.hz,
        (-height if inverted else height) if np.isfinite(height) else None,
        caliper.beats,
    )


def pointed_at(record: Record, page: Page, x: float, y: float, reach: float) -> Segment | None:
    """Return the recorded segment that is meant by a place: whose trace is within reach, else the nearest one.

    Parameters
    ----------
    record : Record
    page : Page
    x, y, reach : float
        mm.
    """
    found: list[tuple[float, int]] = []
    for number, segment in enumerate(page.segments):
        samples = record.lead(segment.lead)
        if samples is None or not segment.x <= x < segment.x + segment.width:
            continue
        first, last = shown_range(segment, record)
        begin = max(first, round(segment.seconds_at(x - reach) * record.hz))
        drawn = samples[begin : min(last, round(segment.seconds_at(x + reach) * record.hz) + 1)]
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn):
            top, bottom = sorted((segment.y_at(float(drawn.min())), segment.y_at(float(drawn.max()))))
            away = max(top - y, 0.0, y - bottom)
            if away <= reach:
                found.append((away, number))
    if found:
        return page.segments[min(found)[1]]
    nearest = page.segment_at(x, y)
    return nearest if nearest is not None and nearest.recorded else None


def nearest_sample(record: Record, segment: Segment, x: float) -> int:
    """Return the sample of a segment's lead that lies nearest to an x, mm."""
    first, last = shown_range(segment, record)
    return min(max(round(segment.seconds_at(x) * record.hz), first), max(first, last - 1))


def nearest_turn(record: Record, segment: Segment, x: float, y: float, reach: float) -> int | None:
    """Return the peak or valley of a segment's lead that lies nearest to a place.

    Parameters
    ----------
    record : Record
    segment : Segment
        Of a lead the record has.
    x, y : float
        mm.
    reach : float
        How far from the place it may lie on the sheet, mm.

    Returns
    -------
    int or None
        The sample; None where there is none within reach.
    """
    samples = record.lead(segment.lead)
    assert samples is not None
    hz = record.hz
    first, last = shown_range(segment, record)
    begin = max(first, round(segment.seconds_at(x - reach) * hz))
    end = min(last, round(segment.seconds_at(x + reach) * hz) + 1)
    found: list[tuple[float, int]] = []
    for place in range(begin, end):
        value = float(samples[place])
        away = float(np.hypot(segment.x_at(place / hz) - x, segment.y_at(value) - y))
        if away <= reach and _turns(samples, place, hz):
            found.append((away, place))
    return min(found)[1] if found else None


def _turns(samples: np.ndarray[tuple[int], np.dtype[np.float32]], place: int, hz: float) -> bool:
    """Whether a sample is a peak or a valley that can be seen."""
    near, around = max(1, round(_EXTREME_S * hz)), max(2, round(_AROUND_S * hz))
    left, right = samples[max(0, place - around) : place], samples[place + 1 : place + around + 1]
    if not len(left) or not len(right) or not np.isfinite(left).all() or not np.isfinite(right).all():
        return False
    value = samples[place]
    for sign in (1.0, -1.0):
        before, behind = sign * (value - left), sign * (value - right)
        # Of equal samples beside each other the first is taken.
        highest = (before[-near:] > 0).all() and (behind[:near] >= 0).all()
        if highest and min(before.max(), behind.max()) >= _STANDS_OUT_MV:
            return True
    return False
