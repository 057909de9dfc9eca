"""Asks what to write out of the label store, and shows how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ecgview.ui.review.source_fields import check
from ecgview.ui.text import UNIT, label, small

HELD, HISTORY, COPIES = "held", "history", "copies"


class ExportDialog(QDialog):
    """What, how, and where to.

    Signals
    -------
    wanted(dict)
        ``what``, ``path``, ``identified``, ``folder``.
    stopped
    """

    wanted = Signal(dict)
    stopped = Signal()

    def __init__(self, folder: Path | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export labels")
        self.setMinimumWidth(60 * UNIT)
        self._folder = folder
        self.choices = {
            HELD: QRadioButton("Labels that hold now, as a table (CSV) or JSON"),
            HISTORY: QRadioButton("All that was ever written, as a table (CSV) or JSON"),
            COPIES: QRadioButton("Copies of the open folder's records with these labels"),
        }
        self.choices[HELD].setChecked(True)
        self.choices[COPIES].setEnabled(folder is not None)
        group = QButtonGroup(self)
        self.identified = check("With names of readers and files, dates and notes")
        self.copies_note = label(
            "A new folder: WFDB files with Dx in their headers and marks in .atr files, and a table as PTB-XL has it. "
            "The records themselves are only read. It is input of ecgview train.",
            small(),
            secondary=True,
        )
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(UNIT // 2)
        self.bar.setAccessibleName("How far it is")
        self.bar.setRange(0, 0)
        self.bar.hide()
        self.said = label("Readings of rounds that are not finished stay out.", small(), secondary=True)
        buttons = QDialogButtonBox()
        self.take = buttons.addButton("Export…", QDialogButtonBox.ButtonRole.ActionRole)
        self.stop = buttons.addButton("Stop", QDialogButtonBox.ButtonRole.ActionRole)
        self.leave = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.stop.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(UNIT)
        for choice in self.choices.values():
            group.addButton(choice)
            column.addWidget(choice)
        for widget in (self.copies_note, self.identified, self.bar, self.said):
            column.addWidget(widget)
        column.addWidget(buttons)
        buttons.rejected.connect(self.reject)
        self.take.clicked.connect(lambda *_: self._ask_file())
        self.stop.clicked.connect(lambda *_: self.stopped.emit())

    @property
    def what(self) -> str:
        """What is chosen."""
        return next(name for name, choice in self.choices.items() if choice.isChecked())

    def begin(self, path: Path) -> None:
        """Have it written to a file, or to a folder that is not there yet."""
        wish: dict[str, Any] = {
            "what": self.what,
            "path": path,
            "identified": self.identified.isChecked(),
            "folder": self._folder,
        }
        self.say("Writing", busy=True)
        self.wanted.emit(wish)

    def say(self, words: str, busy: bool = False) -> None:
        """Say how far it is, or what became of it."""
        self.said.setText(words)
        self.bar.setVisible(busy)
        self.stop.setVisible(busy)
        self.take.setEnabled(not busy)

    def _ask_file(self) -> None:
        copies = self.what == COPIES
        dialog = QFileDialog(self, "Export labels")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if copies:
            dialog.setNameFilter("Folder (*)")
            dialog.selectFile("relabelled")
        else:
            kinds = {"Table (*.csv)": "csv", "JSON (*.json)": "json"}
            dialog.setNameFilters(list(kinds))
            dialog.setDefaultSuffix("csv")
            dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(kinds[chosen]))
            dialog.selectFile("labels")
        dialog.fileSelected.connect(lambda name: self.begin(Path(name)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
