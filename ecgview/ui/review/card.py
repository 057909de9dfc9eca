"""The chosen class: what it means, who says what, and the means to decide."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from ecgview.record import STANDARD_LEADS
from ecgview.review.events import DECISIONS
from ecgview.ui.review.definitions import definition
from ecgview.ui.review.rows import CONFIDENCES, Row, region_words, said, said_by
from ecgview.ui.text import UNIT, body, label, small, strong

_SHAPES = {"present": "●", "absent": "✕", "uncertain": "◐"}
_LONGEST_NOTE = 10_000


class Choice(QPushButton):
    """One of several to choose from; the one chosen stands out by colour and weight."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setCheckable(True)

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        """Draw what is chosen in the accent colour."""
        super().initStyleOption(option)
        if self.isChecked():
            colours = option.palette
            colours.setColor(QPalette.ColorRole.Button, colours.color(QPalette.ColorRole.Highlight))
            colours.setColor(QPalette.ColorRole.ButtonText, colours.color(QPalette.ColorRole.HighlightedText))
            option.palette = colours


class NoteField(QLineEdit):
    """One line of words; Esc leaves it as it was.

    Signals
    -------
    left
        Enter or Esc was pressed.
    """

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Note")
        self.setAccessibleName("Note on this class")
        self.setMaxLength(_LONGEST_NOTE)
        self.kept = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self.kept)
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Card(QScrollArea):
    """A class of the record, to be read and decided.

    Signals
    -------
    decided(str)
        ``"present"``, ``"absent"`` or ``"uncertain"``.
    sure(float)
        How sure, 0 to 1.
    noted(str)
        A note on the class.
    mark_asked, take_back_asked, left
        Mark a stretch on the trace; take the label back; give the keys back to the sheet.
    """

    decided = Signal(str)
    sure = Signal(float)
    noted = Signal(str)
    mark_asked = Signal()
    take_back_asked = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("The chosen class")
        self.name = label(font=strong(body()))
        self.code = label(font=small(), secondary=True)
        self.criteria = label()
        self.leads = label(font=small(), secondary=True)
        self.measured = label(font=small(), secondary=True)
        self.sources = label(font=small(), secondary=True)
        self.decisions = {decision: Choice(f"{_SHAPES[decision]} {decision.title()}") for decision in DECISIONS}
        self.confidences = {value: Choice(name) for name, value in CONFIDENCES.items()}
        self.note = NoteField()
        self.mark = QPushButton("Mark on trace")
        self.take_back = QPushButton("Take back")
        self._build()
        for decision, button in self.decisions.items():
            button.clicked.connect(lambda *_, decision=decision: self.decided.emit(decision))
        for value, button in self.confidences.items():
            button.clicked.connect(lambda *_, value=value: self.sure.emit(value))
        self.mark.clicked.connect(lambda *_: self.mark_asked.emit())
        self.take_back.clicked.connect(lambda *_: self.take_back_asked.emit())
        self.note.returnPressed.connect(self._note)
        self.note.left.connect(self.left)

    def _build(self) -> None:
        inner = QWidget()
        inner.setAutoFillBackground(True)
        inner.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(inner)
        column.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        column.setSpacing(UNIT // 2)
        column.addWidget(self.name)
        column.addWidget(self.code)
        column.addSpacing(UNIT // 2)
        self._groups = []
        for buttons in (self.decisions, self.confidences):
            line = QHBoxLayout()
            line.setSpacing(UNIT // 2)
            group = QButtonGroup(self)
            for button in buttons.values():
                group.addButton(button)
                line.addWidget(button, 1)
            self._groups.append(group)
            column.addLayout(line)
        column.addWidget(self.note)
        line = QHBoxLayout()
        line.setSpacing(UNIT // 2)
        line.addWidget(self.mark, 1)
        line.addWidget(self.take_back, 1)
        column.addLayout(line)
        column.addSpacing(UNIT // 2)
        column.addWidget(self.criteria)
        column.addWidget(self.leads)
        column.addWidget(self.measured)
        column.addSpacing(UNIT // 2)
        column.addWidget(self.sources)
        column.addStretch(1)
        self.setWidget(inner)

    def show_row(self, row: Row | None, reading: bool = False) -> None:
        """Show a class, or nothing.

        Parameters
        ----------
        row : Row or None
        reading : bool
            Whether it is decided in a reading round: an answer can be changed there, not taken back.
        """
        self.setVisible(row is not None)
        if row is None:
            return
        known = definition(row.code) if row.code else None
        self.name.setText(row.name)
        # A code in SNOMED CT that the vocabulary does not know stands with where the label comes from.
        codes = [] if known is None else [known.shown_code, *(f"SNOMED CT {code}" for code in known.snomed)]
        _say(self.code, "  ·  ".join(code for code in codes if code))
        _say(self.criteria, known.criteria if known is not None else "These words name no class of the vocabulary.")
        _say(self.leads, look_at(known.leads) if known is not None else "")
        own = row.own
        lines = [f"You: {said(own)}"] if own is not None else []
        lines += [*row.told, *row.stated, *(said_by(other) for other in row.others)]
        _say(self.sources, "\n".join(lines))
        for group, chosen, buttons in (
            (self._groups[0], row.decision, self.decisions),
            (self._groups[1], None if own is None else own.confidence, self.confidences),
        ):
            # A group that is exclusive keeps one ticked.
            group.setExclusive(False)
            for value, button in buttons.items():
                with QSignalBlocker(button):
                    button.setChecked(value == chosen)
                button.setVisible(known is not None)
            group.setExclusive(True)
        for button in self.confidences.values():
            button.setEnabled(own is not None)
        self.note.kept = "" if own is None else own.note
        if not self.note.hasFocus():
            self.note.setText(self.note.kept)
        self.note.setEnabled(own is not None)
        self.note.setVisible(known is not None)
        self.mark.setText("Mark on trace" if own is None or own.region is None else region_words(own.region))
        self.mark.setEnabled(own is not None)
        self.mark.setVisible(known is not None)
        self.take_back.setEnabled(own is not None)
        self.take_back.setVisible(known is not None and not reading)

    def show_measured(self, words: str) -> None:
        """Say axis and intervals beside the definition."""
        _say(self.measured, words)

    def _note(self) -> None:
        self.noted.emit(self.note.text().strip())
        self.left.emit()


def look_at(leads: Sequence[str]) -> str:
    """Return which leads to look at, in words."""
    if set(STANDARD_LEADS) <= set(leads):
        return "Look at all leads"
    return f"Look at {', '.join(leads)}" if leads else ""


def _say(widget: QLabel, words: str) -> None:
    widget.setText(words)
    widget.setVisible(bool(words))
