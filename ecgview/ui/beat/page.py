"""Where each lead of an average beat lies on its paper, in millimetres. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgview.record.leads import STANDARD_LEADS
from ecgview.signal.found_beats import AverageBeat
from ecgview.ui.sheet.format import Format
from ecgview.ui.sheet.layout import Segment

BEFORE_S, AFTER_S = 0.4, 0.8
"""What is shown before and after the onset of the QRS complex."""
SPEEDS = (25.0, 50.0)
_LEFT_MM, _BETWEEN_MM, _TOP_MM, _BELOW_MM = 5.0, 5.0, 0.0, 5.0
_NAME_MM = 5.0
"""Kept free above each lead for its name."""
_CLOSEST_MM, _FARTHEST_MM = 15.0, 60.0


@dataclass(frozen=True, slots=True)
class BeatPage:
    """The paper of an average beat; its segments count seconds from :data:`BEFORE_S` before the QRS onset.

    Attributes
    ----------
    segments : tuple of Segment
    width, height : float
        mm.
    columns : int
    """

    segments: tuple[Segment, ...]
    width: float
    height: float
    columns: int

    def column_edges(self, column: int) -> tuple[float, float]:
        """Return where a column of leads begins and ends, mm."""
        wide = (self.width - 2 * _LEFT_MM - (self.columns - 1) * _BETWEEN_MM) / self.columns
        left = _LEFT_MM + column * (wide + _BETWEEN_MM)
        return left, left + wide

    def segment_at(self, x: float, y: float) -> Segment | None:
        """Return the segment nearest to a place, mm."""

        def away(segment: Segment) -> tuple[float, float]:
            beyond = max(segment.x - x, x - segment.x - segment.width, 0.0)
            return beyond, abs(segment.y - y)

        return min(self.segments, key=away, default=None)


def page_width(columns: int, speed: float) -> float:
    """Return how wide a paper of so many columns is, mm."""
    return 2 * _LEFT_MM + columns * (BEFORE_S + AFTER_S) * speed + (columns - 1) * _BETWEEN_MM


def lay_out_beat(beats: Sequence[AverageBeat], columns: int, speed: float, format: Format) -> BeatPage:
    """Lay the leads of one or more average beats out in columns.

    Rows are as far apart as their waves need, on the 5 mm grid.

    Parameters
    ----------
    beats : sequence of AverageBeat
        Drawn over each other; a lead that one of them has is laid out.
    columns : int
    speed : float
        mm/s.
    format : Format
        Order of the leads and gain.

    Returns
    -------
    BeatPage
    """
    there = {lead for beat in beats for lead in beat.leads}
    leads = [lead for lead in format.sequence if lead in there]
    leads += [lead for lead in STANDARD_LEADS if lead in there and lead not in leads]
    depth = math.ceil(len(leads) / columns) if leads else 0
    reaches = [_reach(beats, lead, format) for lead in leads]
    y, baselines = _TOP_MM, []
    for row in range(depth):
        here = [reaches[at] for at in range(row, len(leads), depth)]
        up = max(reach[0] for reach in here) + _NAME_MM
        above = [reaches[at - 1] for at in range(row, len(leads), depth)] if row else []
        down = max([reach[1] for reach in above], default=0.0)
        gap = up if not row else max(_CLOSEST_MM, down + up)
        y += 5.0 * math.ceil(min(gap, _FARTHEST_MM) / 5.0)
        baselines.append(y)
    last = max((reaches[at][1] for at in range(depth - 1, len(leads), depth)), default=0.0) if depth else 0.0
    segments = []
    wide = (BEFORE_S + AFTER_S) * speed
    for at, lead in enumerate(leads):
        segments.append(
            Segment(
                lead=lead,
                start=0.0,
                end=BEFORE_S + AFTER_S,
                x=_LEFT_MM + (at // depth) * (wide + _BETWEEN_MM),
                y=baselines[at % depth],
                row=at % depth,
                speed=speed,
                gain=format.gain(lead),
                inverted=format.inverts(lead),
            )
        )
    height = 5.0 * math.ceil((y + min(last, _FARTHEST_MM) + _BELOW_MM) / 5.0)
    return BeatPage(tuple(segments), page_width(columns, speed), height, columns)


def samples_of(beat: AverageBeat, lead: str) -> np.ndarray | None:
    """Return what the page shows of one lead, mV, its first sample at the page's second 0."""
    if lead not in beat.leads:
        return None
    first = beat.onset - round(BEFORE_S * beat.hz)
    row = beat.signal[beat.leads.index(lead)]
    missing = np.full(max(0, -first), np.nan, dtype=np.float32)
    return np.concatenate([missing, row[max(0, first) : first + round((BEFORE_S + AFTER_S) * beat.hz)]])


def _reach(beats: Sequence[AverageBeat], lead: str, format: Format) -> tuple[float, float]:
    """How far the lead goes up and down from its level on the paper, mm."""
    up, down = 0.0, 0.0
    for beat in beats:
        samples = samples_of(beat, lead)
        if samples is None or not np.isfinite(samples).any():
            continue
        high, low = float(np.nanmax(samples)), -float(np.nanmin(samples))
        if format.inverts(lead):
            high, low = low, high
        up, down = max(up, high * format.gain(lead)), max(down, low * format.gain(lead))
    return up, down
