"""Labels out of the store into files, and in from a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from ecgview.ui.background import Cancelled, Latest

if TYPE_CHECKING:
    from ecgview.review.store import Store
    from ecgview.ui.review.export_dialog import ExportDialog
    from ecgview.ui.window import MainWindow


class LabelFiles(QObject):
    """Commands that export and import labels; writing goes on beside the window and can be stopped."""

    _progressed = Signal(int)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: ExportDialog | None = None
        self._worker = Latest(self._write, "exporting labels", self)
        self._worker.answered.connect(self._written)
        self._worker.failed.connect(self._not_written)
        self._progressed.connect(self._say_progress)

    # ---------------------------------------------------------------- commands

    def save(self) -> None:
        """Ask what to export, and where to."""
        from ecgview.ui.review.export_dialog import ExportDialog

        desk = self._window.control.review.desk
        if not desk.reader:
            desk.ask_who(self.save)
            return
        dialog = self._dialog = ExportDialog(self._window.control.worklist.open_folder(), self._window)
        dialog.wanted.connect(self._begin)
        dialog.stopped.connect(self._stop)
        dialog.finished.connect(lambda _: self._forget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def load(self) -> None:
        """Ask for a table of labels and take them over, as the reader's unless it says whose they are."""
        desk = self._window.control.review.desk
        if not desk.reader:
            desk.ask_who(self.load)
            return
        dialog = QFileDialog(self._window, "Import labels", "", "Tables (*.csv);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.take_over(Path(name)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def take_over(self, path: Path) -> None:
        """Take the labels of a table over: all of them, or none where a row is at fault."""
        desk, reader = self._window.control.review.desk, self._window.control.review.desk.reader

        def work(store: Store) -> int:
            from ecgview.review.importing import read_csv

            with path.open(encoding="utf-8-sig", newline="") as stream:
                return len(store.append(read_csv(stream, path.name, reader)))

        def taken(count: int) -> None:
            self._window.state.say(f"{count:,} labels taken over from {path.name}")
            self._window.control.review.load()

        desk.keeper.ask(work, taken, lambda error: desk.tell("Nothing was taken over", str(error)))

    def close(self) -> None:
        """Stop what is being written and end the thread."""
        self._worker.close()

    # ---------------------------------------------------------------- how it is done

    def _begin(self, wish: dict[str, Any]) -> None:
        self._worker.ask({**wish, "store": self._window.control.review.desk.keeper.place})

    def _forget(self) -> None:
        self._worker.call_off()
        self._dialog = None

    def _stop(self) -> None:
        self._worker.call_off()
        if self._dialog is not None and self._dialog.bar.isVisible():
            self._dialog.say("Stopped; nothing was written")

    def _write(self, wish: dict[str, Any], cancelled: Cancelled) -> str:
        from ecgview.review.store import Store
        from ecgview.ui.review.export_dialog import COPIES, HISTORY

        path: Path = wish["path"]
        with Store(wish["store"], create=False) as store:
            if wish["what"] == COPIES:
                from ecgview.training.relabelled_folder import write_folder

                made = write_folder(
                    store,
                    wish["folder"],
                    path,
                    identified=wish["identified"],
                    progress=self._progressed.emit,
                    cancelled=cancelled,
                )
                return f"{made.records:,} records in {path.name}, {made.relabelled:,} relabelled, {made.marks:,} marks"
            return self._write_table(store, path, wish["what"] == HISTORY, wish["identified"], cancelled)

    def _write_table(self, store: Store, path: Path, history: bool, identified: bool, cancelled: Cancelled) -> str:
        from ecgview.review.export import write_csv, write_json

        writers = {".csv": write_csv, ".json": write_json}
        if path.suffix.lower() not in writers:
            raise ValueError(f"{path.name} ends neither in .csv nor in .json")
        unfinished = path.with_name(f".{path.name}.part")
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as stream:
                write = writers[path.suffix.lower()]
                count = write(store, stream, history, identified, None, cancelled, self._progressed.emit)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return f"{count:,} rows in {path.name}"

    def _say_progress(self, done: int) -> None:
        if self._dialog is not None and self._dialog.bar.isVisible():
            self._dialog.say(f"Writing: {done:,}", busy=True)

    def _written(self, ticket: int, words: str) -> None:
        if ticket == self._worker.ticket and self._dialog is not None:
            self._dialog.say(words)
            self._window.state.say(words)

    def _not_written(self, ticket: int, error: Any) -> None:
        if ticket == self._worker.ticket and self._dialog is not None:
            self._dialog.say(f"Not written: {error}")
