"""Keys as the sheet's tools hear them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent


def plain_key(event: QKeyEvent) -> tuple[Qt.Key | None, bool]:
    """Return a key, None where it comes with more than Shift, and whether Shift is held."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    shift = held == Qt.KeyboardModifier.ShiftModifier
    if held != Qt.KeyboardModifier.NoModifier and not shift:
        return None, False
    try:
        return Qt.Key(event.key()), shift
    except ValueError:
        return None, shift
