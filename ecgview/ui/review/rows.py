"""What is said of a record, class by class: by its file and by readers. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ecgview.model.vocabulary import label_name, statement_codes
from ecgview.record import Label
from ecgview.review.events import Decision, Entry, Event, Region
from ecgview.ui.review.definitions import definition

CONFIDENCES = {"Certain": 1.0, "Likely": 0.75, "Possible": 0.5}
"""How sure a reader can say to be, and how that is kept."""
_GROUP = "SUPER."


@dataclass(frozen=True, slots=True)
class Row:
    """One class of the record that is shown.

    Attributes
    ----------
    code : str
        Empty for words of a device that name no class.
    name : str
    stated : tuple of str
        Where the record's own labels say that it is present, each in words.
    own : Entry or None
        What the reader at work says.
    others : tuple of Entry
        What other readers say.
    told : tuple of str
        What was revealed after a blinded reading, in words.
    asked : bool
        Whether the worklist or the round asks for it.
    note : str
        Why the worklist asks, in words.
    """

    code: str
    name: str
    stated: tuple[str, ...] = ()
    own: Entry | None = None
    others: tuple[Entry, ...] = ()
    told: tuple[str, ...] = ()
    asked: bool = False
    note: str = ""

    @property
    def decision(self) -> Decision | None:
        """What the reader at work says."""
        return None if self.own is None else self.own.decision

    @property
    def accepted(self) -> Decision | None:
        """What accepting the row as it stands says; None where there is nothing to accept."""
        if not self.code or self.own is not None:
            return None
        if self.stated:
            return "present"
        return "absent" if self.asked else None


def said(entry: Entry) -> str:
    """Return a decision with its confidence, note and mark, in words."""
    parts = [str(entry.decision)]
    if entry.confidence is not None:
        sure = next((name.lower() for name, value in CONFIDENCES.items() if value == entry.confidence), "")
        parts.append(sure or f"{entry.confidence:.0%} sure")
    if entry.region is not None:
        parts.append(f"marked {region_words(entry.region)}")
    if entry.note:
        parts.append(f"“{entry.note}”")
    return ", ".join(parts)


def region_words(region: Region) -> str:
    """Return a marked stretch in words."""
    return f"{region.lead} {region.start:.2f}–{region.end:.2f} s"


def said_by(entry: Entry) -> str:
    """Return who decided what, and when."""
    when = ""
    if isinstance(entry, Event):
        when = f", {datetime.fromisoformat(entry.written_at).astimezone():%d %b %Y %H:%M}"
    return f"{entry.reader}{when}: {said(entry)}"


def of_record(
    labels: Sequence[Label],
    events: Iterable[Event] = (),
    reader: str = "",
    asked: Sequence[tuple[str, str]] = (),
) -> list[Row]:
    """Return what is said of a record.

    Parameters
    ----------
    labels : sequence of Label
        As they came with it.
    events : iterable of Event
        Readers' labels that hold now.
    reader : str
        Who is at work.
    asked : sequence of (str, str)
        Classes the worklist asks for, each with the reason; they come first.
    """
    rows: dict[str, Row] = {}
    for code, why in asked:
        rows[code] = Row(code, definition(code).name, asked=True, note=why)
    for label in labels:
        code = code_of(label)
        name = definition(code).name if code else label_name(label)
        if code and name == code:
            name = label_name(label)
        key = code or f"text {name}"
        row = rows.get(key, Row(code, name))
        rows[key] = replace(row, stated=(*row.stated, provenance(label)))
    for event in events:
        row = rows.get(event.code, Row(event.code, definition(event.code).name))
        mine = event.reader == reader
        rows[event.code] = replace(row, own=event) if mine else replace(row, others=(*row.others, event))
    return list(rows.values())


def code_of(label: Label) -> str:
    """Return the class a record's label states; empty for words that name none."""
    found = statement_codes([label])
    # A statement brings its group along.
    code = next(iter(sorted(found, key=lambda each: each.startswith(_GROUP))), "")
    return code or ("" if label.system == "text" else label.code)


def provenance(label: Label) -> str:
    """Return where a label stands, by which code, and how likely it is said to be."""
    system = "SNOMED CT " if label.system == "snomed" else ""
    # PTB-XL writes 0 where no likelihood was stated.
    likelihood = f", likelihood {label.likelihood:.0f} %" if label.likelihood else ""
    code = "" if label.system == "text" else f", {system}{label.code}"
    return f"{label.provenance}{code}{likelihood}"
