"""Labels out of the store and into it: CSV and JSON, de-identified unless asked otherwise.

De-identified, readers are numbered, and names of files and notes, which may name people, stay out;
the content hash still says which record is meant. Readings of a round stay out
until all are locked and adjudicated: an export must not tell one reader what another said.
"""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any, Final

from ecgview import RESEARCH_USE
from ecgview.review.cells import guarded, unguarded
from ecgview.review.events import DECISIONS, Decision, Entry, Event
from ecgview.review.rounds import rounds
from ecgview.review.store import Store

COLUMNS: Final = (
    "sequence kind written_at reader record class decision confidence lead from to round supersedes model program hash"
).split()
IDENTIFYING: Final = ("record_name", "note")
_MOST_FAULTS: Final = 20


class ImportFaults(ValueError):
    """A CSV that was not taken over; the message says in which rows and why."""


def rows(store: Store, history: bool = False, identified: bool = False) -> Iterator[dict[str, Any]]:
    """Go through what an export holds.

    Parameters
    ----------
    store : Store
    history : bool
        All events; by default the labels that hold now.
    identified : bool
        With readers, names of files and notes.

    Yields
    ------
    dict
        The columns :data:`COLUMNS`, and :data:`IDENTIFYING` where asked for; None for nothing.
    """
    open_rounds = {round.identifier for round in rounds(store) if not round.settled}
    numbers: dict[str, str] = {}
    for event in store.events() if history else store.current_labels():
        if event.round_id in open_rounds:
            continue
        reader = numbers.setdefault(event.reader, f"reader {len(numbers) + 1}")
        row = _row(event) | {"reader": event.reader if identified else reader}
        yield row | ({"record_name": event.record_name, "note": event.note} if identified else {})


def _row(event: Event) -> dict[str, Any]:
    region = event.region
    return {
        "sequence": event.sequence,
        "kind": event.kind,
        "written_at": event.written_at,
        "record": event.record_hash,
        "class": event.code,
        "decision": event.decision,
        "confidence": event.confidence,
        "lead": None if region is None else region.lead,
        "from": None if region is None else region.start,
        "to": None if region is None else region.end,
        "round": event.round_id or None,
        "supersedes": event.supersedes or None,
        "model": event.model or None,
        "program": event.program,
        "hash": event.hash,
    }


def write_csv(store: Store, stream: IO[str], history: bool = False, identified: bool = False) -> int:
    """Write an export as CSV; text that a spreadsheet would calculate is guarded. Return the number of rows."""
    lines = csv.DictWriter(stream, [*COLUMNS, *(IDENTIFYING if identified else ())], lineterminator="\n")
    lines.writeheader()
    count = 0
    for count, row in enumerate(rows(store, history, identified), start=1):  # noqa: B007
        lines.writerow({name: guarded(value) if isinstance(value, str) else value for name, value in row.items()})
    return count


def write_json(store: Store, stream: IO[str], history: bool = False, identified: bool = False) -> int:
    """Write an export as JSON, with a note of the store's end for `verify`. Return the number of rows."""
    head = {"research_use": RESEARCH_USE, "store_end": str(store.head())}
    stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "events": [')
    count = 0
    for count, row in enumerate(rows(store, history, identified), start=1):
        stream.write(("," if count > 1 else "") + "\n" + json.dumps(row, ensure_ascii=False))
    stream.write("\n]}\n")
    return count


def read_csv(stream: IO[str], source: str, reader: str = "") -> list[Entry]:
    """Read labels from a CSV: ``record`` (content hash), ``class``, ``decision``, and where there are
    ``reader``, ``confidence``, ``note``, ``record_name``.

    Parameters
    ----------
    stream : text file
    source : str
        The file's name, kept with each label as what it came from.
    reader : str
        Who, for rows that do not say.

    Raises
    ------
    ImportFaults
        With each row at fault; nothing of the file is to be taken over then.
    """
    try:
        lines = csv.DictReader(stream, strict=True)
        absent = [name for name in ("record", "class", "decision") if name not in (lines.fieldnames or ())]
        if absent:
            raise ImportFaults(f"{source}: there is no column {absent[0]!r}")
        entries: list[Entry] = []
        faults: list[str] = []
        for line in lines:
            try:
                entries.append(
                    _entry({k: unguarded(v or "") for k, v in line.items() if k is not None}, source, reader)
                )
            except ValueError as error:
                faults.append(f"row {lines.line_num}: {error}")
    except (csv.Error, UnicodeDecodeError) as error:
        raise ImportFaults(f"{source}: cannot be read as CSV: {error}") from error
    if faults:
        more = f"\n… and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise ImportFaults(f"{source}: nothing was taken over\n" + "\n".join(faults[:_MOST_FAULTS]) + more)
    return entries


def _entry(cells: dict[str, str], source: str, reader: str) -> Entry:
    record, decision = cells["record"].strip(), cells["decision"].strip().lower()
    if len(record) != 64 or set(record) - set("0123456789abcdef"):
        raise ValueError(f"{record[:20]!r} is no content hash (64 digits 0-9, a-f)")
    if decision not in DECISIONS:
        raise ValueError(f"{decision[:20]!r} is not one of {', '.join(DECISIONS)}")
    text = cells.get("confidence", "").strip()
    try:
        confidence = float(text) if text else None
    except ValueError:
        raise ValueError(f"the confidence {text[:20]!r} is no number") from None
    if confidence is not None and math.isnan(confidence):
        raise ValueError("the confidence is no number")
    entry = Entry(
        kind="label",
        reader=cells.get("reader", "").strip() or reader,
        record_hash=record,
        record_name=cells.get("record_name", ""),
        code=cells["class"].strip(),
        decision=decision,
        confidence=confidence,
        note=cells.get("note", ""),
        visible={"imported_from": source},
    )
    entry.check()
    return entry


def labels_by_record(store: Store) -> tuple[dict[str, dict[str, Decision]], int]:
    """Return what readers hold of each record, by content hash and class, for training.

    Where readers differ, most of them decide; a tie says nothing and is counted.

    Returns
    -------
    labels : dict of str to dict of str to Decision
    ties : int
    """
    votes: dict[tuple[str, str], Counter[Decision]] = {}
    for event in store.current_labels():
        if event.decision is not None:
            votes.setdefault((event.record_hash, event.code), Counter())[event.decision] += 1
    found: dict[str, dict[str, Decision]] = {}
    ties = 0
    for (record, code), counted in votes.items():
        first, *others = counted.most_common(2)
        if others and others[0][1] == first[1]:
            ties += 1
        else:
            found.setdefault(record, {})[code] = first[0]
    return found, ties
