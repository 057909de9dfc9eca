"""Worklists: records in the order in which their labels deserve a look, each with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from ecgview.ui.review.definitions import definition
from ecgview.ui.review.looking import Looking
from ecgview.ui.review.queue_panel import QueueEntry, QueuePanel

if TYPE_CHECKING:
    from ecgview.record import Record
    from ecgview.review.events import Event
    from ecgview.review.store import Store
    from ecgview.ui.window import MainWindow

_STEPS = {"reading": "Reading records", "judging": "Judging records"}
_LISTED = 500
"""Records that are asked for in one question."""


class Worklist(QObject):
    """Commands on worklists; one is open at a time, in place of the record list."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._title = ""
        self._folder: Path | None = None
        self._panel: QueuePanel | None = None
        self._looking = Looking(self)
        self._looking.progressed.connect(self._progressed)
        self._looking.done.connect(self._made)
        self._looking.failed.connect(self._failed)

    # ---------------------------------------------------------------- commands

    def choose(self) -> None:
        """Ask which labels to look at first."""
        from ecgview.ui.review.worklist_dialog import WorklistDialog

        if not self._window.control.review.desk.reader:
            self._window.control.review.desk.ask_who(self.choose)
            return
        dialog = WorklistDialog(self.open_folder(), self._window)
        dialog.chosen.connect(self.make)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def end(self) -> str:
        """Close the worklist; the record list comes back."""
        self._looking.call_off()
        self._leave()
        return "The worklist is closed"

    def close(self) -> None:
        """End the process."""
        self._looking.call_off()

    # ---------------------------------------------------------------- for relabelling

    @property
    def place(self) -> int | None:
        """The place of the record shown."""
        return None if self._panel is None else self._panel.current

    def go_to(self, place: int) -> bool:
        """Show the record in a place; tell whether there is a worklist."""
        if self._panel is None or not 0 <= place < len(self._panel.entries):
            return False
        self._panel.go_to(place)
        return True

    def asked(self, digest: str) -> list[tuple[str, str]]:
        """Return the class the worklist asks for on a record, with the reason."""
        if self._panel is None or self._panel.current is None:
            return []
        entry = self._panel.entries[self._panel.current]
        return [(entry.code, entry.why)] if entry.record_hash == digest else []

    def check(self, record: Record) -> None:
        """Say so where a file is not the recording that the worklist means."""
        if self._panel is not None and self._panel.current is not None:
            entry = self._panel.entries[self._panel.current]
            if entry.path == record.path and entry.record_hash != record.content_hash:
                self._window.state.say("This file holds another recording than the worklist means")

    def note_decided(self, digest: str, codes: set[str]) -> None:
        """Note which classes of a record the reader has decided on."""
        if self._panel is not None:
            for place, entry in enumerate(self._panel.entries):
                if entry.record_hash == digest:
                    self._panel.set_done(place, entry.code in codes)

    # ---------------------------------------------------------------- how it is done

    def open_folder(self) -> Path | None:
        """Return the folder that is open, None where single files are."""
        paths = self._window.session.paths
        return paths[0] if len(paths) == 1 and paths[0].is_dir() else None

    def make(self, wish: dict[str, Any]) -> None:
        """Have a worklist made."""
        from ecgview.ui.review.worklist_dialog import ORDERS

        self._window.control.rounds.leave()
        desk = self._window.control.review.desk
        self._title = ORDERS[wish["order"]][0]
        self._folder = Path(wish["folder"]) if wish["folder"] else None
        panel = self._opened()
        panel.show_busy(self._title, "Making the worklist")
        reader = desk.reader if wish.pop("without") else ""
        self._looking.ask({**wish, "store": desk.keeper.place, "reader": reader})

    def _opened(self) -> QueuePanel:
        if self._panel is None:
            self._panel = QueuePanel()
            self._panel.chosen.connect(self._show)
            self._panel.stopped.connect(lambda: self._window.state.say(self.end()))
        self._window.records.invite(self._panel)
        self._window.records.show()
        self._window.commands.check("panes.record_list", True)
        self._window.commands.meet("worklist", True)
        return self._panel

    def _leave(self) -> None:
        panel, self._panel = self._panel, None
        self._window.commands.meet("worklist", False)
        if panel is not None:
            if self._window.records.guest is panel:
                self._window.records.invite(None)
            panel.deleteLater()

    def _progressed(self, step: str, done: int, total: int) -> None:
        if self._panel is not None:
            of = f" of {total:,}" if total else ""
            self._panel.say_progress(f"{_STEPS[step]}: {done:,}{of}", done, total)

    def _made(self, answer: dict[str, Any]) -> None:
        if self._panel is None:
            return
        files = Files(self._folder, self._window.records.model.paths)
        entries = [
            QueueEntry(
                title=Path(item["record_name"]).stem,
                path=files.find(item["record_name"]),
                record_hash=item["record_hash"],
                code=item["code"],
                class_name=definition(item["code"]).name,
                why=f"{item['why'][:1].upper()}{item['why'][1:]}",
            )
            for item in answer["items"]
            # What waits in a round of the reader must not be told by a worklist.
            if item["record_hash"] not in self._window.control.review.desk.waiting
        ]
        if not entries:
            self._failed("No label fits: nothing is left to look at in this order.")
            return
        self._panel.show_entries(self._title, entries)
        self._ask_done([entry.record_hash for entry in entries])
        if not self._panel.begin():
            self._failed("None of these records is in the open folder. Open the folder they lie in.")
        elif answer["left_out"]:
            self._window.state.say(f"{answer['left_out']:,} files were left out: no label, or not judged")

    def _failed(self, reason: str) -> None:
        self._leave()
        self._window.control.review.desk.tell("There is no worklist", reason)

    def _ask_done(self, digests: list[str]) -> None:
        """Ask which of these the reader has decided on before."""
        desk = self._window.control.review.desk
        reader = desk.reader

        def work(store: Store) -> list[Event]:
            found: list[Event] = []
            for first in range(0, len(digests), _LISTED):
                found += store.current_labels(reader=reader, record_hash=digests[first : first + _LISTED])
            return found

        def take(found: list[Event]) -> None:
            decided: dict[str, set[str]] = {}
            for event in found:
                decided.setdefault(event.record_hash, set()).add(event.code)
            for digest, codes in decided.items():
                self.note_decided(digest, codes)

        desk.keeper.ask(work, take, lambda error: self._window.state.say(str(error)))

    def _show(self, place: int) -> None:
        if self._panel is not None and (path := self._panel.entries[place].path) is not None:
            self._window.records.follow(path)


class Files:
    """Finds files by the names that tables and rounds keep.

    Parameters
    ----------
    folder : Path or None
        Names are looked for below it.
    paths : sequence of Path
        Otherwise among these, by the end of the path or by the name without its ending.
    """

    def __init__(self, folder: Path | None, paths: Any) -> None:
        self._folder = folder
        self._by_stem: dict[str, Path] = {}
        for path in paths:
            self._by_stem.setdefault(path.stem, path)

    def find(self, name: str) -> Path | None:
        """Return the file, None where there is none."""
        if self._folder is not None:
            for path in (self._folder / name, self._folder / f"{name}.hea"):
                if path.is_file():
                    return path
        return self._by_stem.get(Path(name).stem) or self._by_stem.get(Path(name).name)
