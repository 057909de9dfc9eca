"""Classes of the record as rows: what the file and readers say, and the key that decides."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ecgview.review.events import Decision
from ecgview.ui.list_panel import ROW, Index, RowsModel
from ecgview.ui.review.rows import Row, said
from ecgview.ui.text import UNIT, body, draw, small, strong


def second_line(row: Row) -> str:
    """Return what stands below a class's name: what readers and file say, in few words."""
    parts = list(row.told)
    if row.own is not None:
        parts.insert(0, f"You: {said(row.own)}")
    if row.stated:
        parts.append("In the record's labels" if row.code else row.stated[0])
    if row.others:
        count = len(row.others)
        parts.append("1 other reader" if count == 1 else f"{count} other readers")
    if row.asked and row.own is None and not row.stated:
        parts.append("Not decided yet")
    if row.note:
        parts.append(row.note)
    return "  ·  ".join(parts)


class LabelRowsModel(RowsModel):
    """The rows, and the keys that give their classes."""

    keys: Mapping[str, str] = {}

    def words(self, row: Row) -> str:
        """Return a class with what is said of it."""
        key = f"key {self.keys[row.code]}" if row.code in self.keys else ""
        return ", ".join(part for part in (row.name, second_line(row), key) if part)

    def details(self, row: Row) -> str | None:
        """Return the reason why the class is asked for."""
        return row.note or None


class LabelRowsDelegate(QStyledItemDelegate):
    """Draws a class: the decision as a shape, its name, its key; below that who says what."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of the name, wrapped, and of the line below it, wrapped."""
        row = index.data(ROW)
        width = self._view.viewport().width() - self._left() - self._right(index)
        height = _height(row.name, _name_font(row), width)
        below = second_line(row)
        if below:
            height += _height(below, small(), self._view.viewport().width() - self._left() - 2 * UNIT)
        return QSize(0, height + UNIT)

    @staticmethod
    def _left() -> int:
        return 4 * UNIT

    @staticmethod
    def _right(index: Index) -> int:
        keys = index.model().keys  # type: ignore[attr-defined]
        return 5 * UNIT if index.data(ROW).code in keys else 2 * UNIT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row: Row = index.data(ROW)
        palette, area = option.palette, option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Highlight))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), palette.color(QPalette.ColorRole.Accent))
        wide = area.width() - self._left() - self._right(index)
        tall = _height(row.name, _name_font(row), wide)
        name = QRect(area.left() + self._left(), area.top() + UNIT // 2, wide, tall)
        line = QFontMetrics(body()).height()
        draw_decision(painter, QPointF(area.left() + 2 * UNIT + UNIT / 4, name.top() + line / 2), row.decision, palette)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.setFont(_name_font(row))
        painter.drawText(name, int(Qt.TextFlag.TextWordWrap), row.name)
        key = index.model().keys.get(row.code, "")  # type: ignore[attr-defined]
        if key:
            cap = QRectF(area.right() - 4 * UNIT, name.top(), 2.5 * UNIT, line)
            draw_key(painter, cap, key, palette)
        if below := second_line(row):
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.setFont(small())
            room = QRect(name.left(), name.bottom() + 1, area.width() - self._left() - 2 * UNIT, area.height())
            painter.drawText(room, int(Qt.TextFlag.TextWordWrap), below)
        painter.restore()


def draw_decision(painter: QPainter, centre: QPointF, decision: Decision | None, palette: QPalette) -> None:
    """Draw a disc for present, a cross for absent, a half disc for uncertain, a faint ring for nothing yet."""
    accent = palette.color(QPalette.ColorRole.Accent)
    quiet = palette.color(QPalette.ColorRole.PlaceholderText)
    size = UNIT * 0.55
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if decision == "absent":
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 2.0))
        painter.drawLine(centre + QPointF(-size, -size), centre + QPointF(size, size))
        painter.drawLine(centre + QPointF(-size, size), centre + QPointF(size, -size))
        return
    painter.setPen(QPen(quiet if decision is None else accent, 1.5))
    if decision == "present":
        painter.setBrush(accent)
    painter.drawEllipse(centre, size, size)
    if decision == "uncertain":
        painter.setBrush(accent)
        painter.drawPie(QRectF(centre.x() - size, centre.y() - size, 2 * size, 2 * size), 90 * 16, 180 * 16)


def draw_key(painter: QPainter, place: QRectF, key: str, palette: QPalette) -> None:
    """Draw a key's letter in the outline of a key."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1.0))
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    text = palette.color(QPalette.ColorRole.Text)
    draw(painter, place, key, small(), text, Qt.AlignmentFlag.AlignHCenter)


def _name_font(row: Row) -> QFont:
    return strong(body()) if row.stated or row.decision == "present" or row.asked else body()


def _height(text: str, font: QFont, width: int) -> int:
    metrics = QFontMetrics(font)
    return metrics.boundingRect(QRect(0, 0, max(1, width), 1 << 12), Qt.TextFlag.TextWordWrap, text).height()
