"""Records as rows of a list: which of them are shown, in what words, and how a row is drawn."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ecgview.record import Summary
from ecgview.ui.text import UNIT, body, draw, small
from ecgview.ui.words import duration_words, patient_words

_Index = QModelIndex | QPersistentModelIndex


class RecordListModel(QAbstractListModel):
    """The records found so far that fit the search."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self._shown: list[Path] = []
        self._row: dict[Path, int] = {}
        self._summaries: dict[Path, Summary] = {}
        self._search = ""
        self._root = ""

    @property
    def total(self) -> int:
        """All records found, whether they fit the search or not."""
        return len(self._paths)

    @property
    def paths(self) -> Sequence[Path]:
        """All records found, in the order of the list; grows while the folder is walked."""
        return self._paths

    @property
    def shown(self) -> Sequence[Path]:
        """The records that fit the search, in the order of the list."""
        return self._shown

    def unknown(self, first: int, last: int) -> list[Path]:
        """Return the records in rows `first` to `last` of which no more than the name is known."""
        rows = self._shown[max(0, first) : last + 1]
        return [path for path in rows if path not in self._summaries]

    def clear(self, root: Path | None) -> None:
        """Forget all records; those to come are shown relative to `root`."""
        self.beginResetModel()
        self._paths, self._shown, self._row, self._summaries = [], [], {}, {}
        self._root = "" if root is None else str(root)
        self.endResetModel()

    def add(self, paths: Sequence[Path]) -> None:
        """Add records at the end."""
        self._paths += paths
        fitting = [path for path in paths if self._fits(path)]
        if fitting:
            start = len(self._shown)
            self.beginInsertRows(QModelIndex(), start, start + len(fitting) - 1)
            self._shown += fitting
            self._row |= {path: start + offset for offset, path in enumerate(fitting)}
            self.endInsertRows()

    def sum_up(self, summaries: Sequence[Summary]) -> None:
        """Add what is now known of some records."""
        self._summaries |= {summary.path: summary for summary in summaries}
        rows = [self._row[summary.path] for summary in summaries if summary.path in self._row]
        if rows:
            self.dataChanged.emit(self.index(min(rows)), self.index(max(rows)))

    def search(self, words: str) -> None:
        """Show only records whose name or folder holds all of these words."""
        self.beginResetModel()
        self._search = words.casefold()
        self._shown = [path for path in self._paths if self._fits(path)]
        self._row = {path: row for row, path in enumerate(self._shown)}
        self.endResetModel()

    def _fits(self, path: Path) -> bool:
        if not self._search:
            return True
        name = self._relative(path).casefold()
        return all(word in name for word in self._search.split())

    def _relative(self, path: Path) -> str:
        text = str(path)
        return text[len(self._root) :].lstrip(os.sep) if self._root and text.startswith(self._root) else text

    def path(self, row: int) -> Path:
        """Return the record in a row."""
        return self._shown[row]

    def row(self, path: Path) -> int | None:
        """Return the row of a record, None where it does not fit the search."""
        return self._row.get(path)

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return the number of records shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def words(self, path: Path) -> tuple[str, str, bool]:
        """Return a record's name, its second line, and whether it cannot be read."""
        summary = self._summaries.get(path)
        folder = self._relative(path).rpartition(os.sep)[0]
        if summary is None:
            return path.stem, folder, False
        if summary.problem is not None:
            return path.stem, "cannot be read", True
        known = [patient_words(summary.patient)] if summary.patient.age or summary.patient.sex else []
        parts = [*known, duration_words(summary.duration) if summary.duration else "", folder]
        return path.stem, "  ·  ".join(part for part in parts if part), False

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a record's words."""
        path = self._shown[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return path
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return path.stem
        if role == Qt.ItemDataRole.ToolTipRole:
            summary = self._summaries.get(path)
            problem = f"\n{summary.problem}" if summary is not None and summary.problem else ""
            return f"{path}{problem}"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.words(path)[1]
        return None


class RecordDelegate(QStyledItemDelegate):
    """Draws a record: its name, and under it patient, duration and folder."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the height of two lines."""
        return QSize(0, 2 * option.fontMetrics.height() + UNIT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one row."""
        palette = option.palette
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Highlight))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), palette.color(QPalette.ColorRole.Accent))
        model = index.model()
        assert isinstance(model, RecordListModel)
        name, second, unreadable = model.words(index.data(Qt.ItemDataRole.UserRole))
        line = option.fontMetrics.height()
        first = QRect(area.left() + 2 * UNIT, area.top() + UNIT // 2, area.width() - 3 * UNIT, line)
        draw(painter, first, name, body(), palette.color(QPalette.ColorRole.Text))
        role = QPalette.ColorRole.BrightText if unreadable else QPalette.ColorRole.PlaceholderText
        draw(painter, first.translated(0, line), second, small(), palette.color(role))
