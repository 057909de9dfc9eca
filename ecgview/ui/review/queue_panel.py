"""What stands in place of the record list while records come in a given order: a worklist, or a reader's readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QListView,
    QProgressBar,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from ecgview.ui.list_panel import ROW, Index, RowsModel
from ecgview.ui.record_list import Guest
from ecgview.ui.text import UNIT, body, draw, label, small, strong

_TICK = "✓"
_ALL, _OPEN, _DONE = "All", "Not done", "Done"


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A record in its place.

    Attributes
    ----------
    title : str
        What may be shown of it.
    path : Path or None
        Its file; None where it is not among the open records.
    record_hash : str
    code, class_name : str
        The class it is there for; empty where that may not be told.
    why : str
        In words.
    done : bool
    """

    title: str
    path: Path | None
    record_hash: str
    code: str = ""
    class_name: str = ""
    why: str = ""
    done: bool = False

    @property
    def second(self) -> str:
        """What stands below the title."""
        parts = [self.class_name, self.why] if self.path is not None else [self.class_name, "not in the open folder"]
        return "  ·  ".join(part for part in parts if part)


class _Model(RowsModel):
    def words(self, row: QueueEntry) -> str:
        return ", ".join(part for part in (row.title, row.second, "done" if row.done else "") if part)

    def details(self, row: QueueEntry) -> str | None:
        return row.second or None

    def selectable(self, row: QueueEntry) -> bool:
        return row.path is not None

    def renew(self, place: int, row: QueueEntry) -> None:
        """Show one row anew."""
        rows = list(self._rows)
        rows[place] = row
        self._rows = rows
        self.dataChanged.emit(self.index(place), self.index(place))


class _Delegate(QStyledItemDelegate):
    """Draws a title, a tick where it is done, and below why it is there."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        below = index.data(ROW).second
        height = QFontMetrics(body()).height() + UNIT
        return QSize(0, height + (_height(below, small(), self._view.viewport().width() - 3 * UNIT) if below else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: QueueEntry = index.data(ROW)
        palette, area = option.palette, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Highlight))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), palette.color(QPalette.ColorRole.Accent))
        group = QPalette.ColorGroup.Active if row.path is not None else QPalette.ColorGroup.Disabled
        text = palette.color(group, QPalette.ColorRole.Text)
        line = QFontMetrics(body()).height()
        first = QRect(area.left() + 2 * UNIT, area.top() + UNIT // 2, area.width() - 3 * UNIT, line)
        if row.done:
            accent = palette.color(QPalette.ColorRole.Accent)
            draw(painter, first, _TICK, strong(body()), accent, Qt.AlignmentFlag.AlignRight)
        draw(painter, first.adjusted(0, 0, -2 * UNIT, 0), row.title, body(), text)
        if row.second:
            painter.setFont(small())
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            below = QRect(first.left(), first.bottom() + 1, first.width(), area.bottom() - first.bottom())
            painter.drawText(below, int(Qt.TextFlag.TextWordWrap), row.second)


def _height(text: str, font: QFont, width: int) -> int:
    room = QRect(0, 0, max(1, width), 1 << 12)
    return QFontMetrics(font).boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()


class QueuePanel(Guest):
    """Records in a given order, how many are done, and filters.

    Signals
    -------
    chosen(int)
        The place of the record to show.
    stopped
        Close it, or stop what is being made.
    """

    chosen = Signal(int)
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label(font=strong(body()))
        self.count = label(font=small(), secondary=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(UNIT // 2)
        self.bar.setAccessibleName("How much is done")
        self.state, self.classes = QComboBox(), QComboBox()
        self.state.addItems([_ALL, _OPEN, _DONE])
        for field, name in ((self.state, "Show which records"), (self.classes, "Show which class")):
            field.setAccessibleName(name)
            field.view().setAccessibleName(name)
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            field.setMinimumContentsLength(6)
        self.model = _Model(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName("Records in their order")
        self.close_button = QPushButton("Close")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        above, below = QVBoxLayout(), QVBoxLayout()
        for layout in (above, below):
            layout.setContentsMargins(2 * UNIT, UNIT, UNIT, UNIT)
            layout.setSpacing(UNIT)
        for widget in (self.title, self.count, self.bar, self.state, self.classes):
            above.addWidget(widget)
        below.addWidget(self.close_button)
        column.addLayout(above)
        column.addWidget(self.list, 1)
        column.addLayout(below)
        self._entries: list[QueueEntry] = []
        self._shown: list[int] = []
        self._noun = "done"
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.state.currentIndexChanged.connect(lambda _: self._filter())
        self.classes.currentIndexChanged.connect(lambda _: self._filter())
        self.close_button.clicked.connect(lambda *_: self.stopped.emit())

    # ---------------------------------------------------------------- what is shown

    @property
    def entries(self) -> Sequence[QueueEntry]:
        """All records, in their order."""
        return self._entries

    @property
    def current(self) -> int | None:
        """The place that is chosen."""
        index = self.list.currentIndex()
        return self._shown[index.row()] if index.isValid() else None

    def show_busy(self, title: str, words: str) -> None:
        """Say that the order is being made."""
        self._entries = []
        self._filter()
        self.title.setText(title)
        self.say_progress(words, 0, 0)
        for field in (self.state, self.classes):
            field.hide()
        self.close_button.setText("Stop")

    def say_progress(self, words: str, done: int, total: int) -> None:
        """Say how far something has come; 0 of 0 is not known."""
        self.count.setText(words)
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def show_entries(self, title: str, entries: Sequence[QueueEntry], noun: str = "done", filters: bool = True) -> None:
        """Show records in their order; none is chosen yet.

        Parameters
        ----------
        title : str
        entries : sequence of QueueEntry
        noun : str
            What a record is when nothing is left to do with it.
        filters : bool
            Whether some can be left out.
        """
        self._entries, self._noun = list(entries), noun
        self.title.setText(title)
        for field in (self.state, self.classes):
            field.blockSignals(True)
            field.setCurrentIndex(0)
        self.classes.clear()
        self.classes.addItem("All classes", "")
        names = {entry.code: entry.class_name for entry in entries if entry.code}
        for code, name in sorted(names.items(), key=lambda pair: pair[1]):
            self.classes.addItem(name, code)
        for field in (self.state, self.classes):
            field.blockSignals(False)
        self.state.setVisible(filters)
        self.classes.setVisible(filters and len(names) > 1)
        self.close_button.setText("Close")
        self._filter()

    def set_done(self, place: int, done: bool = True) -> None:
        """Say whether a record is done."""
        if self._entries[place].done == done:
            return
        self._entries[place] = replace(self._entries[place], done=done)
        if place in self._shown:
            self.model.renew(self._shown.index(place), self._entries[place])
        self._say_count()

    # ---------------------------------------------------------------- going through

    def go_to(self, place: int) -> None:
        """Choose a place; filters that leave it out are lifted."""
        if place not in self._shown:
            self.state.setCurrentIndex(0)
            self.classes.setCurrentIndex(0)
        if place in self._shown:
            self.list.setCurrentIndex(self.model.index(self._shown.index(place)))

    def begin(self) -> bool:
        """Choose the first that is not done, else the first; tell whether there is one."""
        rows = [place for place in self._shown if self._entries[place].path is not None]
        first = next((place for place in rows if not self._entries[place].done), rows[0] if rows else None)
        if first is not None:
            self.go_to(first)
        return first is not None

    def step(self, by: int) -> bool:
        """Choose the next record, or with -1 the one before; tell whether there is one."""
        row = self.list.currentIndex().row() + by if self.list.currentIndex().isValid() else 0
        while 0 <= row < len(self._shown) and self._entries[self._shown[row]].path is None:
            row += by or 1
        there = 0 <= row < len(self._shown)
        if there:
            self.list.setCurrentIndex(self.model.index(row))
        return there

    def neighbours(self) -> tuple[Path, ...]:
        """Return the files likely to be wanted next."""
        row = self.list.currentIndex().row()
        near = [self._entries[self._shown[at]].path for at in (row + 1, row - 1, row + 2) if 0 <= at < len(self._shown)]
        return tuple(path for path in near if path is not None)

    # ---------------------------------------------------------------- how it is done

    def _filter(self) -> None:
        row = self.list.currentIndex().row()
        before = self._shown[row] if 0 <= row < len(self._shown) else None
        state, code = self.state.currentText(), self.classes.currentData() or ""
        self._shown = [
            place
            for place, entry in enumerate(self._entries)
            if (state == _ALL or entry.done == (state == _DONE)) and code in ("", entry.code)
        ]
        self.list.selectionModel().blockSignals(True)
        self.model.set_rows([self._entries[place] for place in self._shown])
        if before in self._shown:
            self.list.setCurrentIndex(self.model.index(self._shown.index(before)))
        self.list.selectionModel().blockSignals(False)
        self.list.viewport().update()
        self._say_count()

    def _say_count(self) -> None:
        done = sum(entry.done for entry in self._entries)
        self.say_progress(f"{done} of {len(self._entries)} {self._noun}", done, max(1, len(self._entries)))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self._shown[index.row()])
