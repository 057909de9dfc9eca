"""Asks which record to compare with: one of the list, or another file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from ecgview.ui.button_box import button_box
from ecgview.ui.record_rows import RecordListModel
from ecgview.ui.text import UNIT, label, small


class ChooseRecord(QDialog):
    """A list to search in; the patient's own other records come first.

    Signals
    -------
    chosen(Path)
    """

    chosen = Signal(object)

    def __init__(self, first: Sequence[Path], others: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare with")
        self.resize(52 * UNIT, 60 * UNIT)
        self.model = RecordListModel(self)
        self.model.add([*first, *others])
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search")
        self.field.setAccessibleName("Search the records by name or folder")
        self.field.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Records to compare with")
        self.note = label(font=small(), secondary=True)
        if first:
            count = len(first)
            self.note.setText(f"The first {'is' if count == 1 else f'{count} are'} of the same patient.")
        self.note.setVisible(bool(first))
        buttons = button_box(QDialogButtonBox.StandardButton.Cancel)
        self.take = buttons.addButton("Compare", QDialogButtonBox.ButtonRole.AcceptRole)
        other = buttons.addButton("Another file…", QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(UNIT)
        for widget in (self.field, self.list, self.note, buttons):
            column.addWidget(widget)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        other.clicked.connect(lambda *_: self._ask_file())
        self.field.textChanged.connect(self._search)
        self.list.activated.connect(lambda *_: self._accept())
        self._search("")

    def _search(self, words: str) -> None:
        self.model.search(words)
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))
        self.take.setEnabled(self.model.rowCount() > 0)

    def _accept(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            self.chosen.emit(self.model.path(index.row()))
            self.accept()

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Compare with")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._take_file)
        dialog.open()

    def _take_file(self, name: str) -> None:
        self.chosen.emit(Path(name))
        self.accept()
