"""Asks which labels to look at first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ecgview.model.vocabulary import statements
from ecgview.ui.button_box import button_box
from ecgview.ui.review.definitions import definition
from ecgview.ui.review.source_fields import SourceFields, check, field_name
from ecgview.ui.text import UNIT, label, small

ORDERS = {
    "suspicion": ("Most suspect labels first", "Labels that the model finds least probable."),
    "disagreement": ("Model against label", "Where the model's decision and the label differ, in random order."),
    "uncertainty": ("Members differ most", "Where the members of the ensemble are furthest from one another."),
    "confident learning": (
        "Suspect for their class",
        "As the first, weighed against how probable the model finds the class's labels on average.",
    ),
    "random": ("Random", "Any labels: a fair sample."),
}
"""Orders: what each is called, and what it does."""


class WorklistDialog(QDialog):
    """Order, class, number, and where label and model come from.

    Signals
    -------
    chosen(dict)
        What :mod:`ecgview.ui.review.looker` is asked, less store and reader.
    """

    chosen = Signal(dict)

    def __init__(self, folder: Path | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Worklist")
        self.setMinimumWidth(64 * UNIT)
        self.order, self.code = QComboBox(), QComboBox()
        for name, (title, _) in ORDERS.items():
            self.order.addItem(title, name)
        self.code.addItem("All classes", "")
        for code in statements():
            known = definition(code)
            self.code.addItem(f"{known.name}  ·  {known.shown_code}", code)
        for field in (self.order, self.code):
            field.view().setAccessibleName("Choices")
        self.limit, self.seed = QSpinBox(), QSpinBox()
        self.limit.setRange(1, 1000)
        self.limit.setValue(80)
        self.seed.setRange(0, 2**31 - 1)
        self.without = check("Leave out what I have decided already", on=True)
        self.source = SourceFields(folder)
        self.explained = label(font=small(), secondary=True)
        self.note = label(
            "Of records that the ensemble learned from, only the member speaks that did not. "
            "Judging a folder takes some milliseconds a record.",
            small(),
            secondary=True,
        )
        form = QFormLayout()
        form.setHorizontalSpacing(2 * UNIT)
        form.setVerticalSpacing(UNIT)
        form.addRow(field_name("Order", self.order), self.order)
        form.addRow("", self.explained)
        form.addRow(field_name("Class", self.code), self.code)
        form.addRow(field_name("How many", self.limit), self.limit)
        form.addRow(field_name("Seed of what is random", self.seed), self.seed)
        form.addRow("", self.without)
        form.addRow(label("From", wraps=False), self.source)
        buttons = button_box(QDialogButtonBox.StandardButton.Cancel)
        self.take = buttons.addButton("Make the worklist", QDialogButtonBox.ButtonRole.AcceptRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(2 * UNIT)
        column.addLayout(form)
        column.addWidget(self.note)
        column.addWidget(buttons)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self.order.currentIndexChanged.connect(lambda _: self._weigh())
        self.source.changed.connect(self._weigh)
        self._weigh()

    def _weigh(self) -> None:
        self.explained.setText(ORDERS[self.order.currentData()][1])
        self.note.setVisible(self.source.by_model.isChecked())
        self.take.setEnabled(self.source.complete)

    def _accept(self) -> None:
        code = self.code.currentData()
        wish: dict[str, Any] = {
            "kind": "worklist",
            "order": self.order.currentData(),
            "codes": [code] if code else [],
            "limit": self.limit.value(),
            "seed": self.seed.value(),
            "without": self.without.isChecked(),
            **self.source.wish(),
        }
        self.accept()
        self.chosen.emit(wish)
