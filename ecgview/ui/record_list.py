"""The list of records on the left: names at once, patients and durations as they become known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ecgview.record import Summary
from ecgview.ui.folder import Folder
from ecgview.ui.record_rows import RecordDelegate, RecordListModel
from ecgview.ui.text import UNIT, label, small

_AHEAD = 30  # rows above and below those in sight that are looked into as well


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
        self.list.setItemDelegate(RecordDelegate(self.list))
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
