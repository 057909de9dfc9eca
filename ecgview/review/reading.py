"""What is handed to and fro in a reading round: assignments, answers, what is revealed, disagreements."""

from __future__ import annotations

from dataclasses import dataclass

from ecgview.review.events import Decision, Region


class RoundError(Exception):
    """Something that a round does not allow; the message says why."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One reading to be done; nothing in it says why the record was chosen.

    Attributes
    ----------
    identifier : str
    record_hash : str
    record_name : str
        For the program to open the record by; not for the reader's eyes.
    number, of : int
        Which of the reader's readings it is.
    codes : tuple of str
        Classes to decide on: all of the round, for every record.
    locked : bool
        Whether it has been read.
    """

    identifier: str
    record_hash: str
    record_name: str
    number: int
    of: int
    codes: tuple[str, ...]
    locked: bool

    @property
    def title(self) -> str:
        """What a reader may see of it."""
        return f"Record {self.number} of {self.of}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision on one class."""

    decision: Decision
    confidence: float | None = None
    note: str = ""
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Revelation:
    """What is told of a class after the reading is locked.

    Attributes
    ----------
    code : str
    label, decision : bool
    probability : float
    own : Decision
    others : tuple of (str, Decision)
        Locked readings of other readers.
    """

    code: str
    label: bool
    decision: bool
    probability: float
    own: Decision
    others: tuple[tuple[str, Decision], ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A class of a record on which readers differ, for the adjudicator: who said what is not told."""

    record_hash: str
    record_name: str
    code: str
    answers: tuple[Answer, ...]
