"""How far readers, label and model agree: a plot and a table, to be saved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ecgview.review.agreement import Agreement
from ecgview.review.study import Study, write_study
from ecgview.ui.button_box import button_box
from ecgview.ui.list_panel import Index
from ecgview.ui.message import Message
from ecgview.ui.review.agreement_painting import HEADINGS, Ink, height, least_width, paint, pair_words, spoken
from ecgview.ui.review.definitions import definition
from ecgview.ui.review.source_fields import check
from ecgview.ui.text import UNIT, label, small, strong

HELD = ""
"""In place of a round: the labels that hold now."""
_COLUMNS = (
    *("Class", "Compared", "Kappa", "from", "to", "Records", "Unsure", *HEADINGS),
    *("1st present", "2nd present", "Agree", "On present", "On absent"),
)


class Plot(QWidget):
    """The plot of a study."""

    def __init__(self) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._study: Study | None = None

    def show_study(self, study: Study) -> None:
        """Draw a study."""
        self._study = study
        ink = self.ink()
        self.setMinimumSize(round(least_width(ink)) + 4 * UNIT, round(height(study, ink)) + 4 * UNIT)
        self.setAccessibleName(f"Agreement: {study.title}")
        self.setAccessibleDescription(spoken(study))
        self.update()

    def ink(self) -> Ink:
        """Return fonts and colours of the theme."""
        colour = self.palette().color
        role = QPalette.ColorRole
        return Ink(
            large=strong(small()),
            small=small(),
            text=colour(role.Text),
            secondary=colour(role.PlaceholderText),
            accent=colour(role.Accent),
            grid=colour(role.Mid),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it in the colours of the theme."""
        if self._study is not None:
            painter = QPainter(self)
            area = QRectF(self.rect()).adjusted(2 * UNIT, 2 * UNIT, -2 * UNIT, -2 * UNIT)
            paint(painter, self._study, area, self.ink())
            painter.end()


class PairsModel(QAbstractTableModel):
    """The pairs of a study as a table."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pairs: Sequence[Agreement] = ()

    def show_study(self, study: Study) -> None:
        """Show its pairs."""
        self.beginResetModel()
        self._pairs = study.pairs
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of pairs."""
        return 0 if parent is not None and parent.isValid() else len(self._pairs)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of figures and words for each."""
        return 0 if parent is not None and parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a column holds."""
        shown = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return _COLUMNS[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell."""
        if role == Qt.ItemDataRole.DisplayRole:
            return _cells(self._pairs[index.row()])[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() > 1:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def _cells(pair: Agreement) -> list[str]:
    table = pair.table
    counts = (table.records, pair.left_out, table.both, table.first_only, table.second_only, table.neither)
    shares = (pair.prevalence_first, pair.prevalence_second, pair.observed, pair.on_present, pair.on_absent)
    return [
        definition(pair.code).name,
        pair_words(pair),
        *("–" if math.isnan(figure) else f"{figure:.3f}" for figure in (pair.kappa, pair.low, pair.high)),
        *(str(count) for count in counts),
        *("–" if math.isnan(share) else f"{100 * share:.0f} %" for share in shares),
    ]


class AgreementDialog(QDialog):
    """Rounds to choose from, and what came of each.

    Signals
    -------
    wanted(str, bool)
        A round's identifier or :data:`HELD`, and whether readers are named.
    """

    wanted = Signal(str, bool)

    def __init__(self, rounds: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Agreement")
        self._study: Study | None = None
        self._folder = ""
        self.choice = QComboBox()
        self.choice.setAccessibleName("What is compared")
        self.choice.view().setAccessibleName("What can be compared")
        for identifier, title in rounds:
            self.choice.addItem(title, identifier)
        self.choice.addItem("Labels that hold now, reader by reader", HELD)
        self.named = check("With readers' names", on=True)
        self.message = Message()
        self.plot = Plot()
        self.pairs = PairsModel(self)
        self.table = QTableView()
        self.table.setModel(self.pairs)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.verticalHeader().hide()
        self.table.setAccessibleName("Agreement as a table")
        area = QScrollArea()
        area.setWidget(self.plot)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName("Agreement as a plot")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Plot or table")
        self.tabs.tabBar().setAccessibleName("Plot or table")
        self.tabs.addTab(area, "Plot")
        self.tabs.addTab(self.table, "Table")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.tabs)
        self.said = label(font=small(), secondary=True)
        buttons = button_box(QDialogButtonBox.StandardButton.Close)
        self.csv = buttons.addButton("Save table…", QDialogButtonBox.ButtonRole.ActionRole)
        self.pdf = buttons.addButton("Save page…", QDialogButtonBox.ButtonRole.ActionRole)
        above = QHBoxLayout()
        above.setSpacing(2 * UNIT)
        above.addWidget(self.choice, 1)
        above.addWidget(self.named)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(UNIT)
        column.addLayout(above)
        column.addWidget(self.stack, 1)
        column.addWidget(self.said)
        column.addWidget(buttons)
        wanted = round(least_width(self.plot.ink())) + 12 * UNIT
        self.resize(min(max(120 * UNIT, wanted), parent.width() - 4 * UNIT), min(72 * UNIT, parent.height() - 8 * UNIT))
        buttons.rejected.connect(self.reject)
        self.choice.currentIndexChanged.connect(lambda _: self.ask())
        self.named.toggled.connect(lambda _: self.ask())
        self.csv.clicked.connect(lambda *_: self._ask_file("csv", self.save_table))
        self.pdf.clicked.connect(lambda *_: self._ask_file("pdf", self.save_page))

    def ask(self) -> None:
        """Ask for what is chosen."""
        self._study = None
        self.show_message("Comparing", busy=True)
        self.wanted.emit(self.choice.currentData(), self.named.isChecked())

    def show_message(self, title: str, detail: str = "", busy: bool = False) -> None:
        """Show words in place of figures."""
        self.message.say(title, detail, busy)
        self.stack.setCurrentIndex(0)
        self.said.setText("")
        for button in (self.csv, self.pdf):
            button.setEnabled(False)

    def show_study(self, study: Study) -> None:
        """Show what came of it."""
        if not study.pairs:
            self.show_message("There is nothing to compare", "No record was read by two.")
            return
        self._study = study
        self.plot.show_study(study)
        self.pairs.show_study(study)
        self.table.resizeColumnsToContents()
        self.stack.setCurrentIndex(1)
        self.said.setText(f"{len(study.readers)} readers, {study.records} records. Research use only.")
        for button in (self.csv, self.pdf):
            button.setEnabled(True)

    def save_table(self, path: Path) -> None:
        """Write the table as CSV."""
        if self._study is not None:
            unfinished = path.with_name(f".{path.name}.part")
            try:
                with unfinished.open("w", encoding="utf-8", newline="") as stream:
                    write_study(self._study, stream)
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)

    def save_page(self, path: Path) -> None:
        """Write the page as PDF."""
        from ecgview.ui.review.agreement_page import write_page

        if self._study is not None:
            write_page(self._study, path)

    def _ask_file(self, ending: str, save: Any) -> None:
        dialog = QFileDialog(self, "Save agreement", self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"*.{ending}")
        dialog.setDefaultSuffix(ending)
        dialog.selectFile(f"agreement.{ending}")

        def take(chosen: str) -> None:
            path = Path(chosen)
            self._folder = str(path.parent)
            try:
                save(path)
            except OSError as error:
                self.said.setText(f"Not saved: {error}")
            else:
                self.said.setText(f"{path.name} saved in {path.parent}")

        dialog.fileSelected.connect(take)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def sizeHint(self) -> QSize:
        """Return a size that leaves the plot its room."""
        return QSize(120 * UNIT, 72 * UNIT)
