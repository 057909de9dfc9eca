"""A round being read: which records, in which order, and how far each has come. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ecgview.review.events import Entry
from ecgview.ui.review.definitions import definition
from ecgview.ui.review.rows import Row, region_words
from ecgview.ui.words import percent

if TYPE_CHECKING:
    from ecgview.review.rounds import Answer, Revelation
    from ecgview.review.store import Store

Stage = Literal["open", "locked", "revealed", "finished"]
"""Open: blinded. Locked: still blinded, as the reader has the record once more. Revealed: a second look can be
written down. Finished: it was."""


@dataclass(slots=True)
class Task:
    """A record to be read, or a disagreement to be decided.

    Attributes
    ----------
    title : str
        All that may be shown of which record it is.
    identifier : str
        Of the assignment; empty for a disagreement.
    record_hash, record_name : str
    codes : tuple of str
        Classes that are asked for.
    stage : Stage
    draft : dict of str to Entry
        What is answered so far.
    told : dict of str to tuple of str
        What may be shown beside each class.
    """

    title: str
    identifier: str
    record_hash: str
    record_name: str
    codes: tuple[str, ...]
    stage: Stage = "open"
    draft: dict[str, Entry] = field(default_factory=dict)
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether each class is answered."""
        return all(code in self.draft for code in self.codes)

    def rows(self) -> list[Row]:
        """Return the classes as they are shown."""
        return [
            Row(code, definition(code).name, own=self.draft.get(code), asked=True, told=self.told.get(code, ()))
            for code in self.codes
        ]

    def answers(self) -> dict[str, Answer]:
        """Return what is answered, as a round takes it."""
        from ecgview.review.rounds import Answer

        return {
            code: Answer(entry.decision, entry.confidence, entry.note, entry.region)
            for code, entry in self.draft.items()
            if entry.decision is not None
        }

    def tell(self, revealed: Sequence[Revelation]) -> None:
        """Take what is revealed."""
        self.stage = "revealed" if self.stage != "finished" else "finished"
        for item in revealed:
            label = f"Label: {'present' if item.label else 'absent'}"
            model = f"Model: {'present' if item.decision else 'absent'}, {percent(item.probability)}"
            self.told[item.code] = (label, model, *(f"{name}: {said}" for name, said in item.others))


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round as its reader may see it from outside.

    Attributes
    ----------
    identifier, title : str
    locked, total : int
        Of the reader's own readings.
    disagreements : int
        That wait for the reader as adjudicator.
    """

    identifier: str
    title: str
    locked: int
    total: int
    disagreements: int


def states(store: Store, reader: str) -> list[RoundState]:
    """Return the rounds in which somebody has something to do, the newest first."""
    from ecgview.review.rounds import rounds

    found = []
    for known in reversed(rounds(store)):
        own = known.assignments(reader) if reader in known.readers else []
        pending = len(known.disagreements(reader)) if known.adjudicator == reader else 0
        if own or known.adjudicator == reader:
            locked = sum(item.locked for item in own)
            found.append(RoundState(known.identifier, known.title, locked, len(own), pending))
    return found


def waiting(store: Store, reader: str) -> set[str]:
    """Return the content hashes of all records that somebody still has to read blinded."""
    from ecgview.review.rounds import rounds

    mine = (known for known in rounds(store) if reader in known.readers)
    return {item.record_hash for known in mine for item in known.assignments(reader) if not item.locked}


def readings(store: Store, identifier: str, reader: str) -> list[Task]:
    """Return a reader's readings of a round, with the own answers to those that are locked."""
    from ecgview.review.rounds import Round

    known = Round(store, identifier)
    own = known.assignments(reader)
    tasks = {
        item.identifier: Task(
            f"Read {item.number} of {item.of}",
            item.identifier,
            item.record_hash,
            item.record_name,
            item.codes,
            "locked" if item.locked else "open",
        )
        for item in own
    }
    for kind in ("read", "second_look"):
        for event in store.events(round_id=identifier, reader=reader, kind=kind):
            task = tasks.get(event.assignment)
            if task is not None:
                task.draft[event.code] = event
                if kind == "second_look":
                    task.stage = "finished"
    return list(tasks.values())


def disagreements(store: Store, identifier: str, reader: str) -> list[Task]:
    """Return what an adjudicator has to decide, the readers unnamed."""
    from ecgview.review.rounds import Round

    pending = Round(store, identifier).disagreements(reader)
    return [
        Task(
            f"Disagreement {number} of {len(pending)}",
            "",
            item.record_hash,
            item.record_name,
            (item.code,),
            told={item.code: tuple(_unnamed(place, answer) for place, answer in enumerate(item.answers))},
        )
        for number, item in enumerate(pending, start=1)
    ]


def lock(store: Store, identifier: str, reader: str, task: Task, visible: Mapping[str, object]) -> None:
    """Write a reading down for good."""
    from ecgview.review.rounds import Round

    Round(store, identifier).lock(reader, task.identifier, task.answers(), visible)


def reveal(store: Store, identifier: str, reader: str, assignment: str) -> list[Revelation] | None:
    """Return what label, model and others say of a locked reading; None while that must not be told."""
    from ecgview.review.rounds import Round, RoundError

    try:
        return Round(store, identifier).reveal(reader, assignment)
    except RoundError:
        return None


def look_again(store: Store, identifier: str, reader: str, task: Task) -> None:
    """Write a second look down; the first reading stays beside it."""
    from ecgview.review.rounds import Round

    Round(store, identifier).second_look(reader, task.identifier, task.answers())


def adjudicate(store: Store, identifier: str, reader: str, task: Task) -> None:
    """Write a decision on a disagreement down."""
    from ecgview.review.rounds import Round

    (code,) = task.codes
    Round(store, identifier).adjudicate(reader, task.record_hash, code, task.answers()[code])


def _unnamed(place: int, answer: Answer) -> str:
    sure = "" if answer.confidence is None else f", {answer.confidence:.0%} sure"
    mark = "" if answer.region is None else f", marked {region_words(answer.region)}"
    return f"Reading {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[place % 26]}: {answer.decision}{sure}{mark}"
