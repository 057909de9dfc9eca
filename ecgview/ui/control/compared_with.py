"""What records are compared with when they are explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ecgview.explain.messages import ComparedWith
from ecgview.explain.spreading import spread_over
from ecgview.ui.explain.words import COMPARED_WITH

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow

_LOOKED_AT = 1000
"""Files of a folder, at most, among which records labelled normal are looked for: a second or some of reading."""


class Comparison(QObject):
    """The choice between generated normal ECGs, the isoelectric line, and records of the open folder.

    Attributes
    ----------
    changed : Signal()
        Explanations under way or shown compare with something else.
    """

    changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._kind = next(iter(COMPARED_WITH))
        window.why.compared_chosen.connect(self.choose)

    def choose(self, kind: str) -> str:
        """Compare with this from now on."""
        different, self._kind = kind != self._kind, kind
        self._window.why.show_compared(kind)
        self._window.commands.choose("compared.choose", kind)
        if different:
            self.changed.emit()
        return f"Compared with {COMPARED_WITH[kind].lower()}" if different else ""

    def asked(self) -> ComparedWith:
        """Return what the ensemble is asked to compare with now."""
        if self._kind != "folder":
            return ComparedWith(self._kind)
        files = spread_over(self._window.records.model.paths, _LOOKED_AT)
        return ComparedWith(self._kind, tuple(map(str, files)), tuple(sorted(self._window.control.review.desk.waiting)))

    # ---------------------------------------------------------------- kept between runs

    def state(self) -> dict[str, str]:
        """Return what is compared with."""
        return {"kind": self._kind}

    def restore(self, values: dict[str, str]) -> None:
        """Take up what was compared with; what cannot be is passed over."""
        if values.get("kind") in COMPARED_WITH:
            self.choose(values["kind"])
