"""The two small dialogs: keys, and what the program is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QScrollArea, QVBoxLayout, QWidget

import ecgview
from ecgview.ui.commands import COMMANDS
from ecgview.ui.text import UNIT, body, label, small, strong


def keys(parent: QWidget) -> QDialog:
    """Return a dialog that lists every command that has a key."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(4 * UNIT)
    grid.setVerticalSpacing(UNIT // 2)
    row = 0
    menu = ""
    for command in COMMANDS:
        if not command.keys:
            continue
        if command.menu != menu:
            menu = command.menu
            if row:
                grid.setRowMinimumHeight(row, UNIT)
                row += 1
            grid.addWidget(label(menu, strong(small()), secondary=True), row, 0)
            row += 1
        pressed = " or ".join(
            QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in command.keys
        )
        grid.addWidget(label(command.title.rstrip("…"), body(), wraps=False), row, 0)
        grid.addWidget(label(pressed, body(), secondary=True, wraps=False), row, 1)
        row += 1
    grid.setRowMinimumHeight(row, UNIT)
    grid.addWidget(label("Mouse", strong(small()), secondary=True), row + 1, 0)
    row += 2
    for action, means in (
        ("Wheel", "Zoom about the pointer"),
        ("Drag", "Move the sheet"),
        ("Double click", "Whole sheet"),
    ):
        grid.addWidget(label(means, body(), wraps=False), row, 0)
        grid.addWidget(label(action, body(), secondary=True, wraps=False), row, 1)
        row += 1
    grid.setColumnStretch(0, 1)
    return _dialog(parent, "Keys", grid)


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
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column = QVBoxLayout(dialog)
    column.addWidget(area)
    column.addWidget(buttons)
    wanted = inner.sizeHint()
    dialog.resize(wanted.width() + 6 * UNIT, min(wanted.height() + 10 * UNIT, 80 * UNIT))
    return dialog
