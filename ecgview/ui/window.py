"""The main window: record list, sheet, and what is known of the record, kept in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from ecgview import RESEARCH_USE
from ecgview.explain import service
from ecgview.record import ReadError, Record
from ecgview.resources import resource
from ecgview.ui import theme as themes
from ecgview.ui.actions import Actions
from ecgview.ui.beat.panel import BeatPanel
from ecgview.ui.control import Controllers
from ecgview.ui.explain.panel import WhyPanel
from ecgview.ui.facts import RecordPanel
from ecgview.ui.findings import FindingsPanel
from ecgview.ui.judging import Judge
from ecgview.ui.measurements import MeasurementsPanel
from ecgview.ui.measuring import Measurer
from ecgview.ui.pointer import Pointer
from ecgview.ui.reading import Reader
from ecgview.ui.record_list import RecordList
from ecgview.ui.review.legend import Legend
from ecgview.ui.review.panel import LabelsPanel
from ecgview.ui.rhythm_ribbon import RhythmRibbon
from ecgview.ui.session import Session
from ecgview.ui.sheet import Sheet
from ecgview.ui.status import Status
from ecgview.ui.tabs import Tabs
from ecgview.ui.text import UNIT, Elided, body, label, small, strong
from ecgview.ui.words import record_words

if TYPE_CHECKING:
    from ecgview.model.prediction import Prediction
    from ecgview.signal.lead_quality import Concern
    from ecgview.signal.values import Measurements

_FRAME = QSize(2 * UNIT, 6 * UNIT)  # what a desktop draws around a window, at most
_POINTED_AT = 0.6  # of the sheet's width, at which what is pointed at then stands: inside the third column


class MainWindow(QMainWindow):
    """Shows a folder of records.

    A record chosen in the list is read by a worker, drawn, and then judged by another. What
    arrives for a record that is no longer shown is dropped.

    Parameters
    ----------
    settings : QSettings
        Where size, splits and colours are kept between runs.
    model_command : sequence of str, optional
        What starts the process that judges records; the bundled model's by default.

    Attributes
    ----------
    settled : Signal()
        The record that is shown has been judged, or refused, or could not be read.
    commands : Actions
        All that the window can be told to do.
    """

    settled = Signal()

    def __init__(self, settings: QSettings, model_command: Sequence[str] | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.session = Session(settings)
        self._examples: dict[str, int] = {}
        self._closed = False
        self.records = RecordList()
        self.sheet = Sheet(theme=themes.load_theme("light"))
        self.findings = FindingsPanel()
        self.why = WhyPanel()
        self.measurements = MeasurementsPanel()
        self.labels = LabelsPanel()
        self.facts = RecordPanel()
        self.beat = BeatPanel()
        self.ribbon = RhythmRibbon()
        self.legend = Legend()
        self.reader = Reader(self)
        self.measurer = Measurer(self)
        self.judge = Judge(service.command(None) if model_command is None else model_command, self)
        self._build()
        self.control = Controllers(self)
        self.commands = Actions(self, self.control)
        self.commands.meet("unblinded", True)
        self._connect()
        self._restore()
        self.show_nothing()

    # ---------------------------------------------------------------- building

    def _build(self) -> None:
        self.setWindowTitle(f"ecgview – {RESEARCH_USE}")
        self.setAcceptDrops(True)
        self.title = Elided(strong(body()), mode=Qt.TextElideMode.ElideMiddle)
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.subtitle = Elided(small(), secondary=True)
        heading = QHBoxLayout()
        heading.setContentsMargins(2 * UNIT, UNIT, 2 * UNIT, UNIT)
        heading.setSpacing(2 * UNIT)
        heading.addWidget(self.title)
        heading.addWidget(self.subtitle, 1)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(heading)
        # The record's sheet and, while records are compared, the other one's.
        self.sheets = QSplitter(Qt.Orientation.Vertical)
        self.sheets.setChildrenCollapsible(False)
        self.sheets.addWidget(self.sheet)
        column.addWidget(self.sheets, 1)
        column.addWidget(self.ribbon)
        column.addWidget(self.legend)

        self.tabs = Tabs()
        self.tabs.addTab(self.findings, "Findings")
        self.tabs.addTab(self.why, "Why")
        self.tabs.addTab(self.measurements, "Measurements")
        self.tabs.addTab(self.labels, "Labels")
        self.tabs.addTab(self.facts, "Record")
        self.tabs.addTab(self.beat, "Beat")

        self.split = QSplitter()
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        for place, (widget, stretch) in enumerate(((self.records, 0), (middle, 1), (self.tabs, 0))):
            self.split.addWidget(widget)
            self.split.setStretchFactor(place, stretch)
        self.records.setMinimumWidth(20 * UNIT)
        middle.setMinimumWidth(50 * UNIT)
        self.setCentralWidget(self.split)
        self.setMinimumSize(110 * UNIT, 60 * UNIT)

        self.state = Status()
        self.pointer = Pointer()
        self.reading_as = label(font=small(), wraps=False)
        self.reading_as.setAccessibleName("Who is reading")
        notice = label(RESEARCH_USE, small(), secondary=True, wraps=False)
        bar = self.statusBar()
        bar.setContentsMargins(2 * UNIT, 0, 2 * UNIT, 0)
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.state, 1)
        bar.addPermanentWidget(self.reading_as)
        bar.addPermanentWidget(self.pointer)
        bar.addPermanentWidget(notice)

    def _connect(self) -> None:
        self.records.chosen.connect(self._choose)
        self.reader.read.connect(self._show)
        self.reader.refused.connect(self._refuse)
        self.judge.loaded.connect(self._model_loaded)
        self.judge.judged.connect(self._show_prediction)
        self.judge.refused.connect(self._show_refusal)
        self.measurer.measured.connect(self._show_measurements)
        self.measurer.doubted.connect(self._show_concerns)
        self.measurer.failed.connect(self._show_not_measured)
        self.measurements.pointed_at.connect(self._point)
        self.commands.said.connect(self.state.say)
        for changed in (self.records.model.rowsInserted, self.records.model.modelReset):
            changed.connect(self._say_whether_records)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._dress)

    def _restore(self) -> None:
        geometry = self.settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(QSize(1440, 900).boundedTo(self.screen().availableSize() - _FRAME))
        split = self.settings.value("window/split")
        if not (isinstance(split, QByteArray) and self.split.restoreState(split)):
            self.split.setSizes([210, 880, 350])
        for command, widget in (("panes.record_list", self.records), ("panes.facts", self.tabs)):
            self.commands.check(command, not widget.isHidden())
        self.session.give_back(vars(self.control))
        self._dress()
        self.records.list.setFocus()  # and not the search field, which would swallow the keys

    def keep_session(self) -> None:
        """Keep what comes back at the next start."""
        self.settings.setValue("window/geometry", self.saveGeometry())
        self.settings.setValue("window/split", self.split.saveState())
        # What is read blinded must not be shown with its labels at the next start.
        if self.records.current is not None and self.control.rounds.task is None:
            self.session.showing(self.records.current)
        self.session.keep(vars(self.control))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the window's shape and end all work."""
        self.keep_session()
        self._closed = True
        self.hide()  # what still runs may take a moment to hear that it is called off
        self.records.close_workers()
        self.reader.close()
        self.measurer.close()
        self.judge.close()
        for controller in vars(self.control).values():
            if hasattr(controller, "close"):
                controller.close()
        super().closeEvent(event)

    # ---------------------------------------------------------------- the way of a record

    def open_paths(self, paths: Sequence[Path], first: Path | None = None) -> None:
        """List the records below these paths and show one: `first`, or the first that is found."""
        if not paths:
            return
        self.control.rounds.leave()
        self.show_nothing()
        self.session.opened(paths, listed=list(paths) != [resource("demo")])
        self.sheet.show_message("Looking for records", ", ".join(str(path) for path in paths))
        self.state.setText("Looking for records")
        self.records.open(paths, first)

    def resume(self) -> None:
        """Open what was open when the window was closed last; say so kindly where it is gone."""
        self.control.files.reopen(self.session.paths, self.session.record)

    def _choose(self, path: Path | None) -> None:
        self.judge.call_off()
        self.measurer.call_off()
        if path is None:
            self.show_nothing(
                "No ECG found here",
                "Files are known by what is in them: WFDB, DICOM, SCP-ECG, HL7 aECG, GE MUSE, Philips, EDF and others.",
            )
            self.settled.emit()
            return
        # The old record's numbers must not stand beside the new one's name for a moment.
        for panel in (self.findings, self.measurements):
            panel.show_message("Reading the record", busy=True)
        self.state.setText("Reading the record" if self.control.rounds.task is not None else f"Reading {path.name}")
        # What was decided on the record before is on disk before this one shows.
        self.control.review.desk.after_writing(lambda: self._read(path))

    def _read(self, path: Path) -> None:
        if path == self.records.current:
            self.reader.want(path, self.records.neighbours())

    def _show(self, path: Path, record: Record) -> None:
        if path != self.records.current:
            return
        rounds = self.control.rounds
        hidden = rounds.hides(record)
        self.control.explain.conceal(hidden)
        self.title.setText(rounds.title or record.name)
        notes = {0: "", 1: "  ·  1 note"}.get(len(record.warnings), f"  ·  {len(record.warnings)} notes")
        self.subtitle.setText(record_words(record, dated=False) if rounds.blinded else record_words(record) + notes)
        self.sheet.show_record(record)
        self.control.review.show_record(record)
        self.facts.show_record(record, blinded=rounds.blinded)
        self.commands.meet("record", True)
        busy = "Reading the ECG" if self._examples else "Loading the ensemble"
        self.findings.show_message(busy, "The networks run on this machine; nothing leaves it.", busy=True)
        self.measurements.show_message("Measuring", busy=True)
        self.state.setText(busy)
        if hidden:
            rounds.show_hidden()
        # First the picture: the event loop paints before the worker takes its share of the machine.
        QTimer.singleShot(0, self, lambda: self._ask(record))

    def _ask(self, record: Record) -> None:
        if self.sheet.record is record and not self._closed:
            self.measurer.ask(record)
            if self.control.rounds.hides(record):
                self.settled.emit()  # nothing more comes: the model is not asked
            else:
                self.judge.ask(record)

    def _refuse(self, path: Path, error: ReadError) -> None:
        if path != self.records.current:
            return
        named = self.control.rounds.title
        self.title.setText(named or path.name)
        self.subtitle.setText("cannot be read")
        tried = "Not a known ECG format" if error.format == "unknown" else f"Read as {error.format}"
        self.control.review.forget_record()
        self.sheet.show_message("This file cannot be read", tried if named else f"{tried}: {error.reason}\n{path}")
        for panel in (self.findings, self.measurements, self.labels, self.facts):
            panel.show_message("No record", "The file cannot be read.")
        self.state.setText("The file cannot be read")
        self.commands.meet("record", False)
        self.settled.emit()

    def _model_loaded(self, counts: dict[str, int]) -> None:
        self._examples = counts

    def _show_prediction(self, digest: str, prediction: Prediction) -> None:
        if self._shows(digest) and prediction.record_hash == digest and not self.control.explain.concealed:
            self.findings.show_prediction(prediction, self._examples)
            self.state.setText(f"Read by model {prediction.model_hash[:8]}")
            self.settled.emit()

    def _show_refusal(self, digest: str, reason: str) -> None:
        if self._shows(digest):
            self.findings.show_message("The model does not judge this record", f"{reason[:1].upper()}{reason[1:]}.")
            self.state.setText("Not judged by the model")
            self.settled.emit()

    def _show_measurements(self, found: Measurements) -> None:
        record = self.sheet.record
        if record is not None and self._shows(found.record_hash) and not self.control.rounds.hides(record):
            self.measurements.show_measurements(found)

    def _show_concerns(self, digest: str, concerns: Mapping[str, Sequence[Concern]]) -> None:
        if self._shows(digest):
            self.sheet.set_concerns(concerns)

    def _show_not_measured(self, reason: str) -> None:
        self.measurements.show_message("This record was not measured", reason)

    def _point(self, leads: tuple[str, ...], stretch: tuple[float, float] | None) -> None:
        """Mark on the sheet where a value was measured, moving there in a long record."""
        page = self.sheet.page
        if stretch is not None and page is not None and not page.start <= stretch[0] <= stretch[1] <= page.end:
            self.move_to(stretch[0] - _POINTED_AT * page.window)
        self.sheet.highlight(leads, stretch)

    def _shows(self, digest: str) -> bool:
        record = self.sheet.record
        return record is not None and record.content_hash == digest

    def show_nothing(
        self,
        title: str = "No record is open",
        detail: str = "Open a folder with Ctrl+O, drop one here, or look at the demo folder (menu File).",
    ) -> None:
        """Show these words in place of a record."""
        self.judge.call_off()
        self.measurer.call_off()
        self.title.setText("")
        self.subtitle.setText("")
        self.control.review.forget_record()
        self.sheet.show_message(title, detail)
        for panel in (self.findings, self.measurements, self.labels, self.facts):
            panel.show_message("No record", "")
        self.state.setText("")
        self.commands.meet("record", False)

    def _say_whether_records(self) -> None:
        self.commands.meet("records", self.records.model.rowCount() > 0)

    def move_to(self, seconds: float) -> None:
        """Show a record longer than the sheet from here on, s, as far as it goes."""
        self.sheet.start = seconds

    def _dress(self) -> None:
        self.control.appearance.dress()

    # ---------------------------------------------------------------- dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.open_paths([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
