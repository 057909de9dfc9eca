"""All that a window says anywhere: what is seen, pointed at, read aloud, listed, copied."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QTabWidget, QWidget

from ecgview.model.vocabulary import statements
from ecgview.ui.window import MainWindow

_SAID_BY = (
    "text",
    "title",
    "windowTitle",
    "toolTip",
    "statusTip",
    "whatsThis",
    "accessibleName",
    "accessibleDescription",
    "placeholderText",
    "toPlainText",
    "words",
    "format",
)
_ROLES = [
    getattr(Qt.ItemDataRole, f"{name}Role")
    for name in ("Display", "ToolTip", "StatusTip", "WhatsThis", "AccessibleText", "AccessibleDescription", "Edit")
]


def everything(window: MainWindow, visible: bool = False) -> Iterator[str]:
    """Go through all texts, also those of widgets that are hidden unless only the visible ones are asked for."""
    others = [top for top in QApplication.topLevelWidgets() if top is not window and top.isVisible()]
    for top in (window, *others):
        for widget in (top, *top.findChildren(QWidget)):
            if not visible or widget.isVisible():
                yield from _said(widget, visible)
    for action in window.findChildren(QAction):
        yield from (action.text(), action.toolTip(), action.statusTip())
    for entry in window.commands.entries():
        yield from (entry.title, entry.menu, entry.also)
    yield QApplication.clipboard().text()


def _said(widget: QWidget, visible: bool) -> Iterator[str]:
    for name in _SAID_BY:
        said = getattr(widget, name, None)
        if callable(said):
            try:
                said = said()
            except TypeError:
                continue
        if isinstance(said, str):
            yield said
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(place) for place in range(widget.count()))
    if isinstance(widget, QTabWidget):
        yield from (widget.tabText(place) for place in range(widget.count()))
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from _listed(widget.model())
    told = QAccessible.queryAccessibleInterface(widget) if widget.isVisible() else None
    if told is not None:
        for kind in (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value):
            yield told.text(kind)


def _listed(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(model.rowCount()):
        for role in _ROLES:
            found = model.index(row, 0).data(role)
            if isinstance(found, str):
                yield found


def classes_named(texts: Iterator[str], but: tuple[str, ...] = ()) -> set[str]:
    """Return the classes of the vocabulary, by name, SCP or SNOMED code, that any text names; some are expected."""
    said = "\n".join(texts)
    found = set()
    for code, statement in statements().items():
        plain = re.escape(code.removeprefix("SUPER."))
        codes = [rf"(?<![\w+]){plain}(?!\w)", *statement.snomed]
        if code not in but and (
            statement.name.casefold() in said.casefold() or any(re.search(each, said) for each in codes)
        ):
            found.add(code)
    return found
