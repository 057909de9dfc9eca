"""Measurements and quality of the signal for the window, found on a worker's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ecgview.record import Record
from ecgview.signal.values import Measurements
from ecgview.ui.background import Cancelled, Latest

if TYPE_CHECKING:
    from ecgview.signal.found_beats import FoundBeats
    from ecgview.signal.lead_quality import Concern

    Concerns = dict[str, tuple[Concern, ...]]


class Measurer(QObject):
    """Measures the record that is shown.

    Attributes
    ----------
    measured : Signal(Measurements)
        Of the record asked for last.
    doubted : Signal(str, dict)
        The record's content hash, and what is doubtful about its leads.
    beats_found : Signal(FoundBeats)
        The beats of the record asked for last, before its measurements.
    failed : Signal(str)
        The record asked for last could not be measured, and why.
    """

    measured = Signal(object)
    doubted = Signal(str, object)
    beats_found = Signal(object)
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
    def _measure(record: Record, _: Cancelled) -> tuple[Measurements, Concerns, FoundBeats]:
        # These bring scipy, which the first picture need not wait for.
        from ecgview.signal.analysis import analyse
        from ecgview.signal.beat_summary import found_beats_of
        from ecgview.signal.lead_quality import lead_concerns
        from ecgview.signal.measurements import measurements_of

        analysis = analyse(record)
        measured = measurements_of(record, analysis)
        return measured, lead_concerns(record), found_beats_of(analysis, measured)

    def _take(self, ticket: int, found: tuple[Measurements, Concerns, FoundBeats]) -> None:
        if ticket == self._worker.ticket:
            measurements, concerns, beats = found
            self.beats_found.emit(beats)
            self.measured.emit(measurements)
            self.doubted.emit(measurements.record_hash, concerns)

    def _fail(self, ticket: int, error: Exception) -> None:
        if ticket == self._worker.ticket:
            self.failed.emit(f"{type(error).__name__}: {error}")
