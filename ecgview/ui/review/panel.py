"""The tab with the labels: those that came with the record and those of readers, and the means to change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ecgview.record import Record
from ecgview.ui.list_panel import ROW, Index, RowsModel
from ecgview.ui.message import Message
from ecgview.ui.review.card import Card, Choice
from ecgview.ui.review.definitions import Definition, search
from ecgview.ui.review.row_list import LabelRowsDelegate, LabelRowsModel
from ecgview.ui.review.rows import Row, of_record
from ecgview.ui.text import UNIT, Elided, body, draw, label, small

NOBODY = "Nobody is reading yet"


class ClassField(QLineEdit):
    """Where a class is searched for; Up and Down go through what is found, Esc leaves.

    Signals
    -------
    walked(int)
    left
    """

    walked = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through what is found, or leave."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key())) if event.key() else None
        if step is not None:
            self.walked.emit(step)
        elif event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class _Found(RowsModel):
    def words(self, row: str | Definition) -> str:
        return row if isinstance(row, str) else "  ·  ".join(part for part in (row.name, row.shown_code) if part)


class _FoundDelegate(QStyledItemDelegate):
    """Draws a class that was found: its name, and its code in a lighter tone."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, option.fontMetrics.height() + UNIT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, row = option.palette, index.data(ROW)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        quiet, text = palette.color(QPalette.ColorRole.PlaceholderText), palette.color(QPalette.ColorRole.Text)
        area = option.rect.adjusted(2 * UNIT, 0, -2 * UNIT, 0)
        if isinstance(row, str):
            draw(painter, area, row, body(), quiet)
            return
        taken = draw(painter, area, row.shown_code, small(), quiet, Qt.AlignmentFlag.AlignRight)
        draw(painter, area.adjusted(0, 0, -int(taken) - UNIT, 0), row.name, body(), text)


class LabelsPanel(QWidget):
    """The labels of the record that is shown, or words in their place.

    Signals
    -------
    relabelling(bool)
        Single keys shall give labels, or not any more.
    class_given(str)
        A class was picked by searching for it.
    chosen
        Another row was chosen.
    who_asked, acted
        Choose who is reading; do what the button below says.
    left
        The keys shall go back to the sheet.
    """

    relabelling = Signal(bool)
    class_given = Signal(str)
    chosen = Signal()
    who_asked = Signal()
    acted = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.message = Message()
        self.who = Elided(small())
        self.where = Elided(small(), secondary=True, mode=Qt.TextElideMode.ElideMiddle)
        self.where.setAccessibleName("Where labels are kept")
        self.change = QPushButton("Change…")
        self.change.setAccessibleName("Change who is reading")
        self.relabel = Choice("Relabel")
        self.field = ClassField()
        self.field.setPlaceholderText("Give a class: name, SCP or SNOMED code")
        self.field.setAccessibleName("Give a class, by name, SCP or SNOMED code")
        self.field.setClearButtonEnabled(True)
        self.found_model = _Found(self)
        self.found = _list(self.found_model, "Classes that fit")
        self.found.setItemDelegate(_FoundDelegate(self.found))
        self.model = LabelRowsModel(self)
        self.list = _list(self.model, "Labels of the record")
        self.list.setItemDelegate(LabelRowsDelegate(self.list))
        self.nothing = label("None came with this record.", small(), secondary=True)
        self.nothing.setContentsMargins(2 * UNIT, 0, 2 * UNIT, UNIT)
        self.card = Card()
        self.action = QPushButton()
        self._rows: Sequence[Row] = ()
        self._reading = False
        self._build()
        self._connect()
        self.show_who("", "")
        self.show_message("No record")

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(UNIT)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.who)
        names.addWidget(self.where)
        head.addLayout(names, 1)
        head.addWidget(self.change)
        head.addWidget(self.relabel)
        above = QVBoxLayout()
        above.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        above.setSpacing(UNIT)
        above.addLayout(head)
        above.addWidget(self.field)
        below = QVBoxLayout()
        below.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        below.addWidget(self.action)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self.found, 2)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 2)
        rule = QFrame()
        rule.setFrameShape(QFrame.Shape.HLine)
        rule.setForegroundRole(self.palette().ColorRole.Mid)
        column.addWidget(rule)
        column.addWidget(self.card, 3)
        column.addLayout(below)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(shown)
        self.found.hide()

    def _connect(self) -> None:
        self.relabel.toggled.connect(self.relabelling)
        self.change.clicked.connect(lambda *_: self.who_asked.emit())
        self.action.clicked.connect(lambda *_: self.acted.emit())
        self.field.textChanged.connect(self._search)
        self.field.walked.connect(lambda step: _walk(self.found, step))
        self.field.returnPressed.connect(self._take)
        self.field.left.connect(self.left)
        self.found.clicked.connect(lambda _: self._take())
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.card.left.connect(self.left)

    # ---------------------------------------------------------------- what is shown

    @property
    def rows(self) -> Sequence[Row]:
        """The classes shown."""
        return self._rows

    @property
    def row(self) -> Row | None:
        """The class that is chosen."""
        index = self.list.currentIndex()
        return index.data(ROW) if index.isValid() else None

    def show_message(self, title: str, detail: str = "") -> None:
        """Show words in place of the labels."""
        self._rows = ()
        self.model.set_rows([])
        self.card.show_row(None)
        self.card.show_measured("")
        self.field.clear()
        self.message.say(title, detail)
        self._stack.setCurrentIndex(0)

    def show_record(self, record: Record) -> None:
        """Show the labels that came with a record; what readers say is added when it is known."""
        self.card.show_measured("")
        self.card.note.clear()
        self.field.clear()
        self.show_rows(of_record(record.labels))

    def show_rows(self, rows: Sequence[Row], choose: str | None = None, reading: bool = False) -> None:
        """Show classes.

        Parameters
        ----------
        rows : sequence of Row
        choose : str, optional
            The class to choose; by default the one chosen before, or the first.
        reading : bool
            Whether it is a blinded reading, which asks for these classes and no others.
        """
        before = self.row
        wanted = choose or (before.code if before is not None else "")
        self._rows, self._reading = rows, reading
        self.model.set_rows(rows)
        self.nothing.setVisible(not rows)
        self.field.setVisible(not reading)
        self.relabel.setVisible(not reading)
        self._stack.setCurrentIndex(1)
        place = next((place for place, row in enumerate(rows) if row.code and row.code == wanted), 0)
        self.list.setCurrentIndex(self.model.index(place) if rows else QModelIndex())
        self.card.show_row(self.row, reading)

    def show_who(self, reader: str, place: str) -> None:
        """Say who is reading, and where labels are kept."""
        self.who.setText(f"Reading as {reader}" if reader else NOBODY)
        self.where.setText(place)
        self.where.setVisible(bool(place))
        self.change.setText("Change…" if reader else "Name…")

    def show_action(self, words: str, possible: bool = True) -> None:
        """Say on the button below what it does; hide it where there is nothing to do."""
        self.action.setText(words)
        self.action.setVisible(bool(words))
        self.action.setEnabled(possible)

    def show_mode(self, on: bool, keys: Mapping[str, str]) -> None:
        """Show whether single keys give labels, and which gives which class."""
        self.model.keys = keys if on else {}
        self.relabel.blockSignals(True)
        self.relabel.setChecked(on)
        self.relabel.blockSignals(False)
        self.list.doItemsLayout()
        self.list.viewport().update()

    # ---------------------------------------------------------------- choosing

    def choose(self, code: str) -> None:
        """Choose the row of a class."""
        place = next((place for place, row in enumerate(self._rows) if row.code == code), None)
        if place is not None:
            self.list.setCurrentIndex(self.model.index(place))

    def walk(self, step: int) -> None:
        """Choose the next row, or with -1 the one before."""
        _walk(self.list, step)

    def search(self) -> None:
        """Go to the field where a class is searched for."""
        self.field.setFocus()
        self.field.selectAll()

    def _choose(self) -> None:
        self.card.show_row(self.row, self._reading)
        self.chosen.emit()

    def _search(self, words: str) -> None:
        fitting = search(words)
        self.found_model.set_rows(fitting or (["No class fits"] if words.strip() else []))
        for shown in (self.list, self.card):
            shown.setVisible(not words.strip() and (shown is self.list or self.row is not None))
        self.nothing.setVisible(not words.strip() and not self._rows)
        self.found.setVisible(bool(words.strip()))
        if fitting:
            self.found.setCurrentIndex(self.found_model.index(0))

    def _take(self) -> None:
        index = self.found.currentIndex()
        picked = index.data(ROW) if index.isValid() else None
        if isinstance(picked, Definition):
            self.field.clear()
            self.class_given.emit(picked.code)
            self.left.emit()


class _List(QListView):
    """A list that asks for no more room than there is."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 8 * UNIT)


def _list(model: RowsModel, name: str) -> QListView:
    view = _List()
    view.setModel(model)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setWordWrap(True)
    view.setAccessibleName(name)
    return view


def _walk(view: QListView, step: int) -> None:
    rows = view.model().rowCount()
    row = min(max(0, view.currentIndex().row() + step), rows - 1)
    if rows:
        view.setCurrentIndex(view.model().index(row, 0))
