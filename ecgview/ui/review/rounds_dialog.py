"""Shows the rounds in which somebody has something to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QPushButton, QVBoxLayout, QWidget

from ecgview.ui.button_box import button_box
from ecgview.ui.review.sitting import RoundState
from ecgview.ui.text import UNIT, body, label, small, strong


class RoundsDialog(QDialog):
    """One row for each round.

    Signals
    -------
    read(str, str), decide(str, str)
        Identifier and title of the round to read in, or whose disagreements to decide.
    """

    read = Signal(str, str)
    decide = Signal(str, str)

    def __init__(self, states: Sequence[RoundState], reader: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("My readings")
        self.setMinimumWidth(56 * UNIT)
        self.buttons: list[QPushButton] = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * UNIT)
        grid.setVerticalSpacing(UNIT // 2)
        grid.setColumnStretch(0, 1)
        if not states:
            grid.addWidget(label(f"No reading round asks for {reader}.", body()), 0, 0)
            grid.addWidget(label("Label, New reading round makes one.", small(), secondary=True), 1, 0)
        for state in states:
            row = grid.rowCount()
            grid.addWidget(label(state.title, strong(body())), row, 0)
            done = f"{state.locked} of {state.total} locked" if state.total else "You decide where readers differ"
            grid.addWidget(label(f"{done}  ·  round {state.identifier}", small(), secondary=True), row + 1, 0)
            if state.total:
                words = "Read" if state.locked < state.total else "Look at them"
                self._button(grid, row, words, self.read, state)
            if state.disagreements:
                words = f"Decide {state.disagreements} disagreements"
                self._button(grid, row, words, self.decide, state)
        buttons = button_box(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(2 * UNIT)
        column.addLayout(grid)
        column.addStretch(1)
        column.addWidget(buttons)

    def _button(self, grid: QGridLayout, row: int, words: str, asked: SignalInstance, state: RoundState) -> None:
        button = QPushButton(words)
        button.setAccessibleName(f"{words}: {state.title}, round {state.identifier}")

        def click() -> None:
            self.accept()
            asked.emit(state.identifier, state.title)

        button.clicked.connect(lambda *_: click())
        grid.addWidget(button, row, 1, 2, 1)
        self.buttons.append(button)
