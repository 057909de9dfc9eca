"""What classes rest on over the records that are listed: asked for, waited for, shown, saved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ecgview.explain.heat_map import AMONG_WORDS
from ecgview.explain.population import FEW, PopulationTable
from ecgview.ui.background import Cancelled, Latest
from ecgview.ui.button_box import button_box
from ecgview.ui.choices import choices_beside
from ecgview.ui.explain.heat_legend import HeatLegend
from ecgview.ui.explain.heat_table import HeatTable
from ecgview.ui.explain.population_words import counted, left_out_words, remaining_words, table_words
from ecgview.ui.message import Message
from ecgview.ui.text import UNIT, label, small, strong

_MANY = (100, 500, 2000)
_KINDS = {"Table (*.csv)": "csv", "Arrays (*.npz)": "npz", "Picture (*.svg)": "svg"}
_READ = "Point at a cell, or go to it with the arrow keys, to read all of it."
_WHAT = (
    "Works out for each record why the model gives it the classes that count, and averages which leads and waves that "
    f"rests on. A class needs {FEW} records before its shares can be compared. Each record takes some seconds; you can "
    "read on meanwhile. What is found is kept, so that stopped work goes on from there."
)


class PopulationDialog(QDialog):
    """Choices above; below them progress, words, or the heat map, and what it rests on.

    Stays beside the window, which can be used meanwhile.

    Signals
    -------
    wanted(str, int)
        Which records count for a class, and how many records at most; 0 for all.
    stopped()
    """

    wanted = Signal(str, int)
    stopped = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("What classes rest on")
        # A window like any other, with room to grow: it is looked at for longer than a question is answered.
        self.setWindowFlags(Qt.WindowType.Window)
        self._table: PopulationTable | None = None
        self._busy, self._fresh = False, True
        self._done = (0, 0)
        self._listed = 0
        self._folder = ""
        self._writer = Latest(self._write, "writing tables", self)
        self._writer.answered.connect(lambda _, path: self.said.setText(f"{path.name} saved in {path.parent}"))
        self._writer.failed.connect(lambda _, error: self.said.setText(f"Not saved: {error}"))
        self._build()
        self._connect()
        self.resize(min(150 * UNIT, parent.width() - 4 * UNIT), min(88 * UNIT, parent.height() - 6 * UNIT))
        self.show_start()

    # ---------------------------------------------------------------- building

    def _build(self) -> None:
        self.scope = label(font=strong(small()))
        self.among, self.most = QComboBox(), QComboBox()
        for kind, words in AMONG_WORDS.items():
            self.among.addItem(words, kind)
        self.start = QPushButton("Start")
        self.start.setDefault(True)
        choices = choices_beside({"What counts for a class": self.among, "How many": self.most})
        choices.addWidget(self.start, 1, 2)
        choices.setColumnStretch(3, 1)
        self.message = Message()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Leads or waves")
        self.tabs.tabBar().setAccessibleName("Leads or waves")
        self.leads, self.waves = HeatTable(), HeatTable()
        self.tabs.addTab(self.leads, "Leads")
        self.tabs.addTab(self.waves, "Waves")
        self.legend = HeatLegend()
        self.reading = label(_READ, small())
        page = QWidget()
        shown = QVBoxLayout(page)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.setSpacing(UNIT)
        shown.addWidget(self.tabs, 1)
        shown.addWidget(self.legend)
        shown.addWidget(self.reading)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(page)
        self.note = label(font=small(), secondary=True)
        self.said = label(font=small(), secondary=True)
        buttons = button_box(QDialogButtonBox.StandardButton.Close)
        self.save_button = buttons.addButton("Save…", QDialogButtonBox.ButtonRole.ActionRole)
        for button in (self.save_button, buttons.button(QDialogButtonBox.StandardButton.Close)):
            button.setAutoDefault(False)  # Enter starts
        buttons.rejected.connect(self.reject)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column_layout.setSpacing(UNIT)
        column_layout.addWidget(self.scope)
        column_layout.addLayout(choices)
        column_layout.addWidget(self.stack, 1)
        column_layout.addWidget(self.note)
        column_layout.addWidget(self.said)
        column_layout.addWidget(buttons)

    def _connect(self) -> None:
        self.start.clicked.connect(lambda *_: self._press())
        self.among.currentIndexChanged.connect(lambda _: self.show_start())
        self.most.currentIndexChanged.connect(lambda _: self.show_start())
        self.tabs.currentChanged.connect(lambda _: self._turn())
        for table in (self.leads, self.waves):
            table.selectionModel().currentChanged.connect(self._read)
        self.save_button.clicked.connect(lambda *_: self._ask_file())

    # ---------------------------------------------------------------- what it is asked about

    def offer(self, listed: int, scope: str) -> None:
        """Say which records are listed now; not while it is at work on those listed before.

        Parameters
        ----------
        listed : int
        scope : str
            In words.
        """
        if self._busy:
            return
        self._listed = listed
        self.scope.setText(scope)
        chosen = self.most.currentData() or 0
        self.most.blockSignals(True)
        self.most.clear()
        self.most.addItem("All of them", 0)
        for count in _MANY:
            if count < listed:
                self.most.addItem(f"{count:,}, evenly spread", count)
        self.most.setCurrentIndex(max(0, self.most.findData(chosen)))
        self.most.blockSignals(False)
        if not listed:
            self._say("No records are listed", "Open a folder, or search for something else.")
            self._fresh = True
        elif self._fresh:
            self.show_start()
        self._weigh()

    @property
    def busy(self) -> bool:
        """Whether a table is being made."""
        return self._busy

    def shows_other_than(self, model: str) -> bool:
        """Whether a table of another model is shown."""
        return self._table is not None and self._table.model_hash != model

    # ---------------------------------------------------------------- what it shows

    def show_start(self) -> None:
        """Say what will be done."""
        if not self._busy:
            self._done = (0, 0)
            self.start.setText("Start")
            self._say("Nothing is explained yet", _WHAT)
            self._fresh = True
            self._weigh()

    def show_progress(self, done: int, total: int, remaining: float | None, left_out: Mapping[str, int]) -> None:
        """Say how far it is; 0 of 0 while it is not under way yet."""
        self._busy, self._done = True, (done, total)
        without = f"  ·  left out: {left_out_words(left_out)}" if left_out else ""
        left = "" if remaining is None else f"  ·  {remaining_words(remaining)}"
        words = f"{done:,} of {counted(total)}{left}{without}" if total else "Loading the ensemble"
        self._say("Explaining records", words, busy=True)
        self.message.bar.setRange(0, total)
        self.message.bar.setValue(done)
        self.start.setText("Stop")
        self._weigh()

    def show_stopped(self) -> None:
        """Say that it was called off and how to go on."""
        done, total = self._done
        self._busy = False
        self.start.setText("Go on")
        after = f" after {done:,} of {counted(total)}" if total else ""
        self._say(f"Stopped{after}", "What was found so far is kept. Going on begins where this ended.")
        self._weigh()

    def show_failure(self, reason: str) -> None:
        """Say why there is no table."""
        self._busy = False
        self.start.setText("Try again")
        self._say("There is no table", f"{reason[:1].upper()}{reason[1:]}. What was found before is kept.")
        self._weigh()

    def show_table(self, table: PopulationTable, scope: str, left_out: Mapping[str, int]) -> None:
        """Show the heat map, or say why it is empty."""
        self._busy = False
        self.start.setText("Start again")
        if not table.classes:
            without = f" Left out: {left_out_words(left_out)}." if left_out else ""
            self._say("No class has a record", f"{AMONG_WORDS[table.among]}: there is none among {scope}.{without}")
        else:
            self._table = table
            self._turn()
            self.stack.setCurrentIndex(1)
            self.note.setText(table_words(table, scope, left_out))
        self._weigh()

    def _say(self, title: str, detail: str, busy: bool = False) -> None:
        """Show words in place of a table."""
        self._table, self._fresh = None, False
        for heat in (self.leads, self.waves):
            heat.show_table(None)
        self.message.say(title, detail, busy)
        self.stack.setCurrentIndex(0)
        self.note.setText("")
        self.said.setText("")

    def _weigh(self) -> None:
        """Offer what can be done now."""
        self.start.setEnabled(self._busy or self._listed > 0)
        self.save_button.setEnabled(self._table is not None)
        for field in (self.among, self.most):
            field.setEnabled(not self._busy)
        for words in (self.note, self.said):
            words.setVisible(bool(words.text()))

    @property
    def table(self) -> HeatTable:
        """The one in sight."""
        return self.leads if self.tabs.currentIndex() == 0 else self.waves

    def _turn(self) -> None:
        if self.table.heat.table is not self._table:  # the other one is filled once it is turned to
            self.table.show_table(self._table, waves=self.table is self.waves)
        self.legend.show_scale(self.table.heat.largest)
        self._read(self.table.currentIndex())

    def _read(self, index: QModelIndex) -> None:
        self.reading.setText(str(index.data(Qt.ItemDataRole.AccessibleTextRole)) if index.isValid() else _READ)

    # ---------------------------------------------------------------- asking and saving

    def _press(self) -> None:
        if self._busy:
            self.stopped.emit()
        else:
            self.wanted.emit(self.among.currentData(), self.most.currentData())

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Save what classes rest on", self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_KINDS))
        dialog.setDefaultSuffix("csv")
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(_KINDS[chosen]))
        dialog.selectFile("what-classes-rest-on")
        dialog.fileSelected.connect(lambda chosen: self.save(Path(chosen)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def save(self, path: Path) -> None:
        """Write the table, as the end of the name says."""
        if self._table is not None:
            self._folder = str(path.parent)
            self.said.setText(f"Saving {path.name}")
            self.said.show()
            self._writer.ask((self._table, path))

    @staticmethod
    def _write(request: tuple[PopulationTable, Path], _: Cancelled) -> Path:
        table, path = request
        table.save(path)
        return path

    def end(self) -> None:
        """End the thread; what is being written is brought to its end."""
        self._writer.close()
