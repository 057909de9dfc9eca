"""The list of records on the left: names at once, patients and durations as they become known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ecgview.record import Summary, expand, read_summary
from ecgview.ui.background import Cancelled, Latest
from ecgview.ui.text import UNIT, body, draw, label, small
from ecgview.ui.words import duration_words, patient_words

_CHUNK = 256  # paths handed over at a time: often enough to feel alive, seldom enough to stay light
_AHEAD = 30  # rows above and below those in sight that are looked into as well
_Index = QModelIndex | QPersistentModelIndex


class Folder(QObject):
    """Finds the records below some paths and sums them up, on two threads that can be called off.

    Attributes
    ----------
    found : Signal(int, list of Path)
        Ticket and some more records.
    listed : Signal(int)
        Ticket; all were found.
    summed_up : Signal(int, list of Summary)
        Ticket and what some of the records are.
    """

    found = Signal(int, object)
    listed = Signal(int)
    summed_up = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lister = Latest(self._list, "listing", self)
        self._lister.answered.connect(lambda ticket, _: self.listed.emit(ticket))
        self._summer = Latest(self._sum_up, "summing up", self)

    @property
    def ticket(self) -> int:
        """Of the paths opened last."""
        return self._lister.ticket

    def open(self, paths: Sequence[Path]) -> None:
        """Look below these paths in place of those opened before."""
        self._summer.call_off()
        self._lister.ask((self._lister.ticket + 1, tuple(paths)))

    def sum_up(self, paths: Sequence[Path]) -> None:
        """Find out what these records are, in this order, in place of those asked for before."""
        self._summer.ask((self._lister.ticket, tuple(paths)))

    def close(self) -> None:
        """End the threads."""
        self._lister.close()
        self._summer.close()

    def _list(self, request: tuple[int, tuple[Path, ...]], cancelled: Cancelled) -> None:
        ticket, paths = request
        for chunk in _chunks(expand(paths, cancelled), first=32):
            if cancelled():
                return
            self.found.emit(ticket, chunk)

    def _sum_up(self, request: tuple[int, tuple[Path, ...]], cancelled: Cancelled) -> None:
        ticket, paths = request
        summaries: list[Summary] = []
        for path in paths:
            if cancelled():
                break
            summaries.append(read_summary(path))
            if len(summaries) >= 16:
                self.summed_up.emit(ticket, summaries)
                summaries = []
        self.summed_up.emit(ticket, summaries)


def _chunks(paths: Iterable[Path], first: int) -> Iterator[list[Path]]:
    """Give a small first chunk, so that something shows at once, and larger ones after."""
    chunk: list[Path] = []
    size = first
    for path in paths:
        chunk.append(path)
        if len(chunk) >= size:
            yield chunk
            chunk, size = [], _CHUNK
    if chunk:
        yield chunk


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


class _RecordDelegate(QStyledItemDelegate):
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


class Guest(QWidget):
    """What can stand in place of the list."""

    list: QListView

    def step(self, by: int) -> bool:
        """As :meth:`RecordList.step`."""
        raise NotImplementedError

    def neighbours(self) -> tuple[Path, ...]:
        """As :meth:`RecordList.neighbours`."""
        raise NotImplementedError


class RecordList(QWidget):
    """Search field, list and count.

    Attributes
    ----------
    chosen : Signal(Path)
        The record to show.
    opened : Signal()
        Other records are listed from now on.
    """

    chosen = Signal(object)
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = Folder(self)
        self.model = RecordListModel(self)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search")
        self.field.setAccessibleName("Search the list of records by name or folder")
        self.field.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_RecordDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName("Records")
        self.count = label("No folder is open", small(), secondary=True)
        self.count.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        page = QWidget()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(page)
        self._guest: Guest | None = None
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        above = QVBoxLayout()
        above.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        above.addWidget(self.field)
        column.addLayout(above)
        column.addWidget(self.list, 1)
        column.addWidget(self.count)

        self._listing = False
        self._current: Path | None = None
        # Only what is in sight is looked into: a hundred thousand headers would keep the disk busy for minutes.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._sum_up_what_is_seen)
        scrolling = self.list.verticalScrollBar()
        for moved in (self.model.rowsInserted, self.model.modelReset, scrolling.valueChanged, scrolling.rangeChanged):
            moved.connect(lambda *_: self._soon.start())  # without the signal's numbers, which start would take for ms
        self.folder.found.connect(self._add)
        self.folder.listed.connect(self._all_found)
        self.folder.summed_up.connect(self._sum_up)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(self._go_to_first)
        self.list.selectionModel().currentChanged.connect(self._choose)

    @property
    def current(self) -> Path | None:
        """The record chosen last."""
        return self._current

    def open(self, paths: Sequence[Path], first: Path | None = None) -> None:
        """List the records below these paths in place of those listed before, and choose one.

        It is `first` where that file is there, at once and not only when the list has come to it; else the
        first of the list.
        """
        root = paths[0] if len(paths) == 1 and paths[0].is_dir() else None
        self.invite(None)
        self.opened.emit()
        self._current, self._listing = (first if first is not None and first.is_file() else None), True
        self.field.clear()
        self.model.clear(root)
        self.folder.open(paths)
        self._say_count()
        if self._current is not None:
            self.chosen.emit(self._current)

    def go_to(self, path: Path) -> None:
        """Choose a record, also one that the list does not hold or the search leaves out."""
        row = self.model.row(path)
        if row is not None:
            self.list.setCurrentIndex(self.model.index(row))
        elif path != self._current:
            self._current = path
            self.list.setCurrentIndex(QModelIndex())
            self.chosen.emit(path)

    def follow(self, path: Path) -> None:
        """Choose a record that a guest names, also where it is the one chosen already."""
        self._current = path
        self.chosen.emit(path)

    @property
    def guest(self) -> Guest | None:
        """What stands in place of the list and gives the order of the records."""
        return self._guest

    def invite(self, guest: Guest | None) -> None:
        """Let a guest stand in place of the list and give the order; None brings the list back."""
        before, self._guest = self._guest, guest
        if before is not None and before is not guest:
            self._stack.removeWidget(before)
            before.setParent(None)
        if guest is not None and before is not guest:
            self._stack.addWidget(guest)
            self._stack.setCurrentWidget(guest)
        if guest is None and self._current is not None and (row := self.model.row(self._current)) is not None:
            self.list.setCurrentIndex(self.model.index(row))

    @property
    def keys_to(self) -> QWidget:
        """What takes the keys here."""
        return self.list if self._guest is None else self._guest.list

    def step(self, by: int) -> bool:
        """Choose the record `by` rows further down; past either end nothing changes. Return whether there was one."""
        if self._guest is not None:
            return self._guest.step(by)
        row = self.list.currentIndex().row() + by if self.list.currentIndex().isValid() else 0
        there = 0 <= row < self.model.rowCount()
        if there:
            self.list.setCurrentIndex(self.model.index(row))
        return there

    def neighbours(self) -> tuple[Path, ...]:
        """Return the records likely to be wanted next: the one below, the one above, the one after next."""
        if self._guest is not None:
            return self._guest.neighbours()
        row = self.list.currentIndex().row()
        rows = [near for near in (row + 1, row - 1, row + 2) if 0 <= near < self.model.rowCount()]
        return tuple(self.model.path(near) for near in rows)

    def close_workers(self) -> None:
        """Call off listing and summing up, and end their threads."""
        self._soon.stop()
        self.folder.close()

    def _add(self, ticket: int, paths: list[Path]) -> None:
        if ticket != self.folder.ticket:
            return
        self.model.add(paths)
        if self.model.rowCount() and not self.list.currentIndex().isValid():
            row = 0 if self._current is None else self.model.row(self._current)
            if row is not None:
                self.list.setCurrentIndex(self.model.index(row))
        self._say_count()

    def _all_found(self, ticket: int) -> None:
        if ticket != self.folder.ticket:
            return
        self._listing = False
        self._say_count()
        if not self.model.total:
            self.chosen.emit(None)

    def _sum_up(self, ticket: int, summaries: list[Summary]) -> None:
        if ticket == self.folder.ticket:
            self.model.sum_up(summaries)

    def _sum_up_what_is_seen(self) -> None:
        area = self.list.viewport().rect()
        first = self.list.indexAt(area.topLeft()).row()
        last = self.list.indexAt(area.bottomLeft()).row()
        if first < 0:
            return
        if last < 0:  # the list ends above the lower edge
            last = self.model.rowCount() - 1
        wanted = self.model.unknown(first - _AHEAD, last + _AHEAD)
        if wanted:
            self.folder.sum_up(wanted)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            path = self.model.path(index.row())
            if path != self._current:
                self._current = path
                self.chosen.emit(path)

    def _search(self, words: str) -> None:
        self.model.search(words)
        row = None if self._current is None else self.model.row(self._current)
        if row is not None:
            self.list.setCurrentIndex(self.model.index(row))
        self._say_count()

    def _go_to_first(self) -> None:
        """Show the first record that fits, unless the one shown fits, and leave the field."""
        if self.model.rowCount() and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(0))
        self.list.setFocus()

    def _say_count(self) -> None:
        total, shown = self.model.total, self.model.rowCount()
        if self._listing:
            said = f"Looking for records: {total:,} so far"
        elif not total:
            said = "No records"
        elif shown != total:
            said = f"{shown:,} of {total:,} records fit the search"
        else:
            said = f"{total:,} records" if total > 1 else "1 record"
        self.count.setText(said)
