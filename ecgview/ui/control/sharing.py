"""Pictures of the record shown: saved, copied, printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QProgressDialog

from ecgview.ui.background import Cancelled, Latest

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from ecgview.record import Record
    from ecgview.signal.values import Measurements
    from ecgview.ui.output.page import Choices, Printout
    from ecgview.ui.output.paper_size import PaperSize
    from ecgview.ui.window import MainWindow

_COPY_DPI = 192.0
"""Twice the usual resolution of a screen."""


@dataclass(frozen=True, slots=True)
class _Job:
    """Work on the thread with the page shown, and what then happens in the window."""

    doing: str
    record: Record
    choices: Choices
    work: Callable[[Printout], Any]
    then: Callable[[Any], None]


class Sharing(QObject):
    """Commands that make pictures and prints.

    The patient's identity stays out of them unless it is switched on; the switch is off again at
    the next start.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._identity = False
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self._examined: tuple[Record, Measurements, dict[str, str]] | None = None  # the last record's
        self._job: _Job | None = None
        self._begun = Event()
        self._begun.set()
        self._printer: QPrinter | None = None
        self._worker = Latest(self._work, "writing", self)
        self._worker.answered.connect(self._take)
        self._worker.failed.connect(self._fail)

    def close(self) -> None:
        """Finish what is being written and end the thread."""
        self._begun.wait()  # work that has begun is brought to its end, work that waits would be dropped
        self._worker.close()

    # ---------------------------------------------------------------- commands

    def identity(self, on: bool) -> str:
        """Let pictures and prints tell, or not, the names of record and patient, age, sex and date."""
        self._identity = on
        return (
            "Pictures and prints tell who the patient is"
            if on
            else "Pictures and prints do not tell who the patient is"
        )

    def forget_identity(self) -> None:
        """Switch off that pictures and prints tell who the patient is."""
        self._identity = False
        self._window.commands.check("sharing.identity", False)

    def save_picture(self) -> None:
        """Ask for a file and write the page to it."""
        from ecgview.ui.output.files import KINDS
        from ecgview.ui.output.words import file_name

        record = self._window.sheet.record
        if record is None:
            return
        dialog = QFileDialog(self._window, "Save picture", self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        kinds = {f"{name} (*{ending})": ending for ending, name in KINDS.items()}
        dialog.setNameFilters(list(kinds))
        dialog.setDefaultSuffix("pdf")
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(kinds[chosen]))
        dialog.selectFile(file_name(record, self._identity))
        dialog.fileSelected.connect(lambda chosen: self._window.state.say(self.save_as(Path(chosen))))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def save_as(self, path: Path) -> str:
        """Write the page to a file, whose ending says in which format."""
        from ecgview.ui.output.files import write

        self._folder = str(path.parent)
        return self._begin(
            f"Saving {path.name}",
            lambda printout: write(printout, path),
            lambda _: self._window.state.say(f"{path.name} saved in {path.parent}"),
        )

    def copy_picture(self) -> str:
        """Put a picture of the page on the clipboard."""
        from ecgview.ui.output.files import picture

        def hand_over(image: QImage) -> None:
            QGuiApplication.clipboard().setImage(image)
            told = "with" if self._identity else "without"
            self._window.state.say(f"Picture copied, {told} the patient's identity")

        return self._begin("Copying the picture", lambda printout: picture(printout, 0, _COPY_DPI), hand_over)

    def print_record(self) -> str:
        """Ask for a printer and print."""
        from PySide6.QtPrintSupport import QAbstractPrintDialog, QPrintDialog, QPrinterInfo

        from ecgview.ui.output.printer import new_printer

        if not QPrinterInfo.availablePrinterNames():
            self._tell(
                "There is no printer",
                "No printer is set up on this computer. Save picture, in the menu File, writes the same page as a PDF.",
            )
            return ""

        def ask(printout: Printout) -> None:
            # The dialog does not keep its printer alive.
            printer = self._printer = new_printer(printout.heading)
            dialog = QPrintDialog(printer, self._window)
            dialog.setWindowTitle("Print")
            dialog.setOption(QAbstractPrintDialog.PrintDialogOption.PrintCurrentPage)
            dialog.setMinMax(1, len(self._remade(printout, printout.choices.paper, whole=True)))
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.accepted.connect(lambda: self.print_on(printer, printout))
            QDialog.open(dialog)

        return self._begin("Preparing the page", lambda printout: printout, ask)

    def print_on(self, printer: QPrinter, printout: Printout) -> None:
        """Print on a printer as its dialog left it."""
        from ecgview.ui.output.printer import PrinterError, print_pages

        waiting = QProgressDialog("Printing", "Stop", 0, 1, self._window)
        waiting.setWindowModality(Qt.WindowModality.WindowModal)
        waiting.setMinimumDuration(500)

        def progress(done: int, pages: int) -> bool:
            waiting.setMaximum(pages)
            waiting.setValue(done)
            return not waiting.wasCanceled()

        try:
            done = print_pages(printer, lambda paper, whole: self._remade(printout, paper, whole), progress)
        except PrinterError as error:
            self._tell("The record was not printed", str(error))
        else:
            self._window.state.say("1 page sent to the printer" if done == 1 else f"{done} pages sent to the printer")
        finally:
            waiting.close()
            waiting.deleteLater()

    def preview(self) -> str:
        """Show the page as it will be printed."""
        from ecgview.ui.output.preview import PreviewDialog

        def show(printout: Printout) -> None:
            def make(paper: PaperSize, whole: bool) -> Printout:
                return self._remade(printout, paper, whole)

            dialog = PreviewDialog(printout.heading, make, self.print_record, self._window)
            dialog.resize(self._window.size() * 0.9)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

        return self._begin("Preparing the page", lambda printout: printout, show)

    # ---------------------------------------------------------------- how it is done

    @staticmethod
    def _remade(printout: Printout, paper: PaperSize, whole: bool) -> Printout:
        """Return the same record for another paper, the page shown or all pages."""
        from ecgview.ui.output.page import Printout

        choices = replace(printout.choices, paper=paper, whole=whole)
        return Printout(printout.record, printout.found, choices, printout.doubts)

    def _choices(self) -> Choices:
        from ecgview.ui.output.page import Choices

        sheet = self._window.sheet
        filters = self._window.control.filters.chosen
        choices = Choices(identity=self._identity, filter_words=sheet.filter_words, calipers=sheet.calipers.calipers)
        choices = choices if filters is None else replace(choices, filters=filters)
        choices = replace(choices, explained=self._window.control.explain.overlay)
        return choices if sheet.page is None else replace(choices, start=sheet.page.start, format=sheet.page.format)

    def _begin(self, doing: str, work: Callable[[Printout], Any], then: Callable[[Any], None]) -> str:
        """Make the page shown on the worker's thread, do `work` with it there and `then` the rest here."""
        record = self._window.sheet.record
        if record is None:
            return ""
        if self._job is not None:
            return f"{self._job.doing} is not finished yet"
        self._job = _Job(doing, record, self._choices(), work, then)
        self._begun.clear()
        self._worker.ask(self._job)
        return doing

    def _work(self, job: _Job, _: Cancelled) -> Any:
        self._begun.set()
        from ecgview.ui.output.examining import examine
        from ecgview.ui.output.page import Printout

        if self._examined is None or self._examined[0] is not job.record:
            self._examined = (job.record, *examine(job.record))
        return job.work(Printout(job.record, self._examined[1], job.choices, self._examined[2]))

    def _take(self, _: int, answer: Any) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.then(answer)

    def _fail(self, _: int, error: Exception) -> None:
        job, self._job = self._job, None
        if job is not None:
            known = isinstance(error, OSError | ValueError | MemoryError)
            words = str(error) if known else f"{type(error).__name__}: {error}"
            self._tell(f"{job.doing} did not succeed", words)

    def _tell(self, title: str, words: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, title, title, QMessageBox.StandardButton.Ok, self._window)
        box.setInformativeText(words)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
