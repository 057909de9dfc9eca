"""What was measured: values with their units, or why there is none; a click shows where on the sheet."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ecgview.signal.values import Measurements, Value
from ecgview.ui.list_panel import ROW, Index, ListPanel, RowsModel
from ecgview.ui.text import UNIT, body, draw, small, strong

_GROUPS = {
    "Rhythm": ("rate", "rr", "rr_shortest", "rr_longest", "sdnn", "rmssd"),
    "Intervals": ("p", "pr", "qrs", "qt"),
    "QT corrected for rate": ("qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges"),
    "Frontal axis": ("p_axis", "qrs_axis", "t_axis"),
    "Voltages": ("sokolow_lyon", "cornell", "p_terminal_force_v1"),
}
_COLUMNS = {"q": "Q", "r": "R", "s": "S", "r_prime": "R'", "j": "J", "st60": "J+60", "t": "T"}


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead's amplitudes; the first row of the table holds the columns' names and no values."""

    lead: str
    values: tuple[Value, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the columns."""
        if not self.values:
            return tuple(_COLUMNS.values())
        # A wave of exactly no height is a wave that is not there.
        return tuple(signed(value.value, 2) if value.value else "–" for value in self.values)


Row = str | Value | LeadRow


def signed(number: float, decimals: int) -> str:
    """Return a number with a true minus sign, and no sign on what rounds to zero."""
    written = f"{number:.{decimals}f}"
    return written.lstrip("-") if float(written) == 0 else written.replace("-", "−")


def figure(value: Value) -> str:
    """Return a value's number as it is printed; an en dash where there is none."""
    if value.value is None:
        return "–"
    return signed(value.value, 2 if value.unit == "mV" else 0)


def rows(found: Measurements) -> list[Row]:
    """Return measurements as they are listed: headings, values, then a table by lead."""
    listed: list[Row] = []
    for heading, keys in _GROUPS.items():
        listed.append(heading)
        listed += [found[key] for key in keys]
    if found.leads:
        listed += ["Amplitudes by lead, mV", LeadRow("", ())]
        listed += [LeadRow(lead, tuple(values[key] for key in _COLUMNS)) for lead, values in found.leads.items()]
    return listed


class MeasurementsModel(RowsModel):
    """Headings, values and the table by lead."""

    def words(self, row: Row) -> str:
        """Return a heading, a value with its unit, or a lead with its amplitudes."""
        if isinstance(row, str):
            return row
        if isinstance(row, LeadRow):
            return " ".join((row.lead, *row.cells))
        return f"{row.name}: {figure(row)} {row.unit}" if row.reason is None else f"{row.name}: not measurable"

    def details(self, row: Row) -> str | None:
        """Return where a value was measured, or why it could not be."""
        return _where(row)

    def selectable(self, row: Row) -> bool:
        """Return whether a row rests on a stretch of the record."""
        return (isinstance(row, Value) and row.window is not None) or (isinstance(row, LeadRow) and bool(row.values))


def _where(row: Row) -> str | None:
    if isinstance(row, Value):
        if row.reason is not None:
            return f"Not measurable: {row.reason}"
        beats = f"{len(row.beats)} beats" if len(row.beats) > 1 else "1 beat"
        return f"Measured in {', '.join(row.leads)}, {beats}"
    return None


class _Delegate(QStyledItemDelegate):
    """Draws a value: its name, the number, the unit in a lighter tone; under it why there is none."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a heading, of a line, or of two where a reason stands below."""
        row = index.data(ROW)
        line = option.fontMetrics.height()
        if isinstance(row, str):
            return QSize(0, line + 2 * UNIT)
        if isinstance(row, Value) and row.reason is not None:
            return QSize(0, line + self._reason_height(row, option) + UNIT)
        return QSize(0, line + UNIT // 2)

    @staticmethod
    def _reason_height(row: Value, option: QStyleOptionViewItem) -> int:
        view = option.widget
        width = (view.viewport().width() if isinstance(view, QListView) else option.rect.width()) - 4 * UNIT
        flags = int(Qt.TextFlag.TextWordWrap)
        return (
            QFontMetrics(small())
            .boundingRect(QRect(0, 0, width, 1 << 12), flags, f"Not measurable: {row.reason}")
            .height()
        )

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row: Row = index.data(ROW)
        palette = option.palette
        text, secondary = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.PlaceholderText)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        area = option.rect.adjusted(2 * UNIT, 0, -2 * UNIT, 0)
        line = option.fontMetrics.height()
        if isinstance(row, str):
            draw(painter, area.adjusted(0, UNIT, 0, 0), row, strong(small()), secondary)
        elif isinstance(row, LeadRow):
            wide = area.width() / (len(_COLUMNS) + 1)
            draw(painter, area, row.lead, strong(small()), text)
            for column, cell in enumerate(row.cells, start=1):
                place = QRect(area.left() + round(column * wide), area.top(), round(wide), area.height())
                draw(painter, place, cell, small(), text if row.values else secondary, Qt.AlignmentFlag.AlignRight)
        else:
            first = QRect(area.left(), area.top() + UNIT // 4, area.width(), line)
            unit = QFontMetrics(small()).horizontalAdvance("mV·ms") + UNIT // 4
            draw(painter, QRect(first.right() - unit, first.top(), unit, line), row.unit, small(), secondary)
            number = first.adjusted(0, 0, -unit - UNIT // 2, 0)
            taken = draw(painter, number, figure(row), body(), text, Qt.AlignmentFlag.AlignRight)
            draw(painter, number.adjusted(0, 0, -int(taken) - UNIT, 0), row.name, body(), text)
            if row.reason is not None:
                painter.setFont(small())
                painter.setPen(secondary)
                below = QRect(area.left(), first.bottom(), area.width(), area.bottom() - first.bottom())
                painter.drawText(below, int(Qt.TextFlag.TextWordWrap), f"Not measurable: {row.reason}")


class MeasurementsPanel(ListPanel):
    """The measurements of the record that is shown.

    Attributes
    ----------
    pointed_at : Signal(tuple, object)
        The leads and the stretch of time, (from, to) in s or None, that the chosen row rests on.
    """

    pointed_at = Signal(tuple, object)

    def __init__(self) -> None:
        self.model = MeasurementsModel()
        super().__init__(self.model, "Measurements")
        self.model.setParent(self)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.selectionModel().currentChanged.connect(self._point)

    def show_measurements(self, found: Measurements) -> None:
        """Show a record's measurements."""
        skipped = "".join(f" Without {lead}: {reason}." for lead, reason in found.skipped.items())
        self.show_rows(rows(found), f"Measured on the average beat. Choose a row to see where.{skipped}")

    def _point(self, index: QModelIndex) -> None:
        row = index.data(ROW) if index.isValid() else None
        value = row.values[1] if isinstance(row, LeadRow) and row.values else row
        if isinstance(value, Value) and value.window is not None:
            self.pointed_at.emit(value.leads, value.window)
        else:
            self.pointed_at.emit((), None)
