"""Filters as commands: they change what is shown, and nothing that is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from ecgview.ui.background import Cancelled, Latest
from ecgview.ui.filtering import FilteredTraces, make, quick

if TYPE_CHECKING:
    from ecgview.signal.view_filters import Filtered, ViewFilters
    from ecgview.ui.window import MainWindow

_NONE = "0"


class Filters(QObject):
    """Commands on filters. They are for the record shown: the next one is shown as recorded."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._baseline = self._mains = False
        self._low_pass: float | None = None
        self._traces: FilteredTraces | None = None
        self._ticket = 0
        self._worker = Latest(self._work, "filtering", self)
        self._worker.answered.connect(self._take)
        self._worker.failed.connect(self._fail)
        window.sheet.filters_gone.connect(self._forget)
        window.sheet.record_changed.connect(self._forget)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    # ---------------------------------------------------------------- commands

    def diagnostic(self) -> str:
        """Show the record as it was recorded."""
        self._forget()
        self._window.sheet.show_filtered(None)
        return "The record is shown unfiltered"

    def baseline(self, on: bool) -> None:
        """Take slow changes of level away."""
        self._baseline = on
        self._apply()

    def mains(self, on: bool) -> None:
        """Take the hum of the mains away, if there is any."""
        self._mains = on
        self._apply()

    def low_pass(self, hz: str) -> str:
        """Take fast changes away."""
        self._low_pass = None if hz == _NONE else float(hz)
        self._apply()
        return "40 Hz alters ST and QRS detail: for looking at rhythm only" if hz == "40" else ""

    @property
    def chosen(self) -> ViewFilters | None:
        """The filters that are on; None where there are none."""
        if not (self._baseline or self._mains or self._low_pass):
            return None
        from ecgview.signal.view_filters import ViewFilters

        return ViewFilters(self._baseline, self._mains, self._low_pass)

    # ---------------------------------------------------------------- how it is done

    def _apply(self) -> None:
        """Show what is chosen now."""
        record, sheet = self._window.sheet.record, self._window.sheet
        self._let_go()
        if record is None:
            return
        if not (self._baseline or self._mains or self._low_pass):
            sheet.show_filtered(None)
            return
        baseline, mains, low_pass = self._baseline, self._mains, self._low_pass

        def filtered() -> Filtered:
            from ecgview.signal.view_filters import ViewFilters

            return make(record, ViewFilters(baseline, mains, low_pass))

        if quick(record, mains):
            self._show(filtered())
        else:
            sheet.await_filters()
            self._ticket = self._worker.ask(filtered)

    def _show(self, filtered: Filtered) -> None:
        sheet = self._window.sheet
        if filtered.record is sheet.record:
            self._traces = FilteredTraces(filtered, self._worker, sheet.redraw_traces)
            sheet.show_filtered(self._traces)

    def _let_go(self) -> None:
        self._worker.call_off()
        if self._traces is not None:
            self._traces.let_go()
            self._traces = None

    def _forget(self) -> None:
        """Take all filters back."""
        self._let_go()
        self._baseline = self._mains = False
        self._low_pass = None
        if hasattr(self._window, "commands"):  # otherwise the window is still being built
            commands = self._window.commands
            commands.check("filters.baseline", False)
            commands.check("filters.mains", False)
            commands.choose("filters.low_pass", _NONE)

    @staticmethod
    def _work(request: Any, _: Cancelled) -> Any:
        return request()

    def _take(self, ticket: int, answer: Any) -> None:
        if ticket == self._ticket == self._worker.ticket:
            self._show(answer)

    def _fail(self, ticket: int, error: Exception) -> None:
        if ticket == self._worker.ticket:
            self.diagnostic()
            self._window.state.say(f"The record cannot be filtered: {type(error).__name__}: {error}")
