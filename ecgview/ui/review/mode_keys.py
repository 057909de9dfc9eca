"""Single keys that hold in a mode only, and never while somebody types."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

_TYPED_IN = (QLineEdit, QPlainTextEdit, QTextEdit, QComboBox)


class ModeKeys(QObject):
    """Keys of a window that are switched on and off together.

    Parameters
    ----------
    window : QWidget
    does : mapping of str to callable
        Key sequences in Qt's portable spelling.
    lend : callable
        Told which keys the commands of the window give up: these, or none.
    """

    def __init__(
        self, window: QWidget, does: Mapping[str, Callable[[], object]], lend: Callable[[list[str]], None]
    ) -> None:
        super().__init__(window)
        self._on = False
        self._lend = lend
        self._shortcuts: list[QShortcut] = []
        for key, run in does.items():
            shortcut = QShortcut(QKeySequence(key), window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setEnabled(False)
            shortcut.activated.connect(run)
            self._shortcuts.append(shortcut)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow)

    @property
    def on(self) -> bool:
        """Whether the mode holds, also while somebody types."""
        return self._on

    def switch(self, on: bool) -> None:
        """Begin or end the mode."""
        if on == self._on:
            return
        self._on = on
        self._lend([shortcut.key().toString() for shortcut in self._shortcuts] if on else [])
        self._follow()

    def _follow(self, *_: object) -> None:
        # Text that is typed has its keys to itself, Enter among them.
        listening = self._on and not isinstance(QApplication.focusWidget(), _TYPED_IN)
        for shortcut in self._shortcuts:
            if shortcut.isEnabled() != listening:
                shortcut.setEnabled(listening)
