"""Commands as rows of a list: title, tick, and on the right the keys or why it cannot be done now."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ecgview.ui.actions import Entry
from ecgview.ui.list_panel import ROW, Index, RowsModel
from ecgview.ui.text import UNIT, body, draw, small, strong

_TICK = "✓"


class CommandsModel(RowsModel):
    """Entries, and headings between them."""

    def words(self, row: str | Entry) -> str:
        """Return a heading, or a command with all that is said of it."""
        if isinstance(row, str):
            return row
        return ", ".join(part for part in (row.title, "on" if row.on else "", aside(row)) if part)


def aside(entry: Entry) -> str:
    """Return what stands on the right: why not, or the keys."""
    return entry.why_not or " or ".join(entry.keys)


class CommandsDelegate(QStyledItemDelegate):
    """Draws a command."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the room a row needs to be read whole."""
        row = index.data(ROW)
        if isinstance(row, str):
            return QSize(8 * UNIT, QFontMetrics(strong(small())).height() + 2 * UNIT)
        wide = QFontMetrics(body()).horizontalAdvance
        return QSize(wide(row.title) + wide(_TICK) + wide(aside(row)) + 8 * UNIT, QFontMetrics(body()).height() + UNIT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row = index.data(ROW)
        palette = option.palette
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        secondary = palette.color(QPalette.ColorRole.PlaceholderText)
        inner = area.adjusted(2 * UNIT, 0, -2 * UNIT, 0)
        if isinstance(row, str):
            draw(painter, inner.adjusted(0, UNIT, 0, 0), row, strong(small()), secondary)
            return
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Highlight))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), palette.color(QPalette.ColorRole.Accent))
        text = palette.color(
            QPalette.ColorGroup.Disabled if row.why_not else QPalette.ColorGroup.Active, QPalette.ColorRole.Text
        )
        tick = QFontMetrics(body()).horizontalAdvance(_TICK) + UNIT // 2
        taken = draw(painter, inner, aside(row), body(), secondary, Qt.AlignmentFlag.AlignRight)
        title = inner.adjusted(0, 0, -int(taken) - 2 * UNIT, 0)
        drawn = draw(painter, title.adjusted(0, 0, -tick, 0), row.title, body(), text)
        if row.on:
            draw(painter, title.adjusted(int(drawn) + UNIT, 0, 0, 0), _TICK, body(), text)


def commands_view(model: CommandsModel, name: str) -> QListView:
    """Return a list that shows commands."""
    view = QListView()
    view.setModel(model)
    view.setItemDelegate(CommandsDelegate(view))
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setAccessibleName(name)
    return view


def rows_size(view: QListView) -> QSize:
    """Return the room in which every row can be read whole."""
    model, delegate = view.model(), view.itemDelegate()
    option = QStyleOptionViewItem()
    sizes = [delegate.sizeHint(option, model.index(row, 0)) for row in range(model.rowCount())]
    return QSize(max((size.width() for size in sizes), default=0), sum(size.height() for size in sizes))
