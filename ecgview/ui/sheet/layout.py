"""Which stretch of which lead lies where on the paper, in millimetres.

Millimetres run to the right and downward from the sheet's upper left corner. Everything that is
compared by eye stands on the 5 mm grid: baselines, the edges of the calibration pulse, whole
seconds of a row. The paper is equally wide at every speed: 250 mm of trace are 10 s at 25 mm/s.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ecgview.record.leads import STANDARD_LEADS
from ecgview.ui.sheet.format import Format, is_chest_lead, shown_name

LEFT_MM = 20.0
"""Where the traces begin; the calibration pulse stands to the left of it."""
TRACE_MM = 250.0
"""How much trace there is in a row at most."""
_RIGHT_MM = 7.5
PULSE_MV = 1.0
PULSE_SECONDS = 0.2
_STEP_MM = 5.0
"""Widest step of a pulse that shows two gains: two of them must stand beside each other."""
_PULSE_LEAD_IN_MM = 2.5
_PULSE_LEFT_MM, _PULSE_RIGHT_MM = 5.0, 17.5
_TOP_MM, _BELOW_MM = 25.0, 20.0
_TOP_DENSE_MM, _BELOW_DENSE_MM = 15.0, 10.0
_DENSE_ROWS = 8
"""With more rows than this, paper above and below is better spent between them."""
_FARTHEST_APART_MM = 50.0
"""Rows further apart than this are hard to compare, however tall the window."""
_PULSE_CLEAR_MM = 5.0
"""Between a calibration pulse and the row above."""
_LONGEST_WINDOW_S = 10.0
"""A window is longer only where the record fills all columns of it."""

_STRIP_CHOICE = ("II", "V1", "I", *STANDARD_LEADS)
_MOST_ROWS_OF_ONE_LEAD = 6
_FEWEST_FOR_COLUMNS = 6
"""With fewer of the twelve, most of the places would stand empty: each lead gets a row of its own."""
_LEAST_IN_LAST_COLUMN_S = 0.5
"""A record that leaves less than this to the last column is too short for time to run on."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one lead and its place.

    Attributes
    ----------
    lead : str
    start, end : float
        Seconds from the beginning of the record; samples at `start` <= t < `end` belong here.
    x, y : float
        Where `start` and 0 mV lie, mm.
    row : int
        Counted from the top.
    recorded, derived : bool
        Whether the record has the lead, and whether it was computed from others.
    speed, gain : float
        mm/s and mm/mV.
    inverted : bool
        Whether it is drawn upside down, and named so.
    """

    lead: str
    start: float
    end: float
    x: float
    y: float
    row: int
    recorded: bool = True
    derived: bool = False
    speed: float = 25.0
    gain: float = 10.0
    inverted: bool = False

    @property
    def width(self) -> float:
        """Width of the segment's place, mm."""
        return (self.end - self.start) * self.speed

    @property
    def title(self) -> str:
        """The lead's name as it stands on the sheet."""
        return shown_name(self.lead, self.inverted)

    def x_at(self, seconds: float) -> float:
        """Return where a time, s from the beginning of the record, lies on the sheet, mm."""
        return self.x + (seconds - self.start) * self.speed

    def seconds_at(self, x: float) -> float:
        """Return which time lies at an x, mm."""
        return self.start + (x - self.x) / self.speed

    def y_at(self, millivolts: float) -> float:
        """Return where a value of the lead lies on the sheet, mm."""
        return self.y + (millivolts if self.inverted else -millivolts) * self.gain

    def mv_at(self, y: float) -> float:
        """Return which value of the lead lies at a y, mm."""
        return (y - self.y if self.inverted else self.y - y) / self.gain


@dataclass(frozen=True, slots=True)
class Page:
    """The whole sheet.

    Attributes
    ----------
    segments : tuple of Segment
    baselines : tuple of float
        y of each row's 0 mV, mm.
    row_height : float
        Distance of two baselines, mm.
    width, height : float
        mm.
    start, end : float
        Seconds of the record that the sheet shows.
    duration : float
        Seconds the record lasts.
    simultaneous : bool
        Whether every lead begins at `start`; otherwise time runs on from column to column.
    window : float
        Seconds the sheet has room for.
    format : Format
    """

    segments: tuple[Segment, ...]
    baselines: tuple[float, ...]
    row_height: float
    width: float
    height: float
    start: float
    end: float
    duration: float
    simultaneous: bool
    window: float = 10.0
    format: Format = field(default_factory=Format)

    @property
    def longer(self) -> bool:
        """Whether the record is longer than what the sheet shows of it."""
        return self.duration > self.window + 1e-6

    @property
    def lead_changes(self) -> tuple[tuple[float, float], ...]:
        """(x, y) on the baselines where one lead ends and the next begins, mm."""
        return tuple((s.x, s.y) for s in self.segments if s.x > LEFT_MM)

    @property
    def pulses(self) -> tuple[tuple[tuple[float, float], ...], ...]:
        """The corners of each row's calibration pulse, (x, y) in mm.

        A row of limb and chest leads of different gain has a pulse of two steps, the limb leads'
        first.
        """
        return tuple(self._pulse(row, y) for row, y in enumerate(self.baselines))

    def segment_at(self, x: float, y: float) -> Segment | None:
        """Return the segment at a place of the sheet, mm: of those at this x the one whose baseline is nearest."""
        there = [s for s in self.segments if s.x <= x < s.x + s.width and abs(s.y - y) <= self.row_height]
        return min(there, key=lambda segment: abs(segment.y - y), default=None)

    def _pulse(self, row: int, y: float) -> tuple[tuple[float, float], ...]:
        rises = self._gains(row)
        wide = PULSE_SECONDS * self.format.speed
        if len(rises) > 1:
            wide = min(wide, _STEP_MM)
        # The upstroke stands on a strong line and the pulse ends clear of the trace, at every speed.
        x = 5.0 if len(rises) * wide > _STEP_MM else 10.0
        corners = [(max(x - _PULSE_LEAD_IN_MM, _PULSE_LEFT_MM), y)]
        if not rises:
            return tuple(corners)
        level = y
        for gain in rises:
            corners += [(x, level), (x, y - PULSE_MV * gain)]
            level, x = y - PULSE_MV * gain, x + wide
        return (*corners, (x, level), (x, y), (min(x + _PULSE_LEAD_IN_MM, _PULSE_RIGHT_MM), y))

    def _gains(self, row: int) -> tuple[float, ...]:
        """The gains in a row, mm/mV: the limb leads' first, each once."""
        here = [s for s in self.segments if s.row == row]
        return tuple(dict.fromkeys(s.gain for s in sorted(here, key=lambda s: is_chest_lead(s.lead))))


def lay_out(
    leads: Sequence[str],
    duration: float,
    start: float = 0.0,
    derived: Iterable[str] = frozenset(),
    room: float = 0.0,
    format: Format | None = None,
) -> Page:
    """Lay a record out on the sheet.

    The twelve leads stand in columns, time running on from column to column, and below them the
    rhythm strips over the whole width; a strip the record lacks falls to II, V1, I or the next
    lead it has. Leads outside the twelve follow in rows of their own. A record with fewer than six
    of the twelve is laid out as one row for each lead; one that is too short for time to run on, as
    every lead whole and from its beginning, in as many columns as that leaves room for. A single
    lead runs on over as many rows as the record fills, at most six.

    Parameters
    ----------
    leads : sequence of str
        The record's leads, standard spelling.
    duration : float
        Seconds the record lasts.
    start : float
        Where the window begins, seconds; moved so that the window stays inside the record.
    derived : iterable of str
        Leads computed from others.
    room : float
        Height there is for a sheet that fills the width, as a share of that width. Where it is
        more than the rows need they move apart, so that tall waves stay clear of each other;
        where it is less they move together, as far as they can still be told apart.
    format : Format, optional
        Layout, order, speed and gain; 3x4+1 at 25 mm/s and 10 mm/mV by default.

    Returns
    -------
    Page

    Raises
    ------
    ValueError
        `duration` is negative or not a number, or `start` is not a number.
    """
    if not (math.isfinite(duration) and duration >= 0):
        raise ValueError(f"a record cannot last {duration} s")
    if not math.isfinite(start):
        raise ValueError(f"a window cannot start at {start} s")
    format = Format() if format is None else format
    rows, simultaneous = _rows(leads, duration, format)
    full = TRACE_MM / format.speed
    columns = max((len(names) for names in rows), default=1)
    wide = full if simultaneous else _seconds_wide(duration, format, columns)
    runs_on = format.layout == "single"
    window = wide * len(rows) if runs_on and rows else wide
    start = max(0.0, min(start, duration - window))

    width = LEFT_MM + TRACE_MM + _RIGHT_MM
    top, below = (_TOP_DENSE_MM, _BELOW_DENSE_MM) if len(rows) > _DENSE_ROWS else (_TOP_MM, _BELOW_MM)
    pulse = max([0.0, *(format.gain(lead) for names in rows for lead in names)]) * PULSE_MV + _PULSE_CLEAR_MM
    top = max(top, pulse)
    row_height = _row_height(len(rows), room * width - top - below, pulse)
    baselines = tuple(top + row * row_height for row in range(len(rows)))
    derived = frozenset(derived)
    segments = []
    for row, names in enumerate(rows):
        seconds = wide / len(names)
        begin = start + row * wide if runs_on else start
        for column, lead in enumerate(names):
            since = begin if simultaneous else begin + column * seconds
            segments.append(
                Segment(
                    lead=lead,
                    start=since,
                    end=since + seconds,
                    x=LEFT_MM + column * seconds * format.speed,
                    y=baselines[row],
                    row=row,
                    recorded=lead in leads,
                    derived=lead in derived,
                    speed=format.speed,
                    gain=format.gain(lead),
                    inverted=format.inverts(lead),
                )
            )
    return Page(
        segments=tuple(segments),
        baselines=baselines,
        row_height=row_height,
        width=width,
        height=max([top, *baselines]) + below,
        start=start,
        end=min(start + window, duration),
        duration=duration,
        simultaneous=simultaneous,
        window=window,
        format=format,
    )


def _rows(leads: Sequence[str], duration: float, format: Format) -> tuple[list[list[str]], bool]:
    """Return the leads of each row, and whether all begin at the same time."""
    sequence = [lead for lead in format.sequence if lead in leads]
    others = [lead for lead in leads if lead not in STANDARD_LEADS]
    if format.layout == "single":
        lead = _strips(format.strips, leads, 1)
        full = TRACE_MM / format.speed
        return [lead] * max(1, min(_MOST_ROWS_OF_ONE_LEAD, math.ceil(duration / full - 1e-6))) if lead else [], False
    if len(sequence) < _FEWEST_FOR_COLUMNS:
        return [[lead] for lead in (*sequence, *others)], False
    columns = format.columns
    shortest = _seconds_wide(duration, format, columns) * (columns - 1) / columns + _LEAST_IN_LAST_COLUMN_S
    simultaneous = columns > 1 and duration < shortest
    if simultaneous:
        full = TRACE_MM / format.speed
        columns = next((count for count in (4, 2) if count <= columns and duration <= full / count), 1)
    depth = len(format.sequence) // columns
    rows = [list(format.sequence[row::depth]) for row in range(depth)]
    if not simultaneous:
        rows += [[lead] for lead in _strips(format.strips, leads, len(format.strips))]
    shown = {lead for names in rows for lead in names}
    return rows + [[lead] for lead in others if lead not in shown], simultaneous


def _strips(wished: Sequence[str], leads: Sequence[str], count: int) -> list[str]:
    """The leads of the rhythm strips: those wished for, others in place of the ones the record lacks."""
    strips = [lead for lead in wished if lead in leads]
    spare = [lead for lead in dict.fromkeys((*_STRIP_CHOICE, *leads)) if lead in leads and lead not in strips]
    return [lead if lead in strips else spare.pop(0) for lead in wished if lead in strips or spare][:count]


def _seconds_wide(duration: float, format: Format, columns: int) -> float:
    """Seconds across the sheet, less than there is paper for where a slow speed would leave columns empty."""
    wide = TRACE_MM / format.speed
    while wide > _LONGEST_WINDOW_S and duration < wide * (columns - 1) / columns + _LEAST_IN_LAST_COLUMN_S:
        wide /= 2
    return wide


def _row_height(rows: int, room: float, least: float) -> float:
    """Distance of two baselines, mm, where `room` mm lie between the first and the last."""
    # Whole multiples of 5 mm keep every baseline on a strong line of the grid.
    usual = 35.0 if rows <= 4 else 30.0 if rows <= 6 else 25.0
    closest = 35.0 if rows <= 4 else 25.0 if rows <= 6 else 20.0 if rows <= _DENSE_ROWS else 15.0
    if rows < 2 or room <= 0.0:
        return max(usual, least)
    return max(closest, least, min(5.0 * math.floor(room / (rows - 1) / 5.0), _FARTHEST_APART_MM))
