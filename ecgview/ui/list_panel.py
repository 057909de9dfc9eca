"""What findings and measurements have in common: a list of rows with a note below, or words in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QFrame, QListView, QStackedLayout, QVBoxLayout, QWidget

from ecgview.ui.message import Message
from ecgview.ui.text import UNIT, label, small

ROW = Qt.ItemDataRole.UserRole
"""The role under which a model gives the row itself."""

Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractListModel):
    """Rows in the order they are shown, a heading being plain text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Any] = []

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these in place of what was shown."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def words(self, row: Any) -> str:
        """Return what a row says in one line."""
        return str(row)

    def details(self, row: Any) -> str | None:
        """Return what a row says when it is pointed at."""
        return None

    def selectable(self, row: Any) -> bool:
        """Return whether a row can be chosen."""
        return not isinstance(row, str)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the row itself, or its words."""
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(row)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self.details(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return which rows can be chosen."""
        if self.selectable(self._rows[index.row()]):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemIsEnabled


class ListPanel(QWidget):
    """A list with a note below it, or words in the place of both."""

    def __init__(self, model: RowsModel, accessible_name: str) -> None:
        super().__init__()
        self.message = Message()
        self.list = QListView()
        self.list.setModel(model)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setAccessibleName(accessible_name)
        self.note = label(font=small(), secondary=True)
        self.note.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        column.addWidget(self.note)
        self._model = model
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(shown)
        self.show_message("No record")

    def show_message(self, title: str, detail: str = "", busy: bool = False) -> None:
        """Show words in place of the list."""
        self._model.set_rows([])
        self.message.say(title, detail, busy)
        self._stack.setCurrentIndex(0)

    def show_rows(self, rows: Sequence[Any], note: str) -> None:
        """Show the list from its top."""
        self._model.set_rows(rows)
        self.note.setText(note)
        self.list.scrollToTop()
        self._stack.setCurrentIndex(1)
