"""All traces of a sheet, as items of its scene."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QGraphicsScene

from ecgview.record.record import Record
from ecgview.ui.sheet.items import TraceItem
from ecgview.ui.sheet.layout import Page, Segment
from ecgview.ui.sheet.trace import Trace


class Stretches(Protocol):
    """Samples that are shown in place of a record's."""

    def stretch(self, lead: str, first: int, last: int) -> NDArray[np.float32]:
        """Return samples `first` to `last` - 1 of a lead, mV."""


class Altered(Stretches, Protocol):
    """The same for a sheet, which shows one stretch after the other."""

    @property
    def words(self) -> str:
        """What is said about them."""

    def ready(self, page: Page) -> bool:
        """Return whether the stretches on a page are at hand; otherwise it asks for them and tells when they are."""


class Traces:
    """What a page shows of a record.

    Parameters
    ----------
    scene : QGraphicsScene
        Its unit is the millimetre.
    """

    def __init__(self, scene: QGraphicsScene) -> None:
        self._scene = scene
        self._items: list[TraceItem] = []

    @property
    def drawn(self) -> list[Trace]:
        """Those that hold anything to draw."""
        return [item.trace for item in self._items if not item.trace.empty]

    @property
    def reach(self) -> tuple[float, float] | None:
        """The least and the greatest y of all, mm; None where nothing is drawn."""
        reaches = [trace.reach for trace in self.drawn]
        return (min(top for top, _ in reaches), max(bottom for _, bottom in reaches)) if reaches else None

    def show(self, record: Record, page: Page, colour: str, altered: Stretches | None = None) -> None:
        """Draw a page of a record in place of what was drawn; the items stay where their number does."""
        traces = made(record, page, altered)
        while len(self._items) > len(traces):
            self._scene.removeItem(self._items.pop())
        for item, trace in zip(self._items, traces, strict=False):
            item.set_trace(trace)
        for trace in traces[len(self._items) :]:
            item = TraceItem(trace)
            self._scene.addItem(item)
            self._items.append(item)
        self.set_colour(colour)

    def clear(self) -> None:
        """Draw nothing."""
        for item in self._items:
            self._scene.removeItem(item)
        self._items = []

    def set_colour(self, colour: str) -> None:
        """Draw in a colour, ``#rrggbb``."""
        for item in self._items:
            item.set_colour(colour)


def made(record: Record, page: Page, altered: Stretches | None = None) -> list[Trace]:
    """Return the traces of a page, one for each segment whose lead the record has; of what is shown in its place."""
    found = []
    for segment in page.segments:
        samples = record.lead(segment.lead)
        if samples is not None and altered is not None:
            first, last = shown_range(segment, record)
            found.append(Trace(segment, altered.stretch(segment.lead, first, last), record.hz, first))
        elif samples is not None:
            found.append(Trace(segment, samples, record.hz))
    return found


def shown_range(segment: Segment, record: Record) -> tuple[int, int]:
    """Return the first sample that a segment shows, and the one behind the last."""
    # A hair's breadth, so that a boundary at 2.5 s is sample 1250 in spite of rounding.
    first, last = (math.ceil(seconds * record.hz - 1e-6) for seconds in (segment.start, segment.end))
    first = min(max(0, first), record.samples)
    return first, min(max(first, last), record.samples)


def shown_ranges(page: Page, record: Record) -> dict[str, tuple[int, int]]:
    """Return for each lead on a page from which sample to before which it is shown, all its segments together."""
    found: dict[str, tuple[int, int]] = {}
    for segment in page.segments:
        if segment.recorded:
            first, last = shown_range(segment, record)
            before = found.get(segment.lead, (first, last))
            found[segment.lead] = min(first, before[0]), max(last, before[1])
    return found
