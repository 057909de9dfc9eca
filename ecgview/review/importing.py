"""Labels and readings from a CSV: all of it, or nothing where a row is at fault."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from typing import IO, Final, TypeVar

from ecgview.review.cells import unguarded
from ecgview.review.events import DECISIONS, Decision, Entry, EntryError, Region
from ecgview.review.rounds import Answer, Round, RoundError

_MOST_FAULTS: Final = 20
_NEEDED: Final = ("record", "class", "decision")
_Taken = TypeVar("_Taken")


class ImportFaults(ValueError):
    """A CSV that was not taken over; the message says in which rows and columns and why."""


class _Fault(ValueError):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"column {column!r}: {reason}")


def read_csv(stream: IO[str], source: str, reader: str = "") -> list[Entry]:
    """Read labels from a CSV: ``record`` (content hash), ``class``, ``decision``, and where there are
    ``reader``, ``confidence``, ``note``, ``record_name``, and a mark as ``lead``, ``from``, ``to``.

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
        With each row and column at fault; nothing of the file is to be taken over then.
    """
    return [entry for _, entry in _rows(stream, source, lambda cells: _label(cells, source, reader))]


def import_readings(round: Round, stream: IO[str], source: str) -> int:
    """Lock readings of a round that were made elsewhere, from a CSV.

    Each row is one class of one reading: ``record``, ``class``, ``decision``, ``reader``, and where there
    are ``confidence``, ``note``, a mark as above, and ``time`` (1 or 2) for a record that was read twice.

    Parameters
    ----------
    round : Round
    stream : text file
    source : str

    Returns
    -------
    int
        Readings locked.

    Raises
    ------
    ImportFaults
        As for :func:`read_csv`; a reading that the round does not have counts as a fault.
    """

    def taken(cells: Mapping[str, str]) -> tuple[int, Entry]:
        time = cells.get("time", "").strip() or "1"
        if time not in ("1", "2"):
            raise _Fault("time", f"{time[:20]!r} is neither 1 nor 2")
        entry = _label(cells, source, "")
        if entry.code not in round.codes:
            raise _Fault("class", f"{entry.code[:20]!r} is none of the round: {', '.join(round.codes)}")
        return int(time), entry

    readings: dict[tuple[int, str, str], dict[str, Answer]] = {}
    began: dict[tuple[int, str, str], int] = {}
    faults: list[str] = []
    for number, (time, entry) in _rows(stream, source, taken):
        key = time, entry.reader, entry.record_hash
        answers = readings.setdefault(key, {})
        began.setdefault(key, number)
        if entry.code in answers:
            faults.append(f"row {number}, column 'class': {entry.code} is answered a second time")
        assert entry.decision is not None
        answers[entry.code] = Answer(entry.decision, entry.confidence, entry.note, entry.region)
    _refuse(source, faults)
    ordered = sorted(readings)
    try:
        return round.lock_all([(key[1], key[2], readings[key]) for key in ordered], source)
    except RoundError as error:
        place, colon, reason = str(error).partition(": ")
        if colon and place.isdigit():
            raise ImportFaults(
                f"{source}: nothing was taken over\nrow {began[ordered[int(place) - 1]]}, column 'record': {reason}"
            ) from error
        raise


def _rows(stream: IO[str], source: str, take: Callable[[Mapping[str, str]], _Taken]) -> list[tuple[int, _Taken]]:
    try:
        lines = csv.DictReader(stream, strict=True)
        absent = [name for name in _NEEDED if name not in (lines.fieldnames or ())]
        if absent:
            raise ImportFaults(f"{source}: there is no column {absent[0]!r}")
        found: list[tuple[int, _Taken]] = []
        faults: list[str] = []
        for line in lines:
            try:
                if None in line:
                    raise ValueError("it has more cells than there are columns")
                found.append((lines.line_num, take({name: unguarded(cell or "") for name, cell in line.items()})))
            except ValueError as error:
                joint = ", " if isinstance(error, _Fault) else ": "
                faults.append(f"row {lines.line_num}{joint}{error}")
    except (csv.Error, UnicodeDecodeError) as error:
        raise ImportFaults(f"{source}: cannot be read as CSV: {error}") from error
    _refuse(source, faults)
    return found


def _refuse(source: str, faults: list[str]) -> None:
    if faults:
        more = f"\n… and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise ImportFaults(f"{source}: nothing was taken over\n" + "\n".join(faults[:_MOST_FAULTS]) + more)


def _label(cells: Mapping[str, str], source: str, reader: str) -> Entry:
    record, said = cells["record"].strip(), cells["decision"].strip().lower()
    if len(record) != 64 or set(record) - set("0123456789abcdef"):
        raise _Fault("record", f"{record[:20]!r} is no content hash (64 digits 0-9, a-f)")
    if not cells["class"].strip():
        raise _Fault("class", "it is empty")
    decision: Decision | None = next((known for known in DECISIONS if known == said), None)
    if decision is None:
        raise _Fault("decision", f"{said[:20]!r} is not one of {', '.join(DECISIONS)}")
    who = cells.get("reader", "").strip() or reader
    if not who:
        raise _Fault("reader", "the name of the reader is missing")
    confidence = _number(cells, "confidence")
    if confidence is not None and not 0 <= confidence <= 1:
        raise _Fault("confidence", f"{confidence:g} does not lie between 0 and 1")
    entry = Entry(
        kind="label",
        reader=who,
        record_hash=record,
        record_name=cells.get("record_name", ""),
        code=cells["class"].strip(),
        decision=decision,
        confidence=confidence,
        note=cells.get("note", ""),
        region=_region(cells),
        visible={"imported_from": source},
    )
    entry.check()
    return entry


def _region(cells: Mapping[str, str]) -> Region | None:
    lead, start, end = cells.get("lead", "").strip(), _number(cells, "from"), _number(cells, "to")
    if not lead and start is None and end is None:
        return None
    for column, absent in (("lead", not lead), ("from", start is None), ("to", end is None)):
        if absent:
            raise _Fault(column, "a mark needs lead, from and to")
    assert start is not None
    assert end is not None
    try:
        return Region(lead, start, end)
    except EntryError as error:
        raise _Fault("to", str(error)) from error


def _number(cells: Mapping[str, str], column: str) -> float | None:
    text = cells.get(column, "").strip()
    try:
        number = float(text) if text else None
    except ValueError:
        raise _Fault(column, f"{text[:20]!r} is no number") from None
    if number is not None and not math.isfinite(number):
        raise _Fault(column, f"{text[:20]!r} is no number")
    return number
