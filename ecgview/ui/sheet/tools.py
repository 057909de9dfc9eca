"""A sheet with tools: pointer and keys go to calipers and cursor first, and what they leave moves the paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from ecgview.ui.sheet.caliper_tool import CaliperTool
from ecgview.ui.sheet.cursor import CursorTool
from ecgview.ui.sheet.region_tool import RegionTool
from ecgview.ui.sheet.viewing import PaperView

if TYPE_CHECKING:
    from ecgview.ui.sheet.sheet import Sheet


class ToolView(PaperView):
    """Hands pointer and keys to the tools.

    Attributes
    ----------
    calipers : CaliperTool
    crosshair : CursorTool
    regions : RegionTool
    """

    calipers: CaliperTool
    crosshair: CursorTool
    regions: RegionTool

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport().setMouseTracking(True)

    def _make_tools(self) -> None:
        sheet = cast("Sheet", self)
        self.calipers, self.crosshair, self.regions = CaliperTool(sheet), CursorTool(sheet), RegionTool(sheet)
        for tool in (self.calipers, self.crosshair):
            tool.spoken.connect(self._announce)
        self.view_changed.connect(self.crosshair.follow)

    def _announce(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    # Pointer

    @property
    def tool_shape(self) -> Qt.CursorShape | None:
        """What the pointer looks like in a tool; None where it moves the paper."""
        return self.regions.shape or self.calipers.shape

    def show_shape(self) -> None:
        """Let the pointer tell what it does."""
        self._hands.show()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.regions.press(event) or self.calipers.press(event):
            self.show_shape()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        held = self.regions.move(event) or self.calipers.move(event)
        self.crosshair.hover(event.position())
        if not held:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.regions.release(event) or self.calipers.release(event):
            self.show_shape()
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # With calipers in hand the second press of a quick hand places one, too.
        if not (self.regions.press(event) or self.calipers.press(event)):
            super().mouseDoubleClickEvent(event)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        does = self._key(event)
        if does is None:
            super().keyPressEvent(event)
        else:
            does()

    def _key(self, event: QKeyEvent) -> Callable[[], None] | None:
        return self.regions.key(event) or self.calipers.key(event) or self.crosshair.key(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        return self.calipers.walk(1 if next else -1) or super().focusNextPrevChild(next)

    def event(self, event: QEvent) -> bool:
        # The arrows are commands of the window; with a tool in hand they are the tool's.
        overriding = event.type() == QEvent.Type.ShortcutOverride
        if overriding and isinstance(event, QKeyEvent) and self._key(event):
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.crosshair.leave()
        return super().viewportEvent(event)
