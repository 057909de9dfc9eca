"""The main window: record list, sheet, and what is known of the record, kept in step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ecgview import RESEARCH_USE
from ecgview.model import service
from ecgview.record import ReadError, Record
from ecgview.resources import resource
from ecgview.ui import theme as themes
from ecgview.ui.about import about, keys
from ecgview.ui.commands import COMMANDS, Command
from ecgview.ui.facts import LabelsPanel, RecordPanel
from ecgview.ui.findings import FindingsPanel
from ecgview.ui.judging import Judge
from ecgview.ui.measurements import MeasurementsPanel
from ecgview.ui.measuring import Measurer
from ecgview.ui.reading import Reader
from ecgview.ui.record_list import RecordList
from ecgview.ui.sheet import Sheet
from ecgview.ui.text import UNIT, Elided, body, label, small, strong
from ecgview.ui.words import record_words

if TYPE_CHECKING:
    from ecgview.model.prediction import Prediction
    from ecgview.signal.values import Measurements

_ZOOM_STEP = 1.25
_PAGE = 5.0  # seconds a long record moves on at a key
_POINTED_AT = 6.0  # seconds into the sheet at which what is pointed at then stands: inside the third column


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
    """

    settled = Signal()

    def __init__(self, settings: QSettings, model_command: Sequence[str] | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._examples: dict[str, int] = {}
        self._theme = themes.load_theme("light")
        self.records = RecordList()
        self.sheet = Sheet(theme=self._theme)
        self.findings = FindingsPanel()
        self.measurements = MeasurementsPanel()
        self.labels = LabelsPanel()
        self.facts = RecordPanel()
        self.reader = Reader(self)
        self.measurer = Measurer(self)
        self.judge = Judge(service.command(None) if model_command is None else model_command, self)
        self.actions_by_name: dict[str, QAction] = {}
        self._build()
        self._build_menus()
        self._connect()
        self._restore()
        self._show_nothing()

    # ---------------------------------------------------------------- building

    def _build(self) -> None:
        self.setWindowTitle(f"ecgview – {RESEARCH_USE}")
        self.setAcceptDrops(True)
        self.title = label(font=strong(body()), wraps=False)
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
        column.addWidget(self.sheet, 1)

        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("What is known of the record")
        self.tabs.addTab(self.findings, "Findings")
        self.tabs.addTab(self.measurements, "Measurements")
        self.tabs.addTab(self.labels, "Labels")
        self.tabs.addTab(self.facts, "Record")

        self.split = QSplitter()
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        for place, (widget, stretch) in enumerate(((self.records, 0), (middle, 1), (self.tabs, 0))):
            self.split.addWidget(widget)
            self.split.setStretchFactor(place, stretch)
        self.records.setMinimumWidth(20 * UNIT)
        self.tabs.setMinimumWidth(max(32 * UNIT, self.tabs.tabBar().sizeHint().width() + UNIT))
        middle.setMinimumWidth(50 * UNIT)
        self.setCentralWidget(self.split)
        self.setMinimumSize(110 * UNIT, 60 * UNIT)

        self.state = label(font=small(), secondary=True, wraps=False)
        notice = label(RESEARCH_USE, small(), secondary=True, wraps=False)
        notice.setContentsMargins(2 * UNIT, 0, 2 * UNIT, 0)
        self.state.setContentsMargins(2 * UNIT, 0, 0, 0)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.state, 1)
        bar.addPermanentWidget(notice)

    def _build_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        for command in COMMANDS:
            menu = menus.get(command.menu)
            if menu is None:
                menu = menus[command.menu] = self.menuBar().addMenu(command.menu)
            if command.separated:
                menu.addSeparator()
            menu.addAction(self._action(command))
        for name in ("theme_system", "theme_light", "theme_dark", "toggle_list", "toggle_panel"):
            self.actions_by_name[name].setCheckable(True)

    def _action(self, command: Command) -> QAction:
        action = QAction(command.title, self)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.triggered.connect(getattr(self, command.name))
        self.actions_by_name[command.name] = action
        return action

    def _connect(self) -> None:
        self.records.chosen.connect(self._choose)
        self.reader.read.connect(self._show)
        self.reader.refused.connect(self._refuse)
        self.judge.loaded.connect(self._model_loaded)
        self.judge.judged.connect(self._show_prediction)
        self.judge.refused.connect(self._show_refusal)
        self.measurer.measured.connect(self._show_measurements)
        self.measurer.failed.connect(self._show_not_measured)
        self.measurements.pointed_at.connect(self._point)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._dress)

    def _restore(self) -> None:
        geometry = self._settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(1440, 900)
        split = self._settings.value("window/split")
        if not (isinstance(split, QByteArray) and self.split.restoreState(split)):
            self.split.setSizes([210, 880, 350])
        for action, widget in (("toggle_list", self.records), ("toggle_panel", self.tabs)):
            self.actions_by_name[action].setChecked(not widget.isHidden())
        self._dress()
        self.records.list.setFocus()  # and not the search field, which would swallow the keys

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the window's shape and end all work."""
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.setValue("window/split", self.split.saveState())
        self.hide()  # what still runs may take a moment to hear that it is called off
        self.records.close_workers()
        self.reader.close()
        self.measurer.close()
        self.judge.close()
        super().closeEvent(event)

    # ---------------------------------------------------------------- the way of a record

    def open_paths(self, paths: Sequence[Path]) -> None:
        """List the records below these paths and show the first."""
        if not paths:
            return
        self._show_nothing()
        self.sheet.show_message("Looking for records", ", ".join(str(path) for path in paths))
        self.state.setText("Looking for records")
        self.records.open(paths)

    def _choose(self, path: Path | None) -> None:
        self.judge.call_off()
        self.measurer.call_off()
        if path is None:
            self._show_nothing()
            self.sheet.show_message(
                "No ECG found here",
                "Files are known by what is in them: WFDB, DICOM, SCP-ECG, HL7 aECG, GE MUSE, Philips, EDF and others.",
            )
            self.settled.emit()
            return
        # The old record's numbers must not stand beside the new one's name for a moment.
        for panel in (self.findings, self.measurements):
            panel.show_message("Reading the record", busy=True)
        self.state.setText(f"Reading {path.name}")
        self.reader.want(path, self.records.neighbours())

    def _show(self, path: Path, record: Record) -> None:
        if path != self.records.current:
            return
        self.title.setText(record.name)
        notes = {0: "", 1: "  ·  1 note"}.get(len(record.warnings), f"  ·  {len(record.warnings)} notes")
        self.subtitle.setText(record_words(record) + notes)
        self.sheet.show_record(record)
        self.labels.show_record(record)
        self.facts.show_record(record)
        self._enable(True)
        busy = "Reading the ECG" if self._examples else "Loading the ensemble"
        self.findings.show_message(busy, "The networks run on this machine; nothing leaves it.", busy=True)
        self.measurements.show_message("Measuring", busy=True)
        self.state.setText(busy)
        # First the picture: the event loop paints before the worker takes its share of the machine.
        QTimer.singleShot(0, self, lambda: self._ask(record))

    def _ask(self, record: Record) -> None:
        if self.sheet.record is record:
            self.measurer.ask(record)
            self.judge.ask(record)

    def _refuse(self, path: Path, error: ReadError) -> None:
        if path != self.records.current:
            return
        self.title.setText(path.name)
        self.subtitle.setText("cannot be read")
        tried = "Not a known ECG format" if error.format == "unknown" else f"Read as {error.format}"
        self.sheet.show_message("This file cannot be read", f"{tried}: {error.reason}\n{path}")
        for panel in (self.findings, self.measurements, self.labels, self.facts):
            panel.show_message("No record", "The file cannot be read.")
        self.state.setText("The file cannot be read")
        self._enable(False)
        self.settled.emit()

    def _model_loaded(self, counts: dict[str, int]) -> None:
        self._examples = counts

    def _show_prediction(self, digest: str, prediction: Prediction) -> None:
        if self._shows(digest) and prediction.record_hash == digest:
            self.findings.show_prediction(prediction, self._examples)
            self.state.setText(f"Read by model {prediction.model_hash[:8]}")
            self.settled.emit()

    def _show_refusal(self, digest: str, reason: str) -> None:
        if self._shows(digest):
            self.findings.show_message("The model does not judge this record", f"{reason[:1].upper()}{reason[1:]}.")
            self.state.setText("Not judged by the model")
            self.settled.emit()

    def _show_measurements(self, found: Measurements) -> None:
        if self._shows(found.record_hash):
            self.measurements.show_measurements(found)

    def _show_not_measured(self, reason: str) -> None:
        self.measurements.show_message("This record was not measured", reason)

    def _point(self, leads: tuple[str, ...], stretch: tuple[float, float] | None) -> None:
        """Mark on the sheet where a value was measured, moving there in a long record."""
        page = self.sheet.page
        if stretch is not None and page is not None and not page.start <= stretch[0] <= stretch[1] <= page.end:
            self._move_to(stretch[0] - _POINTED_AT)
        self.sheet.highlight(leads, stretch)

    def _shows(self, digest: str) -> bool:
        record = self.sheet.record
        return record is not None and record.content_hash == digest

    def _show_nothing(self) -> None:
        self.judge.call_off()
        self.measurer.call_off()
        self.title.setText("")
        self.subtitle.setText("")
        self.sheet.show_message(
            "No record is open", "Open a folder with Ctrl+O, drop one here, or look at the demo folder (menu File)."
        )
        for panel in (self.findings, self.measurements, self.labels, self.facts):
            panel.show_message("No record", "")
        self.state.setText("")
        self._enable(False)

    def _enable(self, shown: bool) -> None:
        for command in COMMANDS:
            if command.needs_record:
                self.actions_by_name[command.name].setEnabled(shown)

    # ---------------------------------------------------------------- commands

    def open_folder(self) -> None:
        """Ask for a folder and open it."""
        folder = QFileDialog.getExistingDirectory(self, "Open a folder of ECGs")
        if folder:
            self.open_paths([Path(folder)])

    def open_files(self) -> None:
        """Ask for files and open them."""
        files, _ = QFileDialog.getOpenFileNames(self, "Open ECGs")
        if files:
            self.open_paths([Path(file) for file in files])

    def open_demo(self) -> None:
        """Open the folder of generated ECGs."""
        self.open_paths([resource("demo")])

    def quit(self) -> None:
        """Close the window, and with it the program."""
        self.close()

    def next_record(self) -> None:
        """Show the record below."""
        self.records.step(1)

    def previous_record(self) -> None:
        """Show the record above."""
        self.records.step(-1)

    def search(self) -> None:
        """Go to the search field."""
        self.actions_by_name["toggle_list"].setChecked(True)
        self.records.show()
        self.records.field.setFocus()
        self.records.field.selectAll()

    def later(self) -> None:
        """Move on in a record longer than the sheet."""
        self._move_to(self.sheet.start + _PAGE)

    def earlier(self) -> None:
        """Move back in a record longer than the sheet."""
        self._move_to(self.sheet.start - _PAGE)

    def record_start(self) -> None:
        """Show the record's first seconds."""
        self._move_to(0.0)

    def record_end(self) -> None:
        """Show the record's last seconds."""
        if self.sheet.record is not None:
            self._move_to(self.sheet.record.duration)

    def _move_to(self, seconds: float) -> None:
        record = self.sheet.record
        if record is not None:
            self.sheet.start = max(0.0, min(seconds, record.duration - 10.0))

    def zoom_in(self) -> None:
        """Enlarge the sheet."""
        self.sheet.zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        """Make the sheet smaller, down to the whole of it."""
        self.sheet.zoom_by(1 / _ZOOM_STEP)

    def fit(self) -> None:
        """Show the whole sheet."""
        self.sheet.fit()

    def toggle_list(self, shown: bool) -> None:
        """Show or fold away the record list."""
        self.records.setVisible(shown)

    def toggle_panel(self, shown: bool) -> None:
        """Show or fold away findings, labels and facts."""
        self.tabs.setVisible(shown)

    def theme_system(self) -> None:
        """Take light or dark as the system has it."""
        self._choose_theme("system")

    def theme_light(self) -> None:
        """Take the light colours."""
        self._choose_theme("light")

    def theme_dark(self) -> None:
        """Take the dark colours."""
        self._choose_theme("dark")

    def _choose_theme(self, name: str) -> None:
        self._settings.setValue("window/theme", name)
        self._dress()

    def _dress(self) -> None:
        wanted = str(self._settings.value("window/theme", "system"))
        if wanted not in ("light", "dark"):
            wanted = "system"
        for name in ("system", "light", "dark"):
            self.actions_by_name[f"theme_{name}"].setChecked(name == wanted)
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        self._theme = themes.load_theme(("dark" if dark else "light") if wanted == "system" else wanted)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        themes.apply(app, self._theme)
        self.sheet.set_theme(self._theme)

    def show_keys(self) -> None:
        """Show the list of keys."""
        keys(self).open()

    def show_about(self) -> None:
        """Say what the program is, and what it is not for."""
        about(self).open()

    # ---------------------------------------------------------------- dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.open_paths([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
