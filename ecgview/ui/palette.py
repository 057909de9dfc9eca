"""The command palette: type a few letters, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from ecgview.ui.actions import Actions, Entry
from ecgview.ui.command_rows import CommandsModel, commands_view, rows_size
from ecgview.ui.list_panel import ROW
from ecgview.ui.matching import rank
from ecgview.ui.text import UNIT, label, small

_WIDEST = 0.9  # of the window
_TALLEST = 0.7
_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 8,
    Qt.Key.Key_PageUp: -8,
}


class Palette(QFrame):
    """A field and the commands that fit what is typed into it, over the upper part of the window.

    It goes when a command runs, on Escape, and when the keys go elsewhere.
    """

    def __init__(self, window: QMainWindow, commands: Actions) -> None:
        super().__init__(window)
        self._commands = commands
        self._entries: list[Entry] = []
        self._before: QWidget | None = window.focusWidget()
        self._around = window
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Find a command")
        self.setFrameShape(QFrame.Shape.Box)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setForegroundRole(QPalette.ColorRole.Mid)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a command by its words or keys")
        self.field.setAccessibleName("Find a command by its words or keys")
        self.model = CommandsModel(self)
        self.list = commands_view(self.model, "Commands")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field keeps the keys
        self.none = label("No command fits.", small(), secondary=True)
        self.none.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        column = QVBoxLayout(self)
        column.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        column.setSpacing(UNIT)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self.none)
        self.field.installEventFilter(self)
        window.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self.list.clicked.connect(self._run)
        QApplication.instance().focusChanged.connect(self._follow)  # type: ignore[union-attr]

    def open(self) -> None:
        """Show all commands and take the keys."""
        self._entries = self._commands.entries()
        self._search("")
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that move, run and close; keep the window's own from being heard meanwhile."""
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._take(Qt.Key(event.key()))
        elif watched is self._around and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _take(self, key: Qt.Key) -> bool:
        if key == Qt.Key.Key_Escape:
            self._go()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif key in _MOVES:
            row = self.list.currentIndex().row() + _MOVES[key]
            self._point(min(max(row, 0), self.model.rowCount() - 1))
        return key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, *_MOVES)

    def _search(self, query: str) -> None:
        if query.strip():
            ranked = [(rank(query, entry.title, entry.keys, entry.also), entry) for entry in self._entries]
            fitting = sorted(((how, entry) for how, entry in ranked if how is not None), key=lambda pair: pair[0])
            entries = [entry for _, entry in fitting]
        else:
            entries = self._entries
        self.model.set_rows(entries)
        self.none.setVisible(not entries)
        self.list.setVisible(bool(entries))
        self._point(0)
        self._place()

    def _point(self, row: int) -> None:
        index = self.model.index(row)
        self.list.setCurrentIndex(index)
        said = index.data() if index.isValid() else "No command fits"
        self.field.setAccessibleDescription(str(said))

    def _run(self, *_: object) -> None:
        index = self.list.currentIndex()
        entry = index.data(ROW) if index.isValid() else None
        if isinstance(entry, Entry) and not entry.why_not:
            self._go()
            entry.run()

    def _go(self) -> None:
        QApplication.instance().focusChanged.disconnect(self._follow)  # type: ignore[union-attr]
        self.close()
        if self._before is not None:
            self._before.setFocus()

    def _follow(self, _: object, now: object) -> None:
        """Close when the keys go to another part of the window."""
        if self.isVisible() and now is not None and now is not self.field:
            self._before = None
            self._go()

    def _place(self) -> None:
        around = self._around.rect()
        wanted = rows_size(self.list)
        bar = self.list.verticalScrollBar().sizeHint().width()
        edges = 2 * (UNIT + self.frameWidth())
        width = min(max(wanted.width() + bar + edges, 72 * UNIT), int(_WIDEST * around.width()))
        height = min(wanted.height() + self.field.sizeHint().height() + 4 * UNIT, int(_TALLEST * around.height()))
        self.setGeometry((around.width() - width) // 2, 6 * UNIT, width, height)
