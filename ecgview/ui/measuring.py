"""Measurements for the window, made on a worker's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ecgview.record import Record
from ecgview.signal.values import Measurements
from ecgview.ui.background import Cancelled, Latest


class Measurer(QObject):
    """Measures the record that is shown.

    Attributes
    ----------
    measured : Signal(Measurements)
        Of the record asked for last.
    failed : Signal(str)
        The record asked for last could not be measured, and why.
    """

    measured = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Latest(self._measure, "measuring", self)
        self._worker.answered.connect(self._take)
        self._worker.failed.connect(self._fail)

    def ask(self, record: Record) -> None:
        """Ask for a record's measurements, in place of all asked before."""
        self._worker.ask(record)

    def call_off(self) -> None:
        """Want no measurements."""
        self._worker.call_off()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    @staticmethod
    def _measure(record: Record, _: Cancelled) -> Measurements:
        from ecgview.signal.measurements import measure  # brings scipy, which the first picture need not wait for

        return measure(record)

    def _take(self, ticket: int, found: Measurements) -> None:
        if ticket == self._worker.ticket:
            self.measured.emit(found)

    def _fail(self, ticket: int, error: Exception) -> None:
        if ticket == self._worker.ticket:
            self.failed.emit(f"{type(error).__name__}: {error}")
