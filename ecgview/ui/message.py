"""Words in the place where something will stand, or cannot."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from ecgview.ui.text import UNIT, body, label, small, strong


class Message(QWidget):
    """A title, a detail and, while work goes on, a quiet moving bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.title = label(font=strong(body()))
        self.detail = label(font=small(), secondary=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(UNIT // 2)
        self.bar.setAccessibleName("Work goes on")
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * UNIT, 4 * UNIT, 3 * UNIT, 3 * UNIT)
        column.setSpacing(UNIT)
        column.addWidget(self.title)
        column.addWidget(self.detail)
        column.addWidget(self.bar)
        column.addStretch(1)
        for words in (self.title, self.detail):
            words.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def say(self, title: str, detail: str = "", busy: bool = False) -> None:
        """Show these words."""
        self.title.setText(title)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        self.bar.setVisible(busy)
