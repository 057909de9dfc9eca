"""The tab that says what a record is: its facts, and what to know of how it was read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpacerItem,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ecgview.record import LIMB_LEADS, STANDARD_LEADS, Record
from ecgview.ui.message import Message
from ecgview.ui.text import UNIT, body, label, small, strong
from ecgview.ui.words import duration_words

_MOST_OTHERS, _LONGEST_NAME = 6, 36


class _Page(QScrollArea):
    """A column that scrolls up and down only."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)

    def renew(self) -> QGridLayout:
        """Throw away what is shown and return an empty grid of two columns, which holds what comes next."""
        inner = QWidget()
        inner.setAutoFillBackground(True)
        inner.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(inner)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * UNIT)
        grid.setVerticalSpacing(UNIT // 2)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addStretch(1)
        self.setWidget(inner)
        return grid


class _Panel(QWidget):
    """A page, or words in its place."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.message = Message()
        self._page = _Page(name)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(self._page)
        self.show_message("No record")

    def show_message(self, title: str, detail: str = "") -> None:
        """Show words in place of the page."""
        self._page.renew()
        self.message.say(title, detail)
        self._stack.setCurrentIndex(0)


def _across(grid: QGridLayout, words: QLabel) -> None:
    """Add words over both columns of the next row."""
    grid.addWidget(words, grid.rowCount(), 0, 1, 2)


def _space(grid: QGridLayout, height: int) -> None:
    """Leave room before the next row, except at the top."""
    if grid.count():
        grid.addItem(QSpacerItem(0, height), grid.rowCount(), 0)


class RecordPanel(_Panel):
    """What is known of the file and the patient, and what to know of how it was read.

    Signals
    -------
    compare_asked(Path)
        Another record of the patient.
    """

    compare_asked = Signal(object)

    def __init__(self) -> None:
        self._others = QVBoxLayout()
        super().__init__("Facts of the record")

    def show_record(self, record: Record, blinded: bool = False) -> None:
        """Show a record's facts and warnings; while it is read blinded, nothing that tells which record it is."""
        grid = self._page.renew()
        self._others = QVBoxLayout()
        self._others.setSpacing(UNIT // 2)
        grid.addLayout(self._others, grid.rowCount(), 0, 1, 2)
        if record.warnings and not blinded:
            _across(grid, label("To know about this file", strong(small()), secondary=True))
            for warning in record.warnings:
                _across(grid, label(warning, body()))
        for heading, facts in (_blinded_facts(record) if blinded else _facts(record)).items():
            _space(grid, 2 * UNIT)
            _across(grid, label(heading, strong(small()), secondary=True))
            for name, value in facts.items():
                row = grid.rowCount()
                grid.addWidget(label(name, body(), secondary=True), row, 0, Qt.AlignmentFlag.AlignTop)
                # Zero-width spaces let a long path or hash break where it must.
                breakable = value.replace("/", "/\u200b").replace("_", "_\u200b")
                grid.addWidget(label(breakable, body()), row, 1)
        grid.setColumnMinimumWidth(0, QFontMetrics(body()).horizontalAdvance("Not recorded"))
        self._stack.setCurrentIndex(1)

    def show_others(self, said: str, others: Sequence[tuple[str, Path, bool]]) -> None:
        """Offer the patient's other records; they go with the next record.

        Parameters
        ----------
        said : str
            How many there are; empty where there is nothing to say.
        others : sequence of tuple
            Name and date, path, and whether it is the last one before this.
        """
        while (item := self._others.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if not said:
            return
        self._others.addWidget(label(said, strong(small()), secondary=True))
        if others:
            self._others.addWidget(label("Compare with", small(), secondary=True))
        # The last one before this is offered first, however many there are.
        for name, path, earlier in sorted(others, key=lambda other: not other[2])[:_MOST_OTHERS]:
            words = f"Earlier: {name}" if earlier else name
            button = QPushButton(words if len(words) <= _LONGEST_NAME else f"{words[: _LONGEST_NAME - 1]}…")
            button.setAccessibleName(f"Compare with {'the earlier ' if earlier else ''}{name}")
            button.setToolTip(str(path))
            button.clicked.connect(lambda *_, path=path: self.compare_asked.emit(path))
            self._others.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        if len(others) > _MOST_OTHERS:
            more = f"{len(others) - _MOST_OTHERS} more: menu Record, Compare with…"
            self._others.addWidget(label(more, small(), secondary=True))
        self._others.addSpacing(UNIT)


def _facts(record: Record) -> dict[str, dict[str, str]]:
    patient = record.patient
    unknown = "unknown"
    missing = [name for name in STANDARD_LEADS if name not in record.leads]
    derived = [name for name in LIMB_LEADS if name in record.derived]
    leads = {"In the file": ", ".join(name for name in record.leads if name not in record.derived)}
    if derived:
        leads["Derived"] = f"{', '.join(derived)} (from I and II)"
    if missing:
        leads["Not recorded"] = ", ".join(missing)
    return {
        "Patient": {
            "Age": unknown if patient.age is None else f"{patient.age:.0f} y",
            "Sex": patient.sex or unknown,
            "Identifier": patient.identifier or unknown,
        },
        "Recording": {
            "Date": unknown if record.recorded_at is None else f"{record.recorded_at:%d %b %Y, %H:%M}",
            "Duration": duration_words(record.duration),
            "Rate": f"{record.hz:g} Hz",
        },
        "Leads": leads,
        "File": {
            "Format": record.format,
            "Place": str(record.path),
            "Content": f"{record.content_hash[:12]}…",
        },
    }


def _blinded_facts(record: Record) -> dict[str, dict[str, str]]:
    # Warnings may quote the file, and name, place and date tell which record it is.
    known = _facts(record)
    return {
        "Patient": {name: known["Patient"][name] for name in ("Age", "Sex")},
        "Recording": {name: known["Recording"][name] for name in ("Duration", "Rate")},
        "Leads": known["Leads"],
    }
