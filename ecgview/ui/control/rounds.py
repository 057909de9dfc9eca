"""Reading rounds: one's own readings, blinded, locked, revealed, looked at again; and disagreements."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Qt

from ecgview.ui.control.worklist import Files
from ecgview.ui.review import sitting
from ecgview.ui.review.definitions import definition
from ecgview.ui.review.queue_panel import QueueEntry, QueuePanel
from ecgview.ui.review.sitting import RoundState, Task

if TYPE_CHECKING:
    from pathlib import Path

    from ecgview.record import Record
    from ecgview.review.events import Entry
    from ecgview.review.rounds import Revelation
    from ecgview.review.store import Store
    from ecgview.ui.control.review import Review
    from ecgview.ui.window import MainWindow

HIDDEN = "Hidden until you have locked this reading"
_WHY = "Label, model, explanation, measured values and other readers' answers are shown after that."
_WAITS = "This record waits in one of your reading rounds"


class Rounds(QObject):
    """Commands on reading rounds, and what must not be shown while one is read.

    While a reading is open nothing of label, model, explanation or other readers is shown
    anywhere, nor the file's name. The model is not even asked. Measured values are hidden as well: in
    the study of left axis deviation the measured axis is what takes the model's place.
    """

    def __init__(self, window: MainWindow, review: Review) -> None:
        super().__init__(window)
        self._window = window
        self._kind: Literal["reading", "disagreement"] = "reading"
        self._identifier = ""
        self._tasks: list[Task] = []
        self._panel: QueuePanel | None = None
        self._task: Task | None = None
        self._busy = False
        self._desk = review.desk
        review.desk.reader_changed.connect(self._reader_changed)

    # ---------------------------------------------------------------- what is hidden

    @property
    def task(self) -> Task | None:
        """The record that is read in a round; None outside of rounds."""
        return self._task

    @property
    def title(self) -> str:
        """What the record shown may be called; empty where it may have its name."""
        return "" if self._task is None else self._task.title

    @property
    def blinded(self) -> bool:
        """Whether label, model and others must not be seen now, whatever is shown."""
        return self._task is not None and self._task.stage in ("open", "locked")

    def hides(self, record: Record) -> bool:
        """Whether nothing of label and model may be shown of a record, in a round or because it waits in one."""
        return self.blinded or (self._task is None and record.content_hash in self._desk.waiting)

    # ---------------------------------------------------------------- commands

    def new(self) -> None:
        """Ask for what a round needs, and make one."""
        from ecgview.ui.review.round_dialog import RoundDialog

        desk = self._window.control.review.desk
        if not desk.reader:
            desk.ask_who(self.new)
            return
        folder = self._window.control.worklist.open_folder()
        dialog = RoundDialog(folder, desk.reader, desk.keeper.place, self._window)
        dialog.made.connect(self._made)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def choose(self) -> None:
        """Show the rounds in which the reader has something to do."""
        desk = self._window.control.review.desk
        if not desk.reader:
            desk.ask_who(self.choose)
            return
        reader = desk.reader
        self._ask(lambda store: sitting.states(store, reader), self._offer)

    def leave(self) -> str:
        """Go back to the record list; what was answered and not locked is forgotten."""
        if self._panel is None:
            return ""
        panel, self._panel = self._panel, None
        self._task, self._tasks = None, []
        window = self._window
        if window.records.guest is panel:
            window.records.invite(None)
        panel.deleteLater()
        window.control.review.end_reading()
        self._blind()
        current = window.records.current
        if current is not None:
            window.records.follow(current)
        return "The readings are closed; what was not locked is not kept"

    # ---------------------------------------------------------------- for relabelling

    def put(self, code: str, change: Callable[[Entry], Entry], blank: Entry) -> str:
        """Answer for a class of the round."""
        task = self._task
        assert task is not None
        if code not in task.codes:
            return f"This round does not ask for: {definition(code).name}"
        if task.stage in ("locked", "finished"):
            return "This reading is locked; it cannot be changed"
        task.draft[code] = change(task.draft.get(code, blank))
        self._show_task()
        rest = [each for each in task.codes if each not in task.draft]
        if rest and task.stage == "open":
            self._window.labels.choose(rest[0])
        return f"{definition(code).name}: {task.draft[code].decision}"

    def accept(self) -> str:
        """Lock the reading, keep the second look, or decide the disagreement; then show the next record."""
        task = self._task
        if task is None or self._busy:
            return ""
        if task.stage in ("locked", "finished"):
            return self._next()
        if not task.complete:
            return "Each class wants an answer: present, absent or uncertain"
        self._busy = True
        identifier, reader = self._identifier, self._window.control.review.desk.reader
        if self._kind == "disagreement":
            self._write(partial(sitting.adjudicate, identifier=identifier, reader=reader, task=task), task, "finished")
        elif task.stage == "revealed":
            self._write(partial(sitting.look_again, identifier=identifier, reader=reader, task=task), task, "finished")
        else:
            seen = {"label": False, "model": False, "measured_values": False, "other_readers": False}
            lock = partial(sitting.lock, identifier=identifier, reader=reader, task=task, visible=seen)
            self._write(lock, task, "locked")
        return ""

    # ---------------------------------------------------------------- how it is done

    def _reader_changed(self) -> None:
        """Close what another reader had open, and hide what waits for this one."""
        self._end_tables()
        if self._panel is not None:
            self.leave()
        else:
            self._hide_what_waits()

    def _hide_what_waits(self) -> None:
        """Show a record anew of which nothing may be told any more."""
        window, record = self._window, self._window.sheet.record
        if record is not None and self.hides(record) and window.records.current is not None:
            window.records.follow(window.records.current)

    def _end_tables(self) -> None:
        """Close a table over many records: it may tell of some that wait now."""
        if self._desk.waiting:
            self._window.control.population.end()

    def _made(self) -> None:
        """Find out which records wait in a new round."""
        reader = self._desk.reader

        def take(found: set[str]) -> None:
            self._desk.waiting = found
            self._end_tables()
            self._hide_what_waits()

        self._ask(lambda store: sitting.waiting(store, reader), take)

    def _offer(self, states: list[RoundState]) -> None:
        from ecgview.ui.review.rounds_dialog import RoundsDialog

        dialog = RoundsDialog(states, self._window.control.review.desk.reader, self._window)
        dialog.read.connect(self.open)
        dialog.decide.connect(self.decide)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def open(self, identifier: str, title: str) -> None:
        """Open the reader's readings of a round."""
        reader = self._window.control.review.desk.reader
        self._ask(
            lambda store: sitting.readings(store, identifier, reader),
            lambda tasks: self._sit_down("reading", identifier, title, tasks),
        )

    def decide(self, identifier: str, title: str) -> None:
        """Open the disagreements of a round."""
        reader = self._window.control.review.desk.reader
        self._ask(
            lambda store: sitting.disagreements(store, identifier, reader),
            lambda tasks: self._sit_down("disagreement", identifier, title, tasks),
        )

    def _sit_down(
        self, kind: Literal["reading", "disagreement"], identifier: str, title: str, tasks: list[Task]
    ) -> None:
        window = self._window
        window.control.worklist.end()
        files = Files(window.control.worklist.open_folder(), window.records.model.paths)
        entries = [
            QueueEntry(task.title, files.find(task.record_name), task.record_hash, done=task.stage != "open")
            for task in tasks
        ]
        if not any(entry.path is not None for entry in entries):
            window.control.review.desk.tell(
                "The records of this round are not open", "Open the folder they lie in, and then your readings."
            )
            return
        self._kind, self._identifier, self._tasks = kind, identifier, tasks
        panel = self._panel = QueuePanel()
        panel.chosen.connect(self._show)
        panel.stopped.connect(lambda: window.state.say(self.leave()))
        noun = "locked" if kind == "reading" else "decided"
        panel.show_entries(title, entries, noun=noun, filters=False)
        window.records.invite(panel)
        window.records.show()
        window.commands.check("panes.record_list", True)
        window.control.review.begin_reading({code for task in tasks for code in task.codes})
        panel.begin()

    def _show(self, place: int) -> None:
        """Show a record; what must be hidden is hidden before anything of it is read."""
        path: Path | None = None if self._panel is None else self._panel.entries[place].path
        if path is None:
            return
        self._task = self._tasks[place]
        self._blind()
        self._window.records.follow(path)
        known = self._task.stage == "finished" and self._task.told
        if self._kind == "reading" and self._task.stage != "open" and not known:
            self._reveal(self._task)

    def _blind(self) -> None:
        """Hide all that tells, or show it again."""
        window, blinded = self._window, self.blinded
        window.commands.meet("unblinded", not blinded)
        window.commands.meet("readings", self._panel is not None)
        window.control.explain.conceal(blinded)
        if blinded:
            window.judge.call_off()
            window.control.population.end()
            window.control.sharing.forget_identity()
            # What still shows is of the record before.
            window.title.setText(self.title)
            window.subtitle.setText("")
            window.facts.show_message("Reading the record")
            window.labels.show_message("Reading the record")
            self.show_hidden()

    def show_hidden(self) -> None:
        """Say in place of findings why there are none."""
        words = (HIDDEN, _WHY) if self.blinded else (_WAITS, f"{HIDDEN[:1].lower()}{HIDDEN[1:]}".capitalize())
        for panel in (self._window.findings, self._window.why, self._window.measurements):
            panel.show_message(*words)
        self._window.state.setText("Blinded reading" if self.blinded else _WAITS)

    def show_task(self) -> None:
        """Show the classes that are asked for; the record has come."""
        self._show_task()

    def _show_task(self) -> None:
        task = self._task
        if task is None:
            return
        rows, words = task.rows(), self._action(task)
        self._window.control.review.show_reading(rows, self._doing(task))
        self._window.labels.show_action(words, task.complete or task.stage in ("locked", "finished"))

    def _doing(self, task: Task) -> str:
        if self._kind == "disagreement":
            return "Deciding"
        return "Blinded reading" if self.blinded else "Second look"

    def _action(self, task: Task) -> str:
        if task.stage in ("locked", "finished"):
            return "Next"
        if self._kind == "disagreement":
            return "Decide and next"
        return "Lock this reading" if task.stage == "open" else "Keep second look and next"

    def _write(self, doing: Callable[[Store], None], task: Task, stage: sitting.Stage) -> None:
        def done(_: object) -> None:
            self._busy = False
            task.stage = stage
            self._tick()
            if stage != "locked":
                self._window.state.say(self._next())
                return
            if task.record_hash not in {other.record_hash for other in self._tasks if other.stage == "open"}:
                self._desk.waiting.discard(task.record_hash)
            self._reveal(task, go_on=True)

        def failed(error: Exception) -> None:
            self._busy = False
            self._window.control.review.desk.tell("This was not written down", str(error))

        self._window.control.review.desk.keeper.ask(lambda store: doing(store), done, failed)

    def _reveal(self, task: Task, go_on: bool = False) -> None:
        """Tell what label, model and others say, where that may be told now; else go on."""
        identifier, reader = self._identifier, self._window.control.review.desk.reader

        def take(found: list[Revelation] | None) -> None:
            if task is not self._task:
                return
            if found is None:
                if go_on:
                    self._window.state.say(self._next())
                return
            task.tell(found)
            self._blind()
            # Once more, with all that may be seen now.
            if self._window.records.current is not None:
                self._window.records.follow(self._window.records.current)

        self._ask(lambda store: sitting.reveal(store, identifier, reader, task.identifier), take)

    def _tick(self) -> None:
        if self._panel is not None:
            for place, task in enumerate(self._tasks):
                self._panel.set_done(place, task.stage != "open")

    def _next(self) -> str:
        if self._panel is not None and self._panel.step(1):
            return ""
        if all(task.stage != "open" for task in self._tasks):
            return "All are locked" if self._kind == "reading" else "All are decided"
        return "This is the last one; some before it are still open"

    def _ask(self, work: Callable[[Store], Any], take: Callable[[Any], None]) -> None:
        desk = self._window.control.review.desk
        desk.keeper.ask(work, take, lambda error: desk.tell("The rounds cannot be read", str(error)))
