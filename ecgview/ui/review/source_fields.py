"""Fields of a dialog that ask where label and model of many records come from: a folder, or a table."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QWidget,
)

from ecgview.model.vocabulary import statements
from ecgview.ui.review.definitions import definition
from ecgview.ui.text import UNIT, label


class SourceFields(QWidget):
    """The open folder judged by the ensemble, or a table of candidates.

    Signals
    -------
    changed
    """

    changed = Signal()

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self.folder = folder
        self.by_model = QRadioButton("The open folder, judged by the ensemble")
        self.by_table = QRadioButton("A table with label and model of each record")
        group = QButtonGroup(self)
        for button in (self.by_model, self.by_table):
            group.addButton(button)
        self.table = QLineEdit()
        self.table.setPlaceholderText("CSV: record, name, class, label, decision, probability")
        self.table.setAccessibleName("Table of candidates")
        other = QPushButton("Choose…")
        other.setAccessibleName("Choose the table of candidates")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(UNIT)
        grid.setVerticalSpacing(UNIT // 2)
        grid.addWidget(self.by_model, 0, 0, 1, 2)
        grid.addWidget(self.by_table, 1, 0, 1, 2)
        grid.addWidget(self.table, 2, 0)
        grid.addWidget(other, 2, 1)
        self.by_model.setEnabled(folder is not None)
        (self.by_model if folder is not None else self.by_table).setChecked(True)
        group.buttonToggled.connect(lambda *_: self.changed.emit())
        self.table.textChanged.connect(lambda _: self.by_table.setChecked(True))
        self.table.textChanged.connect(lambda _: self.changed.emit())
        other.clicked.connect(lambda *_: self._ask_file())

    @property
    def complete(self) -> bool:
        """Whether there is something to work on."""
        if self.by_model.isChecked():
            return self.folder is not None
        return Path(self.table.text().strip()).is_file()

    def wish(self) -> dict[str, str]:
        """Return folder and table as :mod:`ecgview.ui.review.looker` takes them."""
        table = self.table.text().strip() if self.by_table.isChecked() else ""
        return {"folder": "" if self.folder is None else str(self.folder), "table": table}

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Table of candidates", "", "Tables (*.csv);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.table.setText)
        dialog.open()


class ClassFields(QListWidget):
    """Classes to tick; none ticked means all of them."""

    def __init__(self, extra: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.setAccessibleName("Classes")
        self.setSpacing(2)
        for code in (*extra, *statements()):
            known = definition(code)
            item = QListWidgetItem(f"{known.name}  ·  {known.shown_code}")
            item.setData(Qt.ItemDataRole.UserRole, code)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.addItem(item)

    @property
    def codes(self) -> list[str]:
        """Those ticked."""
        items = [self.item(row) for row in range(self.count())]
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked]

    def tick(self, codes: tuple[str, ...]) -> None:
        """Tick these and no others."""
        for row in range(self.count()):
            item = self.item(row)
            on = item.data(Qt.ItemDataRole.UserRole) in codes
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def field_name(words: str, field: QWidget) -> QLabel:
    """Return the words before a field, which names it."""
    name = label(words, wraps=False)
    name.setBuddy(field)
    field.setAccessibleName(words)
    return name


def check(words: str, on: bool = False) -> QCheckBox:
    """Return a box to tick."""
    box = QCheckBox(words)
    box.setChecked(on)
    return box
