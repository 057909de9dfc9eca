"""Relabelling: who reads, single keys, decisions on disk before the next record shows, undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ecgview.review.events import Decision, Entry, EntryError, Event, Region
from ecgview.ui.review.definitions import definition
from ecgview.ui.review.desk import Desk
from ecgview.ui.review.history import Step
from ecgview.ui.review.mode import RelabellingMode
from ecgview.ui.review.rows import CONFIDENCES, Row, of_record

if TYPE_CHECKING:
    from ecgview.model.prediction import Prediction
    from ecgview.record import Record
    from ecgview.signal.values import Measurements
    from ecgview.ui.review.sitting import Task
    from ecgview.ui.window import MainWindow


class Review(QObject):
    """Commands on labels, and what readers say of the record shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.desk = Desk(window)
        self._mode = RelabellingMode(window, self)
        self._record: Record | None = None
        self._events: list[Event] = []
        self._model = ""
        self._measured = False
        panel, card = window.labels, window.labels.card
        panel.relabelling.connect(self.relabel)
        panel.class_given.connect(lambda code: self.decide_on(code, "present"))
        panel.who_asked.connect(self.who)
        panel.acted.connect(self.accept)
        panel.chosen.connect(self._chosen)
        panel.left.connect(window.sheet.setFocus)
        card.decided.connect(self.decide)
        card.sure.connect(self.sure)
        card.noted.connect(self._note_down)
        card.mark_asked.connect(self.mark)
        card.take_back_asked.connect(self.take_back)
        window.sheet.regions.marked.connect(self._mark_down)
        window.sheet.regions.laid_down.connect(lambda: self._say("Nothing was marked"))
        window.judge.judged.connect(self._take_prediction)
        window.measurer.measured.connect(self._take_measured)
        panel.show_action("Accept all and next")
        self.desk.reader_changed.connect(self._reader_changed)
        self.desk.written.connect(self._written)
        self.desk.begun.connect(self._show_rows)
        self.desk.left_out.connect(self.load)

    # ---------------------------------------------------------------- commands

    def relabel(self, on: bool) -> str:
        """Let single keys give labels, or not any more; who is reading is asked for first."""
        window = self._window
        if on and not self.desk.reader:
            self._show_mode()
            self.desk.ask_who(lambda: self._switch(True))
            return ""
        self._switch(on)
        if not on:
            return "Keys give no labels any more"
        window.sheet.setFocus()
        return f"Keys give labels, as {self.desk.reader}; Esc ends it"

    def stop(self) -> str:
        """End relabelling; a reading round is left by its own command."""
        if self._window.control.rounds.task is not None:
            return self._say("Close the readings to leave them: menu Label")
        return self._say(self.relabel(False))

    def who(self) -> None:
        """Ask who is reading, and where labels are kept."""
        self.desk.ask_who()

    def give(self) -> None:
        """Go to the field where a class is searched for."""
        if self._window.control.rounds.task is not None:
            return
        self._show_tab()
        self._window.labels.search()

    def decide(self, decision: Decision) -> str:
        """Say of the chosen class that it is present, absent or uncertain."""
        row = self._window.labels.row
        return self.decide_on(row.code, decision) if row is not None and row.code else "No class is chosen"

    def decide_on(self, code: str, decision: Decision) -> str:
        """Say of a class that it is present, absent or uncertain."""
        before = self._own(code)
        if before is not None and before.decision == decision:
            self._window.labels.choose(code)
            return self._say(f"{definition(code).name}: {decision} already")
        return self._put(code, lambda entry: replace(entry, decision=decision, confidence=None))

    def sure(self, confidence: float | str) -> str:
        """Say how sure the decision on the chosen class is."""
        value = float(confidence)
        said = next(name for name, kept in CONFIDENCES.items() if kept == value).lower()
        return self._alter(lambda entry: replace(entry, confidence=value), said)

    def note(self) -> None:
        """Go to the note on the chosen class."""
        field = self._window.labels.card.note
        if field.isEnabled():
            self._show_tab()
            field.setFocus()
            field.selectAll()

    def mark(self) -> str:
        """Mark a stretch of a lead: that of the chosen caliper, or the next one drawn on the sheet."""
        row, sheet = self._window.labels.row, self._window.sheet
        if row is None or row.own is None:
            return self._say("Decide first, then mark where it is seen")
        caliper = sheet.calipers.book.caliper
        if caliper is not None and caliper.kind == "time" and self._record is not None:
            start, end = (sample / self._record.hz for sample in caliper.legs)
            self._mark_down(caliper.lead, start, end)
            return ""
        sheet.regions.switch(True)
        return self._say("Drag along a lead to mark where it is seen; Esc leaves it")

    def take_back(self) -> str:
        """Take the label on the chosen class back."""
        if self._window.control.rounds.task is not None:
            return self._say("An answer can be changed until it is locked; it cannot be left out")
        row, record = self._window.labels.row, self._record
        own = None if row is None else self._own(row.code)
        if record is None or own is None:
            return self._say("You have not decided on the chosen class")
        if not isinstance(own, Event):
            return self._say("The label is not on disk yet")
        step = Step(record.path, self._place(), taken_back=(own,))
        self.desk.history.add(step)
        self.desk.write(step)
        return self._say(f"{definition(own.code).name}: taken back")

    def walk(self, step: str) -> None:
        """Choose the next class, or with -1 the one before."""
        self._window.labels.walk(int(step))

    def accept(self) -> str | None:
        """Agree with the labels as they stand, and show the next record."""
        if not self._ready():
            return self._say(self._why_not_ready())
        if self._window.control.rounds.task is not None:
            return self._say(self._window.control.rounds.accept())
        if not self.desk.reader:
            self.desk.ask_who(self.accept)
            return None
        accepted = [row for row in self._window.labels.rows if row.accepted is not None]
        if accepted:
            self._give([self._entry(row.code, row.accepted) for row in accepted])
        moved = self._window.control.records.next_record()
        count = "No label was left to accept" if not accepted else f"{len(accepted)} accepted"
        return self._say(f"{count}. {moved}" if moved else count)

    def undo(self) -> str:
        """Take the last step back, on the record where it was made."""
        step = None if self._window.control.rounds.task is not None else self.desk.history.back()
        if step is None:
            return self._say("There is no label to undo")
        self.desk.write(step, undo=True)
        self._go_to(step)
        return self._say(f"Undone: {_names(step)}")

    def redo(self) -> str:
        """Do again what was undone last, on its record."""
        step = None if self._window.control.rounds.task is not None else self.desk.history.forward()
        if step is None:
            return self._say("There is no label to redo")
        self.desk.write(step)
        self._go_to(step)
        return self._say(f"Redone: {_names(step)}")

    # ---------------------------------------------------------------- the way of a record

    def show_record(self, record: Record) -> None:
        """Show a record's own labels and, when they are known, those of readers."""
        self._record, self._events, self._model, self._measured = record, [], "", False
        self._window.sheet.regions.switch(False)
        rounds = self._window.control.rounds
        if rounds.task is not None:
            self._show_task(rounds.task)
            return
        if rounds.hides(record):
            self._record = None
            self._window.labels.show_message("This record waits in one of your reading rounds", "Read it there first.")
            self._window.sheet.regions.show(None)
            return
        self._window.labels.show_record(record)
        self._window.control.worklist.check(record)
        asked = self._asked()
        self._show_rows(asked[0][0] if asked else None)
        self.load()

    def _show_task(self, task: Task) -> None:
        record = self._record
        if record is not None and record.content_hash != task.record_hash:
            self._record = None
            self._window.labels.show_message(
                "This is not the recording of the round", "The file holds another one. Open the folder it lay in."
            )
        else:
            self._window.control.rounds.show_task()

    def show_reading(self, rows: Sequence[Row], doing: str) -> None:
        """Show the classes that a reading round asks for, and what is being done."""
        self._show_mode(doing)
        self._window.labels.show_rows(rows, reading=True)
        self._chosen()

    def begin_reading(self, codes: Collection[str]) -> None:
        """Let the keys answer for the classes of a round."""
        self._mode.narrow(codes)
        self._switch(True)

    def end_reading(self) -> None:
        """Let the keys give labels again, as a worklist or the record list has them."""
        self._mode.narrow(None)
        self._window.labels.show_action("Accept all and next")
        self._switch(False)

    def forget_record(self) -> None:
        """Show no labels: there is no record."""
        self._record, self._events = None, []
        self._window.sheet.regions.show(None)

    def close(self) -> None:
        """Write what is still to be written and end the thread."""
        self.desk.close()

    def _written(self, digest: str, labels: list[Event]) -> None:
        if self._record is not None and self._record.content_hash == digest:
            self._events = labels
            self._show_rows()

    def _reader_changed(self) -> None:
        window, reader = self._window, self.desk.reader
        window.labels.show_who(reader, self.desk.keeper.place)
        window.reading_as.setText(f"Reading as {reader}")
        self._show_mode()
        self._show_rows()
        self.load()

    # ---------------------------------------------------------------- the mode

    def _switch(self, on: bool) -> None:
        self._mode.switch(on)
        if on:
            self._show_tab()
            self._window.sheet.setFocus()
        self._show_mode()

    def _show_mode(self, doing: str = "Relabelling") -> None:
        self._mode.show(f"{doing} as {self.desk.reader}")

    # ---------------------------------------------------------------- deciding

    def _ready(self) -> bool:
        """Whether the record that is chosen is the one that is shown: nobody labels what is not seen."""
        return self._record is not None and self._window.records.current == self._record.path and not self.desk.gated

    def _why_not_ready(self) -> str:
        return "The next record is not shown yet" if self._record is not None else "This record cannot be labelled here"

    def _own(self, code: str) -> Entry | None:
        return next((row.own for row in self._window.labels.rows if row.code == code), None)

    def _entry(self, code: str, decision: Decision | None) -> Entry:
        record = self._record
        assert record is not None
        seen = {
            "labels": True,
            "model": bool(self._model),
            "measurements": self._measured,
            "other_readers": any(event.reader != self.desk.reader for event in self._events),
        }
        return Entry(
            kind="label",
            reader=self.desk.reader,
            record_hash=record.content_hash,
            record_name=record.name,
            code=code,
            decision=decision,
            visible=seen,
            model=self._model,
        )

    def _put(self, code: str, change: Callable[[Entry], Entry]) -> str:
        """Give a label that is like the one before but for a change."""
        if not self._ready():
            return self._say(self._why_not_ready())
        if self._window.control.rounds.task is not None:
            return self._say(self._window.control.rounds.put(code, change, self._entry(code, None)))
        if not self.desk.reader:
            self.desk.ask_who(lambda: self._put(code, change))
            return ""
        before = self._own(code)
        entry = self._entry(code, None)
        if before is not None:
            kept = {name: getattr(before, name) for name in ("decision", "confidence", "note", "region")}
            entry = replace(entry, supersedes=before.hash if isinstance(before, Event) else "", **kept)
        self._give([change(entry)])
        self._window.labels.choose(code)
        given = self._own(code)
        return self._say(f"{definition(code).name}: {given.decision if given is not None else ''}")

    def _alter(self, change: Callable[[Entry], Entry], said: str) -> str:
        row = self._window.labels.row
        if row is None or row.own is None:
            return self._say("Decide first: present, absent or uncertain")
        self._put(row.code, change)
        return self._say(f"{row.name}: {row.decision}, {said}")

    def _note_down(self, words: str) -> None:
        row = self._window.labels.row
        if row is not None and row.own is not None and words != row.own.note:
            self._alter(lambda entry: replace(entry, note=words), "note written" if words else "note removed")

    def _mark_down(self, lead: str, start: float, end: float) -> None:
        region = Region(lead, round(start, 4), round(end, 4))
        self._alter(lambda entry: replace(entry, region=region), f"marked in {lead}")

    def _give(self, entries: Sequence[Entry]) -> None:
        record = self._record
        assert record is not None
        try:
            for entry in entries:
                entry.check()
        except EntryError as error:
            self.desk.tell("The label cannot be kept", str(error))
            return
        step = Step(record.path, self._place(), tuple(entries))
        self.desk.history.add(step)
        self.desk.write(step)

    # ---------------------------------------------------------------- showing

    def load(self) -> None:
        """Ask for the readers' labels on the record that is shown."""
        record = self._record
        if record is None or not self.desk.reader or self._window.control.rounds.task is not None:
            return
        digest = record.content_hash

        def take(labels: list[Event]) -> None:
            if self._record is not None and self._record.content_hash == digest:
                self._events = labels
                self._show_rows()

        def fail(error: Exception) -> None:
            self._say(f"Readers' labels cannot be shown: {error}")

        self.desk.keeper.ask(lambda store: list(store.current_labels(record_hash=digest)), take, fail)

    def _show_rows(self, choose: str | None = None) -> None:
        record = self._record
        if record is None or self._window.control.rounds.task is not None:
            return
        rows = of_record(record.labels, self._events, self.desk.reader, self._asked())
        by_code = {row.code: row for row in rows}
        for entry in self.desk.being_given(record.content_hash):
            row = by_code.get(entry.code, Row(entry.code, definition(entry.code).name))
            by_code[entry.code] = replace(row, own=entry)
        known = [by_code.pop(row.code, row) if row.code else row for row in rows]
        self._window.labels.show_rows([*known, *(row for code, row in by_code.items() if code)], choose)
        self._chosen()
        own = {row.code for row in self._window.labels.rows if row.own is not None}
        self._window.control.worklist.note_decided(record.content_hash, own)
        self._window.commands.meet("label_past", self.desk.history.past)
        self._window.commands.meet("label_future", self.desk.history.future)

    def _asked(self) -> list[tuple[str, str]]:
        """Return the classes the worklist asks for on the record shown, each with the reason."""
        if self._record is None:
            return []
        return self._window.control.worklist.asked(self._record.content_hash)

    def _place(self) -> int | None:
        """Return the record's place in the worklist."""
        return self._window.control.worklist.place

    def _go_to(self, step: Step) -> None:
        if step.place is None or not self._window.control.worklist.go_to(step.place):
            self._window.records.go_to(step.path)

    def _chosen(self) -> None:
        row = self._window.labels.row
        own = None if row is None else row.own
        region = None if own is None else own.region
        self._window.sheet.regions.show(None if region is None else (region.lead, region.start, region.end))
        self._window.commands.meet("own_label", own is not None)

    def _take_prediction(self, digest: str, prediction: Prediction) -> None:
        if self._record is not None and self._record.content_hash == digest:
            self._model = prediction.model_hash

    def _take_measured(self, found: Measurements) -> None:
        record = self._record
        hidden = record is None or self._window.control.rounds.hides(record)
        if record is not None and record.content_hash == found.record_hash and not hidden:
            from ecgview.ui.output.words import measured

            self._measured = True
            self._window.labels.card.show_measured(measured(found))

    def _show_tab(self) -> None:
        window = self._window
        window.commands.check("panes.facts", True)
        window.tabs.setVisible(True)
        window.tabs.setCurrentWidget(window.labels)

    def _say(self, words: str) -> str:
        self._window.state.say(words)
        return ""


def _names(step: Step) -> str:
    names = [definition(code).name for code in step.codes]
    return names[0] if len(names) == 1 else f"{len(names)} labels"
