"""What a reader decided, record after record, to be taken back and given again. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ecgview.review.events import Entry, Event

if TYPE_CHECKING:
    from ecgview.review.store import Store


@dataclass(slots=True, eq=False)
class Step:
    """What one key did: labels on one record, and labels taken back there.

    Attributes
    ----------
    path : Path
        The record's file.
    place : int or None
        Of the record in the worklist, where one was open.
    entries : tuple of Entry
        Labels given.
    taken_back : tuple of Event
        Labels taken back; undoing gives them again.
    """

    path: Path
    place: int | None
    entries: tuple[Entry, ...] = ()
    taken_back: tuple[Event, ...] = ()
    _written: list[Event] = field(default_factory=list)

    @property
    def record_hash(self) -> str:
        """Of the record."""
        return (*self.entries, *self.taken_back)[0].record_hash

    @property
    def codes(self) -> list[str]:
        """The classes it is about."""
        return [entry.code for entry in (*self.entries, *self.taken_back)]

    def do(self, store: Store) -> None:
        """Write it; on disk when this returns."""
        for event in self.taken_back:
            store.undo(event.reader, event.hash)
        self._written = store.append(self.entries) if self.entries else []

    def undo(self, store: Store) -> None:
        """Take it back: by new events, as nothing is ever removed."""
        for event in reversed(self._written):
            store.undo(event.reader, event.hash)
        # What was taken back is given again, and that is what a second doing takes back.
        self.taken_back = tuple(store.append([as_entry(event) for event in self.taken_back]))


def as_entry(event: Event) -> Entry:
    """Return the label that an event wrote, to be written once more."""
    names = Entry.__dataclass_fields__
    return Entry(**{name: getattr(event, name) for name in names})


class History:
    """Steps that can be undone, and steps that were and can be redone."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    @property
    def past(self) -> bool:
        """Whether there is something to undo."""
        return bool(self._done)

    @property
    def future(self) -> bool:
        """Whether there is something to redo."""
        return bool(self._undone)

    def add(self, step: Step) -> None:
        """Remember a new step; what was undone before cannot be redone any more."""
        self._done.append(step)
        self._undone.clear()

    def forget(self, steps: Sequence[Step] | None = None) -> None:
        """Forget some steps, or all."""
        if steps is None:
            self._done.clear()
            self._undone.clear()
        else:
            self._done = [step for step in self._done if step not in steps]
            self._undone = [step for step in self._undone if step not in steps]

    def back(self) -> Step | None:
        """Go one step back; return the step that is to be undone."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def forward(self) -> Step | None:
        """Go one step forward; return the step that is to be done again."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1]
