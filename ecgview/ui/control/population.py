"""What classes rest on over the records that are listed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt

from ecgview.explain.population_service import LANE
from ecgview.explain.spreading import spread_over
from ecgview.ui.background import Cancelled, Latest
from ecgview.ui.explain.population_words import counted
from ecgview.ui.judging import listed_files

if TYPE_CHECKING:
    from ecgview.explain.population import PopulationTable
    from ecgview.ui.explain.population_dialog import PopulationDialog
    from ecgview.ui.window import MainWindow


class Population(QObject):
    """The command that opens the table, and the way of one from the ensemble to it.

    A table is for the folder that is open, the model that judges and what its reader may see. When one
    of them changes, it is closed and what was asked is called off.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: PopulationDialog | None = None
        self._scope = ""
        self._among = ""
        # The names of very many files take longer to write out than a window may stand still.
        self._lister = Latest(self._list, "listing files to explain", self)
        self._lister.answered.connect(self._ask)
        judge, records = window.judge, window.records
        judge.gathering.connect(self._progress)
        judge.gathered.connect(self._take)
        judge.not_gathered.connect(self._fail)
        judge.loaded.connect(self._model_loaded)
        records.opened.connect(self.end)
        for changed in (records.model.rowsInserted, records.model.modelReset):
            changed.connect(lambda *_: self._offer())

    def show(self) -> None:
        """Open the table, or bring it to the front."""
        from ecgview.ui.explain.population_dialog import PopulationDialog

        if self._dialog is None:
            dialog = self._dialog = PopulationDialog(self._window)
            dialog.wanted.connect(self._start)
            dialog.stopped.connect(self._stop)
            dialog.finished.connect(lambda _: self._forget())
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._offer()
            dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def end(self) -> None:
        """Close the table and call off what was asked; what was found is kept."""
        if self._dialog is not None:
            self._dialog.close()

    def close(self) -> None:
        """End all work."""
        self.end()
        self._lister.close()

    # ---------------------------------------------------------------- the way of a table

    def _forget(self) -> None:
        self._call_off()
        if self._dialog is not None:
            self._dialog.end()
        self._dialog = None

    def _call_off(self) -> None:
        self._lister.call_off()
        self._window.judge.call_off_lane(LANE)

    def _offer(self) -> None:
        if self._dialog is not None and not self._dialog.busy:
            self._dialog.offer(len(self._window.records.model.shown), self._listed())

    def _listed(self, most: int = 0) -> str:
        """Return which records are listed, in words, or the few of them that are to stand for all."""
        model, paths = self._window.records.model, self._window.session.paths
        place = f" in {paths[0].name or paths[0]}" if len(paths) == 1 else ""
        shown, searched = len(model.shown), self._window.records.field.text().strip()
        fitting = f" that fit{'s' if shown == 1 else ''} the search “{searched}”" if searched else ""
        some = f"{most:,} of " if 0 < most < shown else ""
        return f"{some}{counted(shown)}{fitting}{place}"

    def _start(self, among: str, most: int) -> None:
        if self._dialog is None:
            return
        shown: Sequence[Path] = self._window.records.model.shown
        self._scope, self._among = self._listed(most), among
        self._dialog.show_progress(0, 0, None, {})
        self._lister.ask(spread_over(shown, most or len(shown)))

    @staticmethod
    def _list(paths: list[Path], _: Cancelled) -> str:
        return listed_files(paths)

    def _ask(self, ticket: int, listed: str) -> None:
        if ticket == self._lister.ticket and self._dialog is not None:
            kept_back = self._window.control.review.desk.waiting
            self._window.judge.gather(listed, self._among, self._journal(), kept_back)

    def _stop(self) -> None:
        self._call_off()
        if self._dialog is not None:
            self._dialog.show_stopped()
            self._offer()

    def _journal(self) -> Path:
        """Return where what is found in the open folder is kept; its name does not tell which folder that is."""
        place = self._window.settings.value("population/kept") or (
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation) + "/explained"
        )
        opened = "\n".join(map(str, self._window.session.paths))
        return Path(str(place)) / f"{hashlib.sha256(opened.encode(errors='surrogateescape')).hexdigest()[:16]}.rows"

    def _progress(self, done: int, total: int, remaining: float, left_out: dict[str, int]) -> None:
        if self._dialog is not None:
            self._dialog.show_progress(done, total, remaining, left_out)

    def _take(self, table: PopulationTable, left_out: dict[str, int]) -> None:
        if self._dialog is None:
            return
        if table.model_hash != self._window.judge.model or table.among != self._among:
            self._fail("the model has changed meanwhile")
            return
        self._dialog.show_table(table, self._scope, left_out)

    def _fail(self, reason: str) -> None:
        if self._dialog is not None:
            self._dialog.show_failure(reason)
            self._offer()

    def _model_loaded(self) -> None:
        """Take a table away that another model has made."""
        if self._dialog is not None and self._dialog.shows_other_than(self._window.judge.model):
            self._dialog.show_start()
