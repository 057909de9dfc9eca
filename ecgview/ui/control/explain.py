"""Why: which class is explained, how its colours look, and what is asked of the ensemble for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ecgview.ui.explain.overlay import Notice, Overlay
from ecgview.ui.explain.scale import MOST_THRESHOLD, SMOOTHINGS, STYLES, THRESHOLDS, Look
from ecgview.ui.findings import class_name, findings

if TYPE_CHECKING:
    from pathlib import Path

    from ecgview.explain.messages import Explanation, Part, Trial
    from ecgview.model.prediction import Prediction
    from ecgview.record import Record
    from ecgview.ui.control.compared_with import Comparison
    from ecgview.ui.theme import Theme
    from ecgview.ui.window import MainWindow


class Explain(QObject):
    """Commands on explanations, and the way of one from the ensemble to sheet, panel and average beat.

    A class that was chosen stays chosen from record to record while the sheet is coloured. What
    arrives for another record, class or model than those shown is dropped.

    Attributes
    ----------
    finished : Signal()
        The class chosen is explained as finely as it will be, or is not explained.

    changed : Signal()
        Another record or class is explained, or none, and nothing of the one before counts any more.
    looked : Signal()
        Colours look different, or are shown or hidden.
    """

    finished = Signal()
    changed = Signal()
    looked = Signal()

    def __init__(self, window: MainWindow, compared: Comparison) -> None:
        super().__init__(window)
        self._window, self._compared = window, compared
        self._look = Look()
        self._shown = False
        self._concealed = False
        self._code = ""
        self._prediction: Prediction | None = None
        self._found: Explanation | None = None
        self._parts: tuple[Part, ...] = ()
        self._became = ""
        self._limit: float | None = None
        window.findings.chosen.connect(self.choose)
        compared.changed.connect(self._compare_anew)
        window.judge.judged.connect(self._take_prediction)
        window.judge.refused.connect(self._refused)
        window.judge.explained.connect(self._take)
        window.judge.tried.connect(self._take_trial)
        window.judge.unanswered.connect(self._unanswered)
        window.records.chosen.connect(self._leave)
        window.sheet.record_changed.connect(self._record_changed)
        panel = window.why
        panel.chosen.connect(self.choose)
        panel.shown.connect(self._switch)
        panel.style_chosen.connect(self.style)
        panel.smoothing_chosen.connect(lambda stretch: self.smoothing(str(stretch)))
        panel.threshold_chosen.connect(lambda percent: self.threshold(str(percent)))
        panel.trial_wanted.connect(self.try_out)
        panel.show_look(self._look, self._shown)

    # ---------------------------------------------------------------- what is explained

    @property
    def code(self) -> str:
        """The class that is explained; empty where none is."""
        return self._code

    @property
    def found(self) -> Explanation | None:
        """The explanation of that class of the record shown, as fine as it is by now; not while it is hidden."""
        return None if self._concealed else self._found

    @property
    def overlay(self) -> Overlay | None:
        """What colours the sheet now."""
        shown = self._window.sheet.explained
        return shown if isinstance(shown, Overlay) else None

    @property
    def look(self) -> Look:
        """How colours look."""
        return self._look

    @property
    def prediction(self) -> Prediction | None:
        """The reading of the record shown."""
        return self._prediction

    @property
    def concealed(self) -> bool:
        """Whether nothing of the model may be shown."""
        return self._concealed

    @property
    def shown(self) -> bool:
        """Whether the sheet is coloured as soon as there is something to colour it by."""
        return self._shown and not self._concealed

    def show_sheet(self) -> None:
        """Colour the sheet if it is not."""
        if not self._shown:
            self._switch(True)

    def show_parts(self, parts: tuple[Part, ...], became: str = "") -> None:
        """Mark parts of the record on the coloured sheet, and say what becomes of the probability without them."""
        if (parts, became) != (self._parts, self._became):
            self._parts, self._became = parts, became
            self._colour()

    def share_scale(self, limit: float | None) -> None:
        """Give this size, logits a sample, full colour, as on another sheet; the largest for None."""
        if limit != self._limit:
            self._limit = limit
            self._colour()

    def conceal(self, hidden: bool) -> None:
        """Hide all that tells of the model, on sheet, panel and beat, and ask it nothing; or show it again."""
        if hidden == self._concealed:
            return
        self._concealed = hidden
        self._drop()
        self._restart()

    # ---------------------------------------------------------------- commands

    def on(self, on: bool) -> str:
        """Colour the sheet by what speaks for and against the class, or not; the first finding where none is chosen."""
        self._shown = on
        self._window.why.show_look(self._look, on)
        if on and not self._code and self._prediction is not None and not self._concealed:
            listed = findings(self._prediction, {})
            self.choose(next((one.code for one in listed if not one.code.startswith("SUPER.")), listed[0].code))
        elif on and self._code and self._found is None:
            self._ask()
        self._colour()
        if not on:
            return "The sheet is not coloured"
        return "" if self._code else "Choose a finding to see why"

    def choose(self, code: str) -> None:
        """Explain a class of the record shown; none for ``""``."""
        if code and code == self._code and self._found is not None and self._shown:
            return
        self._code = code
        self._drop()
        self._window.findings.choose(code)
        self._window.why.choose(code)
        if code and not self._shown:
            self._shown = True
            self._window.commands.check("explain.on", True)
            self._window.why.show_look(self._look, True)
        self._ask()

    def classes(self) -> list[tuple[str, str]]:
        """Return the classes that can be explained, the likeliest first, as pairs of title and code."""
        if self._prediction is None or self._concealed:
            return []
        return [(one.name, one.code) for one in findings(self._prediction, {})]

    def style(self, style: str) -> None:
        """Lay the colour along the trace, or as a band behind it."""
        self._take_look(replace(self._look, style=style))

    def smoothing(self, milliseconds: str) -> None:
        """Smooth attributions over a stretch of time."""
        self._take_look(replace(self._look, smoothing=int(milliseconds)))

    def threshold(self, percent: str) -> None:
        """Leave attributions below this share of the largest without colour."""
        self._take_look(replace(self._look, threshold=int(percent)))

    def shares(self, on: bool) -> None:
        """Write the leads' shares beside their names, or not."""
        self._take_look(replace(self._look, shares=on))

    def try_out(self) -> None:
        """Try by deletion whether what the explanation names matters."""
        record = self._record()
        if record is not None and self.found is not None and self._found is not None and self._found.last:
            self._window.why.show_trial("Replacing cells and asking the ensemble…")
            self._window.judge.try_out(record, self._code, self._compared.asked())

    # ---------------------------------------------------------------- kept between runs

    def state(self) -> dict[str, str]:
        """Return how colours look."""
        look = self._look
        return {
            "style": look.style,
            "smoothing": str(look.smoothing),
            "threshold": str(look.threshold),
            "shares": "yes" if look.shares else "no",
        }

    def restore(self, values: dict[str, str]) -> None:
        """Take up how colours looked; what cannot be is passed over."""
        look = Look()
        if values.get("style", "") in STYLES:
            look = replace(look, style=values["style"])
        if values.get("smoothing", "") in map(str, SMOOTHINGS):
            look = replace(look, smoothing=int(values["smoothing"]))
        if values.get("threshold", "") in map(str, range(MOST_THRESHOLD + 1)):
            look = replace(look, threshold=int(values["threshold"]))
        self._take_look(replace(look, shares=values.get("shares") != "no"))

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._window.why.set_theme(theme)

    # ---------------------------------------------------------------- the way of a record

    def _record(self) -> Record | None:
        """The record shown, if it was judged and nothing is hidden."""
        record, prediction = self._window.sheet.record, self._prediction
        judged = record is not None and prediction is not None and prediction.record_hash == record.content_hash
        return record if judged and not self._concealed else None

    def _leave(self, path: Path | None) -> None:
        """Let go of a record before the next one is read."""
        self._prediction = None
        self._drop()
        self._restart("Reading the record" if path is not None else "No record", busy=path is not None)

    def _record_changed(self) -> None:
        self._prediction = None
        self._drop()
        self._restart("Reading the ECG" if self._window.sheet.record is not None else "No record")

    def _take_prediction(self, digest: str, prediction: Prediction) -> None:
        record = self._window.sheet.record
        if record is not None and record.content_hash == digest == prediction.record_hash:
            self._prediction = prediction
            self._restart()

    def _refused(self, digest: str, reason: str) -> None:
        record = self._window.sheet.record
        if record is not None and record.content_hash == digest:
            self._prediction = None
            self._drop()
            self._restart("The model does not judge this record", detail="So there is nothing to explain.")

    def _restart(self, title: str = "No record", busy: bool = False, detail: str = "") -> None:
        """Offer the classes of the record shown, and explain the one that was chosen."""
        panel = self._window.why
        if self._concealed:
            panel.show_message("Hidden", "Explanations are not shown while a blinded reading is open.")
        elif self._record() is None:
            panel.show_message(title, detail, busy)
        else:
            panel.show_classes(self.classes())
            if self._prediction is not None and self._code not in self._prediction.classes:
                self._code = ""
            panel.choose(self._code)
            if self._code and self._shown:
                self._ask()

    # ---------------------------------------------------------------- the way of an explanation

    def _drop(self) -> None:
        """Show nothing of any explanation, and want none that is under way."""
        self._found = None
        for lane in ("explain", "trust"):
            self._window.judge.call_off_lane(lane)
        self._colour()
        self.changed.emit()

    def _compare_anew(self) -> None:
        self._drop()
        if self._record() is not None:
            self._window.why.choose(self._code)
            self._ask()

    def _ask(self) -> None:
        record = self._record()
        if record is None or not self._code:
            return
        self._window.why.show_waiting("Working out why. A coarse answer comes first.", busy=True)
        self._say(f"Explaining: {class_name(self._code)}…")
        self._window.judge.explain(record, self._code, self._compared.asked())

    def fits(self, digest: str, model: str, code: str) -> bool:
        """Whether something is for what is shown."""
        record, prediction = self._record(), self._prediction
        if record is None or prediction is None:
            return False
        return (record.content_hash, prediction.model_hash, self._code) == (digest, model, code)

    def _take(self, lane: str, found: Explanation) -> None:
        one = found.attribution
        if lane == "explain" and self.fits(one.record_hash, one.model_hash, one.code):
            self._found = found
            self._window.why.show_explanation(found)
            self._colour()
            if found.last:
                self.finished.emit()

    def _take_trial(self, found: Trial) -> None:
        if self.fits(found.record_hash, found.model_hash, found.code) and self._found is not None:
            self._window.why.show_trial(
                "How much the logit changes when cells of 0.1 s in one lead are replaced by the background: those that "
                f"speak most for the class, and as many drawn at random. {found.check}",
                found,
            )

    def _unanswered(self, lane: str, digest: str, code: str, reason: str) -> None:
        record = self._record()
        if record is None or record.content_hash != digest or code != self._code:
            return
        words = f"{reason[:1].upper()}{reason[1:]}."
        if lane == "explain":
            self._found = None
            self._window.why.show_waiting(f"Not explained. {words}", busy=False)
            self._say(f"Not explained: {reason}", warns=True)
            self.finished.emit()
        elif lane == "trust":
            self._window.why.show_trial(f"The trial was not made. {words}")

    # ---------------------------------------------------------------- showing

    def _switch(self, on: bool) -> None:
        self._window.commands.check("explain.on", on)
        self._window.state.say(self.on(on))

    def _take_look(self, look: Look) -> None:
        self._look = look
        self._window.why.show_look(look, self._shown)
        commands = self._window.commands
        commands.choose("explain.style", look.style)
        commands.choose("explain.smoothing", str(look.smoothing))
        commands.check("explain.shares", look.shares)
        for percent in THRESHOLDS:  # the slider has values between those of the menu
            commands.check(f"explain.threshold:{percent}", percent == look.threshold)
        self._colour()

    def _say(self, words: str, warns: bool = False) -> None:
        record = self._record()
        if record is not None and self._shown:
            self._window.sheet.show_explained(Notice(record.content_hash, words, warns))

    def _colour(self) -> None:
        """Colour sheet and average beat by what is known now, or by nothing."""
        window, found = self._window, self.found
        shown = self._shown and found is not None
        if shown and found is not None:
            name, limit = class_name(found.attribution.code), self._limit
            overlay = Overlay(found, name, self._look, limit, limit is not None, self._parts, self._became)
            window.sheet.show_explained(overlay)
        elif window.sheet.explained is not None:
            window.sheet.show_explained(None)
        window.beat.show_explained(found.beat if shown and found is not None else None, self._look)
        window.pointer.make_room(shown)
        if hasattr(window, "commands"):  # otherwise the window is still being built
            window.commands.meet("explained", found is not None)
        self.looked.emit()
