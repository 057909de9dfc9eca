"""The other record: its sheet, or both average beats over each other with what differs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ecgview.record import Record
from ecgview.signal.difference import Difference
from ecgview.signal.found_beats import FoundBeats
from ecgview.ui.beat.view import BeatView
from ecgview.ui.message import Message
from ecgview.ui.sheet.format import Format
from ecgview.ui.sheet.sheet import Sheet
from ecgview.ui.text import UNIT, Elided, body, label, small, strong
from ecgview.ui.theme import Theme
from ecgview.ui.words import record_words

VIEWS = ("sheet", "beats")


class ComparePane(QWidget):
    """A heading that names the other record, and below it one of two views.

    Signals
    -------
    closed()
    view_chosen(str)
        ``"sheet"`` or ``"beats"``.
    """

    closed = Signal()
    view_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.sheet = Sheet(theme=theme)
        self.sheet.setAccessibleName("ECG sheet of the other record")
        self.beats = BeatView(theme)
        self.beats.setAccessibleName("Average beats over each other")
        self.message = Message()
        self.title = Elided(strong(body()), mode=Qt.TextElideMode.ElideMiddle)
        self.subtitle = Elided(small(), secondary=True)
        self.legend = Elided(small(), secondary=True)
        self.reading = label(font=small(), secondary=True)
        self._view = "sheet"
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(2 * UNIT)
        self._table.setVerticalSpacing(UNIT // 2)
        self._build()

    def _build(self) -> None:
        self.buttons = {name: QPushButton(words) for name, words in (("sheet", "Sheets"), ("beats", "Beats"))}
        group = QButtonGroup(self)
        for name, button in self.buttons.items():
            button.setCheckable(True)
            group.addButton(button)
            button.clicked.connect(lambda *_, name=name: self.view_chosen.emit(name))
        self.buttons["sheet"].setAccessibleName("Show the other record's sheet")
        self.buttons["beats"].setAccessibleName("Show both average beats over each other")
        close = QPushButton("Close")
        close.setAccessibleName("Close the comparison")
        close.clicked.connect(lambda *_: self.closed.emit())
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        heading = QHBoxLayout()
        heading.setContentsMargins(2 * UNIT, UNIT // 2, UNIT, UNIT // 2)
        heading.setSpacing(UNIT // 2)
        heading.addLayout(words, 1)
        for button in (*self.buttons.values(), close):
            heading.addWidget(button)
        area = QScrollArea()
        area.setWidget(self.beats)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setAutoFillBackground(True)
        column = self._column = QVBoxLayout(inner)
        column.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        column.setSpacing(UNIT)
        column.addLayout(self._table)
        column.addWidget(self.reading)
        column.addStretch(1)
        aside = QScrollArea()
        aside.setWidget(inner)
        aside.setWidgetResizable(True)
        aside.setFrameShape(QFrame.Shape.NoFrame)
        aside.setAccessibleName("What differs between the two records")
        self._aside = aside
        both = QWidget()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(area, 1)
        row.addWidget(aside)
        below = QVBoxLayout(both)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        self.legend.setContentsMargins(2 * UNIT, 0, 2 * UNIT, UNIT // 2)
        below.addWidget(self.legend)
        below.addLayout(row, 1)
        place = QWidget()
        self._stack = QStackedLayout(place)
        for widget in (self.message, self.sheet, both):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(heading)
        layout.addWidget(place, 1)
        self.beats.measured.connect(lambda words: self.reading.setText(words or "Drag on the beats to measure."))

    # ---------------------------------------------------------------- what is shown

    @property
    def view(self) -> str:
        """``"sheet"`` or ``"beats"``."""
        return self._view

    def show_message(self, name: str, title: str, detail: str = "", busy: bool = False) -> None:
        """Show words in place of the record `name`."""
        self.title.setText(f"Compared with {name}")
        self.subtitle.setText("")
        self.message.say(title, detail, busy)
        self._stack.setCurrentIndex(0)

    def show_record(self, record: Record) -> None:
        """Show the other record: who and when, and its sheet; none of its labels."""
        self.title.setText(f"Compared with {record.name}")
        self.subtitle.setText(record_words(record))
        self.sheet.show_record(record)
        self.show_view(self._view)

    def show_view(self, view: str) -> None:
        """Show the other record's sheet, or the beats."""
        self._view = view
        self.buttons[view].setChecked(True)
        self._stack.setCurrentIndex(1 + VIEWS.index(view))

    def show_beats(
        self,
        this: FoundBeats | None,
        other: FoundBeats | None,
        names: tuple[str, str],
        changes: tuple[Difference, ...],
        format: Format,
    ) -> None:
        """Lay the prevailing beats over each other; words say so where one of them is missing."""
        averages = [found.averages[0] for found in (this, other) if found is not None and found.averages]
        self.beats.show_beats(averages if len(averages) == 2 else (), format)
        if len(averages) == 2:
            said = f"{names[0]} drawn through, {names[1]} dashed; aligned at the onset of the QRS complex"
        else:
            missing = [name for name, found in zip(names, (this, other), strict=True) if not (found and found.averages)]
            said = f"No average beat of {' and '.join(missing)} to lay over the other"
        self.legend.setText(said)
        self._fill_table(names, changes)
        self.reading.setText("Drag on the beats to measure.")

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self.sheet.set_theme(theme)
        self.beats.set_theme(theme)

    def _fill_table(self, names: tuple[str, str], changes: tuple[Difference, ...]) -> None:
        while (item := self._table.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        right = Qt.AlignmentFlag.AlignRight
        for column, words in enumerate(("This", "Other", "Change"), start=1):
            heading = label(words, small(), secondary=True, wraps=False)
            self._table.addWidget(heading, 0, column, right)
        for row, entry in enumerate(changes, start=1):
            unit = "" if entry.unit == "°" else f", {entry.unit}"
            name = label(f"{_short(entry.name)}{unit}", small(), secondary=True, wraps=False)
            name.setToolTip(entry.name)
            self._table.addWidget(name, row, 0)
            cells = (_number(entry.this, entry.unit), _number(entry.other, entry.unit), _change(entry))
            for column, words in enumerate(cells, start=1):
                cell: QLabel = label(words, strong(body()) if column == 3 else body(), wraps=False)
                told = (names[0], names[1], "change")[column - 1]
                cell.setAccessibleName(f"{entry.name}, {told}: {words}")
                self._table.addWidget(cell, row, column, right)
        self._column.activate()
        self._aside.setMinimumWidth(self._column.minimumSize().width() + 2 * UNIT)


def _short(name: str) -> str:
    return name.replace(" interval", "").replace(" duration", "").replace("Frontal ", "").replace("Heart rate", "Rate")


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}".replace("-", "−") + ("°" if unit == "°" else "")


def _change(entry: Difference) -> str:
    # Of what stands in the two columns, so that a reader who subtracts finds the same.
    if entry.this is None or entry.other is None:
        return "–"
    shown = Difference(entry.name, entry.unit, float(round(entry.this)), float(round(entry.other))).change
    assert shown is not None
    if round(shown) == 0:
        return "0" + ("°" if entry.unit == "°" else "")
    return f"{shown:+.0f}".replace("-", "−") + ("°" if entry.unit == "°" else "")
