"""The tab with the average beat: which beats, its intervals, its leads, and calipers on them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ecgview.explain.messages import OverBeat
from ecgview.signal.found_beats import INTERVALS, FoundBeats
from ecgview.ui.beat.page import SPEEDS
from ecgview.ui.beat.view import BeatView
from ecgview.ui.explain.painting import Colouring
from ecgview.ui.explain.scale import Look, Scale
from ecgview.ui.explain.words import per_sample, signed_logits
from ecgview.ui.message import Message
from ecgview.ui.sheet.format import Format
from ecgview.ui.text import UNIT, body, label, small, strong
from ecgview.ui.theme import Theme

HOW = "Drag to measure; Enter puts the calipers on the QRS complex."


class BeatPanel(QWidget):
    """The average beat of the record shown, or words in its place.

    Signals
    -------
    speed_chosen(float)
        mm/s, by the field in the panel.
    """

    speed_chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.message = Message()
        self.view = BeatView()
        self.kinds, self.speeds = QComboBox(), QComboBox()
        for field, name in ((self.kinds, "Kind of beat"), (self.speeds, "Paper speed of the beat")):
            field.setAccessibleName(name)
            field.view().setAccessibleName(name)
        self.kinds.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kinds.setMinimumContentsLength(8)
        self.kinds.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for speed in SPEEDS:
            self.speeds.addItem(f"{speed:g} mm/s", speed)
        self.count = label(font=small(), secondary=True)
        self.why = label(font=small(), secondary=True)
        self.note = label(HOW, small(), secondary=True)
        self.values = {key: label("–", strong(body()), wraps=False) for key in INTERVALS}
        self._found: FoundBeats | None = None
        self._format = Format()
        self._explained: OverBeat | None = None
        self._look = Look()
        self._build()
        self.kinds.currentIndexChanged.connect(self._show_kind)
        self.speeds.activated.connect(lambda place: self.speed_chosen.emit(float(self.speeds.itemData(place))))
        self.view.measured.connect(lambda words: self.note.setText(words or HOW))
        self.show_message("No record")

    def _build(self) -> None:
        readings = QGridLayout()
        readings.setHorizontalSpacing(UNIT)
        readings.setVerticalSpacing(0)
        for column, (key, (name, _, _)) in enumerate(INTERVALS.items()):
            readings.addWidget(label(f"{name}, ms", small(), secondary=True, wraps=False), 0, column)
            readings.addWidget(self.values[key], 1, column)
            readings.setColumnStretch(column, 1)
            self.values[key].setAccessibleName(f"{name} of the beat shown")
        choices = QHBoxLayout()
        choices.setSpacing(UNIT)
        choices.addWidget(self.kinds, 1)
        choices.addWidget(self.speeds)
        area = QScrollArea()
        area.setWidget(self.view)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName("Average beat, scrolls")
        above = QVBoxLayout()
        above.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        above.setSpacing(UNIT)
        above.addLayout(readings)
        above.addLayout(choices)
        above.addWidget(self.count)
        above.addWidget(self.why)
        shown = QWidget()
        column_layout = QVBoxLayout(shown)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(0)
        column_layout.addLayout(above)
        column_layout.addWidget(area, 1)
        column_layout.addWidget(self.note)
        self.note.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(shown)
        self.setFocusProxy(self.view)

    def show_message(self, title: str, detail: str = "", busy: bool = False) -> None:
        """Show words in place of the beat."""
        self._found = None
        self.view.show_beats((), self._format)
        self.message.say(title, detail, busy)
        self._stack.setCurrentIndex(0)

    def show_beats(self, found: FoundBeats, format: Format) -> None:
        """Show the prevailing beat of a record, the others to choose from."""
        if not found.averages:
            self.show_message("No beat was found", "There is nothing to average in this record.")
            return
        self._found, self._format = found, format
        self.kinds.blockSignals(True)
        self.kinds.clear()
        for number, words in enumerate(kind_titles(found)):
            self.kinds.addItem(words, number)
        self.kinds.blockSignals(False)
        self.kinds.setEnabled(self.kinds.count() > 1)
        self._show_kind(0)
        self._stack.setCurrentIndex(1)

    def set_format(self, format: Format) -> None:
        """Take order of the leads and gain from the sheet."""
        if (format.sequence, format.limb_gain, format.chest_gain) == (
            self._format.sequence,
            self._format.limb_gain,
            self._format.chest_gain,
        ):
            return
        self._format = format
        if self._found is not None:
            self._show_kind(self.kinds.currentIndex())

    def set_speed(self, speed: float) -> None:
        """Draw at another paper speed, mm/s."""
        self.speeds.setCurrentIndex(SPEEDS.index(speed))
        self.view.set_speed(speed)

    def show_explained(self, explained: OverBeat | None, look: Look) -> None:
        """Colour the prevailing beat by an explanation averaged over its beats; not at all for None."""
        self._explained, self._look = explained, look
        self._colour()

    def _colour(self) -> None:
        # The other kinds of beat are not what was averaged.
        explained = self._explained if self._found is not None and self.kinds.currentIndex() == 0 else None
        if explained is None:
            self.view.show_colours(None)
            self.why.hide()
            return
        scale = Scale(explained.values, explained.hz, self._look)
        self.view.show_colours(Colouring(scale, "trace"))
        self.why.setText(
            f"Orange speaks for the class, purple against it, up to {signed_logits(scale.limit, sign=False)} logit "
            f"{per_sample(scale.hz)}; mean of {explained.beats} {'beat' if explained.beats == 1 else 'beats'}."
        )
        self.why.show()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self.view.set_theme(theme)

    def _show_kind(self, place: int) -> None:
        if self._found is None or not 0 <= place < len(self._found.averages):
            return
        beat = self._found.averages[place]
        for key, words in self.values.items():
            value = beat.interval(key)
            words.setText("–" if value is None else f"{value:.0f}")
        self.count.setText(counted(self._found) + (f" Without marks: {beat.reason}." if beat.reason else ""))
        self.view.show_beats((beat,), self._format)
        self._colour()


def kind_titles(found: FoundBeats) -> list[str]:
    """Return what each kind of beat that can be looked at is called."""
    total = len(found)
    titles = [f"{found.kinds[0]} of {total} {'beat' if total == 1 else 'beats'}"]
    for number, beat in enumerate(found.averages[1:], start=1):
        count = found.kinds[number]
        titles.append(f"{count} {'other' if count == 1 else 'others'}, {beat.words or 'of another shape'}")
    return titles


def counted(found: FoundBeats) -> str:
    """Return how many beats the record has, and how many are not of the prevailing kind, in a sentence."""
    total, usual = len(found), found.kinds[0]
    beats = "beat" if total == 1 else "beats"
    if usual == total:
        said = f"All {total:,} {beats} are alike." if total > 1 else "1 beat."
    else:
        words = found.averages[1].words if len(found.averages) > 1 and len(found.kinds) == 2 else ""
        others = total - usual
        said = f"{usual:,} of {total:,} {beats}; {others:,} {'other' if others == 1 else 'others'}"
        said += f", {words}." if words else "."
        if len(found.kinds) > 2:
            said = f"{said[:-1]} of {len(found.kinds) - 1} shapes."
    early = int((found.premature & (found.kind == 0)).sum())
    if early:
        said += f" {early:,} of the usual shape {'comes' if early == 1 else 'come'} early."
    return said
