"""Labels out of the store: CSV and JSON, de-identified unless asked otherwise.

De-identified, readers are numbered, and dates, names of files, and notes, which may name people, stay
out; the content hash still says which record is meant. Readings of a round stay out
until all are locked and adjudicated: an export must not tell one reader what another said.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, Any, Final

from ecgview import RESEARCH_USE
from ecgview.review.cells import guarded
from ecgview.review.events import Decision
from ecgview.review.importing import ImportFaults, read_csv
from ecgview.review.listing import Filter, cells
from ecgview.review.rounds import rounds
from ecgview.review.store import Store

__all__ = [
    "COLUMNS",
    "IDENTIFYING",
    "ImportFaults",
    "Stopped",
    "labels_by_record",
    "read_csv",
    "rows",
    "write_csv",
    "write_json",
]

COLUMNS: Final = (
    "sequence kind reader record class decision confidence lead from to round supersedes model program hash"
).split()
IDENTIFYING: Final = ("written_at", "record_name", "note")
_CALLED_OTHERWISE: Final = {
    "record": "record_hash",
    "class": "code",
    "lead": "region_lead",
    "from": "region_from",
    "to": "region_to",
    "round": "round_id",
}
_READER, _ROUND = COLUMNS.index("reader"), COLUMNS.index("round")
_TOLD_EVERY: Final = 1000


class Stopped(Exception):
    """An export was cancelled; what was written of it is of no use."""


def rows(
    store: Store,
    history: bool = False,
    identified: bool = False,
    chosen: Filter | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[dict[str, Any]]:
    """Go through what an export holds; memory does not grow with it.

    Parameters
    ----------
    store : Store
    history : bool
        All events; by default the labels that hold now.
    identified : bool
        With readers, dates, names of files and notes.
    chosen : Filter, optional
        Only these; whether they hold now is said by `history` alone.
    cancelled : callable, optional
        Asked now and then.

    Yields
    ------
    dict
        The columns :data:`COLUMNS`, and :data:`IDENTIFYING` where asked for; None for nothing.

    Raises
    ------
    Stopped
        `cancelled` returned True.
    """
    open_rounds = {round.identifier for round in rounds(store) if not round.settled}
    names = (*COLUMNS, *(IDENTIFYING if identified else ()))
    columns = tuple(_CALLED_OTHERWISE.get(name, name) for name in names)
    wanted = replace(chosen or Filter(), current=not history)
    numbers: dict[str, str] = {}
    stop = cancelled or (lambda: False)
    with store.snapshot() as snapshot:
        for cells_of_row in cells(snapshot, columns, wanted, stop):
            if cells_of_row[_ROUND] in open_rounds:
                continue
            row = {name: None if value == "" else value for name, value in zip(names, cells_of_row, strict=True)}
            if not identified:
                name = cells_of_row[_READER]
                row["reader"] = numbers.setdefault(name, f"reader {len(numbers) + 1}")
            yield row
    if stop():
        raise Stopped


def write_csv(
    store: Store,
    stream: IO[str],
    history: bool = False,
    identified: bool = False,
    chosen: Filter | None = None,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write an export as CSV; text that a spreadsheet would calculate is guarded. Return the number of rows.

    Parameters are those of :func:`rows`; `progress` is told now and then how many rows are written.
    """
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow([*COLUMNS, *(IDENTIFYING if identified else ())])
    found = rows(store, history, identified, chosen, cancelled)
    count = 0
    for count, row in enumerate(found, start=1):
        lines.writerow([guarded(value) if isinstance(value, str) else value for value in row.values()])
        if progress is not None and count % _TOLD_EVERY == 0:
            progress(count)
    return count


def write_json(
    store: Store,
    stream: IO[str],
    history: bool = False,
    identified: bool = False,
    chosen: Filter | None = None,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write an export as JSON, with a note of the store's end for `verify`. Return the number of rows.

    Parameters are those of :func:`write_csv`.
    """
    head = {"research_use": RESEARCH_USE, "store_end": str(store.head())}
    stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "events": [')
    count = 0
    for count, row in enumerate(rows(store, history, identified, chosen, cancelled), start=1):
        stream.write(("," if count > 1 else "") + "\n" + json.dumps(row, ensure_ascii=False))
        if progress is not None and count % _TOLD_EVERY == 0:
            progress(count)
    stream.write("\n]}\n")
    return count


def labels_by_record(store: Store) -> tuple[dict[str, dict[str, Decision]], int]:
    """Return what readers hold of each record, by content hash and class, for training.

    Where readers differ, most of them decide; a tie says nothing and is counted.

    Returns
    -------
    labels : dict of str to dict of str to Decision
    ties : int
    """
    votes: dict[tuple[str, str], Counter[Decision]] = {}
    with store.snapshot() as snapshot:
        for record, code, decision in cells(snapshot, ("record_hash", "code", "decision"), Filter(current=True)):
            votes.setdefault((record, code), Counter())[decision] += 1
    found: dict[str, dict[str, Decision]] = {}
    ties = 0
    for (record, code), counted in votes.items():
        first, *others = counted.most_common(2)
        if others and others[0][1] == first[1]:
            ties += 1
        else:
            found.setdefault(record, {})[code] = first[0]
    return found, ties
