"""The parts of the window: folding them away, and going from one to the next by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


class Panes:
    """Commands on the window's parts."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        window.tabs.currentChanged.connect(self._tick)

    def record_list(self, shown: bool) -> None:
        """Show or fold away the record list."""
        self._window.records.setVisible(shown)

    def facts(self, shown: bool) -> None:
        """Show or fold away findings, measurements, labels and facts."""
        self._window.tabs.setVisible(shown)

    def tab(self, title: str) -> None:
        """Bring one of the tabs on the right to the front, unfolding them, and give it the keys."""
        tabs = self._window.tabs
        titles = [tabs.tabText(place) for place in range(tabs.count())]
        tabs.setCurrentIndex(titles.index(title))
        self._window.commands.check("panes.facts", True)
        tabs.setVisible(True)
        tabs.currentWidget().setFocus()

    def _tick(self, place: int) -> None:
        self._window.commands.choose("panes.tab", self._window.tabs.tabText(place))

    def state(self) -> dict[str, str]:
        """Return what is folded away, and which tab is in front."""
        window = self._window
        return {
            "record_list": "folded" if window.records.isHidden() else "shown",
            "facts": "folded" if window.tabs.isHidden() else "shown",
            "tab": window.tabs.tabText(window.tabs.currentIndex()),
        }

    def restore(self, values: dict[str, str]) -> None:
        """Fold away what was, and bring the same tab to the front."""
        window = self._window
        for name, pane in (("record_list", window.records), ("facts", window.tabs)):
            shown = values.get(name) != "folded"
            pane.setVisible(shown)
            window.commands.check(f"panes.{name}", shown)
        for place in range(window.tabs.count()):
            if window.tabs.tabText(place) == values.get("tab"):
                window.tabs.setCurrentIndex(place)
        self._tick(window.tabs.currentIndex())

    def next_pane(self) -> str:
        """Give the keys to the next part of the window."""
        return self._go(1)

    def previous_pane(self) -> str:
        """Give the keys to the part of the window before."""
        return self._go(-1)

    def _go(self, step: int) -> str:
        window = self._window
        panes: list[tuple[QWidget, QWidget, str]] = [
            (window.records, window.records.keys_to, "Record list"),
            (window.sheet, window.sheet, "Sheet"),
            (window.tabs, window.tabs.tabBar(), "What is known of the record"),
        ]
        seen = [pane for pane in panes if pane[0].isVisible()]
        focused = window.focusWidget()
        here = next(
            (place for place, (pane, _, _) in enumerate(seen) if focused is not None and _within(focused, pane)), -step
        )
        _, target, name = seen[(here + step) % len(seen)]
        target.setFocus()
        return f"Keys now go to: {name[0].lower()}{name[1:]}"


def _within(widget: QWidget, pane: QWidget) -> bool:
    return widget is pane or pane.isAncestorOf(widget)
