"""A second sheet of the same record, coloured by another class."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ecgview.ui.sheet.sheet import Sheet
from ecgview.ui.text import UNIT, Elided, body, strong
from ecgview.ui.theme import Theme


class BesidePane(QWidget):
    """A heading that names the class, and below it the sheet.

    Signals
    -------
    closed()
    scale_chosen(bool)
        Whether both sheets are to have one scale of colour.
    """

    closed = Signal()
    scale_chosen = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.sheet = Sheet(theme=theme)
        self.sheet.setAccessibleName("ECG sheet coloured by the other class")
        self.title = Elided(strong(body()))
        self.one_scale = QCheckBox("One scale for both")
        self.one_scale.clicked.connect(self.scale_chosen)
        close = QPushButton("Close")
        close.setAccessibleName("Close the other class")
        close.clicked.connect(lambda *_: self.closed.emit())
        heading = QHBoxLayout()
        heading.setContentsMargins(2 * UNIT, UNIT // 2, UNIT, UNIT // 2)
        heading.setSpacing(UNIT)
        heading.addWidget(self.title, 1)
        heading.addWidget(self.one_scale)
        heading.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(heading)
        column.addWidget(self.sheet, 1)
