"""Which stretch of which lead lies where on the paper, in millimetres.

Millimetres run to the right and downward from the sheet's upper left corner. Everything that is
compared by eye stands on the 5 mm grid: baselines, the edges of the calibration pulse, whole
seconds of a row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ecgview.record.leads import STANDARD_LEADS

MM_PER_SECOND = 25.0
MM_PER_MV = 10.0
WINDOW_SECONDS = 10.0

LEFT_MM = 20.0
"""Where the traces begin; the calibration pulse stands to the left of it."""
_RIGHT_MM = 7.5
PULSE_MV = 1.0
PULSE_SECONDS = 0.2
_PULSE_LEAD_IN_MM = 2.5
_PULSE_X_MM = 7.5
_TOP_MM, _BELOW_MM = 25.0, 20.0
_FARTHEST_APART_MM = 50.0
"""Rows further apart than this are hard to compare, however tall the window."""

_COLUMNS = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))
_STRIP_CHOICE = ("II", "V1", "I", *STANDARD_LEADS)
_FEWEST_FOR_COLUMNS = 6
"""With fewer of the twelve, most of the places would stand empty: each lead gets a row of its own."""
_SHORTEST_FOR_COLUMNS = 8.0
"""Seconds. A shorter record would leave less than half a second to the leads of the last column."""


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
    """

    lead: str
    start: float
    end: float
    x: float
    y: float
    row: int
    recorded: bool = True
    derived: bool = False

    @property
    def width(self) -> float:
        """Width of the segment's place, mm."""
        return (self.end - self.start) * MM_PER_SECOND


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

    @property
    def lead_changes(self) -> tuple[tuple[float, float], ...]:
        """(x, y) on the baselines where one lead ends and the next begins, mm."""
        return tuple((s.x, s.y) for s in self.segments if s.x > LEFT_MM)

    @property
    def pulses(self) -> tuple[tuple[tuple[float, float], ...], ...]:
        """The corners of each row's calibration pulse, (x, y) in mm."""
        rise, wide, lead_in = PULSE_MV * MM_PER_MV, PULSE_SECONDS * MM_PER_SECOND, _PULSE_LEAD_IN_MM
        x0, x1 = _PULSE_X_MM, _PULSE_X_MM + lead_in
        x2, x3 = x1 + wide, x1 + wide + lead_in
        return tuple(((x0, y), (x1, y), (x1, y - rise), (x2, y - rise), (x2, y), (x3, y)) for y in self.baselines)


def lay_out(
    leads: Sequence[str],
    duration: float,
    start: float = 0.0,
    derived: Iterable[str] = frozenset(),
    room: float = 0.0,
) -> Page:
    """Lay a record out on the sheet.

    Of the twelve leads, three rows of four columns, 2.5 s each, time running on from column to
    column, and below them 10 s of lead II (without it of V1, or of I). Leads outside the twelve
    follow in rows of 10 s. A record with fewer than six of the twelve is laid out as one row of
    10 s for each lead; one shorter than 8 s in four columns (up to 2.5 s) or two, every lead whole
    and from its beginning.

    Parameters
    ----------
    leads : sequence of str
        The record's leads, standard spelling.
    duration : float
        Seconds the record lasts.
    start : float
        Where the 10 s window begins, seconds; moved so that the window stays inside the record.
    derived : iterable of str
        Leads computed from others.
    room : float
        Height there is for a sheet that fills the width, as a share of that width. Where it is
        more than the rows need they move apart, so that tall waves stay clear of each other.

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
    start = max(0.0, min(start, duration - WINDOW_SECONDS))
    standard = [lead for lead in STANDARD_LEADS if lead in leads]
    others = [lead for lead in leads if lead not in STANDARD_LEADS]
    simultaneous = False
    share = WINDOW_SECONDS / len(_COLUMNS)
    if len(standard) < _FEWEST_FOR_COLUMNS:
        rows = [[lead] for lead in (*standard, *others)]
    elif duration < _SHORTEST_FOR_COLUMNS:
        simultaneous = True
        depth = 3 if duration <= share else 6
        share = share if depth == 3 else max(WINDOW_SECONDS / 2, math.ceil(duration))
        rows = [list(STANDARD_LEADS[row::depth]) for row in range(depth)]
        rows += [[lead] for lead in others]
    else:
        rows = [[column[row] for column in _COLUMNS] for row in range(3)]
        rows += [[next(lead for lead in _STRIP_CHOICE if lead in standard)]]
        rows += [[lead] for lead in others]

    derived = frozenset(derived)
    seconds_wide = max([WINDOW_SECONDS, *(share * len(names) for names in rows if len(names) > 1)])
    width = LEFT_MM + seconds_wide * MM_PER_SECOND + _RIGHT_MM
    row_height = _row_height(len(rows), room * width)
    baselines = tuple(_TOP_MM + row * row_height for row in range(len(rows)))
    segments = []
    for row, names in enumerate(rows):
        seconds = share if len(names) > 1 else WINDOW_SECONDS
        for column, lead in enumerate(names):
            begin = start if simultaneous else start + column * seconds
            segments.append(
                Segment(
                    lead=lead,
                    start=begin,
                    end=begin + seconds,
                    x=LEFT_MM + column * seconds * MM_PER_SECOND,
                    y=baselines[row],
                    row=row,
                    recorded=lead in leads,
                    derived=lead in derived,
                )
            )
    return Page(
        segments=tuple(segments),
        baselines=baselines,
        row_height=row_height,
        width=width,
        height=max([_TOP_MM, *baselines]) + _BELOW_MM,
        start=start,
        end=min(start + WINDOW_SECONDS, duration),
        duration=duration,
        simultaneous=simultaneous,
    )


def _row_height(rows: int, room: float) -> float:
    # Whole multiples of 5 mm keep every baseline on a strong line of the grid.
    usual = 35.0 if rows <= 4 else 30.0 if rows <= 6 else 25.0
    if rows < 2:
        return usual
    roomy = 5.0 * math.floor((room - _TOP_MM - _BELOW_MM) / (rows - 1) / 5.0)
    return max(usual, min(roomy, _FARTHEST_APART_MM))
