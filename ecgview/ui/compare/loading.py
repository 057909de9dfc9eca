"""Reads and measures the record that another is compared with, on a worker's thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ecgview.record import ReadError, Record, read
from ecgview.ui.background import Cancelled, Latest

if TYPE_CHECKING:
    from ecgview.signal.found_beats import FoundBeats
    from ecgview.signal.values import Measurements


@dataclass(frozen=True, eq=False)
class Compared:
    """The other record, with what was found in it.

    Attributes
    ----------
    record : Record
    found : FoundBeats or None
        None where it could not be measured.
    measured : Measurements or None
    problem : str
        Why it could not.
    """

    record: Record
    found: FoundBeats | None = None
    measured: Measurements | None = None
    problem: str = ""


class Comparer(QObject):
    """Fetches the record asked for last.

    Signals
    -------
    ready(Path, Compared)
    refused(Path, str)
        It cannot be read, and why.
    """

    ready = Signal(object, object)
    refused = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._worker = Latest(self._fetch, "comparing", self)
        self._worker.answered.connect(self._take)
        self._worker.failed.connect(self._fail)

    def ask(self, path: Path) -> None:
        """Ask for a record in place of all asked before."""
        self._path = path
        self._worker.ask(path)

    def call_off(self) -> None:
        """Want none."""
        self._worker.call_off()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    @staticmethod
    def _fetch(path: Path, cancelled: Cancelled) -> Compared | ReadError | None:
        try:
            record = read(path)
        except ReadError as error:
            return error
        if cancelled():
            return None
        # These bring scipy, which the first picture need not wait for.
        from ecgview.signal.analysis import analyse
        from ecgview.signal.beat_summary import found_beats_of
        from ecgview.signal.measurements import measurements_of

        try:
            analysis = analyse(record)
            measured = measurements_of(record, analysis)
            return Compared(record, found_beats_of(analysis, measured), measured)
        except Exception as error:  # the record can be looked at all the same
            return Compared(record, problem=f"{type(error).__name__}: {error}")

    def _take(self, ticket: int, answer: Compared | ReadError) -> None:
        if ticket != self._worker.ticket:
            return
        if isinstance(answer, ReadError):
            self.refused.emit(answer.path, answer.reason)
        else:
            self.ready.emit(self._path, answer)

    def _fail(self, ticket: int, error: Exception) -> None:
        if ticket == self._worker.ticket:
            self.refused.emit(self._path, f"an unforeseen fault, {type(error).__name__}: {error}")
