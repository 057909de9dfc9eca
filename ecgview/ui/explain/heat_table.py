"""A heat map of classes by leads or waves that can be walked through by keys and read aloud cell by cell."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QEvent, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
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
from ecgview.ui.explain.population_words import cell_told, class_told, column_words, counted, title_of
from ecgview.ui.list_panel import Index
from ecgview.ui.review.definitions import definition
from ecgview.ui.text import UNIT, body, draw, small, strong
from ecgview.ui.theme import contrast, mixed

_NAMES_SHARE = 0.42
"""Of the width, at most for the names of the classes."""
_WIDEST = 14 * UNIT
_FAINT = 0.4
_LEGIBLE = 4.5
"""WCAG 2.2, 1.4.3."""
_READ = frozenset({Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole})
_ROLES = _READ | {Qt.ItemDataRole.ToolTipRole}


def fill(dark: float, palette: QPalette) -> str:
    """Return the colour of a cell, from the ground to the accent colour."""
    return mixed(palette.color(QPalette.ColorRole.Base).name(), palette.color(QPalette.ColorRole.Accent).name(), dark)


def ink_on(ground: str, palette: QPalette) -> str:
    """Return a colour that can be read on a cell: that of text as long as it can be."""
    text = palette.color(QPalette.ColorRole.Text).name()
    if contrast(text, ground) >= _LEGIBLE:
        return text
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, ground))


def few_pen(palette: QPalette) -> QPen:
    """Return what outlines a cell on few records."""
    ground, quiet = (
        palette.color(role).name() for role in (QPalette.ColorRole.Base, QPalette.ColorRole.PlaceholderText)
    )
    return QPen(QColor(mixed(ground, quiet, _FAINT)), 1.0, Qt.PenStyle.DashLine)


class HeatModel(QAbstractTableModel):
    """One of the two tables: a row for each class, a column for each lead or wave."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._table: PopulationTable | None = None
        self.cells: Cells | None = None
        self.largest = 1.0
        self.counts_differ = False

    def show_table(self, table: PopulationTable | None, waves: bool = False) -> None:
        """Show one of the tables, or nothing."""
        self.beginResetModel()
        self._table = table
        self.cells = None if table is None else table.waves if waves else table.leads
        if table is not None and self.cells is not None:
            self.largest = largest_share(self.cells)
            self.counts_differ = bool(np.any(self.cells.n != table.records[:, None]))
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of classes."""
        return 0 if self._table is None or (parent is not None and parent.isValid()) else len(self._table.classes)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of leads or waves."""
        return 0 if self.cells is None or (parent is not None and parent.isValid()) else len(self.cells.columns)

    def class_of(self, row: int) -> tuple[str, str, int]:
        """Return a class's name in full, its code, and its number of records."""
        assert self._table is not None
        known = definition(self._table.classes[row])
        return known.name, known.shown_code, int(self._table.records[row])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a lead or wave, or a class and what is known of it."""
        # Asked some thousand times for a table, mostly for fonts, sizes and icons.
        if role not in _ROLES or self._table is None or self.cells is None:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return column_words(self.cells.columns[section]) if role in _READ else None
        if role in _READ:
            return f"{title_of(self._table.classes[section])}, {counted(int(self._table.records[section]))}"
        return class_told(self._table, section)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's share, or all there is to say about it."""
        if self._table is None or self.cells is None:
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            share = float(self.cells.mean[row, column])
            return "–" if np.isnan(share) else f"{100 * share:.0f}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell_told(self._table, self.cells, row, column)
        return None


class _Cell(QStyledItemDelegate):
    """Draws a share on its colour, and below it the number of records where that is not the row's."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, palette = index.model(), option.palette
        assert isinstance(model, HeatModel)
        assert model.cells is not None
        row, column = index.row(), index.column()
        few = bool(model.cells.few[row, column])
        place = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5)
        ground = fill(darkness(model.cells, row, column, model.largest), palette)
        painter.save()
        painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Base))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(few_pen(palette) if few else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if few else QColor(ground))
        painter.drawRoundedRect(place, 3.0, 3.0)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 2.0))
            painter.drawRoundedRect(place, 3.0, 3.0)
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        ink = quiet if few else QColor(ink_on(ground, palette))
        words, middle = str(index.data()), Qt.AlignmentFlag.AlignHCenter
        if not model.counts_differ:
            draw(painter, place, words, body(), ink, middle)
        else:
            high, low = QFontMetrics(body()).height(), QFontMetrics(small()).height()
            top = place.top() + (place.height() - high - low) / 2
            draw(painter, QRectF(place.left(), top, place.width(), high), words, body(), ink, middle)
            count = f"n {model.cells.n[row, column]:,}"
            draw(painter, QRectF(place.left(), top + high, place.width(), low), count, small(), ink, middle)
        painter.restore()


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

    def show_table(self, table: PopulationTable | None, waves: bool = False) -> None:
        """Show class by lead or class by wave, or nothing."""
        self.heat.show_table(table, waves)
        what = "waves" if waves else "leads"
        self.setAccessibleName(f"Shares of the {what}, a row for each class")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the room anew."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Take another size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def sizeHint(self) -> QSize:
        """Return room for some classes."""
        return QSize(100 * UNIT, 40 * UNIT)

    def _fit(self) -> None:
        columns = self.heat.columnCount()
        if not columns:
            return
        names = min(self._rows.wanted(), round(_NAMES_SHARE * self.width()))
        self._rows.setFixedWidth(names)
        heading, line = QFontMetrics(strong(small())), QFontMetrics(body())
        words = [str(self.heat.headerData(column, Qt.Orientation.Horizontal)) for column in range(columns)]
        longest = max(heading.horizontalAdvance(one) for word in words for one in word.split())
        least = max(line.horizontalAdvance("n 00"), longest) + UNIT
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        wide = max(least, min((self.width() - names - bar) // columns, max(_WIDEST, least)))
        self._columns.setDefaultSectionSize(wide)
        room = QRect(0, 0, wide - 2, 10 * heading.height())
        wrapped = [heading.boundingRect(room, int(Qt.TextFlag.TextWordWrap), word).height() for word in words]
        self._columns.setFixedHeight(max(wrapped) + UNIT)
        count = QFontMetrics(small()).height() if self.heat.counts_differ else 0
        self._rows.setDefaultSectionSize(line.height() + count + UNIT)
        self.updateGeometries()
