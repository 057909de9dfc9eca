"""The list of keys: every command with its keys, by menu, and what the mouse does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from ecgview.ui.actions import Actions, Entry
from ecgview.ui.button_box import button_box
from ecgview.ui.command_rows import CommandsModel, commands_view, rows_size
from ecgview.ui.matching import rank
from ecgview.ui.relabelling_keys import relabelling_rows
from ecgview.ui.shortcuts import IN_HAND, MOUSE
from ecgview.ui.text import UNIT, label, small


class Keys(QDialog):
    """A field and a list that it narrows."""

    def __init__(self, parent: QWidget, commands: Actions) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        self._groups: dict[str, list[Entry]] = {}
        for entry in commands.entries():
            if entry.keys:
                self._groups.setdefault(entry.menu.partition("/")[0], []).append(entry.possible())
        for heading, rows in (
            ("While relabelling", relabelling_rows()),
            ("Calipers and cursor in hand", IN_HAND),
            ("Mouse on the sheet", MOUSE),
        ):
            self._groups[heading] = [
                Entry(title=what, menu="", keys=(how,), also="", why_not="", on=False, run=lambda: None)
                for how, what in rows
            ]
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search")
        self.field.setAccessibleName("Search the list of keys")
        self.field.setClearButtonEnabled(True)
        self.model = CommandsModel(self)
        self.list = commands_view(self.model, "Keys")
        note = label("Every command, also those without a key, is found by Ctrl+K.", small(), secondary=True)
        note.setContentsMargins(2 * UNIT, 0, 2 * UNIT, 0)
        buttons = button_box(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setSpacing(UNIT)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(note)
        column.addWidget(buttons)
        self.field.textChanged.connect(self._search)
        self._search("")
        self._resize(parent, self.sizeHint().height() - self.list.sizeHint().height())

    def _search(self, query: str) -> None:
        rows: list[str | Entry] = []
        for heading, entries in self._groups.items():
            fitting = [entry for entry in entries if rank(query, entry.title, entry.keys, entry.also) is not None]
            if fitting:
                rows += [heading, *fitting]
        self.model.set_rows(rows or ["No command fits"])

    def _resize(self, parent: QWidget, others: int) -> None:
        """Take the room in which every row can be read whole, as far as the window goes."""
        wanted = rows_size(self.list)
        bar = self.list.verticalScrollBar().sizeHint().width()
        width = max(wanted.width() + bar + 4 * UNIT, 56 * UNIT)
        height = wanted.height() + others + 2 * UNIT
        around = parent.window().size()
        self.resize(min(width, around.width() - 4 * UNIT), min(height, around.height() - 8 * UNIT))
