"""Two classes side by side: the same record twice, each sheet coloured by its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from ecgview.ui.compare.shared_view import SharedView
from ecgview.ui.explain.beside import BesidePane
from ecgview.ui.explain.overlay import Notice, Overlay
from ecgview.ui.findings import class_name

if TYPE_CHECKING:
    from ecgview.explain.messages import Explanation
    from ecgview.record import Record
    from ecgview.ui.control.compared_with import Comparison
    from ecgview.ui.control.explain import Explain
    from ecgview.ui.theme import Theme
    from ecgview.ui.window import MainWindow

_PAPER = 1.8
"""A sheet is so much wider than high."""


class Beside(QObject):
    """Commands on the second sheet. It closes with the record, with the explanation, and when all is hidden."""

    def __init__(self, window: MainWindow, explain: Explain, compared: Comparison) -> None:
        super().__init__(window)
        self._window, self._explain, self._compared = window, explain, compared
        self._pane: BesidePane | None = None
        self._shared: SharedView | None = None
        self._code = ""
        self._found: Explanation | None = None
        self._one_scale = True
        explain.changed.connect(self._explanation_changed)
        compared.changed.connect(self._compare_anew)
        explain.looked.connect(self._colour)
        window.sheet.record_changed.connect(self.end)
        window.judge.explained.connect(self._take)
        window.judge.unanswered.connect(self._unanswered)

    # ---------------------------------------------------------------- commands

    def classes(self) -> list[tuple[str, str]]:
        """Return the classes that can stand beside the one explained, as pairs of name and code."""
        return [(name, code) for name, code in self._explain.classes() if code != self._explain.code]

    def with_class(self, code: str) -> str:
        """Show a second sheet, coloured by this class."""
        window, record = self._window, self._window.sheet.record
        if record is None or not self._explain.classes():
            return ""
        window.control.compare.end()
        self._explain.show_sheet()
        pane = self._opened()
        self._code = code
        pane.title.setText(class_name(code))
        pane.sheet.show_record(record, window.sheet.start)
        self._ask(record)
        return ""

    def one_scale(self, on: bool) -> None:
        """Give colours the same scale on both sheets, or each its own."""
        self._one_scale = on
        self._window.commands.check("beside.one_scale", on)
        if self._pane is not None:
            self._pane.one_scale.setChecked(on)
        self._colour()

    def end(self) -> None:
        """Close the second sheet."""
        self._window.judge.call_off_lane("beside")
        pane, self._pane = self._pane, None
        self._code, self._found = "", None
        if pane is None:
            return
        if self._shared is not None:
            self._shared.release()
            self._shared = None
        focused = self._window.focusWidget()
        if focused is not None and pane.isAncestorOf(focused):
            self._window.sheet.setFocus()
        pane.hide()
        pane.setParent(None)
        pane.deleteLater()
        self._window.commands.meet("beside", False)
        self._explain.share_scale(None)

    def state(self) -> dict[str, str]:
        """Return whether both have one scale."""
        return {"one_scale": "yes" if self._one_scale else "no"}

    def restore(self, values: dict[str, str]) -> None:
        """Take that up again."""
        self.one_scale(values.get("one_scale") != "no")

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        if self._pane is not None:
            self._pane.sheet.set_theme(theme)

    # ---------------------------------------------------------------- how it is done

    def _opened(self) -> BesidePane:
        if self._pane is None:
            window = self._window
            pane = self._pane = BesidePane(window.sheet.theme)
            if window.sheet.calibration is not None:
                pane.sheet.set_calibration(window.sheet.calibration)
            pane.closed.connect(self.end)
            pane.scale_chosen.connect(self.one_scale)
            pane.one_scale.setChecked(self._one_scale)
            area = window.sheets.size()
            wide = area.width() / 2 * min(1.0, 2 * area.height() * _PAPER / max(1, area.width()))
            stacked = min(area.width(), area.height() / 2 * _PAPER)
            window.sheets.setOrientation(Qt.Orientation.Horizontal if wide > stacked else Qt.Orientation.Vertical)
            window.sheets.addWidget(pane)
            length = area.width() if wide > stacked else area.height()
            window.sheets.setSizes([length // 2, length - length // 2])
            self._shared = SharedView(window.sheet, pane.sheet)
            window.commands.meet("beside", True)
        return self._pane

    def _explanation_changed(self) -> None:
        # The sheet above may turn to another class; it must not be the same one, and not none at all.
        if self._pane is not None and (not self._explain.shown or self._explain.code in ("", self._code)):
            self.end()

    def _compare_anew(self) -> None:
        record = self._window.sheet.record
        if self._pane is not None and record is not None:
            self._ask(record)

    def _ask(self, record: Record) -> None:
        self._found = None
        self._say(f"Explaining: {class_name(self._code)}…")
        self._window.judge.explain(record, self._code, self._compared.asked(), "beside")

    def _take(self, lane: str, found: Explanation) -> None:
        record, prediction, one = self._window.sheet.record, self._explain.prediction, found.attribution
        if lane != "beside" or self._pane is None or record is None or prediction is None:
            return
        if (one.record_hash, one.model_hash, one.code) == (record.content_hash, prediction.model_hash, self._code):
            self._found = found
            self._colour()

    def _unanswered(self, lane: str, digest: str, code: str, reason: str) -> None:
        if lane == "beside" and code == self._code:
            self._say(f"Not explained: {reason}", warns=True)

    def _say(self, words: str, warns: bool = False) -> None:
        record = self._window.sheet.record
        if self._pane is not None and record is not None:
            self._pane.sheet.show_explained(Notice(record.content_hash, words, warns))

    def _colour(self) -> None:
        """Colour the second sheet, and tell the first the scale they share."""
        pane, found = self._pane, self._found
        if pane is None:
            return
        if not self._explain.shown:
            pane.sheet.show_explained(None)
            return
        if found is None:
            return
        name, look = class_name(found.attribution.code), self._explain.look
        own = Overlay(found, name, look)
        first = self._explain.found
        both = self._one_scale and first is not None
        limit = None
        if both and first is not None:
            limit = max(own.scale.largest, Overlay(first, name, look).scale.largest)
        pane.sheet.show_explained(Overlay(found, name, look, limit, shared=both))
        self._explain.share_scale(limit)
