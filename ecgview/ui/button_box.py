"""The row of buttons at the end of a dialog: words without pictures, on every desktop."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox


def button_box(*standard: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    """Return a row with these buttons, to which others can be added.

    Some desktops put a picture on standard buttons alone, which then stand out among the others.
    """
    box = QDialogButtonBox()
    for kind in standard:
        box.addButton(kind).setIcon(QIcon())
    return box
