"""Comparing two records, and finding a patient's others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ecgview.signal.difference import differences
from ecgview.ui.compare.loading import Compared, Comparer
from ecgview.ui.compare.same_patient import Others, SamePatient, Wanted

if TYPE_CHECKING:
    from ecgview.record import Record
    from ecgview.signal.values import Measurements
    from ecgview.ui.compare.pane import ComparePane
    from ecgview.ui.compare.shared_view import SharedView
    from ecgview.ui.theme import Theme
    from ecgview.ui.window import MainWindow

_PAPER = 1.85
"""Width of a sheet against its height, roughly."""


class Compare:
    """Commands on comparing. A comparison is of the record shown; it ends with it."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._record: Record | None = None
        self._measured: Measurements | None = None
        self._others: Others | None = None
        self._other: Compared | None = None
        self._wanted: Path | None = None
        self._pane: ComparePane | None = None
        self._shared: SharedView | None = None
        self._comparer = Comparer(window)
        self._comparer.ready.connect(self._ready)
        self._comparer.refused.connect(self._refused)
        self._same = SamePatient(window)
        self._same.found.connect(self._take_others)
        window.records.chosen.connect(lambda _: self._end())
        window.sheet.record_changed.connect(self._record_changed)
        window.measurer.measured.connect(self._take_measured)
        window.measurer.failed.connect(lambda _: self._look_for_others())
        window.measurer.beats_found.connect(lambda _: self._show_beats())
        window.records.folder.listed.connect(lambda _: self._look_for_others())
        window.facts.compare_asked.connect(self._with)

    # ---------------------------------------------------------------- commands

    def choose(self) -> None:
        """Ask which record to compare with."""
        from ecgview.ui.compare.choosing import ChooseRecord

        if self._record is None:
            return
        here = self._record.path
        first = [other.path for other in self._others.found] if self._others is not None else []
        own = {here, *first}
        rest = [path for path in self._window.records.model.paths if path not in own]
        dialog = ChooseRecord(first, rest, self._window)
        dialog.chosen.connect(self._with)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def with_earlier(self) -> str:
        """Compare with the last record of the same patient before this one."""
        record, others = self._record, self._others
        earlier = others.earlier(record.recorded_at) if others is not None and record is not None else None
        if earlier is None:
            return "No earlier record of this patient is known"
        self._with(earlier.path)
        return f"Compared with {earlier.path.stem}"

    def view(self, name: str) -> None:
        """Show the other record's sheet, or both average beats over each other."""
        if self._pane is not None:
            self._pane.show_view(name)
        self._window.commands.choose("compare.view", name)

    def end(self) -> str:
        """Show the record alone again."""
        self._end()
        return "The comparison is closed"

    def close(self) -> None:
        """End the threads."""
        self._comparer.close()
        self._same.close()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        if self._pane is not None:
            self._pane.set_theme(theme)

    # ---------------------------------------------------------------- other records of the patient

    def _record_changed(self) -> None:
        self._end()
        self._record = self._window.sheet.record
        self._measured, self._others = None, None
        self._same.call_off()
        self._window.commands.meet("earlier", False)

    def _take_measured(self, measured: Measurements) -> None:
        if self._record is not None and self._record.content_hash == measured.record_hash:
            self._measured = measured
            self._show_beats()
            # Only now: the machine has read and measured what is looked at first.
            self._look_for_others()

    def _look_for_others(self) -> None:
        record = self._record
        if record is None or self._window.control.rounds.blinded:
            return
        if record.patient.identifier is None:
            self._window.facts.show_others("", ())
            return
        self._same.ask(Wanted(record.patient.identifier, record.path, self._window.records.model.paths))

    def _take_others(self, others: Others) -> None:
        record = self._record
        if record is None or record.path != others.path:
            return
        self._others = others
        earlier = others.earlier(record.recorded_at)
        self._window.commands.meet("earlier", earlier is not None)
        count = len(others.found)
        said = f"{count or 'No'} other {'record' if count == 1 else 'records'} of this patient"
        if others.looked_at < others.listed:
            said += f" among the {others.looked_at:,} nearest in the list"
        entries = [
            (
                f"{other.path.stem}" + (f", {other.recorded_at:%d %b %Y}" if other.recorded_at is not None else ""),
                other.path,
                other is earlier,
            )
            for other in others.found
        ]
        self._window.facts.show_others(said, entries)

    # ---------------------------------------------------------------- the comparison

    def _with(self, path: Path) -> None:
        """Begin to compare with a record."""
        if self._record is None:
            return
        pane = self._opened()
        self._other, self._wanted = None, path
        pane.show_message(path.stem, "Reading the record", busy=True)
        self._comparer.ask(path)

    def _opened(self) -> ComparePane:
        if self._pane is None:
            self._window.control.beside.end()  # there is room for one sheet beside the record's
            from ecgview.ui.compare.pane import ComparePane
            from ecgview.ui.compare.shared_view import SharedView

            window = self._window
            pane = self._pane = ComparePane(window.sheet.theme)
            if window.sheet.calibration is not None:
                pane.sheet.set_calibration(window.sheet.calibration)
            pane.closed.connect(lambda: window.state.say(self.end()))
            pane.view_chosen.connect(self.view)
            pane.show_view("sheet")
            area = window.sheets.size()
            wide = area.width() / 2 * min(1.0, 2 * area.height() * _PAPER / max(1, area.width()))
            stacked = min(area.width(), area.height() / 2 * _PAPER)
            window.sheets.setOrientation(Qt.Orientation.Horizontal if wide > stacked else Qt.Orientation.Vertical)
            window.sheets.addWidget(pane)
            length = area.width() if wide > stacked else area.height()
            above = 0 if wide > stacked else pane.title.sizeHint().height() * 2
            window.sheets.setSizes([(length - above) // 2, (length + above) // 2])
            self._shared = SharedView(window.sheet, pane.sheet)
            window.commands.meet("comparison", True)
            window.commands.choose("compare.view", "sheet")
        return self._pane

    def _ready(self, path: Path, other: Compared) -> None:
        if self._pane is None or path != self._wanted:
            return
        self._other = other
        self._pane.show_record(other.record)
        self._pane.sheet.set_beats(other.found)
        self._show_beats()

    def _refused(self, path: Path, reason: str) -> None:
        if self._pane is not None and path == self._wanted:
            detail = f"{reason[:1].upper()}{reason[1:]}\n{path}"
            self._pane.show_message(path.stem, "This file cannot be read", detail)

    def _show_beats(self) -> None:
        record, other = self._record, self._other
        if self._pane is None or record is None or other is None:
            return
        found = self._window.control.beats.found
        # Each by its content: nothing that was found in another recording stands here.
        if found is not None and found.record_hash != record.content_hash:
            found = None
        theirs = other.found if other.found and other.found.record_hash == other.record.content_hash else None
        changes = differences(self._measured, other.measured) if self._measured and other.measured else ()
        names = record.name, other.record.name
        self._pane.show_beats(found, theirs, names, changes, self._window.sheet.format)

    def _end(self) -> None:
        self._comparer.call_off()
        self._other, self._wanted = None, None
        pane, self._pane = self._pane, None
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
        self._window.commands.meet("comparison", False)
