"""The tab that says why: how the colours look, what adds up to the finding, what if, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ecgview.explain.attribution import Attribution
from ecgview.explain.measured_words import measured_words
from ecgview.explain.messages import Explanation, Replaced, Trial
from ecgview.ui.explain.bars import Bar, Bars
from ecgview.ui.explain.scale import MOST_THRESHOLD, SMOOTHINGS, STYLES, Look
from ecgview.ui.explain.words import COMPARED_WITH, WAVE_NAMES, agreement_figure, signed_logits
from ecgview.ui.message import Message
from ecgview.ui.text import UNIT, body, label, small, strong
from ecgview.ui.theme import Theme
from ecgview.ui.words import percent

LISTED = 10
"""Inputs besides the signal that have a bar of their own."""
_STYLES = {"trace": "Along the trace", "band": "Band behind the trace"}
NO_PARTS = "Replace leads or a stretch by the background and see the probability move."


class WhyPanel(QWidget):
    """The explanation of one class of the record shown, or words in its place.

    Signals
    -------
    chosen(str)
        The code of the class to explain.
    shown(bool)
        Whether the sheet is to be coloured.
    compared_chosen(str)
        What the record is to be compared with.
    style_chosen(str), smoothing_chosen(int), threshold_chosen(int)
        How it is to look.
    stretch_wanted(), undo_wanted(), clear_wanted(), trial_wanted()
        The buttons of what if and trust.
    """

    chosen = Signal(str)
    shown = Signal(bool)
    compared_chosen = Signal(str)
    style_chosen = Signal(str)
    smoothing_chosen = Signal(int)
    threshold_chosen = Signal(int)
    stretch_wanted = Signal()
    undo_wanted = Signal()
    clear_wanted = Signal()
    trial_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.message = Message()
        self.classes, self.compared = QComboBox(), QComboBox()
        self.styles, self.smoothings = QComboBox(), QComboBox()
        self.on = QCheckBox("Colour the sheet")
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold_words = label(font=small(), secondary=True, wraps=False)
        self.progress = QProgressBar()
        self.sums = label()
        self.agreement = label()
        self.waiting = label(font=small(), secondary=True)
        self.leads = Bars("Shares of the leads")
        self.waves = Bars("Shares of the waves")
        self.inputs = Bars("Age, sex and measurements", signed=True)
        self.parts = label(NO_PARTS, small(), secondary=True)
        self.moved = label(font=strong(body()))
        self.replace, self.undo, self.clear = QPushButton("Replace…"), QPushButton("Undo"), QPushButton("Clear")
        self.replace.setCheckable(True)
        self.check = QPushButton("Check this explanation")
        self.trial = label(font=small(), secondary=True)
        self.trial_table = QGridLayout()
        self._found: Explanation | None = None
        self._build()
        self._connect()
        self.show_message("No record")

    # ---------------------------------------------------------------- building

    def _build(self) -> None:
        named: tuple[tuple[QComboBox | QSlider, str], ...] = (
            (self.classes, "Class that is explained"),
            (self.compared, "Compared with"),
            (self.styles, "Where the colour lies"),
            (self.smoothings, "Smoothed over"),
            (self.threshold, "No colour below, per cent of the largest"),
        )
        for field, name in named:
            field.setAccessibleName(name)
        for box in (self.classes, self.compared, self.styles, self.smoothings):
            box.view().setAccessibleName(box.accessibleName())
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for kind, words in COMPARED_WITH.items():
            self.compared.addItem(words, kind)
        for style in STYLES:
            self.styles.addItem(_STYLES[style], style)
        for stretch in SMOOTHINGS:
            self.smoothings.addItem(f"{stretch} ms", stretch)
        self.threshold.setRange(0, MOST_THRESHOLD)
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(UNIT // 2)
        self.progress.setAccessibleName("The explanation is being refined")
        looks = QGridLayout()
        looks.setHorizontalSpacing(UNIT)
        looks.setVerticalSpacing(UNIT)
        looks.setColumnStretch(1, 1)
        looks.addWidget(self.classes, 0, 0, 1, 3)
        looks.addWidget(self.on, 1, 0, 1, 3)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Compared with", self.compared),
            ("Where", self.styles),
            ("Smoothed over", self.smoothings),
            ("No colour below", self.threshold),
        )
        for row, (words, choice) in enumerate(rows, start=2):
            looks.addWidget(label(words, small(), secondary=True, wraps=False), row, 0)
            looks.addWidget(choice, row, 1, 1, 1 if choice is self.threshold else 2)
        looks.addWidget(self.threshold_words, 1 + len(rows), 2)
        self.threshold_words.setMinimumWidth(self.threshold_words.fontMetrics().horizontalAdvance("50 % "))
        above = QVBoxLayout()
        above.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        above.setSpacing(UNIT)
        above.addLayout(looks)

        inner = QWidget()
        inner.setAutoFillBackground(True)
        inner.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(inner)
        column.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(UNIT)
        column.addWidget(self.waiting)
        column.addWidget(self.progress)
        self._results = QWidget()
        found = QVBoxLayout(self._results)
        found.setContentsMargins(0, 0, 0, 0)
        found.setSpacing(UNIT)
        for heading, *parts in (
            ("What adds up", self.sums),
            ("Leads, share of the signal's part", self.leads),
            ("Waves", self.waves),
            ("Age, sex and measurements, logits", self.inputs),
            ("Do the members agree?", self.agreement),
        ):
            found.addWidget(_heading(heading))
            for part in parts:
                found.addWidget(part)
        found.addWidget(_heading("What if"))
        found.addWidget(self.parts)
        found.addWidget(self.moved)
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        for button in (self.replace, self.undo, self.clear):
            buttons.addWidget(button)
        buttons.addStretch(1)
        found.addLayout(buttons)
        found.addWidget(_heading("How far to trust it"))
        found.addWidget(self.trial)
        self.trial_table.setHorizontalSpacing(2 * UNIT)
        self.trial_table.setVerticalSpacing(UNIT // 2)
        found.addLayout(self.trial_table)
        checking = QHBoxLayout()
        checking.addWidget(self.check)
        checking.addStretch(1)
        found.addLayout(checking)
        column.addWidget(self._results)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Why, scrolls")
        shown = QWidget()
        whole = QVBoxLayout(shown)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(above)
        whole.addWidget(area, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(shown)
        self.setFocusProxy(self.classes)

    def _connect(self) -> None:
        self.classes.activated.connect(lambda place: self.chosen.emit(self.classes.itemData(place)))
        self.on.clicked.connect(self.shown)
        self.compared.activated.connect(lambda place: self.compared_chosen.emit(self.compared.itemData(place)))
        self.styles.activated.connect(lambda place: self.style_chosen.emit(self.styles.itemData(place)))
        self.smoothings.activated.connect(lambda place: self.smoothing_chosen.emit(self.smoothings.itemData(place)))
        self.threshold.valueChanged.connect(self._say_threshold)
        self.threshold.valueChanged.connect(self.threshold_chosen)
        self.replace.clicked.connect(lambda: self.stretch_wanted.emit())
        self.undo.clicked.connect(lambda: self.undo_wanted.emit())
        self.clear.clicked.connect(lambda: self.clear_wanted.emit())
        self.check.clicked.connect(lambda: self.trial_wanted.emit())

    # ---------------------------------------------------------------- what is shown

    def show_message(self, title: str, detail: str = "", busy: bool = False) -> None:
        """Show words in place of everything; nothing of an explanation stays behind them."""
        self.classes.clear()
        self._forget()
        self.message.say(title, detail, busy)
        self._stack.setCurrentIndex(0)

    def show_classes(self, classes: Sequence[tuple[str, str]]) -> None:
        """Offer these classes, as pairs of name and code."""
        self.classes.clear()
        self.classes.addItem("Choose a class to explain", "")
        for name, code in classes:
            self.classes.addItem(name, code)
        self._stack.setCurrentIndex(1)
        self.choose("")

    def choose(self, code: str) -> None:
        """Show which class is explained; what was shown of another goes."""
        self.classes.setCurrentIndex(max(0, self.classes.findData(code)))
        self._forget()
        self.waiting.setText("" if code else "A finding is explained when it is chosen here or in the tab Findings.")
        self.waiting.setVisible(not code)

    def show_compared(self, kind: str) -> None:
        """Show what records are compared with now."""
        self.compared.setCurrentIndex(self.compared.findData(kind))

    def show_look(self, look: Look, on: bool) -> None:
        """Show how the colours look now."""
        self.on.setChecked(on)
        self.styles.setCurrentIndex(self.styles.findData(look.style))
        self.smoothings.setCurrentIndex(self.smoothings.findData(look.smoothing))
        self.threshold.blockSignals(True)
        self.threshold.setValue(look.threshold)
        self.threshold.blockSignals(False)
        self._say_threshold(look.threshold)

    def show_waiting(self, words: str, busy: bool) -> None:
        """Say that the explanation is worked out, or why there is none."""
        self._forget()
        self.waiting.setText(words)
        self.waiting.show()
        self.progress.setVisible(busy)

    def show_explanation(self, found: Explanation) -> None:
        """Show an explanation; while it is refined a quiet bar moves above it."""
        one = found.attribution
        self._found = found
        self.waiting.setText("Refining; figures may still change." if not found.last else "")
        self.waiting.setVisible(not found.last)
        self.progress.setVisible(not found.last)
        self.sums.setText(sums_in_words(one))
        shares = one.lead_shares
        self.leads.show_rows([Bar(lead, shares[lead], _share(shares[lead])) for lead in one.ranking])
        waves = sorted(found.waves.items(), key=lambda item: -item[1])
        self.waves.show_rows([Bar(WAVE_NAMES[wave], share, _share(share)) for wave, share in waves])
        self.inputs.show_rows(input_bars(one))
        self.agreement.setText(agreement_in_words(found))
        self.check.setEnabled(found.last)
        self._results.show()

    def show_parts(self, words: str, any_parts: bool, waiting: bool = False) -> None:
        """Say which parts are replaced."""
        self.parts.setText(words or NO_PARTS)
        self.undo.setEnabled(any_parts)
        self.clear.setEnabled(any_parts)
        if not any_parts:
            self.moved.hide()
        elif waiting:
            self.moved.setText("Asking the ensemble…")
            self.moved.show()

    def show_replaced(self, found: Replaced) -> None:
        """Show how the probability moves."""
        self.moved.setText(f"Probability {percent(found.whole_probability)} → {percent(found.probability)}")
        self.moved.setAccessibleName(
            f"Probability from {percent(found.whole_probability)} to {percent(found.probability)}, "
            f"logit from {signed_logits(found.whole_logit)} to {signed_logits(found.logit)}"
        )
        self.moved.show()

    def show_trial(self, words: str, found: Trial | None = None) -> None:
        """Show words, and below them what a trial found."""
        while (item := self.trial_table.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.trial.setText(words)
        if found is None:
            return
        rows = [("Replaced", "Named", "Random")]
        rows += [
            (f"{100 * share:.0f} % of the cells", signed_logits(-named), signed_logits(-random))
            for share, named, random in zip(found.shares, found.named, found.random, strict=True)
        ]
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                shown = label(cell, body() if row else small(), secondary=not row, wraps=False)
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                self.trial_table.addWidget(shown, row, column, side)

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        for bars in (self.leads, self.waves, self.inputs):
            bars.set_theme(theme)

    # ---------------------------------------------------------------- how it is done

    def _forget(self) -> None:
        self._found = None
        self._results.hide()
        self.progress.hide()
        self.waiting.hide()
        for bars in (self.leads, self.waves, self.inputs):
            bars.show_rows(())
        for words in (self.sums, self.agreement, self.waiting):
            words.setText("")
        self.show_parts("", False)
        self.show_trial(HOW_TRIED)

    def _say_threshold(self, value: int) -> None:
        self.threshold_words.setText(f"{value} %")


HOW_TRIED = (
    "If the colours name what matters, the logit must fall much more when the cells of 0.1 s that speak most for the "
    "class are replaced than when as many cells at random are."
)


def sums_in_words(found: Attribution) -> str:
    """Return what adds up to the logit, with the gap."""
    difference = found.logit - found.expected
    return (
        f"The ensemble gives this record {signed_logits(found.logit)} logits and what it is compared with "
        f"{signed_logits(found.expected)}: a difference of {signed_logits(difference)}. "
        f"All parts add up to {signed_logits(found.sum)}, a gap of {100 * found.gap:.1f} %. "
        f"Compared with {found.background}."
    )


def agreement_in_words(found: Explanation) -> str:
    """Return how far the members agree, and what to make of little agreement."""
    words = f"Agreement on leads and waves: {agreement_figure(found)}."
    if found.doubtful:
        words += " The members find different reasons; read this explanation with care."
    return words


def input_bars(found: Attribution) -> list[Bar]:
    """Return bars for the largest inputs besides the signal, and one for the rest together."""
    names = {"age": "Age", "sex": "Sex"}
    entries = list(found.bars.items())
    rows = [
        Bar(names.get(name) or measured_words(name), value, signed_logits(value)) for name, value in entries[:LISTED]
    ]
    rest = entries[LISTED:]
    if rest:
        total = sum(value for _, value in rest)
        rows.append(Bar(f"{len(rest)} others together", total, signed_logits(total)))
    signal = float(found.values.sum(dtype="float64"))
    return [Bar("The signal itself, all leads", signal, signed_logits(signal)), *rows]


def _share(value: float) -> str:
    return f"{100 * value:.0f} %" if value >= 0.005 or value == 0 else "< 1 %"


def _heading(words: str) -> QWidget:
    return label(words, strong(small()), secondary=True)
