"""What the label store keeps: events that follow on each other and are never changed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

Decision = Literal["present", "absent", "uncertain"]
Kind = Literal["label", "undo", "round", "sealed", "read", "reveal", "second_look", "adjudication"]
DECISIONS: Final[tuple[Decision, ...]] = get_args(Decision)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_DECIDING = frozenset({"label", "read", "second_look", "adjudication"})
_LONGEST_NOTE = 10_000
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class EntryError(ValueError):
    """An entry that the store does not take; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of one lead that a reader marked.

    Attributes
    ----------
    lead : str
    start, end : float
        Seconds from the beginning of the record.
    """

    lead: str
    start: float
    end: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", float(self.start))
        object.__setattr__(self, "end", float(self.end))
        if not (math.isfinite(self.start) and math.isfinite(self.end) and 0 <= self.start <= self.end):
            raise EntryError(f"a mark from {self.start} to {self.end} s is no stretch of a record")
        if not self.lead:
            raise EntryError("a mark needs a lead")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What is to be written; the store adds number, time, program and its place in the chain.

    Attributes
    ----------
    kind : str
        ``"label"``: a decision on one class of one record. ``"undo"``: takes a label back.
        The others belong to reading rounds, see :mod:`ecgview.review.rounds`.
    reader : str
        Who; never empty.
    record_hash : str
        :attr:`ecgview.record.Record.content_hash`.
    record_name : str
        The file's name, for people.
    code : str
        The class.
    decision : {"present", "absent", "uncertain"} or None
    confidence : float or None
        0 to 1.
    note : str
    region : Region or None
    visible : mapping
        What the reader could see while deciding, as JSON takes it.
    model : str
        Which model's output was shown, empty for none.
    round_id, assignment : str
        The reading round and the place in it, empty outside of rounds.
    supersedes : str
        Hash of the event that this one takes back or replaces.
    payload : mapping
        What else belongs to the kind, as JSON takes it.
    """

    kind: Kind
    reader: str
    record_hash: str = ""
    record_name: str = ""
    code: str = ""
    decision: Decision | None = None
    confidence: float | None = None
    note: str = ""
    region: Region | None = None
    visible: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    model: str = ""
    round_id: str = ""
    assignment: str = ""
    supersedes: str = ""
    payload: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    def check(self) -> None:
        """Raise :class:`EntryError` for what may not stand in the store."""
        if self.kind not in KINDS:
            raise EntryError(f"{self.kind!r} is no kind of event")
        if not self.reader.strip():
            raise EntryError("the name of the reader is missing")
        if self.kind in _DECIDING:
            if self.decision not in DECISIONS:
                raise EntryError(f"{self.decision!r} is not one of {', '.join(DECISIONS)}")
            if not self.record_hash or not self.code:
                raise EntryError("a decision needs a record and a class")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise EntryError(f"a confidence of {self.confidence} does not lie between 0 and 1")
        if len(self.note) > _LONGEST_NOTE:
            raise EntryError(f"a note may have {_LONGEST_NOTE} characters, this one has {len(self.note)}")
        region = "" if self.region is None else self.region.lead
        for text in (self.reader, self.record_hash, self.record_name, self.code, self.note, self.model, region):
            # PostgreSQL cannot store the one, nothing can encode the other.
            if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
                raise EntryError("a text holds characters that cannot be stored")


@dataclass(frozen=True, kw_only=True, slots=True)
class Event(Entry):
    """What was written.

    Attributes
    ----------
    sequence : int
        1 for the first event of a store, without gaps.
    written_at : str
        UTC, ISO 8601 with microseconds.
    program : str
        Name and version of the program that wrote it.
    previous : str
        Hash of the event before; for the first one, a hash of the store's identifier.
    hash : str
        SHA-256 over everything above.
    """

    sequence: int
    written_at: str
    program: str
    previous: str
    hash: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return what one row of the table holds."""
        row = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "region"}
        row["confidence"] = None if self.confidence is None else float(self.confidence)
        row["region_lead"] = None if self.region is None else self.region.lead
        row["region_from"] = None if self.region is None else self.region.start
        row["region_to"] = None if self.region is None else self.region.end
        row["visible"] = canonical(self.visible)
        row["payload"] = canonical(self.payload)
        return row

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Event:
        """Return the event that a row of the table holds."""
        values = dict(row)
        lead, start, end = (values.pop(f"region_{name}") for name in ("lead", "from", "to"))
        values["region"] = None if lead is None else Region(lead, start, end)
        values["visible"] = json.loads(values["visible"])
        values["payload"] = json.loads(values["payload"])
        return cls(**values)


def canonical(value: Mapping[str, Any]) -> str:
    """Return JSON that is the same for the same content: sorted, without spaces, ASCII.

    Raises
    ------
    EntryError
        The content is none that JSON takes.
    """
    try:
        return json.dumps(dict(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise EntryError(f"cannot be stored as JSON: {error}") from error


def row_hash(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row's content, its own hash left out and the one before included."""
    return hashlib.sha256(canonical({key: value for key, value in row.items() if key != "hash"}).encode()).hexdigest()


def first_link(store_identifier: str) -> str:
    """Return what the first event of a store follows on, so that no event fits another store."""
    return hashlib.sha256(f"ecgview label store {store_identifier}".encode()).hexdigest()
