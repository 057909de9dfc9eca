"""Looks through the listed records for others of the same patient, on a worker's thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from ecgview.record import read_summary
from ecgview.ui.background import Cancelled, Latest

MOST_LOOKED_AT = 4000
"""Records nearest in the list that are looked into: a large folder must not keep the disk busy."""
LONGEST_S = 10.0
"""Not longer than this for one record's patient; what was looked into is remembered for the next."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose records to look for, and where.

    Attributes
    ----------
    identifier : str
        The file's own identifier of the patient.
    path : Path
        The record shown.
    listed : sequence of Path
        All records of the list, in its order; it may grow meanwhile.
    """

    identifier: str
    path: Path
    listed: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Other:
    """Another record of the patient.

    Attributes
    ----------
    path : Path
    recorded_at : datetime or None
    place : int
        In the list.
    """

    path: Path
    recorded_at: datetime | None
    place: int


@dataclass(frozen=True, slots=True)
class Others:
    """What was found.

    Attributes
    ----------
    path : Path
        The record they are others to.
    found : tuple of Other
        In the order they were recorded, those of unknown date after the others in the order of the list.
    looked_at, listed : int
        How many records were looked into, of how many.
    """

    path: Path
    found: tuple[Other, ...]
    looked_at: int
    listed: int

    def earlier(self, recorded_at: datetime | None) -> Other | None:
        """Return the last record before this one.

        By date where both have one, else the nearest before it in the list.

        Parameters
        ----------
        recorded_at : datetime or None
            When the record they are others to was recorded.
        """
        if recorded_at is not None:
            dated = [other for other in self.found if other.recorded_at is not None]
            before = [other for other in dated if _naive(other.recorded_at) < _naive(recorded_at)]
            if before:
                return max(before, key=lambda other: _naive(other.recorded_at))
            if dated:
                return None
        above = [other for other in self.found if other.place < 0]
        return max(above, key=lambda other: other.place, default=None)


class SamePatient(QObject):
    """Finds other records of a patient.

    Signals
    -------
    found(Others)
        For the record asked for last.
    """

    found = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Only the worker's thread touches it.
        self._known: dict[Path, tuple[str | None, datetime | None]] = {}
        self._worker = Latest(self._look, "looking for others", self)
        self._worker.answered.connect(self._take)

    def ask(self, wanted: Wanted) -> None:
        """Look for others, in place of all asked before."""
        self._worker.ask(wanted)

    def call_off(self) -> None:
        """Want nothing."""
        self._worker.call_off()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _look(self, wanted: Wanted, cancelled: Cancelled) -> Others:
        listed = list(wanted.listed)
        here = listed.index(wanted.path) if wanted.path in listed else 0
        near = sorted(range(len(listed)), key=lambda place: abs(place - here))[:MOST_LOOKED_AT]
        until = time.monotonic() + LONGEST_S
        found: list[Other] = []
        looked_at = 0
        for place in near:
            path = listed[place]
            if cancelled() or time.monotonic() > until:
                break
            looked_at += 1
            if path == wanted.path:
                continue
            if path not in self._known:
                summary = read_summary(path)
                self._known[path] = (summary.patient.identifier, summary.recorded_at)
            identifier, recorded_at = self._known[path]
            if identifier == wanted.identifier:
                found.append(Other(path, recorded_at, place - here))
        found.sort(key=lambda other: (other.recorded_at is None, _naive(other.recorded_at), other.place))
        return Others(wanted.path, tuple(found), looked_at, len(listed))

    def _take(self, ticket: int, others: Others) -> None:
        if ticket == self._worker.ticket:
            self.found.emit(others)


def _naive(moment: datetime | None) -> datetime:
    """Files know no time zone as a rule; where one does, its own clock counts."""
    return datetime.min if moment is None else moment.replace(tzinfo=None)
