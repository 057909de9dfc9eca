"""Filtered stretches for the sheet: at once where that is quick, otherwise by a worker."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from ecgview.record.record import Record
from ecgview.ui.background import Latest
from ecgview.ui.sheet.layout import Page
from ecgview.ui.sheet.traces import shown_ranges

if TYPE_CHECKING:
    from ecgview.signal.view_filters import Filtered, ViewFilters

AT_ONCE = 250_000
"""Samples that are filtered in less than 10 ms (2 cores): 12 leads of 10 s at 500 Hz take 108 000."""
_MOST_HUM_AT_ONCE = 200_000
_AHEAD = 2.0
"""Windows before and behind the one shown that are filtered along with it."""
_NEAR = 0.5
"""When no more than this of a window is left, the next ones are asked for."""

Ranges = dict[str, tuple[int, int]]


def quick(record: Record, mains: bool) -> bool:
    """Return whether filters can be made for a record without anybody waiting."""
    # scipy takes longer to import than a record takes to filter; measuring has brought it as a rule.
    looked_at = min(record.samples, 30 * record.hz) * len(record.leads) if mains else 0
    return "scipy.signal" in sys.modules and looked_at <= _MOST_HUM_AT_ONCE


def make(record: Record, filters: ViewFilters) -> Filtered:
    """Return a record as filters show it; looks for the hum of the mains where that is asked for."""
    from ecgview.signal.view_filters import Filtered

    return Filtered(record, filters)


class FilteredTraces(QObject):
    """What filters leave of a record, stretch by stretch as the sheet shows it.

    Parameters
    ----------
    filtered : Filtered
    worker : Latest
        Does what it is handed: a request is a function without arguments.
    arrived : callable
        Called when a stretch that the sheet had to wait for is at hand.
    """

    def __init__(self, filtered: Filtered, worker: Latest, arrived: Callable[[], None]) -> None:
        super().__init__(worker)
        self._filtered = filtered
        self._arrived = arrived
        self._waiting: Ranges = {}
        self._asked: Ranges = {}
        self._ticket = 0
        self._worker = worker
        worker.answered.connect(self._take)

    @property
    def words(self) -> str:
        """What is said about the filters."""
        return self._filtered.words

    def ready(self, page: Page) -> bool:
        """Return whether the stretches on a page are at hand; otherwise ask for them."""
        filtered, record = self._filtered, self._filtered.record
        ranges = shown_ranges(page, record)
        if not page.longer:
            ranges = dict.fromkeys(ranges, (0, record.samples))
        self._waiting = {}
        if filtered.has(ranges):
            if not filtered.has(self._widened(page, ranges, _NEAR)):
                self._ask(self._widened(page, ranges, _AHEAD))
            return True
        if filtered.effort(ranges) <= AT_ONCE:
            filtered.keep(filtered.compute(ranges))
            if page.longer:
                self._ask(self._widened(page, ranges, _AHEAD))
            return True
        self._waiting = ranges
        self._ask(self._widened(page, ranges, _AHEAD))
        return False

    def stretch(self, lead: str, first: int, last: int) -> NDArray[np.float32]:
        """Return samples of a lead, mV."""
        return self._filtered.stretch(lead, first, last)

    def let_go(self) -> None:
        """Want no more stretches."""
        self._worker.answered.disconnect(self._take)
        self.deleteLater()

    def _widened(self, page: Page, ranges: Ranges, windows: float) -> Ranges:
        """The same stretches and some windows before and behind them, as far as the record goes."""
        record = self._filtered.record
        more = round(windows * page.window * record.hz)
        return {
            lead: (max(0, first - more), min(record.samples, last + more)) for lead, (first, last) in ranges.items()
        }

    def _ask(self, ranges: Ranges) -> None:
        covered = all(
            lead in self._asked and self._asked[lead][0] <= first and last <= self._asked[lead][1]
            for lead, (first, last) in self._waiting.items()
        )
        # What is on its way is waited for: asking anew at each step of a moving record would call it off each time.
        if self._asked and covered:
            return
        self._asked = ranges
        filtered = self._filtered
        self._ticket = self._worker.ask(lambda: filtered.compute(ranges))

    def _take(self, ticket: int, made: dict[str, tuple[int, NDArray[np.float32]]]) -> None:
        if ticket != self._ticket or ticket != self._worker.ticket:
            return
        self._asked = {}
        self._filtered.keep(made)
        if self._waiting and self._filtered.has(self._waiting):
            self._waiting = {}
            self._arrived()
