"""What lies below some paths: found and summed up beside the window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from ecgview.record import Summary, expand, read_summary
from ecgview.ui.background import Cancelled, Latest

_CHUNK = 256  # paths handed over at a time: often enough to feel alive, seldom enough to stay light


class Folder(QObject):
    """Finds the records below some paths and sums them up, on two threads that can be called off.

    Attributes
    ----------
    found : Signal(int, list of Path)
        Ticket and some more records.
    listed : Signal(int)
        Ticket; all were found.
    summed_up : Signal(int, list of Summary)
        Ticket and what some of the records are.
    """

    found = Signal(int, object)
    listed = Signal(int)
    summed_up = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lister = Latest(self._list, "listing", self)
        self._lister.answered.connect(lambda ticket, _: self.listed.emit(ticket))
        self._summer = Latest(self._sum_up, "summing up", self)

    @property
    def ticket(self) -> int:
        """Of the paths opened last."""
        return self._lister.ticket

    def open(self, paths: Sequence[Path]) -> None:
        """Look below these paths in place of those opened before."""
        self._summer.call_off()
        self._lister.ask((self._lister.ticket + 1, tuple(paths)))

    def sum_up(self, paths: Sequence[Path]) -> None:
        """Find out what these records are, in this order, in place of those asked for before."""
        self._summer.ask((self._lister.ticket, tuple(paths)))

    def close(self) -> None:
        """End the threads."""
        self._lister.close()
        self._summer.close()

    def _list(self, request: tuple[int, tuple[Path, ...]], cancelled: Cancelled) -> None:
        ticket, paths = request
        for chunk in _chunks(expand(paths, cancelled), first=32):
            if cancelled():
                return
            self.found.emit(ticket, chunk)

    def _sum_up(self, request: tuple[int, tuple[Path, ...]], cancelled: Cancelled) -> None:
        ticket, paths = request
        summaries: list[Summary] = []
        for path in paths:
            if cancelled():
                break
            summaries.append(read_summary(path))
            if len(summaries) >= 16:
                self.summed_up.emit(ticket, summaries)
                summaries = []
        self.summed_up.emit(ticket, summaries)


def _chunks(paths: Iterable[Path], first: int) -> Iterator[list[Path]]:
    """Give a small first chunk, so that something shows at once, and larger ones after."""
    chunk: list[Path] = []
    size = first
    for path in paths:
        chunk.append(path)
        if len(chunk) >= size:
            yield chunk
            chunk, size = [], _CHUNK
    if chunk:
        yield chunk
