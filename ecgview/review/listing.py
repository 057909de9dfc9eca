"""Events of a store by who, what, which record and when: counted, in pages, or one row after another.

Everything here may run in a worker: nothing is kept in memory but one page, and a callable that is
asked now and then stops it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Select, Table, func, select, text

from ecgview.review.events import Event
from ecgview.review.schema import current, events
from ecgview.review.store import Snapshot, Store

PAGE: Final = 100
"""Events that are looked at before it is asked again whether to go on."""

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events are wanted; what is empty or None asks for nothing in particular.

    Attributes
    ----------
    readers, codes, records, kinds, decisions : tuple of str
        Any of these; records by content hash.
    since, until : datetime or None
        From `since` on and before `until`, with a time zone.
    current : bool
        Only labels that hold now.
    """

    readers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    current: bool = False

    def __post_init__(self) -> None:
        if any(moment is not None and moment.tzinfo is None for moment in (self.since, self.until)):
            raise ValueError("a time needs its time zone")

    @property
    def table(self) -> Table:
        """What is looked through."""
        return current if self.current else events

    def of(self, query: Select[Any]) -> Select[Any]:
        """Return a query of :attr:`table` that asks for these events only."""
        columns = self.table.c
        for name, wanted in (
            ("reader", self.readers),
            ("code", self.codes),
            ("record_hash", self.records),
            ("decision", self.decisions),
            ("kind", self.kinds),
        ):
            if wanted:
                query = query.where(columns[name].in_(wanted))
        if self.kinds and "label" not in self.kinds:
            query = query.where(text("kind <> 'label'"))  # as the index of the others has it
        if self.since is not None:
            query = query.where(columns.written_at >= _stamp(self.since))
        if self.until is not None:
            query = query.where(columns.written_at < _stamp(self.until))
        return query


def _stamp(moment: datetime) -> str:
    # As the store writes it: then the order of texts is the order of times.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def searched_lightly() -> Iterator[None]:
    """Keep Python's search for unreachable objects away from all that is there already.

    Very many short-lived objects set that search off; going through all objects of a window takes it
    a quarter of a second, during which no thread runs. Setting them aside and taking them up again
    takes no time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def count(store: Store, chosen: Filter) -> int:
    """Return how many events there are."""
    with store.snapshot() as snapshot:
        query = chosen.of(select(func.count()).select_from(chosen.table))
        return int(snapshot._connection.execute(query).scalar_one())


def page(store: Store, chosen: Filter, after: int = 0, size: int = PAGE) -> list[Event]:
    """Return the first events that come after one.

    Parameters
    ----------
    store : Store
    chosen : Filter
    after : int
        Number of the last event of the page before; 0 for the first page.
    size : int
        At most so many.
    """
    table = chosen.table
    query = chosen.of(select(table).where(table.c.sequence > after)).order_by(table.c.sequence).limit(size)
    with store.snapshot() as snapshot:
        return list(snapshot.of_query(query))


def pages(store: Store, chosen: Filter, size: int = PAGE, cancelled: Cancelled | None = None) -> Iterator[list[Event]]:
    """Go through events page by page, in the order they were written.

    Each page is a look of its own, so that a slow taker keeps no writer waiting; events that are
    written meanwhile come at the end.

    Parameters
    ----------
    store : Store
    chosen : Filter
    size : int
        Events a page.
    cancelled : callable, optional
        Asked before each page; it ends once this returns True.

    Yields
    ------
    list of Event
    """
    after = 0
    with searched_lightly():
        while not (cancelled is not None and cancelled()):
            found = page(store, chosen, after, size)
            if found:
                yield found
            if len(found) < size:
                return
            after = found[-1].sequence


def cells(
    snapshot: Snapshot, columns: tuple[str, ...], chosen: Filter, cancelled: Cancelled | None = None
) -> Iterator[tuple[Any, ...]]:
    """Go through some columns of all wanted rows, as the store stands at one moment.

    Parameters
    ----------
    snapshot : Snapshot
    columns : tuple of str
        Of the table of events.
    chosen : Filter
    cancelled : callable, optional
        As for :func:`pages`.
    """
    table = chosen.table
    query = chosen.of(select(*(table.c[name] for name in columns))).order_by(table.c.sequence)
    query = query.execution_options(yield_per=PAGE)
    with searched_lightly(), snapshot._connection.execute(query) as found:
        for part in found.partitions(PAGE):
            if cancelled is not None and cancelled():
                return
            yield from map(tuple, part)
