"""What lies on a sheet besides its traces: an explanation, marks of beats, a stretch, and their legends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter

from ecgview.record.record import Record
from ecgview.ui.sheet.beat_marks import BeatMarks, Legend, spoken
from ecgview.ui.sheet.footer import Lines
from ecgview.ui.sheet.highlight import paint_places, places
from ecgview.ui.sheet.layout import Page
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme


class Explained(Protocol):
    """What explains the record: colours below its traces, and what they mean."""

    @property
    def record_hash(self) -> str:
        """Of the record it is for; on another it is not shown."""

    @property
    def notes(self) -> Mapping[str, str]:
        """What stands beside the names of leads."""

    @property
    def spoken(self) -> str:
        """What a screen reader says of it."""

    def value_words(self, lead: str, seconds: float) -> str:
        """Return what it is at an instant of a lead, s; empty where it is nothing."""

    def paint(self, painter: QPainter, page: Page, traces: Sequence[Trace], theme: Theme, seen: QRectF) -> None:
        """Paint below the traces; the painter draws in mm of the sheet, of which `seen` is shown."""

    def legend(self, font: QFont, width: float) -> Lines:
        """Return the lines that say what it means."""


class Layers:
    """Keeps and paints them.

    Attributes
    ----------
    beats : BeatMarks
    stretch : tuple or None
        Leads and from when to when, s: a stretch that is marked.
    explained : Explained or None
    """

    def __init__(self) -> None:
        self.beats = BeatMarks()
        self.stretch: tuple[tuple[str, ...], float, float] | None = None
        self.explained: Explained | None = None

    def forget(self) -> None:
        """Let go of all that is for one record."""
        self.beats.found, self.stretch, self.explained = None, None, None

    def explained_of(self, record: Record | None) -> Explained | None:
        """Return what explains this record, and no other."""
        fits = record is not None and self.explained is not None and self.explained.record_hash == record.content_hash
        return self.explained if fits else None

    def notes(self, record: Record | None) -> Mapping[str, str]:
        """Return what stands beside the names of leads."""
        explained = self.explained_of(record)
        return MappingProxyType({}) if explained is None else explained.notes

    def legends(self, record: Record | None, font: QFont, width: float) -> list[Lines]:
        """Return the lines below the paper, from above to below."""
        found: list[Lines] = []
        if (explained := self.explained_of(record)) is not None:
            found.append(explained.legend(font, width))
        if self.beats.visible and record is not None:
            found.append(Legend(font, width))
        return found

    def spoken(self, record: Record) -> list[str]:
        """Return what a screen reader says of all of it."""
        said = [spoken(self.beats.found)] if self.beats.visible and self.beats.found is not None else []
        said += [explained.spoken] if (explained := self.explained_of(record)) is not None else []
        return said

    def paint_below(
        self, painter: QPainter, record: Record, page: Page, traces: Sequence[Trace], theme: Theme, seen: QRectF
    ) -> None:
        """Paint what lies below the traces; the painter draws in mm of the sheet, of which `seen` is shown."""
        if (explained := self.explained_of(record)) is not None:
            explained.paint(painter, page, traces, theme, seen)
        if self.stretch is not None:
            paint_places(painter, places(page, *self.stretch), theme)
