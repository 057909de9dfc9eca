"""Colours and size of text of the whole window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ecgview.ui import theme as themes
from ecgview.ui.text import set_text_size

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow

_THEMES = ("system", "light", "dark", "contrast")
_SIZES = ("100", "125", "150", "200")
_SHEET_SHARE = 0.5
"""Of the window's width, that larger text beside it leaves to the sheet."""


class Appearance:
    """Commands on how the window looks."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._widths: dict[str, list[int]] = {}

    def theme(self, name: str) -> None:
        """Take colours by name, or light or dark as the system has it."""
        self._window.settings.setValue("window/theme", name)
        self.dress()

    def text_size(self, percent: str) -> None:
        """Make all text as large as this, per cent of the system's size, and the lists beside the sheet as wide."""
        before = self._chosen("window/text_size", _SIZES)
        self._window.settings.setValue("window/text_size", percent)
        widths = self._widths[before] = self._window.split.sizes()
        if percent not in self._widths:
            left, middle, right = widths
            most = (1 - _SHEET_SHARE) * (left + middle + right)
            factor = min(int(percent) / int(before), most / max(1, left + right))
            sides = round(left * factor), round(right * factor)
            self._widths[percent] = [sides[0], left + middle + right - sum(sides), sides[1]]
        set_text_size(int(percent))
        # Widgets hear of a new size of text by and by; until then the tabs insist on the room they had.
        QTimer.singleShot(0, self._window, lambda: self._window.split.setSizes(self._widths[percent]))

    def dress(self) -> None:
        """Give the window the size of text and the colours that were chosen."""
        size = self._chosen("window/text_size", _SIZES)
        self._window.commands.choose("appearance.text_size", size)
        set_text_size(int(size))
        wanted = self._chosen("window/theme", _THEMES)
        self._window.commands.choose("appearance.theme", wanted)
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        theme = themes.load_theme(("dark" if dark else "light") if wanted == "system" else wanted)
        themes.apply(_application(), theme)
        self._window.sheet.set_theme(theme)
        for controller in vars(self._window.control).values():
            if hasattr(controller, "set_theme"):
                controller.set_theme(theme)

    def _chosen(self, key: str, possible: tuple[str, ...]) -> str:
        chosen = str(self._window.settings.value(key, possible[0]))
        return chosen if chosen in possible else possible[0]


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
