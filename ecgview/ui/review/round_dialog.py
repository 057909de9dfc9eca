"""Asks for all that a reading round needs, and makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ecgview.review.templates import TEMPLATES
from ecgview.ui.button_box import button_box
from ecgview.ui.review.looking import Looking
from ecgview.ui.review.source_fields import ClassFields, SourceFields, field_name
from ecgview.ui.text import UNIT, label, small

_STEPS = {"reading": "Reading records", "judging": "Judging records"}
_COUNTS = {
    "false_positives": "Model says present, label says absent",
    "false_negatives": "Model says absent, label says present",
    "controls": "Both agree, half of them present",
}


class RoundDialog(QDialog):
    """Sample, classes, readers and order of a round.

    Parameters
    ----------
    folder : Path or None
        The open one.
    owner : str
        Who makes the round.
    store : str
    parent : QWidget

    Signals
    -------
    made
        The round lies in the store.
    """

    made = Signal()

    def __init__(self, folder: Path | None, owner: str, store: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("New reading round")
        self.setMinimumWidth(76 * UNIT)
        self._owner, self._store = owner, store
        self.template = QComboBox()
        self.template.addItem("Classes of my choice", "")
        for name, template in TEMPLATES.items():
            self.template.addItem(f"Study: {template.title}", name)
        self.template.view().setAccessibleName("Choices")
        self.title = QLineEdit("Reading round")
        self.classes = ClassFields(tuple(template.code for template in TEMPLATES.values()))
        self.counts = {name: _spin(0, 1000, 20) for name in _COUNTS}
        self.readers = QLineEdit(owner)
        self.readers.setPlaceholderText("Names, separated by commas")
        self.adjudicator = QLineEdit()
        self.adjudicator.setPlaceholderText("Nobody")
        self.readings = QComboBox()
        self.readings.addItem("Each record by one reader", 1)
        self.readings.addItem("Each record by two readers", 2)
        self.readings.view().setAccessibleName("Choices")
        self.repeated = _spin(0, 100, 10)
        self.repeated.setSuffix(" %")
        self.seed = _spin(0, 2**31 - 1, 1)
        self.source = SourceFields(folder)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(UNIT // 2)
        self.bar.setAccessibleName("How far it is")
        self.bar.hide()
        self.said = label(font=small())
        self.buttons = button_box(QDialogButtonBox.StandardButton.Close)
        self.take = self.buttons.addButton("Make the round", QDialogButtonBox.ButtonRole.ActionRole)
        self._looking = Looking(self)
        self._build(parent)
        self._connect()
        self._weigh()

    def _build(self, parent: QWidget) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * UNIT)
        form.setVerticalSpacing(UNIT)
        form.addRow(field_name("Study", self.template), self.template)
        form.addRow(field_name("Title", self.title), self.title)
        self.classes.setMinimumHeight(14 * UNIT)
        form.addRow(field_name("Classes", self.classes), self.classes)
        form.addRow("", label("Records of each class:", small(), secondary=True))
        for name, words in _COUNTS.items():
            line = QHBoxLayout()
            line.setSpacing(UNIT)
            line.addWidget(self.counts[name])
            line.addWidget(label(words, wraps=False), 1)
            self.counts[name].setAccessibleName(words)
            form.addRow("", line)
        form.addRow(field_name("Readers", self.readers), self.readers)
        form.addRow(field_name("Readings", self.readings), self.readings)
        form.addRow(field_name("Read twice by the same", self.repeated), self.repeated)
        form.addRow(field_name("Decides where they differ", self.adjudicator), self.adjudicator)
        form.addRow(field_name("Seed", self.seed), self.seed)
        form.addRow(label("Drawn from", wraps=False), self.source)
        inner = QWidget()
        inner.setLayout(form)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setAccessibleName("New reading round")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(UNIT)
        column.addWidget(area, 1)
        column.addWidget(self.bar)
        column.addWidget(self.said)
        column.addWidget(self.buttons)
        wanted = inner.sizeHint().height() + 16 * UNIT
        self.resize(max(self.minimumWidth(), inner.sizeHint().width() + 6 * UNIT), wanted)
        around = parent.window().size()
        self.resize(min(self.width(), around.width() - 4 * UNIT), min(self.height(), around.height() - 8 * UNIT))

    def _connect(self) -> None:
        self.template.currentIndexChanged.connect(lambda _: self._take_template())
        for field in (self.title, self.readers, self.adjudicator):
            field.textChanged.connect(lambda _: self._weigh())
        self.readings.currentIndexChanged.connect(lambda _: self._weigh())
        self.classes.itemChanged.connect(lambda _: self._weigh())
        self.source.changed.connect(self._weigh)
        for count in self.counts.values():
            count.valueChanged.connect(lambda _: self._weigh())
        self.take.clicked.connect(lambda *_: self._make())
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(lambda _: self._looking.call_off())
        self._looking.progressed.connect(self._progressed)
        self._looking.done.connect(self._done)
        self._looking.failed.connect(self._failed)

    @property
    def names(self) -> list[str]:
        """The readers."""
        return [" ".join(name.split()) for name in self.readers.text().split(",") if name.strip()]

    def _take_template(self) -> None:
        template = TEMPLATES.get(self.template.currentData())
        self.classes.setEnabled(template is None)
        if template is not None:
            self.title.setText(template.title)
            self.classes.tick((template.code,))
            for name, count in self.counts.items():
                count.setValue(getattr(template.sample, name))
            self.readings.setCurrentIndex(template.readings - 1)
            self.repeated.setValue(round(100 * template.repeated))
        self._weigh()

    def _why_not(self) -> str:
        names, each = self.names, self.readings.currentData()
        if not self.title.text().strip():
            return "The round needs a title."
        if not self.classes.codes:
            return "Tick at least one class."
        if not any(count.value() for count in self.counts.values()):
            return "The sample needs at least one record."
        if len(names) != len(set(names)) or len(names) < each:
            return f"{'Two readers' if each == 2 else 'A reader'} at least, each named once."
        if " ".join(self.adjudicator.text().split()) in names:
            return "Who decides where readers differ is none of the readers."
        return "" if self.source.complete else "Choose a folder or a table to draw from."

    def _weigh(self) -> None:
        why = self._why_not()
        self.take.setEnabled(not why and not self._looking.busy)
        self.said.setText(why)

    def _make(self) -> None:
        wish: dict[str, Any] = {
            "kind": "round",
            "template": self.template.currentData(),
            "title": self.title.text().strip(),
            "codes": self.classes.codes,
            "sample": {name: count.value() for name, count in self.counts.items()},
            "readers": self.names,
            "adjudicator": " ".join(self.adjudicator.text().split()),
            "readings": self.readings.currentData(),
            "repeated": self.repeated.value() / 100,
            "seed": self.seed.value(),
            "owner": self._owner,
            "store": self._store,
            **self.source.wish(),
        }
        self._looking.ask(wish)
        self.take.setEnabled(False)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.said.setText("Drawing the sample")

    def _progressed(self, step: str, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.said.setText(f"{_STEPS[step]}: {done:,}" + (f" of {total:,}" if total else ""))

    def _done(self, answer: dict[str, Any]) -> None:
        self.bar.hide()
        each = ", ".join(f"{name} {count}" for name, count in answer["readings"].items())
        self.said.setText(f"The round is made: {answer['records']} records. Readings: {each}. See My readings.")
        self.made.emit()

    def _failed(self, reason: str) -> None:
        self.bar.hide()
        self._weigh()
        self.said.setText(f"No round was made: {reason}")


def _spin(least: int, most: int, value: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(least, most)
    field.setValue(value)
    return field
