"""A heat map of classes by leads or waves that can be walked through by keys and read aloud cell by cell."""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QEvent, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ecgview.explain.heat_map import darkness, largest_share
from ecgview.explain.population import Cells, PopulationTable
from ecgview.ui.explain.heat_colours import HeatColours
from ecgview.ui.explain.population_words import cell_told, class_told, column_words, counted, title_of
from ecgview.ui.list_panel import Index
from ecgview.ui.review.definitions import definition
from ecgview.ui.text import UNIT, body, draw, small, strong

_NAMES_SHARE = 0.42
"""Of the width, at most for the names of the classes."""
_WIDEST = 14 * UNIT
_READ = frozenset({Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole})
_ROLES = _READ | {Qt.ItemDataRole.ToolTipRole}


class Look(NamedTuple):
    """How a cell looks: drawn again with every movement of the table, so worked out once."""

    few: bool
    dark: float
    share: str
    records: str


def _looks_of(cells: Cells, largest: float) -> list[list[Look]]:
    few, shares, counts = cells.few.tolist(), cells.mean.tolist(), cells.n.tolist()
    return [
        [
            Look(
                few[row][column],
                darkness(cells, row, column, largest),
                "–" if isnan(share) else f"{100 * share:.0f}",
                f"n {counts[row][column]:,}",
            )
            for column, share in enumerate(line)
        ]
        for row, line in enumerate(shares)
    ]


class HeatModel(QAbstractTableModel):
    """One of the two tables: a row for each class, a column for each lead or wave."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.table: PopulationTable | None = None
        self.cells: Cells | None = None
        self.largest = 1.0
        self.counts_differ = False
        self.most = ""
        """The largest number of records that is shown."""
        self._looks: list[list[Look]] = []

    def show_table(self, table: PopulationTable | None, waves: bool = False) -> None:
        """Show one of the tables, or nothing."""
        self.beginResetModel()
        self.table = table
        self.cells = None if table is None else table.waves if waves else table.leads
        if table is not None and self.cells is not None:
            self.largest = largest_share(self.cells)
            self.counts_differ = bool(np.any(self.cells.n != table.records[:, None]))
            self.most = f"n {int(self.cells.n.max(initial=0)):,}"
            self._looks = _looks_of(self.cells, self.largest)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of classes."""
        return 0 if self.table is None or (parent is not None and parent.isValid()) else len(self.table.classes)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of leads or waves."""
        return 0 if self.cells is None or (parent is not None and parent.isValid()) else len(self.cells.columns)

    def class_of(self, row: int) -> tuple[str, str, int]:
        """Return a class's name in full, its code, and its number of records."""
        assert self.table is not None
        known = definition(self.table.classes[row])
        return known.name, known.shown_code, int(self.table.records[row])

    def look(self, row: int, column: int) -> Look:
        """Return how a cell looks."""
        return self._looks[row][column]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a lead or wave, or a class and what is known of it."""
        # Asked some thousand times for a table, mostly for fonts, sizes and icons.
        if role not in _ROLES or self.table is None or self.cells is None:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return column_words(self.cells.columns[section]) if role in _READ else None
        if role in _READ:
            return f"{title_of(self.table.classes[section])}, {counted(int(self.table.records[section]))}"
        return class_told(self.table, section)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's share, or all there is to say about it."""
        if self.table is None or self.cells is None:
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._looks[row][column].share
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell_told(self.table, self.cells, row, column)
        return None


class _Cell(QStyledItemDelegate):
    """Draws a share on its colour, and below it the number of records where that is not the row's."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._colours: tuple[int, HeatColours] | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell; a table in sight has some hundred, so that all of them have one frame's time."""
        model, colours = index.model(), self._colours_of(option.palette)
        assert isinstance(model, HeatModel)
        few, dark, words, count = model.look(index.row(), index.column())
        place = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5)
        fill, ink = colours.at(dark)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colours.few if few else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if few else fill)
        painter.drawRoundedRect(place, 3.0, 3.0)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.text, 2.0))
            painter.drawRoundedRect(place, 3.0, 3.0)
        painter.setPen(colours.quiet if few else ink)
        painter.setFont(body())
        if not model.counts_differ:
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
            return
        high, low = painter.fontMetrics().height(), QFontMetrics(small()).height()
        top = place.top() + (place.height() - high - low) / 2
        painter.drawText(QRectF(place.left(), top, place.width(), high), Qt.AlignmentFlag.AlignCenter, words)
        painter.setFont(small())
        painter.drawText(QRectF(place.left(), top + high, place.width(), low), Qt.AlignmentFlag.AlignCenter, count)

    def _colours_of(self, palette: QPalette) -> HeatColours:
        if self._colours is None or self._colours[0] != palette.cacheKey():
            self._colours = palette.cacheKey(), HeatColours(palette)
        return self._colours[1]


class _Heading(QHeaderView):
    """Headings without boxes; beside a row the class in full, its code small, and its number of records."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(UNIT)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw one heading."""
        model, colour = self.model(), self.palette().color
        assert isinstance(model, HeatModel)
        painter.save()
        painter.fillRect(rect, colour(QPalette.ColorRole.Base))
        text, quiet = colour(QPalette.ColorRole.Text), colour(QPalette.ColorRole.PlaceholderText)
        if self.orientation() == Qt.Orientation.Horizontal:
            painter.setFont(strong(small()))
            painter.setPen(quiet)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
            words = str(model.headerData(section, self.orientation()))
            painter.drawText(rect.adjusted(1, 0, -1, -UNIT // 2), int(flags), words)
        else:
            name, code, count = model.class_of(section)
            room = rect.adjusted(UNIT, 0, -UNIT, 0)
            taken = draw(painter, room, f"{count:,}", small(), quiet, Qt.AlignmentFlag.AlignRight)
            room.setWidth(room.width() - round(taken) - UNIT)
            beside = QFontMetrics(small()).horizontalAdvance(code) + UNIT if code else 0
            drawn = draw(painter, room.adjusted(0, 0, -beside, 0), name, body(), text)
            draw(painter, room.adjusted(round(drawn) + UNIT, 0, 0, 0), code, small(), quiet)
        painter.restore()

    def sizeHint(self) -> QSize:
        """Return the room it was given; every heading would be asked for its own, again and again."""
        return self.minimumSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the headings, and the ground of the table where there is none."""
        super().paintEvent(event)
        place, end = self.viewport().rect(), self.length() - self.offset()
        if self.orientation() == Qt.Orientation.Horizontal:
            place.setLeft(max(0, end))
        else:
            place.setTop(max(0, end))
        painter = QPainter(self.viewport())
        painter.fillRect(place, self.palette().color(QPalette.ColorRole.Base))
        painter.end()

    def wanted(self) -> int:
        """Return the width in which every class can be read whole."""
        model, plain, less = self.model(), QFontMetrics(body()), QFontMetrics(small())
        assert isinstance(model, HeatModel)
        rows = [model.class_of(row) for row in range(model.rowCount())]
        counts = max((less.horizontalAdvance(f"{count:,}") for *_, count in rows), default=0)
        names = max((plain.horizontalAdvance(name) + less.horizontalAdvance(code) for name, code, _ in rows), default=0)
        return names + counts + 5 * UNIT


class _Corner(QWidget):
    """Heads the names of the classes. No labels: what holds it cannot be used, and they would be drawn faint."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what stands below."""
        painter, palette, group = QPainter(self), self.palette(), QPalette.ColorGroup.Active
        painter.fillRect(self.rect(), palette.color(group, QPalette.ColorRole.Base))
        high = QFontMetrics(strong(small())).height()
        place = QRect(UNIT, self.height() - high - UNIT // 2, self.width() - 2 * UNIT, high)
        quiet = palette.color(group, QPalette.ColorRole.PlaceholderText)
        draw(painter, place, "Class", strong(small()), quiet)
        draw(painter, place, "Records", strong(small()), quiet, Qt.AlignmentFlag.AlignRight)
        painter.end()


class HeatTable(QTableView):
    """The heat map; columns share the room there is."""

    def __init__(self) -> None:
        super().__init__()
        self.heat = HeatModel(self)
        self._rows = _Heading(Qt.Orientation.Vertical, self)
        self._columns = _Heading(Qt.Orientation.Horizontal, self)
        self.setModel(self.heat)
        self.setItemDelegate(_Cell(self))
        self.setVerticalHeader(self._rows)
        self.setHorizontalHeader(self._columns)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        corner = self.findChild(QAbstractButton)
        assert corner is not None
        whole = QHBoxLayout(corner)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(_Corner())
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self._wanted: int | None = None
        """The width of the names of the classes, once it is known."""

    def show_table(self, table: PopulationTable | None, waves: bool = False) -> None:
        """Show class by lead or class by wave, or nothing."""
        self.heat.show_table(table, waves)
        what = "waves" if waves else "leads"
        self.setAccessibleName(f"Shares of the {what}, a row for each class")
        self._wanted = None
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Share out the room that it has by now."""
        super().showEvent(event)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the room anew."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Take another size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._wanted = None
            self._fit()

    def sizeHint(self) -> QSize:
        """Return room for some classes."""
        return QSize(100 * UNIT, 40 * UNIT)

    def _fit(self) -> None:
        columns = self.heat.columnCount()
        if not columns or not self.isVisible():  # until it is in sight
            return
        if self._wanted is None:
            self._wanted = self._rows.wanted()
        names = min(self._wanted, round(_NAMES_SHARE * self.width()))
        self._rows.setFixedWidth(names)
        heading, line, less = QFontMetrics(strong(small())), QFontMetrics(body()), QFontMetrics(small())
        words = [str(self.heat.headerData(column, Qt.Orientation.Horizontal)) for column in range(columns)]
        longest = max(heading.horizontalAdvance(one) for word in words for one in word.split())
        least = max(line.horizontalAdvance("100"), less.horizontalAdvance(self.heat.most), longest) + UNIT
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        wide = max(least, min((self.width() - names - bar) // columns, max(_WIDEST, least)))
        self._columns.setDefaultSectionSize(wide)
        room = QRect(0, 0, wide - 2, 10 * heading.height())
        wrapped = [heading.boundingRect(room, int(Qt.TextFlag.TextWordWrap), word).height() for word in words]
        self._columns.setFixedHeight(max(wrapped) + UNIT)
        count = less.height() if self.heat.counts_differ else 0
        self._rows.setDefaultSectionSize(line.height() + count + UNIT)
        self.updateGeometries()
