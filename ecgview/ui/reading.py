"""Reading records for the window: on a worker's thread, with the neighbours read ahead."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from ecgview.record import ReadError, Record, read
from ecgview.ui.background import Cancelled, Latest

# Records held: the one shown, a few neighbours, a few behind; fewer where they are long.
KEPT = 6
KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record to show, and those likely to be wanted next."""

    path: Path
    neighbours: tuple[Path, ...]


class Reader(QObject):
    """Reads the record that is wanted and, that done, its neighbours.

    Attributes
    ----------
    read : Signal(Path, Record)
        The record wanted last.
    refused : Signal(Path, ReadError)
        The record wanted last cannot be read.
    """

    read = Signal(object, object)
    refused = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[Path, Record] = OrderedDict()
        self._wanted: Path | None = None
        self._reader = Latest(self._read, "reading", self)
        self._reader.answered.connect(self._take)
        self._reader.failed.connect(self._fail)
        self._ahead = Latest(self._read_ahead, "reading ahead", self)
        self._ahead.answered.connect(self._take_ahead)

    def want(self, path: Path, neighbours: Sequence[Path] = ()) -> None:
        """Ask for a record; the answer comes as a signal, at once where it was read ahead."""
        self._wanted = path
        self._ahead.call_off()
        kept = self._kept.get(path)
        if kept is not None:
            self._reader.call_off()
            self._take(self._reader.ticket, (Wanted(path, tuple(neighbours)), kept))
        else:
            self._reader.ask(Wanted(path, tuple(neighbours)))

    def close(self) -> None:
        """End the threads."""
        self._reader.close()
        self._ahead.close()

    @staticmethod
    def _read(wanted: Wanted, _: Cancelled) -> tuple[Wanted, Record | ReadError]:
        try:
            return wanted, read(wanted.path)
        except ReadError as error:
            return wanted, error

    @staticmethod
    def _read_ahead(paths: Sequence[Path], cancelled: Cancelled) -> list[tuple[Path, Record]]:
        found = []
        for path in paths:
            if cancelled():
                break
            try:
                found.append((path, read(path)))
            except ReadError:
                continue  # said in full when the record itself is wanted
        return found

    def _take(self, ticket: int, answer: tuple[Wanted, Record | ReadError]) -> None:
        wanted, outcome = answer
        if ticket != self._reader.ticket or wanted.path != self._wanted:
            return
        if isinstance(outcome, ReadError):
            self.refused.emit(wanted.path, outcome)
        else:
            self._keep(wanted.path, outcome)
            self.read.emit(wanted.path, outcome)
        ahead = [path for path in wanted.neighbours if path not in self._kept]
        if ahead:
            self._ahead.ask(ahead)

    def _fail(self, ticket: int, error: Exception) -> None:
        """Say what no reader foresaw in place of leaving the window waiting."""
        if ticket == self._reader.ticket and self._wanted is not None:
            reason = f"an unforeseen fault, {type(error).__name__}: {error}"
            self.refused.emit(self._wanted, ReadError(self._wanted, "unknown", reason))

    def _take_ahead(self, ticket: int, found: list[tuple[Path, Record]]) -> None:
        if ticket == self._ahead.ticket:
            for path, record in found:
                self._keep(path, record)

    def _keep(self, path: Path, record: Record) -> None:
        self._kept[path] = record
        self._kept.move_to_end(path)
        held = sum(kept.signal.nbytes for kept in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > KEPT or held > KEPT_BYTES):
            _, forgotten = self._kept.popitem(last=False)
            held -= forgotten.signal.nbytes
