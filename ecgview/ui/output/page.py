"""A record on pages of real paper: what goes on each, in true millimetres.

Layout, lines of the traces, calibration pulses and the line of statements are those of the sheet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication

from ecgview.record import Record
from ecgview.signal.values import Measurements
from ecgview.signal.view_filters import Filtered, ViewFilters
from ecgview.ui.explain.overlay import Overlay
from ecgview.ui.output.paper_size import PaperSize, usual_paper
from ecgview.ui.output.rows import Reach, most_rows, place_rows
from ecgview.ui.output.words import about, heading, measured
from ecgview.ui.sheet import UNFILTERED
from ecgview.ui.sheet.caliper_marks import Placed, place
from ecgview.ui.sheet.calipers import Caliper
from ecgview.ui.sheet.footer import SIDE, Footer, statements
from ecgview.ui.sheet.format import Format
from ecgview.ui.sheet.layout import LEFT_MM, TRACE_MM, Page, lay_out
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.sheet.traces import made, shown_ranges

GRID_WIDE = LEFT_MM + TRACE_MM
"""Of the millimetre paper: the calibration pulses and the traces. It fits A4 and Letter."""
UNIT = 0.2
"""Millimetres on paper of what is a pixel to a font."""
BODY, SMALL = 17, 13
_EDGE = 8.0
"""Left free at the upper and lower edge, where printers cannot print, mm."""
_SIDE = 4.5
"""Left free at the left and right at least."""
_BETWEEN = 2.5
"""Millimetres between heading and paper."""
_LOWEST = 150.0
_GRID = 5.0


class TooSmallError(Exception):
    """The paper does not hold a page in true millimetres."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How a record is put on paper.

    Attributes
    ----------
    start : float
        Where the first page begins, seconds from the beginning of the record.
    whole : bool
        Whether pages follow one another from the beginning of the record to its end.
    identity : bool
        Whether the names of record and patient, age, sex and date are told.
    filter_words : str
        What is said about filters that the record has passed.
    filters : ViewFilters
        Through which the traces are shown; what is said about these takes the place of `filter_words`.
    calipers : tuple of Caliper
        Drawn over the traces.
    explained : Overlay or None
        Colours below the traces, with their legend.
    format : Format
        Layout, order, speed and gain.
    paper : PaperSize
    """

    start: float = 0.0
    whole: bool = False
    identity: bool = False
    filter_words: str = UNFILTERED
    filters: ViewFilters = field(default_factory=ViewFilters)
    calipers: tuple[Caliper, ...] = ()
    explained: Overlay | None = None
    format: Format = field(default_factory=Format)
    paper: PaperSize = field(default_factory=usual_paper)


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One page, ready to be painted; all in millimetres from the upper left corner of the paper.

    Attributes
    ----------
    heading : str
    lines : tuple of str
        Below the heading: on the recording, and what was measured.
    page : Page
        What lies where on the grid; its x counts from `left`, its y from `top`.
    traces : tuple of Trace
    doubts : dict of str to str
        A word or two for each lead whose signal is in doubt.
    calipers : tuple of Placed
        On the page, in mm of the grid.
    explained : Overlay or None
        Colours below the traces.
    left, top, height : float
        Of the grid, which is :data:`GRID_WIDE` wide.
    footer : Footer
        In pixels of :data:`UNIT` millimetres, below the grid.
    said : tuple of str
        What the footer says, the research sentence apart.
    paper : PaperSize
    """

    heading: str
    lines: tuple[str, ...]
    page: Page
    traces: tuple[Trace, ...]
    doubts: Mapping[str, str]
    calipers: tuple[Placed, ...]
    explained: Overlay | None
    left: float
    top: float
    height: float
    footer: Footer
    said: tuple[str, ...]
    paper: PaperSize


class Printout:
    """A record's pages, made one at a time.

    Parameters
    ----------
    record : Record
    found : Measurements or None
        What was measured in it.
    choices : Choices
    doubts : dict of str to str, optional
        A word or two for each lead whose signal is in doubt.

    Raises
    ------
    TooSmallError
        The paper is smaller than A4 or Letter.
    """

    def __init__(
        self,
        record: Record,
        found: Measurements | None,
        choices: Choices,
        doubts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        paper = choices.paper
        if paper.width < GRID_WIDE + 2 * _SIDE or paper.height < _LOWEST:
            raise TooSmallError(f"{paper.name} is too small for 250 mm of traces: choose A4, Letter or larger")
        self.record, self.found, self.choices, self.doubts = record, found, choices, doubts
        explained = choices.explained
        # What explains another record is never printed with this one.
        fits = explained is not None and explained.record_hash == record.content_hash
        self._explained = explained if fits else None
        self._filtered = Filtered(record, choices.filters) if choices.filters else None
        self.heading = heading(record, choices.identity)
        self._lines = (about(record, choices.identity), measured(found))
        self._top = _EDGE + headline_height() + _BETWEEN
        whole = self._sheet(choices.start)
        self._seconds = whole.window
        self._first = 0.0 if choices.whole else whole.start
        stretches = max(1, math.ceil(record.duration / self._seconds - 1e-6)) if choices.whole else 1
        self._parts = math.ceil(max(1, len(whole.baselines)) / self._most_rows())
        self._count = stretches * self._parts

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> PrintedPage:
        """Return a page, counted from 0."""
        if not 0 <= number < self._count:
            raise IndexError(number)
        stretch, part = divmod(number, self._parts)
        whole = self._sheet(self._first + stretch * self._seconds)
        filter_words = self._filtered.words if self._filtered is not None else self.choices.filter_words
        said = list(statements(self.record, whole, filter_words))
        said.append(f"page {number + 1} of {self._count}")
        # The footer's height decides what the rows have; the statement that a wave is cut would add to it.
        height = self._height(said)
        page, traces, cut = self._on_paper(self._part_of(whole, part), height)
        if cut:
            said.append("waves beyond the paper are cut off")
            height = self._height(said)
            page, traces, _ = self._on_paper(self._part_of(whole, part), height)
        return PrintedPage(
            heading=self.heading,
            lines=self._lines,
            page=page,
            traces=traces,
            doubts=self.doubts,
            calipers=tuple(place(page, self.record, self.choices.calipers)),
            explained=self._explained,
            left=(self.choices.paper.width - GRID_WIDE) / 2,
            top=self._top,
            height=height,
            footer=self._footer(said),
            said=tuple(said),
            paper=self.choices.paper,
        )

    def _sheet(self, start: float) -> Page:
        record = self.record
        return lay_out(record.leads, record.duration, start, record.derived, format=self.choices.format)

    def _footer(self, said: Sequence[str]) -> Footer:
        letters, width = font(SMALL), GRID_WIDE / UNIT + 2 * SIDE
        above = () if self._explained is None else (self._explained.legend(letters, width),)
        return Footer(tuple(said), letters, width, above=above)

    def _height(self, said: Sequence[str]) -> float:
        """Height there is for the grid: whole squares of 5 mm."""
        room = self.choices.paper.height - self._top - _EDGE - self._footer(said).height * UNIT
        return _GRID * math.floor(room / _GRID)

    def _most_rows(self) -> int:
        return most_rows(self._height([""]) - _GRID)

    def _part_of(self, whole: Page, part: int) -> Page:
        """Return the rows that stand on one of the pages that a stretch of time takes."""
        rows = len(whole.baselines)
        each = math.ceil(rows / self._parts)
        kept = range(part * each, min(rows, (part + 1) * each))
        return replace(
            whole,
            segments=tuple(replace(s, row=s.row - kept.start) for s in whole.segments if s.row in kept),
            baselines=whole.baselines[kept.start : kept.stop],
        )

    def _on_paper(self, page: Page, height: float) -> tuple[Page, tuple[Trace, ...], bool]:
        pulses = zip(page.baselines, page.pulses, strict=True)
        # A calibration pulse needs its room as the waves do.
        reaches: list[Reach] = [(y - min(corner[1] for corner in pulse), 0.0) for y, pulse in pulses]
        for trace in self._traces(page):
            row, (top, bottom) = trace.segment.row, trace.reach
            above, below = trace.segment.y - top, bottom - trace.segment.y
            reaches[row] = (max(reaches[row][0], above), max(reaches[row][1], below))
        rows = place_rows(reaches, height)
        placed = replace(
            page,
            segments=tuple(replace(s, y=rows.baselines[s.row]) for s in page.segments),
            baselines=rows.baselines,
            row_height=rows.pitch,
            height=height,
        )
        return placed, self._traces(placed), rows.cut

    def _traces(self, page: Page) -> tuple[Trace, ...]:
        if self._filtered is not None and not self._filtered.has(ranges := shown_ranges(page, self.record)):
            self._filtered.keep(self._filtered.compute(ranges))
        return tuple(trace for trace in made(self.record, page, self._filtered) if not trace.empty)


def font(pixels: int, strong: bool = False) -> QFont:
    """Return a font for paper: its letters keep their shape at every scale, and each is one sign when copied."""
    made = QFont(QGuiApplication.font())
    made.setPixelSize(pixels)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setFeature(QFont.Tag("liga"), 0)
    if strong:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def headline_height() -> float:
    """Return the height of the heading and the two lines below it, mm."""
    large, small = QFontMetricsF(font(BODY, strong=True)), QFontMetricsF(font(SMALL))
    return UNIT * (large.height() + 2 * small.lineSpacing())
