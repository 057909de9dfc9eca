"""Asks who is reading, and where labels are kept."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ecgview.ui.button_box import button_box
from ecgview.ui.text import UNIT, label, small

_LONGEST_NAME = 80


class WhoDialog(QDialog):
    """Two fields: a name, and a file or server.

    Signals
    -------
    chosen(str, str)
        Name and place.
    """

    chosen = Signal(str, str)

    def __init__(self, name: str, place: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Who is reading?")
        self.setMinimumWidth(56 * UNIT)
        self.name = QLineEdit(name)
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setPlaceholderText("Your name, as it shall stand with your labels")
        self.name.setAccessibleName("Your name")
        self.place = QLineEdit(place)
        self.place.setAccessibleName("Where labels are kept")
        other = QPushButton("Other file…")
        where = QHBoxLayout()
        where.setSpacing(UNIT)
        where.addWidget(self.place, 1)
        where.addWidget(other)
        form = QFormLayout()
        form.setHorizontalSpacing(2 * UNIT)
        form.setVerticalSpacing(UNIT)
        form.addRow(label("Name", wraps=False), self.name)
        form.addRow(label("Labels in", wraps=False), where)
        note = label(
            "The name stands with each label, cannot be changed there afterwards, and is shown while you read. "
            "A file is made if it is not there. A team names its server: postgresql://user@host/database.",
            small(),
            secondary=True,
        )
        buttons = button_box(QDialogButtonBox.StandardButton.Cancel)
        self.take = buttons.addButton("Read as this", QDialogButtonBox.ButtonRole.AcceptRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(2 * UNIT)
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(buttons)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        other.clicked.connect(lambda *_: self._ask_file())
        for field in (self.name, self.place):
            field.textChanged.connect(self._weigh)
        self._weigh()

    def _weigh(self) -> None:
        self.take.setEnabled(bool(self.name.text().strip() and self.place.text().strip()))

    def _accept(self) -> None:
        if self.take.isEnabled():
            self.accept()
            self.chosen.emit(" ".join(self.name.text().split()), self.place.text().strip())

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Where labels are kept", self.place.text(), "Label stores (*.sqlite);;All files (*)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # an existing store is gone on with
        dialog.setDefaultSuffix("sqlite")
        dialog.fileSelected.connect(self.place.setText)
        dialog.open()
