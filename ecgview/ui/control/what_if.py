"""What if: parts of the record replaced by the background, and the probability that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ecgview.explain.messages import Part
from ecgview.record import STANDARD_LEADS
from ecgview.ui.explain.parts import PartTool, part_words
from ecgview.ui.words import percent

if TYPE_CHECKING:
    from ecgview.explain.messages import Replaced
    from ecgview.ui.control.compared_with import Comparison
    from ecgview.ui.control.explain import Explain
    from ecgview.ui.window import MainWindow

HOW = "Drag along a lead, with Shift over all leads; click for a whole lead; Esc ends it"


class WhatIf(QObject):
    """Commands on parts that are replaced. They are for the record and class that are explained."""

    def __init__(self, window: MainWindow, explain: Explain, compared: Comparison) -> None:
        super().__init__(window)
        self._window, self._explain, self._compared = window, explain, compared
        self._parts: tuple[Part, ...] = ()
        self._draft: Part | None = None
        self._tool = PartTool(window.sheet)
        self._tool.drawn.connect(self._draw)
        self._tool.chosen.connect(self._add)
        self._tool.laid_down.connect(lambda: window.state.say(self.choose(False)))
        explain.changed.connect(self._forget)
        window.judge.replaced.connect(self._take)
        window.judge.unanswered.connect(self._unanswered)
        window.why.stretch_wanted.connect(lambda: window.state.say(self.choose(not self._tool.on)))
        window.why.undo_wanted.connect(lambda: window.state.say(self.undo()))
        window.why.clear_wanted.connect(lambda: window.state.say(self.clear()))

    def close(self) -> None:
        """Leave the sheet its events."""
        self._tool.switch(False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is replaced, in the order it was chosen."""
        return self._parts

    # ---------------------------------------------------------------- commands

    def choose(self, on: bool) -> str:
        """Let drags on the sheet choose what is replaced, or no more."""
        on = on and self._explain.found is not None
        self._tool.switch(on)
        self._window.commands.check("what_if.choose", on)
        self._window.why.replace.setChecked(on)
        if on:
            self._explain.show_sheet()
            self._window.sheet.setFocus()
        return HOW if on else "Drags move the sheet again"

    def leads(self) -> list[tuple[str, str]]:
        """Return the leads that can be replaced, as pairs of title and value."""
        record = self._window.sheet.record
        if record is None or self._explain.found is None:
            return []
        return [(f"Without {lead}", lead) for lead in STANDARD_LEADS if lead in record.leads]

    def without_lead(self, lead: str) -> None:
        """Replace a whole lead."""
        record = self._window.sheet.record
        if record is not None:
            self._explain.show_sheet()
            self._add(Part((lead,), 0.0, record.duration))

    def without_stretch(self) -> str:
        """Replace, in its lead, what the caliper chosen last spans."""
        record, calipers = self._window.sheet.record, tuple(self._window.sheet.calipers.calipers)
        if record is None or not calipers:
            return "Place a caliper first: what it spans is replaced"
        first, last = calipers[-1].legs
        if first == last or calipers[-1].lead not in STANDARD_LEADS:
            return "The caliper spans nothing that the model looks at"
        self._explain.show_sheet()
        self._add(Part((calipers[-1].lead,), first / record.hz, last / record.hz))
        return ""

    def undo(self) -> str:
        """Take back what was chosen last."""
        if not self._parts:
            return "Nothing is replaced"
        self._set(self._parts[:-1])
        return ""

    def clear(self) -> str:
        """Replace nothing."""
        self._set(())
        return "Nothing is replaced"

    # ---------------------------------------------------------------- how it is done

    def _forget(self) -> None:
        """Let go of what is for another record or class."""
        if self._tool.on:
            self._tool.switch(False)
            self._window.commands.check("what_if.choose", False)
            self._window.why.replace.setChecked(False)
        self._draft = None
        self._set(())

    def _draw(self, part: Part | None) -> None:
        if part != self._draft:
            self._draft = part
            self._show()

    def _add(self, part: Part) -> None:
        self._set((*self._parts, part))

    def _set(self, parts: tuple[Part, ...]) -> None:
        if parts == self._parts:
            return
        self._parts = parts
        self._window.commands.meet("replaced", bool(parts))
        self._window.judge.call_off_lane("what if")
        self._show()
        record = self._window.sheet.record
        if parts and record is not None:
            self._window.judge.what_if(record, self._explain.code, self._compared.asked(), parts)

    def _show(self) -> None:
        window = self._window
        self._explain.show_parts((*self._parts, *([self._draft] if self._draft is not None else [])))
        duration = 0.0 if window.sheet.record is None else window.sheet.record.duration
        words = "; ".join(part_words(part, duration) for part in self._parts)
        window.why.show_parts(
            f"Replaced by the background: {words}." if words else "", bool(words), waiting=bool(words)
        )

    def _take(self, found: Replaced) -> None:
        if self._parts and self._explain.fits(found.record_hash, found.model_hash, found.code):
            became = f"{percent(found.whole_probability)} becomes {percent(found.probability)}"
            self._window.why.show_replaced(found)
            self._window.state.say(f"Without the parts replaced: {became}")
            if self._draft is None:
                self._explain.show_parts(self._parts, f", {became}")

    def _unanswered(self, lane: str, digest: str, code: str, reason: str) -> None:
        if lane == "what if" and code == self._explain.code and self._parts:
            self._window.why.moved.setText(f"Not answered: {reason}")
