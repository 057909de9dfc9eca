"""The dialog that says what the program is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QScrollArea, QVBoxLayout, QWidget

import ecgview
from ecgview.ui.button_box import button_box
from ecgview.ui.text import UNIT, body, label, small, strong


def about(parent: QWidget) -> QDialog:
    """Return a dialog that says what the program is and what it is not for."""
    grid = QGridLayout()
    grid.setVerticalSpacing(UNIT)
    lines = (
        (f"ecgview {ecgview.__version__}", strong(body())),
        ("Draws 12-lead ECGs as on paper, reads them with an ensemble of networks on this machine.", body()),
        (ecgview.RESEARCH_USE, strong(body())),
        (
            "Findings are a research model's probabilities. They rest on the training data that the model card "
            "describes and can be wrong in any single record. Nothing is sent over a network.",
            body(),
        ),
        ("Apache License 2.0. Qt is used under the LGPL.", small()),
    )
    for row, (words, font) in enumerate(lines):
        entry = label(words, font)
        entry.setMinimumWidth(50 * UNIT)
        grid.addWidget(entry, row, 0)
    return _dialog(parent, "About ecgview", grid)


def _dialog(parent: QWidget, title: str, content: QGridLayout) -> QDialog:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    inner = QWidget()
    inner.setLayout(content)
    content.setContentsMargins(3 * UNIT, 2 * UNIT, 3 * UNIT, 2 * UNIT)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(inner)
    area.setAccessibleName(title)
    buttons = button_box(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column = QVBoxLayout(dialog)
    column.addWidget(area)
    column.addWidget(buttons)
    wanted = inner.sizeHint()
    dialog.resize(wanted.width() + 6 * UNIT, min(wanted.height() + 10 * UNIT, 80 * UNIT))
    return dialog
