"""Choosing the leads of the rhythm strips."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from ecgview.ui.button_box import button_box
from ecgview.ui.sheet.format import MOST_STRIPS
from ecgview.ui.text import UNIT, label

_NONE = "None"


class StripsDialog(QDialog):
    """Asks for up to three leads.

    Parameters
    ----------
    leads : sequence of str
        To choose from.
    strips : tuple of str
        Chosen so far.
    parent : QWidget
    """

    def __init__(self, leads: Sequence[str], strips: tuple[str, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Rhythm strips")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fields = [QComboBox() for _ in range(MOST_STRIPS)]
        form = QFormLayout()
        form.setHorizontalSpacing(2 * UNIT)
        form.setVerticalSpacing(UNIT)
        for number, field in enumerate(self.fields):
            field.addItem(_NONE, "")
            for lead in dict.fromkeys((*leads, *strips)):
                field.addItem(lead, lead)
            field.setCurrentIndex(max(0, field.findData(strips[number] if number < len(strips) else "")))
            name = label(("First", "Second", "Third")[number] + " strip")
            name.setBuddy(field)
            field.setAccessibleName(name.text())
            form.addRow(name, field)
        buttons = button_box(QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(2 * UNIT)
        column.addWidget(label("Leads drawn over the whole width below the others."))
        column.addLayout(form)
        column.addWidget(buttons)

    @property
    def strips(self) -> tuple[str, ...]:
        """The leads chosen, each once, from the first field to the last."""
        return tuple(dict.fromkeys(lead for field in self.fields if (lead := field.currentData())))
