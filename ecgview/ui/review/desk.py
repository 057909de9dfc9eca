"""The reader's desk: who is reading, where labels are kept, and what is on its way to the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QMessageBox

from ecgview.review.events import Entry, Event
from ecgview.ui.review.history import History, Step
from ecgview.ui.review.keeper import Keeper
from ecgview.ui.review.sitting import waiting

if TYPE_CHECKING:
    from ecgview.review.store import Store
    from ecgview.ui.window import MainWindow

_STORE = "review/store"
_NAME = "review/name"


@dataclass(frozen=True, slots=True, eq=False)
class _Writing:
    step: Step
    doing: Callable[[Store], None]
    undoes: bool


class Desk(QObject):
    """Where a reader sits down. Nobody does so silently: the name is asked for at each start.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    reader : str
        Empty while nobody is reading.
    waiting : set of str
        Content hashes of records that the reader still has to read blinded in a round.
    keeper : Keeper
    history : History
    reader_changed : Signal()
        Another reader, or another store.
    begun : Signal()
        Something is on its way to the disk.
    written : Signal(str, list of Event)
        A record's content hash and the labels that hold now, all of them on disk.
    left_out : Signal()
        Something could not be written and was given up.
    """

    reader_changed = Signal()
    begun = Signal()
    written = Signal(str, object)
    left_out = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.reader = ""
        self.waiting: set[str] = set()
        self.history = History()
        self.keeper = Keeper(self)
        self.keeper.place = str(window.settings.value(_STORE, "")) or default_place()
        self._writing: list[_Writing] = []
        self._finished: list[_Writing] = []
        self._gate: Callable[[], None] | None = None

    def close(self) -> None:
        """Write what is still to be written and end the thread."""
        self.keeper.close()

    # ---------------------------------------------------------------- who

    def ask_who(self, then: Callable[[], object] | None = None) -> None:
        """Ask who is reading and where labels are kept, and then go on; not where the answer is no."""
        from ecgview.ui.review.who import WhoDialog

        name = self.reader or str(self._window.settings.value(_NAME, ""))
        dialog = WhoDialog(name, self.keeper.place, self._window)
        dialog.chosen.connect(lambda name, place: self.sit_down(name, place, then))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def sit_down(self, name: str, place: str, then: Callable[[], object] | None = None) -> None:
        """Open the store for a reader; only when that has succeeded is anybody reading.

        Parameters
        ----------
        name : str
            Of the reader.
        place : str
            The store's file or server.
        then : callable, optional
            What to go on with.
        """
        before, self.keeper.place = self.keeper.place, place

        def work(store: Store) -> set[str]:
            return waiting(store, name)

        def opened(found: set[str]) -> None:
            self.waiting = found
            if (name, place) != (self.reader, before):
                # What another reader did, or what lies in another store, is not this reader's to undo.
                self.history = History()
            self.reader = name
            self._window.settings.setValue(_NAME, name)
            self._window.settings.setValue(_STORE, place)
            self.reader_changed.emit()
            if then is not None:
                then()

        def failed(error: Exception) -> None:
            self.keeper.place = before
            self.tell("Labels cannot be kept there", str(error))

        self.keeper.ask(work, opened, failed)

    # ---------------------------------------------------------------- writing

    @property
    def writing(self) -> bool:
        """Whether something is on its way to the disk."""
        return bool(self._writing)

    @property
    def gated(self) -> bool:
        """Whether something waits for what is being written."""
        return self._gate is not None

    def after_writing(self, go_on: Callable[[], None]) -> None:
        """Go on as soon as all that was decided is on disk, at once where it is; the last one asked does."""
        if self._writing:
            self._gate = go_on
        else:
            go_on()

    def being_given(self, digest: str) -> Iterator[Entry]:
        """Go through the labels on a record that are on their way to the disk."""
        for writing in self._writing:
            if writing.step.record_hash == digest and not writing.undoes:
                yield from writing.step.entries

    def write(self, step: Step, undo: bool = False) -> None:
        """Have a step done, or undone, in the store."""
        self._write(_Writing(step, step.undo if undo else step.do, undo))

    def _write(self, writing: _Writing) -> None:
        self._writing.append(writing)
        digest = writing.step.record_hash

        def work(store: Store) -> list[Event] | None:
            writing.doing(store)
            # Where more is on its way, what holds now is asked for once, after the last of it.
            return list(store.current_labels(record_hash=digest)) if writing is self._writing[-1] else None

        self.keeper.ask(work, partial(self._written, writing), partial(self._not_written, writing))
        self.begun.emit()

    def _written(self, writing: _Writing, labels: list[Event] | None) -> None:
        if labels is None:
            self._finished.append(writing)
            return
        self._settle(writing)
        self.written.emit(writing.step.record_hash, labels)
        self._open_gate()

    def _settle(self, writing: _Writing) -> None:
        self._writing = [other for other in self._writing if other is not writing and other not in self._finished]
        self._finished.clear()

    def _not_written(self, writing: _Writing, error: Exception) -> None:
        """Ask what to do; the next record waits for the answer."""
        box = self._box("The label is not on disk", str(error))
        again = box.addButton("Try again", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Leave it out", QMessageBox.ButtonRole.RejectRole)

        def answered(button: object) -> None:
            self._settle(writing)
            if button is again:
                self._write(writing)
            else:
                self.history.forget([writing.step])
                self.left_out.emit()
                self._open_gate()

        box.buttonClicked.connect(answered)
        box.open()

    def _open_gate(self) -> None:
        if not self._writing and self._gate is not None:
            gate, self._gate = self._gate, None
            gate()

    # ---------------------------------------------------------------- words

    def tell(self, title: str, words: str) -> None:
        """Say what went wrong, in a box."""
        box = self._box(title, words)
        box.setStandardButtons(QMessageBox.StandardButton.Ok)
        box.open()

    def _box(self, title: str, words: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(title)
        box.setText(title)
        box.setInformativeText(words)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return box


def default_place() -> str:
    """Return the file in the user's data folder where labels are kept unless another is named."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return str(Path(folder) / "labels.sqlite")
